"""Scores by slices: spans or tokens with a common attribute, such as length or frequency in training.

The slice of a span depends on the span itself: recall is over the gold spans with the attribute, precision over the
predicted ones with it, and F1 combines these two. Correct spans have the same attribute on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from tagger.evaluation.comparison import Comparison
from tagger.evaluation.results import Column, ResultTable, Value
from tagger.evaluation.slices.attributes import Attribute, Sides, column_attribute, plain_attributes, sides_of
from tagger.evaluation.slices.training_attributes import training_attributes
from tagger.evaluation.slices.training_statistics import TrainingStatistics
from tagger.metrics.counts import Counts, Share

_SPAN_COLUMNS: Final = (
    *(Column("precision"), Column("recall"), Column("f1")),
    *(Column(name, "count") for name in ("correct", "predicted", "gold")),
)
_TOKEN_COLUMNS: Final = (Column("accuracy"), Column("correct", "count"), Column("tokens", "count"))


def slice_tables(
    comparison: Comparison,
    *,
    training: TrainingStatistics | None = None,
    columns: Mapping[str, Sequence[str | None]] | None = None,
    most: int = 20,
) -> list[ResultTable]:
    """Return a table for each attribute, with a row for each value that occurs.

    For spans: length, length of the sentence, position, capitals; for tokens with plain labels, the same without
    length. With training data: frequency, for spans also that of their rarest word, whether they were seen, and label
    consistency.

    Args:
        comparison: gold and predicted spans or labels.
        training: statistics of the training data for the :func:`surfaces_of` the comparison.
        columns: by the name of a column, its value for each gold token, see :func:`column_values`.
        most: maximum number of values of a column to show; the others are combined.
    """
    sides = sides_of(comparison)
    attributes = plain_attributes(sides)
    if training is not None:
        attributes += training_attributes(sides, training)
    taken: set[str] = set()
    for column, values in (columns or {}).items():
        attribute = column_attribute(sides, column, values, most=most)
        while attribute.name in taken:  # for columns whose names differ only in punctuation or capitals
            attribute = replace(attribute, name=f"{attribute.name}_")
        taken.add(attribute.name)
        attributes.append(attribute)
    return [_table(sides, attribute) for attribute in attributes]


def _table(sides: Sides, attribute: Attribute) -> ResultTable:
    rows: list[tuple[Value, ...]] = []
    for name, counts in zip(attribute.values, _counts(sides, attribute), strict=True):
        if counts.gold or counts.predicted:
            rows.append((name, *_figures(counts, has_spans=sides.predicted is not None)))
    figures = _TOKEN_COLUMNS if sides.predicted is None else _SPAN_COLUMNS
    title = f"By {attribute.title}"
    columns = (Column("value", "text"), *figures)
    return ResultTable(f"slice_{attribute.name}", title, columns, tuple(rows), attribute.notes)


def _counts(sides: Sides, attribute: Attribute) -> list[Counts]:
    size = len(attribute.values)
    gold = np.bincount(attribute.gold, minlength=size).tolist()
    right = np.bincount(attribute.gold[sides.gold.is_right], minlength=size).tolist()
    predicted = gold
    if attribute.predicted is not None:
        predicted = np.bincount(attribute.predicted, minlength=size).tolist()
    return [Counts(*row) for row in zip(right, predicted, gold, strict=True)]


def _figures(counts: Counts, *, has_spans: bool) -> tuple[Value, ...]:
    right = counts.true_positives
    if not has_spans:
        return Share(right, counts.gold).value, right, counts.gold
    precision = counts.precision if counts.predicted else None
    recall = counts.recall if counts.gold else None
    return precision, recall, counts.f1, right, counts.predicted, counts.gold
