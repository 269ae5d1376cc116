"""LabelArrays: the labels of many sentences as one array of ids, so that a million can be counted in a second.

Letters: S sentences, N tokens of all sentences, K distinct labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tagger.errors import LabelError
from tagger.schemes import LabelScheme, split_label

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


class LabelArrays(NamedTuple):
    """The labels of S sentences.

    Attributes:
        ids: the id of each label, ``[N]``.
        lengths: tokens of each sentence, ``[S]``.
        names: the label of each id, ``K`` of them.
    """

    ids: IntArray
    lengths: IntArray
    names: tuple[str, ...]

    @property
    def starts(self) -> IntArray:
        """The index of the first token of each sentence, ``[S]``."""
        starts: IntArray = np.cumsum(self.lengths) - self.lengths
        return starts

    @property
    def is_first(self) -> BoolArray:
        """Whether each token is the first one of its sentence, ``[N]``."""
        first = np.zeros(len(self.ids), dtype=np.bool_)
        first[self.starts[self.lengths > 0]] = True
        return first


class LabelNumbers(dict[str, int]):
    """Assigns ids to labels in order of appearance, checking each label once.

    Args:
        scheme: the scheme of the labels.
    """

    def __init__(self, scheme: LabelScheme) -> None:
        super().__init__()
        self._scheme: Final = scheme

    def __missing__(self, label: str) -> int:
        """Assign the next id to a label seen for the first time.

        Raises:
            LabelError: if it cannot belong to the scheme.
        """
        split_label(label, self._scheme)
        self[label] = len(self)
        return self[label]

    def of(self, labels: Sequence[str]) -> list[int]:
        """Return the ids of the labels of a sentence.

        Raises:
            LabelError: if one cannot belong to the scheme; names its token, counted from 1.
        """
        try:
            return [self[label] for label in labels]
        except LabelError:
            for token, label in enumerate(labels, start=1):
                try:
                    self[label]
                except LabelError as error:
                    raise LabelError(f"token {token}: {error}") from None
            raise


def label_arrays(
    sequences: Iterable[Sequence[str]], scheme: LabelScheme | str, *, numbers: LabelNumbers | None = None
) -> LabelArrays:
    """Return the labels of sentences as arrays.

    Args:
        sequences: the labels of each sentence.
        scheme: their scheme; if it has no spans, any non-empty label is valid.
        numbers: the ids of labels seen before, to be extended; new ones if left out.

    Raises:
        LabelError: if a label cannot belong to the scheme; names its sentence and token, both counted from 1.
    """
    numbers = LabelNumbers(LabelScheme.parse(scheme)) if numbers is None else numbers
    kept: list[list[int]] = []
    for number, labels in enumerate(sequences, start=1):
        try:
            kept.append(numbers.of(labels))
        except LabelError as error:
            raise LabelError(f"sentence {number}, {error}") from None
    lengths = np.fromiter(map(len, kept), dtype=np.int64, count=len(kept))
    ids: NDArray[Any] = np.fromiter(chain.from_iterable(kept), dtype=np.int64, count=int(lengths.sum()))
    return LabelArrays(ids, lengths, tuple(numbers))


def labels_of_sentences(labels: LabelArrays) -> list[list[str]]:
    """Return the original labels of each sentence, ``S`` lists."""
    names = np.array(labels.names, dtype=object)[labels.ids].tolist() if len(labels.ids) else []
    starts = labels.starts.tolist()
    return [
        names[start : start + length] for start, length in zip(starts, labels.lengths.tolist(), strict=True)
    ]
