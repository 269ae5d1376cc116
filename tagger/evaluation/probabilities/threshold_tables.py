"""Tables of thresholds: precision and recall at each threshold, and thresholds that reach a target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from tagger.evaluation.comparison import Comparison
from tagger.evaluation.probabilities.thresholds import Curve, Threshold, threshold_curves
from tagger.evaluation.results import Column, ResultTable, Value

_ROWS: Final = 50
_ROWS_OF_A_TYPE: Final = 10
_CURVE: Final = (
    Column("type", "text"),
    Column("step", "text"),
    Column("threshold", "number"),
    Column("precision"),
    Column("recall"),
    Column("f1"),
    Column("kept", "count"),
    Column("right", "count"),
)


def curve_tables(comparison: Comparison, *, rows: int = _ROWS) -> list[ResultTable]:
    """Return precision and recall at different thresholds, over all types and by type.

    Args:
        comparison: comparison with probabilities of predicted spans; there are no tables without probabilities.
        rows: maximum rows over all types; a fifth of that for each type.
    """
    if not comparison.has_spans or comparison.predicted.span_probabilities is None:
        return []
    everything, *types = threshold_curves(comparison)
    notes = ["Spans below the threshold are withheld."]
    if everything.without_probability:
        notes.append(f"{everything.without_probability} predicted spans without probability are left out.")
    of_types = [row for curve in types for row in _rows(curve, max(rows * _ROWS_OF_A_TYPE // _ROWS, 2))]
    return [
        ResultTable("thresholds", "Thresholds", _CURVE, tuple(_rows(everything, rows)), tuple(notes)),
        ResultTable("thresholds_by_type", "Thresholds by type", _CURVE, tuple(of_types)),
    ]


def target_table(found: Sequence[Threshold]) -> ResultTable:
    """Return one or more thresholds for a target as a table."""
    target = found[0].target
    notes = []
    if missed := [f"{one.name} ({_best(one)})" for one in found if one.threshold is None]:
        notes.append(f"No threshold gives {target}: {', '.join(missed)}. None of these spans are withheld.")
    if any(one.threshold is not None for one in found):
        notes.append(
            f"Chosen and measured on the same sentences. Low and high: 95 % interval of {target.metric} on equally "
            "many other sentences of the same kind (bootstrap of both choosing and measuring). Spans below the "
            "threshold are withheld."
        )
    columns = (
        Column("type", "text"),
        Column("threshold", "number"),
        Column("precision"),
        Column("recall"),
        Column("low"),
        Column("high"),
        Column("kept", "count"),
        Column("withheld", "count"),
        Column("gold", "count"),
    )
    rows = (
        (
            *(one.name, one.threshold, one.precision, one.recall),
            *(one.low, one.high, one.kept, one.withheld, one.gold),
        )
        for one in found
    )
    return ResultTable("threshold_for", f"Thresholds for {target}", columns, tuple(rows), tuple(notes))


def _rows(curve: Curve, most: int) -> list[tuple[Value, ...]]:
    """Return rows of a curve, evenly chosen among its steps, the first and the last one included."""
    size = len(curve.thresholds)
    steps = np.unique(np.linspace(0, max(size - 1, 0), min(size, most)).round().astype(np.int64))
    columns = (curve.thresholds, curve.precisions, curve.recalls, curve.f1s, curve.kept, curve.right)
    return [
        (curve.name, str(number + 1), *(column[step].item() for column in columns))
        for number, step in enumerate(steps)
    ]


def _best(one: Threshold) -> str:
    if one.best is None:
        return f"no {'gold' if one.target.metric == 'recall' else 'predicted'} spans"
    return f"at most {one.best:.4f}"
