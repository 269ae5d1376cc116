"""Partial overlap: span scores in the four views of SemEval-2013, task 9.1 (Segura-Bedmar et al., section 4).

Gold and predicted spans are paired once, for all views, by :func:`tagger.evaluation.errors.matching.matched_pairs`. In
each view a pair is correct, partial or incorrect:

========  ====================  ================  =================
view      same range and type   only same range   overlap
========  ====================  ================  =================
strict    correct               incorrect         incorrect
exact     correct               correct           incorrect
partial   correct               correct           partial
type      correct               incorrect         correct if the types are the same, else incorrect
========  ====================  ================  =================

A gold span without a partner is missed, a predicted one spurious. Possible = correct + incorrect + partial + missed;
actual = correct + incorrect + partial + spurious. Precision is (correct + partial / 2) / actual, recall is
(correct + partial / 2) / possible.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tagger.evaluation.comparison import Comparison
from tagger.evaluation.errors.matching import Pairs, matched_pairs
from tagger.evaluation.results import Column, ResultTable, Value
from tagger.metrics.counts import ratio
from tagger.metrics.label_arrays import IntArray

VIEWS: Final = ("strict", "exact", "partial", "type")
CORRECT, INCORRECT, PARTIAL = range(3)

_FIGURES: Final = (
    *(Column("precision"), Column("recall"), Column("f1")),
    *(Column(name, "count") for name in ("correct", "incorrect", "partial", "missed", "spurious")),
    *(Column(name, "count") for name in ("possible", "actual")),
)
_NOTES: Final = (
    "SemEval-2013 task 9.1. Strict: range and type are right; exact: the range; partial: the range, and half for one "
    "that overlaps; type: the type, of any range that overlaps. One pairing serves all views: the most pairs of "
    "the same type, then the most pairs, then the most common places; it does not depend on the order of the data.",
)
_TYPE_NOTES: Final = (
    "Correct, incorrect, partial and missed are gold spans of the type, and so is recall; precision is over predicted "
    "spans of the type, whose partners may be of another one.",
)


def partial_tables(comparison: Comparison, pairs: Pairs | None = None) -> list[ResultTable]:
    """Return the scores of the four views, overall and by type; none if labels are plain.

    Args:
        comparison: gold and predicted spans.
        pairs: the result of :func:`matched_pairs`, if already known.
    """
    if not comparison.has_spans:
        return []
    pairs = matched_pairs(comparison) if pairs is None else pairs
    types = comparison.types
    overall: list[tuple[Value, ...]] = []
    of_types: dict[str, list[tuple[Value, ...]]] = {name: [] for name in sorted(types)}
    gold, predicted = comparison.gold.spans.types, comparison.predicted.spans.types
    for view, outcomes in view_outcomes(comparison, pairs).items():
        possible = _counts(gold, pairs.gold, outcomes, len(types))
        actual = _counts(predicted, pairs.predicted, outcomes, len(types))
        overall.append((view, *_figures(possible.sum(axis=0), actual.sum(axis=0))))
        for number, name in enumerate(types):
            of_types[name].append((name, view, *_figures(possible[number], actual[number])))
    view_column = Column("view", "text")
    rows = tuple(row for rows in of_types.values() for row in rows)
    return [
        ResultTable("partial", "Partial overlap", (view_column, *_FIGURES), tuple(overall), _NOTES),
        ResultTable(
            "partial_types",
            "Partial overlap, by type",
            (Column("type", "text"), view_column, *_FIGURES),
            rows,
            _TYPE_NOTES,
        ),
    ]


def view_outcomes(comparison: Comparison, pairs: Pairs) -> dict[str, IntArray]:
    """Return for each view whether each pair is CORRECT, INCORRECT or PARTIAL."""
    gold, predicted = comparison.gold.spans, comparison.predicted.spans
    same_type = gold.types[pairs.gold] == predicted.types[pairs.predicted]
    same_range = (gold.starts[pairs.gold] == predicted.starts[pairs.predicted]) & (
        gold.ends[pairs.gold] == predicted.ends[pairs.predicted]
    )
    return {
        "strict": np.where(same_range & same_type, CORRECT, INCORRECT),
        "exact": np.where(same_range, CORRECT, INCORRECT),
        "partial": np.where(same_range, CORRECT, PARTIAL),
        "type": np.where(same_type, CORRECT, INCORRECT),
    }


def _counts(types: IntArray, paired: IntArray, outcomes: IntArray, num_types: int) -> IntArray:
    """Return the number of a side's spans of each type with each outcome, and finally without a partner, ``[K, 4]``."""
    found = np.bincount(types[paired] * 3 + outcomes, minlength=3 * num_types).reshape(num_types, 3)
    alone = np.bincount(types, minlength=num_types) - found.sum(axis=1)
    return np.column_stack([found, alone])


def _figures(possible: IntArray, actual: IntArray) -> tuple[Value, ...]:
    """Return a row's figures from the counts of its gold and predicted spans, ``[4]`` each."""
    correct, incorrect, partial, missed = possible.tolist()
    all_possible, all_actual = int(possible.sum()), int(actual.sum())
    precision = ratio(int(actual[CORRECT]) + int(actual[PARTIAL]) / 2, all_actual)
    recall = ratio(correct + partial / 2, all_possible)
    f1 = ratio(2 * precision * recall, precision + recall)
    spurious = int(actual[-1])
    return precision, recall, f1, correct, incorrect, partial, missed, spurious, all_possible, all_actual
