"""Precision, recall and F1 of spans: a span is correct if its start, end and type are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np

from tagger.errors import UsageError
from tagger.metrics.counts import (
    Average,
    Counts,
    Share,
    check_labels,
    macro_average,
    percent,
    weighted_average,
)
from tagger.metrics.label_arrays import BoolArray, IntArray, LabelArrays, LabelNumbers
from tagger.metrics.span_arrays import SpanArrays, same_spans, span_arrays, type_names
from tagger.metrics.table import SCORE_COLUMNS, score_row, table
from tagger.schemes import LabelScheme, split_label
from tagger.text.counted import counted

_AT_ONCE: Final = 200_000
"""Number of tokens collected before they are counted together."""


@dataclass(frozen=True)
class SpanScores:
    """Scores of spans over a corpus.

    Attributes:
        types: counts of each type among the gold or predicted spans, sorted by type.
        tokens: tokens with the correct label, by :func:`right_labels`.
        num_sentences: sentences scored.
        unknown: gold spans that contain an unknown word, and how many of them were found.
    """

    metric: ClassVar[str] = "f1"

    types: Mapping[str, Counts]
    tokens: Share
    num_sentences: int
    unknown: Share

    @property
    def value(self) -> float:
        """The main score: F1 over the spans of all types, in [0, 1]."""
        return self.total.f1

    @property
    def total(self) -> Counts:
        """Counts over all types; their ratios are the micro averages."""
        return sum(self.types.values(), Counts())

    @property
    def macro(self) -> Average:
        """Averages over types."""
        return macro_average(self.types.values())

    @property
    def weighted(self) -> Average:
        """Averages over types, weighted by their numbers of gold spans."""
        return weighted_average(self.types.values())

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON; shares in [0, 1]."""
        result: dict[str, Any] = {
            "metric": self.metric,
            **self.total.to_dict(),
            "macro": self.macro._asdict(),
            "weighted": self.weighted._asdict(),
            "types": {type_: counts.to_dict() for type_, counts in self.types.items()},
            "accuracy": self.tokens.value,
            "num_sentences": self.num_sentences,
            "num_tokens": self.tokens.total,
        }
        if self.unknown.total:
            result["unknown"] = {"recall": self.unknown.value, "gold": self.unknown.total}
        return result

    def headline(self) -> str:
        """Return the first line of a report."""
        total = self.total
        return (
            f"F1 {percent(total.f1)} %: "
            f"{total.true_positives:,} of {total.predicted:,} predicted spans are right, "
            f"{total.true_positives:,} of {total.gold:,} gold spans are found"
        )

    def remarks(self) -> list[str]:
        """Return the further lines of a report; none about tokens if none were compared."""
        lines = []
        if self.tokens.total or not self.total.gold:
            lines.append(
                f"Tokens with the right label: {self.tokens}, in {counted(self.num_sentences, 'sentence')}"
            )
        if self.unknown.total:
            lines.append(f"Gold spans with a word unknown in training that are found: {self.unknown}")
        return lines

    def report(self) -> str:
        """Return a table of types and averages; shares in percent."""
        total = self.total
        rows = [score_row(type_, counts, counts.gold) for type_, counts in self.types.items()]
        rows += [
            (),
            score_row("micro average", total, total.gold),
            score_row("macro average", self.macro, total.gold),
            score_row("weighted average", self.weighted, total.gold),
        ]
        return "\n".join([self.headline(), "", *table(["type", *SCORE_COLUMNS], rows), "", *self.remarks()])


