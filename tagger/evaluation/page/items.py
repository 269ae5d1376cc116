"""ErrorItem: one error and where it is, made of the classes of spans or of wrong labels; and who else makes it.

Letters: S sentences, N gold tokens of them all, M gold spans, P predicted spans.
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
"""How two sides do at the place of an error."""


class ErrorItem(NamedTuple):
    """An error: spans that have to do with each other, or one wrong label.

    Attributes:
        sentence: number of the sentence, from 0.
        start: its first gold token, counted from 0 in the sentence.
        end: the one after the last.
        kind: class of the error; None where labels are plain: then the two labels say it all.
        gold: gold type or label; None if there is no span.
        predicted: predicted type or label, likewise.
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
        name: what the page calls it.
        comparison: of the gold labels with its own.
        errors: all of them, in any order.
    """

    name: str
    comparison: Comparison
    errors: Sequence[ErrorItem]


def label_items(comparison: Comparison) -> list[ErrorItem]:
    """Return the wrong labels where labels are plain and both sides have the same tokens."""
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
    """Return an error for each gold span that is wrong, and for each predicted one that no such gold span tells of.

    Args:
        comparison: of spans.
        gold_classes: number of the class of each gold span, ``[M]``.
        predicted_classes: of each predicted span, ``[P]``.
        overlaps: numbers of the gold and of the predicted spans of all pairs that overlap.
        names: of the classes. A gold span that is ``merged`` is told of by the predicted span that it is merged in; of
            predicted spans, only those that are ``merged`` or ``spurious`` are not told of by a gold one.
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
    """Return an item for each span chosen of the first side, which says so as if that was the gold one."""
    own, others = sides
    first, last = comparison.tokens_of(own)
    other_first, other_last = comparison.tokens_of(others)
    # The range reaches over all spans of the other side that overlap; the first of them gives its type.
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
                # with other tokens, spans may reach into the neighbouring sentences
                max(int(start[number]) - begin, 0),
                min(int(end[number]) - begin, size),
                kinds[number].replace("_", " "),
                comparison.types[own.types[number]],
                comparison.types[others.types[other]] if other < len(others) else None,
            )
        )
    return items


def wrong_tokens(comparison: Comparison) -> BoolArray:
    """Return whether each gold token is one of a gold span not found or of a predicted span not right, ``[N]``.

    Where labels are plain: whether its label is wrong.
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
    """Return for each error of one side how both do there, as a number of :data:`OUTCOMES`.

    The other side is right there if no token of the error is wrong in it.

    Args:
        items: the errors of one side.
        side: the comparison that they are of.
        is_first: whether this side is A.
        other: that of the other side.
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
