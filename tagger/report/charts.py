"""Charts: lines over categories, curves over a numeric axis, and histograms, as SVG."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tagger.report.markup import Markup, element, join, number

# Sizes in pixels of a narrow screen; on a wide one the style sheet enlarges the picture.
_WIDTH: Final = 340
_HEIGHT: Final = 210
_LEFT: Final = 46
_RIGHT: Final = 12
_TOP: Final = 12
_BOTTOM: Final = 40
_NUM_COLORS: Final = 7
_HALF_DIGIT: Final = 4


@dataclass(frozen=True)
class Series:
    """A line over categories.

    Attributes:
        name: name in the legend.
        values: one for each place on the axis; NaN and infinity leave a gap.
        marked: the place, from 0, at which the line has a dot; None for no dot.
        color: number of its colour and dash pattern, to make it look the same in all charts; None for its index among
            the lines.
    """

    name: str
    values: Sequence[float]
    marked: int | None = None
    color: int | None = None


@dataclass(frozen=True)
class Curve:
    """A line over a numeric axis; a point that is not finite leaves a gap.

    Attributes:
        name: name in the legend.
        xs: horizontal coordinates of its points, in the order in which they are joined.
        ys: their vertical coordinates.
        is_joined: whether a line joins the points; if not, each of them is a dot.
    """

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    is_joined: bool = True


@dataclass(frozen=True)
class Band:
    """The area between two curves, shaded in the colour of the curve with the same number.

    Attributes:
        xs: horizontal coordinates, ascending.
        lows: the lower ends there, finite.
        highs: the upper ends there, finite.
    """

    xs: Sequence[float]
    lows: Sequence[float]
    highs: Sequence[float]


def line_chart(
    series: Sequence[Series],
    *,
    places: Sequence[str],
    description: str,
    x_title: str,
    y_title: str,
    logarithmic: bool = False,
    limits: tuple[float, float] | None = None,
) -> Markup:
    """Return a line chart with a legend.

    Args:
        series: at most seven lines.
        places: names of the places on the horizontal axis, evenly spaced.
        description: text alternative of the picture.
        x_title: title below the axis.
        y_title: title above the picture.
        logarithmic: draw the vertical axis in powers of ten; values of 0 or less leave a gap.
        limits: limits of the vertical axis; from the values if left out.
    """
    drawn = [
        [
            math.log10(value) if logarithmic and value > 0 else math.nan if logarithmic else float(value)
            for value in line.values
        ]
        for line in series
    ]
    finite = [value for values in drawn for value in values if math.isfinite(value)]
    if limits is None:
        low, high = min(finite, default=0.0), max(finite, default=1.0)
        if logarithmic:
            low, high = math.floor(low), math.ceil(high)
    else:
        low, high = limits
    if high <= low:
        low, high = around(low)
    step = (_WIDTH - _LEFT - _RIGHT) / max(len(places) - 1, 1)

    def point(place: int, value: float) -> str:
        y = _TOP + (high - value) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)
        return f"{number(_LEFT + place * step)} {number(y)}"

    shapes = [
        _grid_line(value, low, high, logarithmic=logarithmic)
        for value in ticks(low, high, logarithmic=logarithmic)
    ]
    every = math.ceil(len(places) / 12)
    shapes += [
        element("text", name, x=_LEFT + i * step, y=_HEIGHT - _BOTTOM + 16, text_anchor="middle")
        for i, name in enumerate(places)
        if i % every == 0
    ]
    colors = [i if line.color is None else line.color for i, line in enumerate(series)]
    for i, values in enumerate(drawn):
        d, pen_down = "", False
        for place, value in enumerate(values):
            d += (" L" if pen_down else " M") + point(place, value) if math.isfinite(value) else ""
            pen_down = math.isfinite(value)
        color = f"c{colors[i] % _NUM_COLORS}"
        shapes.append(element("path", class_=f"line {color}", d=d.strip()))
        marked = 0 if len(values) == 1 else series[i].marked
        if marked is not None and math.isfinite(values[marked]):
            x, y = point(marked, values[marked]).split()
            shapes.append(element("circle", class_=f"dot {color}", cx=x, cy=y, r=4))
    return join(
        [
            element("p", y_title, class_="axis"),
            _picture(shapes, x_title, description),
            _legend([line.name for line in series], colors),
        ]
    )


def curve_chart(
    curves: Sequence[Curve],
    *,
    description: str,
    x_title: str,
    y_title: str,
    x_limits: tuple[float, float] = (0.0, 1.0),
    y_limits: tuple[float, float] = (0.0, 1.0),
    has_diagonal: bool = False,
    has_dots: bool = False,
    bands: Sequence[Band] = (),
    logarithmic_x: bool = False,
) -> Markup:
    """Return a chart of curves over a numeric axis, with a legend if there are several.

    Args:
        curves: at most seven; points outside the limits leave a gap.
        description: text alternative of the picture.
        x_title: title below the axis.
        y_title: title above the picture.
        x_limits: lower and upper limit of the horizontal axis.
        y_limits: lower and upper limit of the vertical axis.
        has_diagonal: draw the line on which both coordinates are equal.
        has_dots: mark each point with a dot.
        bands: one for each curve, in the same order, or none; shaded beneath the curves and cut off at the limits.
        logarithmic_x: whether the horizontal axis is logarithmic; its limits are then positive.
    """
    (left, right), (low, high) = x_limits, y_limits

    def place(x: float, y: float) -> tuple[float, float]:
        across = math.log(x / left) / math.log(right / left) if logarithmic_x else (x - left) / (right - left)
        return (
            _LEFT + across * (_WIDTH - _LEFT - _RIGHT),
            _TOP + (high - y) / (high - low) * (_HEIGHT - _TOP - _BOTTOM),
        )

    shapes = [_grid_line(value, low, high, logarithmic=False) for value in ticks(low, high)]
    for value in _doublings(left, right) if logarithmic_x else ticks(left, right):
        x, y = place(value, low)
        label = tick_label(value)
        # A long label at the end of the axis would be cut off.
        is_cut = x + _HALF_DIGIT * len(label) > _WIDTH
        x, anchor = (_WIDTH - 1, "end") if is_cut else (x, "middle")
        shapes.append(element("text", label, x=x, y=y + 16, text_anchor=anchor))
    for i, band in enumerate(bands):
        upper = [place(x, min(max(y, low), high)) for x, y in zip(band.xs, band.highs, strict=True)]
        lower = [place(x, min(max(y, low), high)) for x, y in zip(band.xs, band.lows, strict=True)]
        corners = " L".join(f"{number(x)} {number(y)}" for x, y in [*upper, *reversed(lower)])
        shapes.append(element("path", class_=f"band c{i % _NUM_COLORS}", d=f"M{corners} Z"))
    if has_diagonal and (start := max(left, low)) < (end := min(right, high)):
        (x1, y1), (x2, y2) = place(start, start), place(end, end)
        shapes.append(element("line", class_="diagonal", x1=x1, y1=y1, x2=x2, y2=y2))
    for i, curve in enumerate(curves):
        d, pen_down = "", False
        for x, y in zip(curve.xs, curve.ys, strict=True):
            is_inside = left <= x <= right and low <= y <= high  # False for NaN
            if is_inside:
                across, down = place(x, y)
                d += f"{' L' if pen_down else ' M'}{number(across)} {number(down)}"
                if has_dots or not curve.is_joined or len(curve.xs) == 1:
                    shapes.append(
                        element("circle", class_=f"dot c{i % _NUM_COLORS}", cx=across, cy=down, r=3)
                    )
            pen_down = is_inside
        if curve.is_joined:
            shapes.append(element("path", class_=f"line c{i % _NUM_COLORS}", d=d.strip()))
    return join(
        [
            element("p", y_title, class_="axis"),
            _picture(shapes, x_title, description),
            _legend(
                [curve.name for curve in curves],
                range(len(curves)),
                dots={i for i, each in enumerate(curves) if not each.is_joined},
            ),
        ]
    )


def histogram(
    counts: Sequence[int], *, bins: Sequence[str], description: str, x_title: str, y_title: str
) -> Markup:
    """Return a histogram, each bar with its count above it.

    Args:
        counts: one for each bin.
        bins: names of the bins.
        description: text alternative of the picture.
        x_title: title below the axis.
        y_title: title above the picture.
    """
    width = (_WIDTH - _LEFT - _RIGHT) / max(len(counts), 1)
    tallest = max(max(counts, default=0), 1)
    bottom = _HEIGHT - _BOTTOM
    shapes = [element("line", class_="grid", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=bottom, y2=bottom)]
    for i, (count, name) in enumerate(zip(counts, bins, strict=True)):
        height = count / tallest * (bottom - _TOP - 14)
        x = _LEFT + i * width
        shapes.append(
            element("rect", class_="bar", x=x + 1, y=bottom - height, width=width - 2, height=height)
        )
        middle = x + width / 2
        shapes.append(element("text", str(count), x=middle, y=bottom - height - 4, text_anchor="middle"))
        shapes.append(element("text", name, x=middle, y=bottom + 16, text_anchor="middle"))
    return join([element("p", y_title, class_="axis"), _picture(shapes, x_title, description)])


def _legend(names: Sequence[str], colors: Iterable[int], *, dots: Collection[int] = ()) -> Markup:
    """Return a legend, empty for a single line; ``dots`` are the indices of those drawn only as dots."""
    keys = [
        element("span", _sample(color, is_joined=i not in dots), name, class_="key")
        for i, (name, color) in enumerate(zip(names, colors, strict=True))
    ]
    return element("p", *keys, class_="legend") if len(keys) > 1 else Markup("")


def _picture(shapes: Sequence[Markup], x_title: str, description: str) -> Markup:
    title = element(
        "text", x_title, x=(_LEFT + _WIDTH - _RIGHT) / 2, y=_HEIGHT - 6, text_anchor="middle", class_="faint"
    )
    return element(
        "svg", element("title", description), *shapes, title, role="img", class_="chart",
        viewbox=f"0 0 {_WIDTH} {_HEIGHT}",
    )  # fmt: skip


def _grid_line(value: float, low: float, high: float, *, logarithmic: bool) -> Markup:
    y = _TOP + (high - value) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)
    shown = f"{10**value:.3g}" if logarithmic else tick_label(value)
    return join(
        [
            element("line", class_="grid", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y),
            element("text", shown, x=_LEFT - 6, y=y + 4, text_anchor="end"),
        ]
    )


def ticks(low: float, high: float, *, logarithmic: bool = False) -> list[float]:
    """Return about five round values from ``low`` to ``high``; integers if they are powers of ten."""
    spacing = 10 ** math.floor(math.log10((high - low) / 4))
    spacing *= next(factor for factor in (1, 2, 5, 10) if (high - low) / (spacing * factor) <= 5)
    if logarithmic:
        spacing = max(1, round(spacing))
    first = math.ceil(low / spacing - 1e-9)
    return [i * spacing for i in range(first, math.floor(high / spacing + 1e-9) + 1)]


def tick_label(value: float) -> str:
    """Return a round value as an axis label, with all its digits.

    >>> tick_label(0.9575), tick_label(0.30000000000000004), tick_label(12500.0), tick_label(2e-7)
    ('0.9575', '0.3', '12,500', '2e-07')
    """
    if value and not 1e-4 <= abs(value) < 1e9:
        return f"{value:.3g}"
    shown = f"{value:,.8f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def around(value: float) -> tuple[float, float]:
    """Return axis limits for a single value: a little below and above it."""
    margin = abs(value) / 20 or 1.0
    return value - margin, value + margin


def _doublings(low: float, high: float) -> list[float]:
    """Return about five values, starting at ``low``, each the same power of two times the previous one."""
    factor = 2 ** max(1, math.ceil(math.log2(high / low) / 5))
    values = [low]
    while values[-1] * factor <= high * (1 + 1e-9):
        values.append(values[-1] * factor)
    return values


def _sample(number_of_line: int, *, is_joined: bool = True) -> Markup:
    color = f"c{number_of_line % _NUM_COLORS}"
    line = (
        element("path", class_=f"line {color}", d="M0 6H24")
        if is_joined
        else element("circle", class_=f"dot {color}", cx=12, cy=6, r=3)
    )
    return element("svg", line, width=24, height=12, aria_hidden="true")
