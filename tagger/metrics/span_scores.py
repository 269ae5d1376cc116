"""Precision, recall and F1 of spans: a span is right if start, end and type are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

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
from tagger.metrics.table import SCORE_COLUMNS, score_row, table
from tagger.schemes import LabelScheme, labels_to_spans, spans_to_labels


@dataclass(frozen=True)
class SpanScores:
    """Scores of spans over a corpus.

    Attributes:
        types: counts of each type that occurs among the gold or the predicted spans, sorted by type.
        tokens: tokens whose IOB2 label is right.
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
        """The headline: F1 over the spans of all types, in [0, 1]."""
        return self.total.f1

    @property
    def total(self) -> Counts:
        """Counts over all types; its quotients are the micro averages."""
        return sum(self.types.values(), Counts())

    @property
    def macro(self) -> Average:
        """Averages over types."""
        return macro_average(self.types.values())

    @property
    def weighted(self) -> Average:
        """Averages over types, weighted by their gold spans."""
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
        lines = [
            f"F1 {percent(total.f1)} %: "
            f"{total.true_positives} of {total.predicted} predicted spans are right, "
            f"{total.true_positives} of {total.gold} gold spans are found",
            "",
            *table(["type", *SCORE_COLUMNS], rows),
            "",
            f"Tokens with the right label: {self.tokens}, in {self.num_sentences} sentences",
        ]
        if self.unknown.total:
            lines.append(f"Gold spans with a word unknown in training that are found: {self.unknown}")
        return "\n".join(lines)


class SpanScorer:
    """Counts spans sentence by sentence.

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
            raise UsageError("labels of the scheme none spell no spans to score; use a TokenScorer")
        self._gold_scheme = gold_scheme
        self._predicted_scheme = predicted_scheme
        self._gold: Counter[str] = Counter()
        self._predicted: Counter[str] = Counter()
        self._true_positives: Counter[str] = Counter()
        self._tokens = Share()
        self._num_sentences = 0
        self._unknown = Share()

    def add(self, gold: Sequence[str], predicted: Sequence[str], *, unknown: Sequence[bool] = ()) -> None:
        """Count one sentence.

        Args:
            gold: one label per token.
            predicted: one label per token.
            unknown: True for each token that is a word unknown in training; empty: none is.

        Raises:
            DataError: if the lengths differ, or labels are no sequence of strings.
            LabelError: if a label cannot belong to its scheme.
        """
        check_labels(gold, predicted, unknown)
        gold_spans = labels_to_spans(gold, self._gold_scheme)
        predicted_spans = labels_to_spans(predicted, self._predicted_scheme)
        found = set(gold_spans).intersection(predicted_spans)
        self._gold.update(span.label for span in gold_spans)
        self._predicted.update(span.label for span in predicted_spans)
        self._true_positives.update(span.label for span in found)

        length = len(gold)
        pairs = zip(
            spans_to_labels(gold_spans, length, LabelScheme.IOB2),
            spans_to_labels(predicted_spans, length, LabelScheme.IOB2),
            strict=True,
        )
        correct = sum(left == right for left, right in pairs)
        self._tokens += Share(correct, length)
        self._num_sentences += 1
        hard = [span for span in gold_spans if any(unknown[span.start : span.end])]
        self._unknown += Share(len(found.intersection(hard)), len(hard))

    def scores(self) -> SpanScores:
        """Return the scores of all sentences added so far."""
        return SpanScores(
            types={
                type_: Counts(self._true_positives[type_], self._predicted[type_], self._gold[type_])
                for type_ in sorted(self._gold.keys() | self._predicted.keys())
            },
            tokens=self._tokens,
            num_sentences=self._num_sentences,
            unknown=self._unknown,
        )
