"""Result tables on a page, each with a chart chosen by its columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from tagger.evaluation.results import ResultTable, Value, shown
from tagger.report import (
    Cell,
    Curve,
    Figure,
    Interval,
    Markup,
    bar,
    curve_chart,
    element,
    interval_chart,
    join,
    shortened,
    table,
)
from tagger.report.heat_map import shades

MAX_ROWS: Final = 200
MAX_COLUMNS: Final = 30
_MAX_INTERVALS: Final = 60
_MAX_CURVES: Final = 7
_MAX_DOTS: Final = 100
_LONGEST_CELL: Final = 80
_LONGEST_TITLE: Final = 120
_SHORT_NAME: Final = 12
_LONG: Final = 15  # a table with more rows is collapsed if a chart shows the same

_PROBABILITIES: Final = ("mean_probability", "probability", "confidence")
_SHARES_RIGHT: Final = ("share_right", "right", "correct", "accuracy", "precision")
_SCORES: Final = ("f1", "accuracy", "recall", "precision")

_OF_RELIABILITY: Final = (
    "Each dot is a bin of predictions: horizontally, their mean probability; vertically, the share of them that is "
    "right.",
    "On the dashed line probabilities are accurate; below it the model is overconfident, above it underconfident.",
)
_OF_THRESHOLDS: Final = (
    "Precision and recall when predictions less probable than a threshold are withheld.",
)
_OF_TYPES: Final = (
    "A curve for each type: along it more and more predictions are kept, from only the most probable one to all of "
    "them.",
)
_OF_CONFUSION: Final = (
    "The larger a cell's share of its row, the more it stands out; the shade grows with the square root of the share, "
    "so that rare confusions are visible. Framed: the same on both sides.",
)
_OF_INTERVALS: Final = ("Point: the value; whisker: from low to high.",)


def figure(results: ResultTable) -> Figure:
    """Return a table and, if its columns allow one, a chart of it.

    A table with ``low`` and ``high`` is drawn as points with whiskers, one named ``reliability...`` or
    ``thresholds...`` as curves (one for each text in the first column, if texts are repeated there), ``confusion`` with
    shades, ``slice_...`` with bars.
    """
    said: Sequence[str]
    if results.name == "confusion":
        return _figure(results, [], _confusion(results), _OF_CONFUSION)
    if results.name.startswith("slice"):
        return _figure(results, [], _plain(results, bars=_SCORES), ())
    if results.name.startswith("reliability"):
        pictures, said = _reliability(results), _OF_RELIABILITY
    elif results.name.startswith("thresholds"):
        pictures = _thresholds(results)
        said = _OF_THRESHOLDS if len(_groups(results)) == 1 else _OF_TYPES
    elif results.name == "threshold_for":
        pictures, said = [], ()  # its interval is that of the target's metric, precision or recall
    else:
        pictures, said = _intervals(results), _OF_INTERVALS
    made = _plain(results)
    if pictures and len(results.rows) > _LONG:
        made = element("details", element("summary", "The figures"), made)
    return _figure(results, pictures, made, said if pictures else ())


def _figure(results: ResultTable, pictures: Sequence[Markup], made: Markup, said: Sequence[str]) -> Figure:
    return Figure(_title(results), [*pictures, made, *_cut_off(results)], [*said, *results.notes])


def _title(results: ResultTable) -> str:
    return shortened(results.title, _LONGEST_TITLE)


def _names(results: ResultTable) -> list[str]:
    return [column.name for column in results.columns]


def _column(results: ResultTable, candidates: Sequence[str]) -> list[float] | None:
    """Return the values of the first candidate column that exists, NaN for missing values; None if none exists."""
    names = _names(results)
    for name in candidates:
        if name in names:
            place = names.index(name)
            return [_float(row[place]) for row in results.rows]
    return None


def _float(value: Value) -> float:
    return math.nan if value is None or isinstance(value, str) else float(value)


def _plain(results: ResultTable, *, bars: Sequence[str] = ()) -> Markup:
    """Return the table, with the first text column as row heads.

    Args:
        results: the table.
        bars: candidates for the column to draw as bars before all values; the first that exists is used.
    """
    columns = results.columns[:MAX_COLUMNS]
    head = [shortened(column.name.replace("_", " "), _LONGEST_CELL) for column in columns]
    num_texts = sum(column.kind == "text" for column in columns)
    values = _column(results, bars)
    if values is not None:
        head.insert(num_texts, "")
    rows = []
    for place, row in enumerate(results.rows[:MAX_ROWS]):
        cells = [
            _row_head(value)
            if number == 0 and column.kind == "text"
            else Cell("" if value is None else _text(value), "text")
            if column.kind == "text"
            else Cell(shown(value, column.kind))
            for number, (value, column) in enumerate(zip(row, columns, strict=False))
        ]
        if values is not None:
            cells.insert(num_texts, Cell(bar(values[place])))
        rows.append(cells)
    return table(head, rows, caption=_title(results))


def _text(value: Value) -> str:
    return shortened(str(value), _LONGEST_CELL)


def _row_head(value: Value) -> Cell:
    """Return the cell that names a row; long names are wrapped."""
    text = "" if value is None else _text(value)
    return Cell(text, "wide" if len(text) > _SHORT_NAME else None, is_head=True)


def _cut_off(results: ResultTable) -> list[Markup]:
    """Return a note on the parts of a large table that are not on the page."""
    said = []
    if len(results.rows) > MAX_ROWS:
        said.append(f"the first {MAX_ROWS} of {len(results.rows):,} rows")
    if len(results.columns) > MAX_COLUMNS:
        said.append(f"the first {MAX_COLUMNS} of {len(results.columns):,} columns")
    if not said:
        return []
    words = f"Shown: {' and '.join(said)}. The figures in JSON and CSV have all of them."
    return [element("p", words, class_="note")]


def _confusion(results: ResultTable) -> Markup:
    """Return a matrix with a shade for each cell."""
    rows, columns = results.rows[:MAX_ROWS], results.columns[1:MAX_COLUMNS]
    counts = np.array([[_float(value) for value in row[1 : len(columns) + 1]] for row in rows])
    counts = np.nan_to_num(counts.reshape(len(rows), len(columns)))
    sums = np.array([sum(map(_number, row[1:])) for row in rows])[:, None]
    styles = shades(np.sqrt(counts / np.maximum(sums, 1)), "share")
    body = [
        [
            _row_head(row[0]),
            *(
                Cell(
                    shown(value, column.kind) if value else "",
                    f"{style} chosen" if column.name == row[0] and not column.name.startswith("(") else style,
                )
                for value, column, style in zip(row[1:], columns, shade, strict=False)
            ),
        ]
        for row, shade in zip(rows, styles.tolist(), strict=True)
    ]
    # The names of columns are types, and are kept unchanged.
    head = [shortened(column.name, 24) for column in (results.columns[0], *columns)]
    return table(head, body, caption=_title(results))


def _number(value: Value) -> float:
    return 0.0 if value is None or isinstance(value, str) else float(value)


def _reliability(results: ResultTable) -> list[Markup]:
    """Return a chart of the share correct over the probability, with a curve for each kind of bins."""
    probabilities, right = _column(results, _PROBABILITIES), _column(results, _SHARES_RIGHT)
    if probabilities is None or right is None or not results.rows:
        return []
    curves = [
        Curve(name, [probabilities[place] for place in places], [right[place] for place in places])
        for name, places in _groups(results).items()
    ]
    chart = curve_chart(
        curves[:_MAX_CURVES],
        description=f"{_title(results)}: share of right predictions over their probability",
        x_title="probability given",
        y_title="share that is right",
        has_diagonal=True,
        has_dots=len(right) <= _MAX_DOTS,
    )
    return [chart]


def _thresholds(results: ResultTable) -> list[Markup]:
    """Return precision, recall and F1 over the threshold; for several types, precision over recall instead."""
    columns = [_column(results, (name,)) for name in ("threshold", "precision", "recall")]
    groups = _groups(results)
    thresholds, precision, recall = columns
    if thresholds is None or precision is None or recall is None or not groups:
        return []
    if len(groups) == 1:
        f1 = _column(results, ("f1",))
        curves = [Curve("precision", thresholds, precision), Curve("recall", thresholds, recall)]
        if f1 is not None:
            curves.append(Curve("F1", thresholds, f1))
        description = f"{_title(results)}: {', '.join(curve.name for curve in curves)} over the threshold"
        return [curve_chart(curves, description=description, x_title="threshold", y_title="share")]
    curves = [
        Curve(name, [recall[place] for place in places], [precision[place] for place in places])
        for name, places in groups.items()
    ]
    chart = curve_chart(
        curves[:_MAX_CURVES],
        description=f"{_title(results)}: precision over recall, by type",
        x_title="recall",
        y_title="precision",
        has_dots=len(recall) <= _MAX_DOTS,
    )
    if len(curves) <= _MAX_CURVES:
        return [chart]
    return [chart, element("p", f"Drawn: the first {_MAX_CURVES} of {len(curves)}.", class_="note")]


def _groups(results: ResultTable) -> dict[str, list[int]]:
    """Return the indices of the rows with the same first text; all in one group if all texts are different."""
    groups: dict[str, list[int]] = {}
    for place, row in enumerate(results.rows):
        name = row[0] if isinstance(row[0], str) else ""
        groups.setdefault(shortened(name, 24), []).append(place)
    if len(groups) == len(results.rows):
        return {"all": [*range(len(results.rows))]} if groups else {}
    return groups


def _intervals(results: ResultTable) -> list[Markup]:
    """Return a chart for each column with an interval: ``low`` and ``high`` after it, or ``f1_low``, ``f1_high``."""
    names = _names(results)
    charts = []
    for place, name in enumerate(names):
        if name != "low" and not name.endswith("_low"):
            continue
        high_name = name[: -len("low")] + "high"
        of = name.removesuffix("low").removesuffix("_") or (names[place - 1] if place else "")
        if high_name not in names or of not in names or results.columns[names.index(of)].kind == "text":
            continue
        charts.append(_interval_chart(results, of, (name, high_name)))
    return charts


def _interval_chart(results: ResultTable, name: str, ends: tuple[str, str]) -> Markup:
    values, low, high = (_column(results, (one,)) or [] for one in (name, *ends))
    is_share = results.columns[_names(results).index(name)].kind == "share"
    num_texts = sum(column.kind == "text" for column in results.columns)
    rows = [
        Interval(" ".join(str(cell) for cell in row[:num_texts] if cell is not None), *figures)
        for row, figures in zip(results.rows, zip(values, low, high, strict=True), strict=True)
    ]
    picture = interval_chart(
        rows[:_MAX_INTERVALS],
        description=f"{_title(results)}: {name.replace('_', ' ')} with intervals",
        x_title=f"{name.replace('_', ' ')}{', %' if is_share else ''}",
        is_share=is_share,
    )
    if len(rows) <= _MAX_INTERVALS:
        return picture
    return join(
        [picture, element("p", f"Drawn: the first {_MAX_INTERVALS} of {len(rows):,} rows.", class_="note")]
    )
