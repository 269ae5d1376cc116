"""Accuracy of labels without spans, such as parts of speech: over all tokens, over unknown words, by label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from tagger.metrics.counts import Average, Counts, Share, check_labels, macro_average, percent
from tagger.metrics.table import SCORE_COLUMNS, score_row, table
from tagger.text.counted import counted


@dataclass(frozen=True)
class TokenScores:
    """Scores of labels over a corpus.

    Attributes:
        confusion: how often each pair (gold label, predicted label) occurs, correct ones included.
        num_sentences: sentences scored.
        unknown: unknown words, and how many of them have the correct label.
    """

    metric: ClassVar[str] = "accuracy"

    confusion: Mapping[tuple[str, str], int]
    num_sentences: int
    unknown: Share

    @property
    def value(self) -> float:
        """The main score: accuracy over all tokens, in [0, 1]."""
        return self.tokens.value

    @property
    def tokens(self) -> Share:
        """Tokens with the correct label."""
        correct = sum(count for (gold, predicted), count in self.confusion.items() if gold == predicted)
        return Share(correct, sum(self.confusion.values()))

    @property
    def known(self) -> Share:
        """All other words, and how many of them have the correct label."""
        return Share(self.tokens.correct - self.unknown.correct, self.tokens.total - self.unknown.total)

    @property
    def labels(self) -> dict[str, Counts]:
        """Counts of each label among the gold or predicted ones, sorted by label."""
        gold_counts: Counter[str] = Counter()
        predicted_counts: Counter[str] = Counter()
        for (gold, predicted), count in self.confusion.items():
            gold_counts[gold] += count
            predicted_counts[predicted] += count
        return {
            label: Counts(self.confusion.get((label, label), 0), predicted_counts[label], gold_counts[label])
            for label in sorted(gold_counts.keys() | predicted_counts.keys())
        }

    @property
    def macro(self) -> Average:
        """Averages over labels."""
        return macro_average(self.labels.values())

    def confusions(self, limit: int | None = None) -> list[tuple[str, str, int]]:
        """Return (gold label, predicted label, count) for wrong labels, most frequent first."""
        wrong = [
            (gold, predicted, count)
            for (gold, predicted), count in self.confusion.items()
            if gold != predicted
        ]
        return sorted(wrong, key=lambda entry: (-entry[2], *entry[:2]))[:limit]

    def to_dict(self) -> dict[str, Any]:
        """Return everything except the confusions, ready for JSON; shares in [0, 1]."""
        result: dict[str, Any] = {
            "metric": self.metric,
            "accuracy": self.value,
            "correct": self.tokens.correct,
            "macro": self.macro._asdict(),
            "labels": {label: counts.to_dict() for label, counts in self.labels.items()},
            "num_sentences": self.num_sentences,
            "num_tokens": self.tokens.total,
        }
        if self.unknown.total:
            result["unknown"] = {"accuracy": self.unknown.value, "num_tokens": self.unknown.total}
        return result

    def headline(self) -> str:
        """Return the first line of a report."""
        return f"Accuracy {self.tokens}, in {counted(self.num_sentences, 'sentence')}"

    def remarks(self) -> list[str]:
        """Return the further lines of a report."""
        if not self.unknown.total:
            return []
        return [
            f"Words unknown in training: {self.unknown}",
            f"Words known from training: {self.known}",
        ]

    def report(self, *, max_confusions: int = 10) -> str:
        """Return a table of labels and the most frequent confusions; shares in percent."""
        labels = self.labels
        lines = [self.headline(), *self.remarks()]
        lines += [
            f"Macro F1 over {len(labels)} labels: {percent(self.macro.f1)} %",
            "",
            *table(
                ["label", *SCORE_COLUMNS],
                [score_row(label, counts, counts.gold) for label, counts in labels.items()],
            ),
        ]
        confusions = self.confusions(max_confusions)
        if confusions:
            rows = [(gold, predicted, str(count)) for gold, predicted, count in confusions]
            lines += ["", "Most frequent confusions", *table(["gold", "predicted", "count"], rows, names=2)]
        return "\n".join(lines)


class TokenScorer:
    """Counts labels sentence by sentence."""

    def __init__(self) -> None:
        self._confusion: Counter[tuple[str, str]] = Counter()
        self._num_sentences = 0
        self._unknown = Share()

    def add(self, gold: Sequence[str], predicted: Sequence[str], *, unknown: Sequence[bool] = ()) -> None:
        """Count one sentence.

        Args:
            gold: one label per token.
            predicted: one label per token.
            unknown: True for each token that is a word unknown in training; empty if none is.

        Raises:
            DataError: if the lengths differ, or labels are not a sequence of strings.
        """
        check_labels(gold, predicted, unknown)
        self._confusion.update(zip(gold, predicted, strict=True))
        self._num_sentences += 1
        hard = [gold[index] == predicted[index] for index, new in enumerate(unknown) if new]
        self._unknown += Share(sum(hard), len(hard))

    def scores(self) -> TokenScores:
        """Return the scores of all sentences added so far."""
        return TokenScores(dict(self._confusion), self._num_sentences, self._unknown)
