"""Classes of span errors: each gold and each predicted span is in exactly one class.

Classes are defined by the spans of the other side that a span overlaps (its neighbours):

====================  =================================================================================================
class                 condition on a gold or a predicted span
====================  =================================================================================================
right                 same range, same type
wrong type            same range, another type
too long              each is the only neighbour of the other, same type: the predicted span contains the gold one
too short             the same, but the gold span contains the predicted one
shifted               the same, but neither contains the other
wrong range and type  each is the only neighbour of the other, neither range nor type are the same
split                 gold: it has several neighbours. Predicted: its only neighbour is such a gold span
merged                predicted: it has several neighbours. Gold: its only neighbour is such a predicted span
missed                gold: it has no neighbour
spurious              predicted: it has no neighbour
====================  =================================================================================================

For split and merged, types may or may not be the same. No class depends on the order of the corpus or its direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagger.evaluation.comparison import Comparison
from tagger.evaluation.errors.matching import Pairs, matched_pairs, overlapping_pairs
from tagger.evaluation.results import Column, ResultTable, Value
from tagger.metrics.counts import ratio
from tagger.metrics.label_arrays import IntArray
from tagger.metrics.span_arrays import SpanArrays

CLASSES: Final = (
    *("right", "wrong_type", "too_long", "too_short", "shifted", "wrong_range_and_type"),
    *("split", "merged", "missed", "spurious"),
)
"""The classes, in the order of their ids."""

RIGHT, WRONG_TYPE, TOO_LONG, TOO_SHORT, SHIFTED, WRONG_RANGE_AND_TYPE, SPLIT, MERGED, MISSED, SPURIOUS = (
    range(10)
)


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """The class of each span, and the pairs of related spans.

    Attributes:
        gold: index in :data:`CLASSES` of the class of each gold span.
        predicted: index in :data:`CLASSES` of the class of each predicted span.
        overlaps: all pairs of a gold and a predicted span that overlap.
        pairs: those of them that are matched, see :func:`matched_pairs`; no span is in two.
    """

    gold: IntArray
    predicted: IntArray
    overlaps: Pairs
    pairs: Pairs


def find_errors(comparison: Comparison) -> Errors:
    """Return the class of each span; there are none if labels are plain."""
    gold, predicted = comparison.gold.spans, comparison.predicted.spans
    overlaps = overlapping_pairs(gold, predicted)
    gold_neighbours = np.bincount(overlaps.gold, minlength=len(gold))
    predicted_neighbours = np.bincount(overlaps.predicted, minlength=len(predicted))
    is_split = gold_neighbours[overlaps.gold] > 1
    is_merged = predicted_neighbours[overlaps.predicted] > 1
    alone = _classes_of_pairs(gold.chosen(overlaps.gold), predicted.chosen(overlaps.predicted))
    gold_classes = np.full(len(gold), MISSED)
    predicted_classes = np.full(len(predicted), SPURIOUS)
    # All pairs of a span give it the same class.
    gold_classes[overlaps.gold] = np.where(is_split, SPLIT, np.where(is_merged, MERGED, alone))
    predicted_classes[overlaps.predicted] = np.where(is_merged, MERGED, np.where(is_split, SPLIT, alone))
    return Errors(gold_classes, predicted_classes, overlaps, matched_pairs(comparison, overlaps))


def _classes_of_pairs(gold: SpanArrays, predicted: SpanArrays) -> IntArray:
    """Return the class of each pair of overlapping spans that have no other neighbours."""
    same_type = gold.types == predicted.types
    holds_start, holds_end = predicted.starts <= gold.starts, predicted.ends >= gold.ends
    within = (predicted.starts >= gold.starts) & (predicted.ends <= gold.ends)
    is_long = holds_start & holds_end
    same_range = is_long & within
    return np.select(
        [same_range & same_type, same_range, ~same_type, is_long, within],
        [RIGHT, WRONG_TYPE, WRONG_RANGE_AND_TYPE, TOO_LONG, TOO_SHORT],
        SHIFTED,
    )


def error_tables(comparison: Comparison, errors: Errors | None = None) -> list[ResultTable]:
    """Return the number of spans in each class: overall, by gold type and by predicted type.

    Args:
        comparison: gold and predicted spans.
        errors: the result of :func:`find_errors`, if already known.

    Returns:
        The tables; none if labels are plain.
    """
    if not comparison.has_spans:
        return []
    errors = find_errors(comparison) if errors is None else errors
    gold, predicted = comparison.gold.spans.types, comparison.predicted.spans.types
    return [
        _class_table(errors),
        _type_table("gold", gold, errors.gold, comparison.types, but=SPURIOUS),
        _type_table("predicted", predicted, errors.predicted, comparison.types, but=MISSED),
    ]


def _class_table(errors: Errors) -> ResultTable:
    counts = [np.bincount(side, minlength=len(CLASSES)).tolist() for side in (errors.gold, errors.predicted)]
    sums = [len(errors.gold), len(errors.predicted)]
    rows = tuple(
        (name.replace("_", " "), gold, predicted, ratio(gold, sums[0]), ratio(predicted, sums[1]))
        for name, gold, predicted in zip(CLASSES, *counts, strict=True)
    )
    columns = (
        *(Column("class", "text"), Column("gold", "count"), Column("predicted", "count")),
        *(Column("gold_share"), Column("predicted_share")),
    )
    notes = (
        "Each span is in one class. Too long, too short and shifted are of the right type; split is one gold span "
        "against several predicted ones, merged one predicted span against several gold ones, whatever their types.",
    )
    return ResultTable("errors", "Errors of spans", columns, rows, notes)


def _type_table(
    side: str, types: IntArray, classes: IntArray, names: Sequence[str], *, but: int
) -> ResultTable:
    """Return the counts of the classes of a side's spans by type, without the class ``but``, which it never has."""
    num_classes = len(CLASSES)
    counts = np.bincount(types * num_classes + classes, minlength=len(names) * num_classes)
    table = counts.reshape(len(names), num_classes)
    shown = [number for number in range(num_classes) if number != but]
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (name, *(int(table[number, one]) for one in shown), int(table[number].sum()))
        for name, number in sorted((name, number) for number, name in enumerate(names))
        if table[number].any()
    )
    columns = (
        Column("type", "text"),
        *(Column(CLASSES[number], "count") for number in shown),
        Column(side, "count"),
    )
    return ResultTable(f"errors_{side}_types", f"Errors by {side} type", columns, rows)
