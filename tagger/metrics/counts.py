"""Counts, and the ratios computed from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Sized
from dataclasses import dataclass
from typing import NamedTuple

from tagger.errors import DataError
from tagger.schemes import shown


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of items of one kind, such as the spans of a type.

    Attributes:
        true_positives: gold items that were predicted.
        predicted: predicted items.
        gold: gold items, also called support.
    """

    true_positives: int = 0
    predicted: int = 0
    gold: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.true_positives + other.true_positives,
            self.predicted + other.predicted,
            self.gold + other.gold,
        )

    @property
    def precision(self) -> float:
        """Share of predicted items that are gold; 0 if nothing was predicted."""
        return ratio(self.true_positives, self.predicted)

    @property
    def recall(self) -> float:
        """Share of gold items that were predicted; 0 if there are none."""
        return ratio(self.true_positives, self.gold)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 if both are 0."""
        return ratio(2 * self.true_positives, self.predicted + self.gold)

    def to_dict(self) -> dict[str, float]:
        """Return ratios and counts, ready for JSON."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "correct": self.true_positives,
            "predicted": self.predicted,
            "gold": self.gold,
        }


@dataclass(frozen=True, slots=True)
class Share:
    """A number of correct items out of a total.

    Attributes:
        correct: number of correct items.
        total: number of all items.
    """

    correct: int = 0
    total: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(self.correct + other.correct, self.total + other.total)

    @property
    def value(self) -> float:
        """The ratio, in [0, 1]; 0 if the total is 0."""
        return ratio(self.correct, self.total)

    def __str__(self) -> str:
        return f"{percent(self.value)} % ({self.correct:,} of {self.total:,})"


class Average(NamedTuple):
    """Averages over types or labels, in [0, 1]; note that ``f1`` averages F1 values, not counts."""

    precision: float
    recall: float
    f1: float


def macro_average(counts: Collection[Counts]) -> Average:
    """Return the unweighted mean of the scores; 0 if there are none."""
    return _average([(1, one) for one in counts])


def weighted_average(counts: Collection[Counts]) -> Average:
    """Return the mean of the scores, weighted by gold counts; 0 if all of these are 0."""
    return _average([(one.gold, one) for one in counts])


def _average(weighted: list[tuple[int, Counts]]) -> Average:
    total = sum(weight for weight, _ in weighted)
    return Average(
        ratio(sum(weight * one.precision for weight, one in weighted), total),
        ratio(sum(weight * one.recall for weight, one in weighted), total),
        ratio(sum(weight * one.f1 for weight, one in weighted), total),
    )


def ratio(part: float, whole: float) -> float:
    """Return ``part / whole``, or 0 if the whole is 0."""
    return part / whole if whole else 0.0


def percent(value: float) -> str:
    """Return a share in percent with two decimals, without a percent sign."""
    return f"{100 * value:.2f}"


def check_labels(gold: Sequence[str], predicted: Sequence[str], unknown: Sequence[bool]) -> None:
    """Check that labels are strings and all lengths are equal; ``unknown`` may also be empty."""
    for name, labels in (("gold", gold), ("predicted", predicted)):
        if isinstance(labels, str) or not isinstance(labels, Iterable) or not isinstance(labels, Sized):
            raise DataError(
                f"expected a sequence of {name} labels, found the {type(labels).__name__} {shown(labels)}"
            )
        if not {str}.issuperset(map(type, labels)):  # a subclass, such as NumPy's strings, or an error
            for label in labels:
                if not isinstance(label, str):
                    raise DataError(
                        f"expected {name} labels as strings, found the {type(label).__name__} {shown(label)}"
                    )
    if len(gold) != len(predicted):
        raise DataError(
            f"expected one predicted label per gold label, found {len(predicted)} for {len(gold)}"
        )
    if unknown and len(unknown) != len(gold):
        raise DataError(f"expected one entry of unknown per gold label, found {len(unknown)} for {len(gold)}")