class SpanScorer:
    """Counts spans sentence by sentence.

    Labels that break the rules of their scheme are read like conlleval reads them.

    Args:
        gold_scheme: scheme of the gold labels.
        predicted_scheme: scheme of the predicted labels.

    Raises:
        UsageError: if one of the schemes is NONE.
    """

    def __init__(
        self,
        *,
        gold_scheme: LabelScheme | str = LabelScheme.IOB2,
        predicted_scheme: LabelScheme | str = LabelScheme.IOB2,
    ) -> None:
        gold_scheme, predicted_scheme = map(LabelScheme.parse, (gold_scheme, predicted_scheme))
        if not (gold_scheme.has_spans and predicted_scheme.has_spans):
            raise UsageError("labels of the scheme none encode no spans to score; use a TokenScorer")
        self._schemes: Final = (gold_scheme, predicted_scheme)
        self._numbers: Final = (LabelNumbers(gold_scheme), LabelNumbers(predicted_scheme))
        self._types: Final[dict[str, int]] = {}
        self._waiting: Final[tuple[list[int], list[int]]] = ([], [])
        self._lengths: Final[list[int]] = []
        self._unknown: Final[list[bool]] = []
        self._scores = SpanScores({}, Share(), 0, Share())

    def add(self, gold: Sequence[str], predicted: Sequence[str], *, unknown: Sequence[bool] = ()) -> None:
        """Count one sentence.

        Args:
            gold: one label per token.
            predicted: one label per token.
            unknown: True for each token that is a word unknown in training; empty if none is.

        Raises:
            DataError: if the lengths differ, or labels are not a sequence of strings.
            LabelError: if a label cannot belong to its scheme.
        """
        check_labels(gold, predicted, unknown)
        numbered = [
            numbers.of(labels) for numbers, labels in zip(self._numbers, (gold, predicted), strict=True)
        ]
        for waiting, ids in zip(self._waiting, numbered, strict=True):
            waiting.extend(ids)
        self._lengths.append(len(gold))
        self._unknown.extend(unknown if len(unknown) else [False] * len(gold))
        if len(self._unknown) >= _AT_ONCE:
            self._count()

    def scores(self) -> SpanScores:
        """Return the scores of all sentences added so far."""
        self._count()
        return self._scores

    def _count(self) -> None:
        """Count the collected sentences."""
        lengths = np.array(self._lengths, dtype=np.int64)
        gold_labels, predicted_labels = (
            LabelArrays(np.array(ids, dtype=np.int64), lengths, tuple(numbers))
            for ids, numbers in zip(self._waiting, self._numbers, strict=True)
        )
        gold = span_arrays(gold_labels, self._schemes[0], self._types)
        predicted = span_arrays(predicted_labels, self._schemes[1], self._types)
        found = same_spans(gold, predicted) >= 0
        unknown_before = np.concatenate([[0], np.cumsum(np.array(self._unknown, dtype=np.int64))])
        is_hard = unknown_before[gold.ends] > unknown_before[gold.starts]
        is_right = right_labels(gold_labels, predicted_labels, *self._schemes)
        before = self._scores
        counts = count_types(gold, predicted, found, type_names(self._types))
        self._scores = SpanScores(
            types={
                kind: before.types.get(kind, Counts()) + counts.get(kind, Counts())
                for kind in sorted(before.types.keys() | counts.keys())
            },
            tokens=before.tokens + Share(int(is_right.sum()), len(is_right)),
            num_sentences=before.num_sentences + len(lengths),
            unknown=before.unknown + Share(int((found & is_hard).sum()), int(is_hard.sum())),
        )
        for waiting in (*self._waiting, self._lengths, self._unknown):
            waiting.clear()


def count_types(
    gold: SpanArrays, predicted: SpanArrays, found: BoolArray, types: Sequence[str]
) -> dict[str, Counts]:
    """Return the counts of each type that occurs on either side, in the order of the types.

    Args:
        gold: the gold spans.
        predicted: the predicted spans.
        found: whether each gold span was predicted.
        types: the type of each id.
    """
    columns = [
        np.bincount(numbers, minlength=len(types)).tolist()
        for numbers in (gold.types[found], predicted.types, gold.types)
    ]
    rows = zip(types, *columns, strict=True)
    return {kind: Counts(*counts) for kind, *counts in rows if any(counts)}


def right_labels(
    gold: LabelArrays, predicted: LabelArrays, gold_scheme: LabelScheme, predicted_scheme: LabelScheme
) -> BoolArray:
    """Return whether the predicted label of each token is the gold one, ``[N]``.

    Labels of the same scheme are compared directly, like in conlleval; those of different schemes by the IOB2 labels of
    their spans.
    """
    if gold_scheme is predicted_scheme:
        left, right = ([split_label(name, gold_scheme) for name in side.names] for side in (gold, predicted))
        numbers: dict[tuple[str, str], int] = {}
        left_ids, right_ids = (
            np.array([numbers.setdefault(label, len(numbers)) for label in labels], dtype=np.int64)
            for labels in (left, right)
        )
        is_right: BoolArray = left_ids[gold.ids] == right_ids[predicted.ids]
        return is_right
    types: dict[str, int] = {}
    sides = ((gold, gold_scheme), (predicted, predicted_scheme))
    one, other = (_iob2(span_arrays(labels, scheme, types), len(labels.ids)) for labels, scheme in sides)
    is_right = one == other
    return is_right


def _iob2(spans: SpanArrays, num_tokens: int) -> IntArray:
    """Return an id for the IOB2 label of each token: 0 for O, ``2 * type + 1`` for B-, ``2 * type + 2`` for I-."""
    changes = np.zeros(num_tokens + 1, dtype=np.int64)
    changes[spans.starts] += 2 * spans.types + 2  # starts differ from each other, and so do ends
    changes[spans.ends] -= 2 * spans.types + 2
    labels: IntArray = np.cumsum(changes)[:-1]
    labels[spans.starts] -= 1
    return labels
