"""ReportedLabels: from the inner labels of a model to the labels it reports.

A model may work in BIOES or IO, but it reports IOB2 (or plain labels, for parts of speech). Different legal sequences
of the inner scheme map to different IOB2 sequences, so probabilities carry over exactly.
Letters: B sentences, T tokens, L inner labels, R reported labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagger.prediction import Stretch
from tagger.schemes import LabelScheme, scheme_labels, split_label

FloatArray = NDArray[np.floating]


class ReportedLabels:
    """Maps label ids and marginals of the inner scheme to the reported labels.

    Args:
        inner_labels: the model's labels, by id.
        scheme: their scheme: IOB2, BIOES, IO or NONE.

    Attributes:
        labels: the reported labels, by id.
        scheme: their scheme, IOB2 or NONE.
        needs_pairs: whether a token's reported label depends on the label before it (IO).
        outside: id of the inner label O; -1 where labels have no spans.
        continues: whether inner label j, right after inner label i, belongs to the same span, ``[L, L]``.
    """

    def __init__(self, inner_labels: Sequence[str], scheme: LabelScheme) -> None:
        self.scheme: Final = LabelScheme.IOB2 if scheme.has_spans else LabelScheme.NONE
        self.needs_pairs: Final = scheme is LabelScheme.IO
        self.outside: Final = list(inner_labels).index("O") if scheme.has_spans else -1
        parts = [split_label(label, scheme) if scheme.has_spans else ("", label) for label in inner_labels]
        if scheme.has_spans:
            self.labels: tuple[str, ...] = scheme_labels({kind for _, kind in parts if kind}, self.scheme)
            names = [
                "O" if not kind else f"B-{kind}" if prefix in ("B", "S") else f"I-{kind}"
                for prefix, kind in parts
            ]
        else:
            self.labels = tuple(inner_labels)
            names = list(inner_labels)
        ids = {label: i for i, label in enumerate(self.labels)}
        self._reported: Final = np.array([ids[name] for name in names], dtype=np.int64)  # [L]
        # The reported label where a span begins with an inner label; differs from the above only in IO.
        self._beginning: Final = np.array(
            [ids[f"B-{kind}"] if scheme.has_spans and kind else i
             for i, (_, kind) in zip(self._reported, parts, strict=True)], dtype=np.int64,
        )  # fmt: skip
        inside = np.array([scheme.has_spans and name.startswith("I-") for name in names])
        kinds = np.array([kind for _, kind in parts], dtype=object)
        self.continues: Final[NDArray[np.bool_]] = (kinds[:, None] == kinds[None, :]) & inside[None, :]
        self._names_of_inner: Final = [
            {self.labels[i], self.labels[j]} if self.needs_pairs else {self.labels[i]}
            for i, j in zip(self._reported, self._beginning, strict=True)
        ]
        self._is_identity = not self.needs_pairs and self.labels == tuple(inner_labels)
        self._names: Final = np.array(self.labels, dtype=object)

    def possible(self, stretch: Stretch, length: int) -> tuple[int, NDArray[np.bool_]]:
        """Return the inner labels compatible with given reported labels: the first token, and a mask ``[W, L]``.

        The mask extends one token further where labels depend on the neighbour. A label that is never reported is
        compatible with none.

        Args:
            stretch: the reported labels, within the sentence.
            length: tokens of the sentence.
        """
        first = max(stretch.start - self.needs_pairs, 0)
        end = stretch.start + len(stretch.labels) - first
        rows = np.ones((min(end + stretch.is_closed, length - first), len(self._names_of_inner)), dtype=bool)
        for place, name in enumerate(stretch.labels, stretch.start - first):
            rows[place] &= [name in names for names in self._names_of_inner]
            if self.needs_pairs and name != "O":
                # Whether a span begins here depends on the label before it, or on there being none.
                begins = name.startswith("B-")
                if place:
                    rows[place - 1] &= self.continues[:, rows[place]].any(axis=1) != begins
                elif not begins:
                    rows[place] = False
        if len(rows) > end:
            rows[end] &= ~self.continues[rows[end - 1]].any(axis=0)
        return first, rows

    def report(self, inner: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the reported label ids, ``[B, T]``.

        Args:
            inner: inner label ids, ``[B, T]``; padding may hold anything below L.
        """
        if self._is_identity:
            return np.maximum(inner, 0)
        inner = np.maximum(inner, 0)
        reported = self._reported[inner]
        if self.needs_pairs:
            begins = np.ones(inner.shape, dtype=bool)
            begins[:, 1:] = inner[:, 1:] != inner[:, :-1]
            reported = np.where(begins, self._beginning[inner], reported)
        return reported

    def names(self, reported: NDArray[np.int64], lengths: NDArray[np.int64]) -> list[list[str]]:
        """Return the labels of B sentences as strings.

        Args:
            reported: reported label ids, ``[B, T]``.
            lengths: tokens of each sentence, ``[B]``.
        """
        rows = self._names[reported].tolist()
        return [row[:length] for row, length in zip(rows, lengths.tolist(), strict=True)]

    def marginals(self, nodes: FloatArray, repeated: FloatArray | None = None) -> FloatArray:
        """Return the probabilities of the reported labels, ``[B, T, R]``.

        Args:
            nodes: probabilities of the inner labels, ``[B, T, L]``.
            repeated: probability that token t and its predecessor both have label l, ``[B, T, L]``, zeros at t = 0;
                where :attr:`needs_pairs`.
        """
        if self._is_identity:
            return nodes
        result = np.zeros((*nodes.shape[:2], len(self.labels)), dtype=nodes.dtype)
        for inner, (target, begin) in enumerate(zip(self._reported, self._beginning, strict=True)):
            if repeated is None or target == begin:
                result[:, :, target] += nodes[:, :, inner]
            else:
                result[:, :, target] += repeated[:, :, inner]
                result[:, :, begin] += np.maximum(nodes[:, :, inner] - repeated[:, :, inner], 0)
        return result
