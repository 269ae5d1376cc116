"""Disputes: where and how the labels of the data and another reading of a sentence differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from tagger.prediction import Stretch
from tagger.spans import Span

Kind = Literal["type", "boundary", "missing", "spurious", "several", "tag"]

KINDS: Final[dict[Kind, str]] = {
    "type": "the same range, another type",
    "boundary": "another range that overlaps, of the same type or another",
    "missing": "a span where the data have none",
    "spurious": "no span where the data have one",
    "several": "several spans against one, or against several others",
    "tag": "another label of a token, where labels have no spans",
}
"""Descriptions of what may be wrong with the data."""


_INVENTED: Final = 3


@dataclass(frozen=True, slots=True)
class Dispute:
    """A stretch of tokens with two different readings.

    Attributes:
        start: the first token.
        end: the token after the last one.
        gold: the spans of the data within it; none crosses its edges.
        other: the spans of the other reading within it; none crosses its edges.
    """

    start: int
    end: int
    gold: tuple[Span, ...]
    other: tuple[Span, ...]

    @property
    def kind(self) -> Kind:
        """What is wrong with the data if the other reading is right."""
        if not self.gold:
            return "missing"
        if not self.other:
            return "spurious"
        if len(self.gold) > 1 or len(self.other) > 1:
            return "several"
        (gold,), (other,) = self.gold, self.other
        return "type" if (gold.start, gold.end) == (other.start, other.end) else "boundary"

    @property
    def slips(self) -> int:
        """The number of annotation slips that turn the other reading into the gold one.

        One for another type, for each token by which an edge of a span moves, and for a span left out; three for a span
        where there is none, which annotators do not mark by oversight.

        >>> Dispute(0, 3, (Span(0, 3, "LOC"),), (Span(1, 3, "LOC"),)).slips
        1
        >>> Dispute(0, 3, (Span(0, 3, "ORG"),), (Span(2, 3, "LOC"),)).slips
        3
        >>> Dispute(0, 2, (), (Span(0, 2, "LOC"),)).slips, Dispute(0, 2, (Span(0, 2, "LOC"),), ()).slips
        (1, 3)
        """
        left = list(self.other)
        total = 0
        for span in self.gold:
            near = [other for other in left if other.start < span.end and span.start < other.end]
            if not near:
                total += _INVENTED
                continue
            nearest = min(near, key=lambda other: _distance(span, other))
            left.remove(nearest)
            total += _distance(span, nearest)
        return total + len(left)

    def stretch(self, spans: Iterable[Span]) -> Stretch:
        """Return the IOB2 labels of its tokens with exactly these spans, none of which continues after it.

        >>> Dispute(2, 5, (), ()).stretch([Span(3, 5, "LOC")])
        Stretch(start=2, labels=('O', 'B-LOC', 'I-LOC'), is_closed=True)
        """
        labels = ["O"] * (self.end - self.start)
        for span in spans:
            first = span.start - self.start
            labels[first : span.end - self.start] = [
                f"B-{span.label}",
                *[f"I-{span.label}"] * (span.end - span.start - 1),
            ]
        return Stretch(self.start, tuple(labels), is_closed=True)


def _distance(first: Span, second: Span) -> int:
    edges = abs(first.start - second.start) + abs(first.end - second.end)
    return edges + (first.label != second.label)


def disputes(gold: Sequence[Span], other: Sequence[Span]) -> list[Dispute]:
    """Return the differences between two readings of a sentence, from left to right.

    Spans that overlap, directly or via others, are in one dispute; spans that both readings have are in none.

    >>> disputes([Span(0, 2, "PER"), Span(4, 5, "ORG")], [Span(0, 2, "PER"), Span(3, 5, "ORG"), Span(6, 7, "LOC")])
    ... # doctest: +NORMALIZE_WHITESPACE
    [Dispute(start=3, end=5, gold=(Span(start=4, end=5, label='ORG', probability=None),),
             other=(Span(start=3, end=5, label='ORG', probability=None),)),
     Dispute(start=6, end=7, gold=(), other=(Span(start=6, end=7, label='LOC', probability=None),))]

    Args:
        gold: non-overlapping spans of one reading; their probabilities are ignored.
        other: non-overlapping spans of the other reading.
    """
    sides = [{Span(span.start, span.end, span.label) for span in side} for side in (gold, other)]
    both = sides[0] & sides[1]
    spans = sorted((span, number) for number, side in enumerate(sides) for span in side - both)
    groups: list[tuple[int, int, tuple[list[Span], list[Span]]]] = []
    for span, number in spans:
        if not groups or span.start >= groups[-1][1]:
            groups.append((span.start, span.end, ([], [])))
        start, end, members = groups[-1]
        members[number].append(span)
        groups[-1] = (start, max(end, span.end), members)
    return [Dispute(start, end, tuple(members[0]), tuple(members[1])) for start, end, members in groups]
