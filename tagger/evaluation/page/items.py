"""ErrorItem: one error and its position, from the classes of spans or from wrong labels; and which sides make it.

Letters: S sentences, N gold tokens of all sentences, M gold spans, P predicted spans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from tagger.evaluation.comparison import Comparison
from tagger.metrics.label_arrays import BoolArray, IntArray
from tagger.metrics.span_arrays import SpanArrays

OUTCOMES: Final = ("only A right", "only B right", "both wrong")
"""The outcomes for two sides at the position of an error."""


class ErrorItem(NamedTuple):
    """An error: related spans, or one wrong label.

    Attributes:
        sentence: index of the sentence, from 0.
        start: its first gold token, from 0 in the sentence.
        end: the token after the last one.
        kind: class of the error; None if labels are plain, since the two labels define it.
        gold: gold type or label; None if there is no gold span.
        predicted: predicted type or label; None if there is no predicted span.
    """

    sentence: int
    start: int
    end: int
    kind: str | None
    gold: str | None
    predicted: str | None


@dataclass(frozen=True, slots=True, eq=False)
class EvaluatedSide:
    """A model, or a file of predictions, on the page.

    Attributes:
        name: its name on the page.
        comparison: its comparison with the gold labels.
        errors: all its errors, in any order.
    """

    name: str
    comparison: Comparison
    errors: Sequence[ErrorItem]


def label_items(comparison: Comparison) -> list[ErrorItem]:
    """Return the wrong labels, for plain labels and the same tokens on both sides."""
    gold, predicted = comparison.gold.labels, comparison.predicted.labels
    wrong = np.flatnonzero(gold.ids != predicted.ids)
    sentences = comparison.sentences_of(wrong)
    places = wrong - gold.starts[sentences]
    return [
        ErrorItem(sentence, place, place + 1, None, predicted.names[left], predicted.names[right])
        for sentence, place, left, right in zip(
            *(column.tolist() for column in (sentences, places, gold.ids[wrong], predicted.ids[wrong])),
            strict=True,
        )
    ]


def span_items(
    comparison: Comparison,
    gold_classes: IntArray,
    predicted_classes: IntArray,
    overlaps: tuple[IntArray, IntArray],
    names: Sequence[str],
) -> list[ErrorItem]:
    """Return an error for each wrong gold span, and for each predicted span not covered by one of these.

    Args:
        comparison: the comparison of spans.
        gold_classes: index of the class of each gold span, ``[M]``.
        predicted_classes: index of the class of each predicted span, ``[P]``.
        overlaps: indices of the gold and of the predicted spans of all pairs that overlap.
        names: names of the classes. ``merged`` gold spans are covered by the predicted span in which they are merged;
            all predicted spans except ``merged`` and ``spurious`` ones are covered by a gold span.
    """
    numbers = {name: number for number, name in enumerate(names)}
    no_gold_items = [numbers["right"], numbers["merged"]]
    predicted_items = [numbers["merged"], numbers["spurious"]]
    gold, predicted = comparison.gold.spans, comparison.predicted.spans
    items = _items_of(
        comparison,
        np.flatnonzero(~np.isin(gold_classes, no_gold_items)),
        (gold, predicted),
        overlaps,
        [names[number] for number in gold_classes.tolist()],
    )
    items += [
        item._replace(gold=item.predicted, predicted=item.gold)
        for item in _items_of(
            comparison,
            np.flatnonzero(np.isin(predicted_classes, predicted_items)),
            (predicted, gold),
            overlaps[::-1],
            [names[number] for number in predicted_classes.tolist()],
        )
    ]
    return sorted(items, key=lambda item: item[:3])


def _items_of(
    comparison: Comparison,
    chosen: IntArray,
    sides: tuple[SpanArrays, SpanArrays],
    overlaps: tuple[IntArray, IntArray],
    kinds: Sequence[str],
) -> list[ErrorItem]:
    """Return an item for each chosen span of the first side, as if that were the gold side."""
    own, others = sides
    first, last = comparison.tokens_of(own)
    other_first, other_last = comparison.tokens_of(others)
    # The range covers all overlapping spans of the other side; the type is that of the first of them.
    start, end, partner = first.copy(), last.copy(), np.full(len(own), len(others))
    np.minimum.at(start, overlaps[0], other_first[overlaps[1]])
    np.maximum.at(end, overlaps[0], other_last[overlaps[1]])
    np.minimum.at(partner, overlaps[0], overlaps[1])
    lengths = comparison.gold.labels.lengths
    token_starts = np.concatenate([[0], np.cumsum(lengths)])
    items = []
    for number in chosen.tolist():
        sentence = int(np.searchsorted(token_starts[1:], first[number], side="right"))
        begin, size = int(token_starts[sentence]), int(lengths[sentence])
        other = int(partner[number])
        items.append(
            ErrorItem(
                sentence,
                # with different tokens, spans may extend into the neighbouring sentences
                max(int(start[number]) - begin, 0),
                min(int(end[number]) - begin, size),
                kinds[number].replace("_", " "),
                comparison.types[own.types[number]],
                comparison.types[others.types[other]] if other < len(others) else None,
            )
        )
    return items


def wrong_tokens(comparison: Comparison) -> BoolArray:
    """Return whether each gold token is in a missed gold span or a wrong predicted span, ``[N]``.

    For plain labels, return whether its label is wrong.
    """
    gold, predicted = comparison.gold, comparison.predicted
    if not comparison.has_spans:
        wrong: BoolArray = gold.labels.ids != predicted.labels.ids
        return wrong
    steps = np.zeros(len(comparison.token_starts) + 1, dtype=np.int64)
    for spans, is_wrong in (
        (gold.spans, comparison.found() < 0),
        (predicted.spans, comparison.right() < 0),
    ):
        first, last = comparison.tokens_of(spans.chosen(is_wrong))
        np.add.at(steps, first, 1)
        np.add.at(steps, last, -1)
    inside: BoolArray = np.cumsum(steps)[:-1] > 0
    return inside


def outcomes(items: Sequence[ErrorItem], side: Comparison, *, is_first: bool, other: Comparison) -> list[int]:
    """Return for each error of one side the outcome for both sides, as an index of :data:`OUTCOMES`.

    The other side is right there if no token of the error is wrong in it.

    Args:
        items: the errors of one side.
        side: the comparison of this side.
        is_first: whether this side is A.
        other: the comparison of the other side.
    """
    sums = np.concatenate([[0], np.cumsum(wrong_tokens(other))])
    begins = side.gold.labels.starts
    sentences, starts, ends = (
        np.array([item[column] for item in items], dtype=np.int64) for column in range(3)
    )
    begin = begins[sentences] if len(items) else sentences
    is_wrong = sums[begin + ends] > sums[begin + starts]
    found: list[int] = np.where(is_wrong, 2, 1 if is_first else 0).tolist()
    return found
