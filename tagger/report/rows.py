"""Charts with one row per item: points with whiskers on a common axis, and bars for table cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tagger.report.charts import ticks
from tagger.report.markup import Markup, element
from tagger.report.words import shortened

_WIDTH: Final = 340
_LEFT: Final = 112
_RIGHT: Final = 16
_TOP: Final = 6
_ROW: Final = 20
_BOTTOM: Final = 38
_BAR: Final = (90, 12)


@dataclass(frozen=True)
class Interval:
    """A value and its confidence interval.

    Attributes:
        name: name of the row.
        value: the value; NaN draws no point.
        low: lower end of the interval; NaN at either end draws no whisker.
        high: upper end.
    """

    name: str
    value: float
    low: float = math.nan
    high: float = math.nan


def interval_chart(
    rows: Sequence[Interval],
    *,
    description: str,
    x_title: str,
    limits: tuple[float, float] | None = None,
    is_share: bool = False,
) -> Markup:
    """Return a chart with a row for each value: a point, and a whisker over its interval.

    Args:
        rows: the values, from top to bottom.
        description: text alternative of the picture.
        x_title: title below the axis.
        limits: lower and upper limit of the axis; a little wider than the values if left out. Values beyond are drawn
            at the edge.
        is_share: label the axis in percent.
    """
    low, high = limits or _limits(rows)
    bottom = _TOP + max(len(rows), 1) * _ROW

    def across(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    shapes = []
    for value in ticks(low, high):
        x = across(value)
        # zero is a landmark if there are values on both sides of it
        style = "diagonal" if value == 0 and low < 0 else "grid"
        shapes.append(element("line", class_=style, x1=x, x2=x, y1=_TOP, y2=bottom))
        shown = f"{100 * value if is_share else value:.3g}"
        shapes.append(element("text", shown, x=x, y=bottom + 15, text_anchor="middle"))
    for i, row in enumerate(rows):
        y = _TOP + (i + 0.5) * _ROW
        shapes.append(element("text", shortened(row.name, 15), x=_LEFT - 8, y=y + 4, text_anchor="end"))
        if math.isfinite(row.low) and math.isfinite(row.high):
            x1, x2 = across(row.low), across(row.high)
            d = f"M{x1:.2f} {y - 4}v8m0 -4H{x2:.2f}m0 -4v8"
            shapes.append(element("path", class_="whisker", d=d))
        if math.isfinite(row.value):
            shapes.append(element("circle", class_="point", cx=across(row.value), cy=y, r=4))
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    title = element("text", x_title, x=middle, y=bottom + 32, text_anchor="middle", class_="faint")
    return element(
        "svg", element("title", description), *shapes, title, role="img", class_="chart",
        viewbox=f"0 0 {_WIDTH} {bottom + _BOTTOM}",
    )  # fmt: skip


def bar(value: float) -> Markup:
    """Return a bar for a table cell, to be shown beside its value.

    Args:
        value: a share, in [0, 1]; NaN draws an empty frame.
    """
    width, height = _BAR
    length = width * min(max(value, 0.0), 1.0) if math.isfinite(value) else 0.0
    return element(
        "svg",
        element("rect", class_="bar-frame", x=0, y=0, width=width, height=height),
        element("rect", class_="bar", x=0, y=0, width=length, height=height),
        width=width,
        height=height,
        aria_hidden="true",
    )


def _limits(rows: Sequence[Interval]) -> tuple[float, float]:
    """Return axis limits with room for all values."""
    found = [value for row in rows for value in (row.value, row.low, row.high) if math.isfinite(value)]
    low, high = min(found, default=0.0), max(found, default=1.0)
    room = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return low - room, high + room
