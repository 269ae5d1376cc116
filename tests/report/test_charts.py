"""Tests of tagger/report/charts.py: lines and bars stand where their values are."""

import itertools
import math
import re
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
from present import present

from tagger.report import Band, Curve, Series, curve_chart, histogram, line_chart

TEXTS: dict[str, Any] = {"description": "d", "x_title": "x", "y_title": "y"}


def parsed(chart):
    return ET.fromstring(f"<div>{chart}</div>")


def heights(chart):
    """Vertical places of each line's points."""
    return [
        [float(y) for _, y in re.findall(r"[ML](\S+) (\S+)", present(path.get("d")))]
        for path in parsed(chart).iter("path")
        if path.get("class", "").startswith("line") and "H" not in present(path.get("d"))
    ]


def test_points_lie_between_the_limits_in_proportion():
    chart = line_chart(
        [Series("a", [0, 0.5, 1]), Series("b", [1, 1, 0.25])], places="xyz", limits=(0, 1), **TEXTS
    )
    (low, middle, high), (_, _, quarter) = heights(chart)
    assert low > quarter > middle > high
    assert middle == pytest.approx((low + high) / 2, abs=0.02)
    assert quarter == pytest.approx(low + (high - low) / 4, abs=0.02)


def test_a_logarithmic_axis_has_equal_steps_for_equal_factors():
    chart = line_chart([Series("a", [1, 0.1, 0.01])], places="xyz", logarithmic=True, **TEXTS)
    ((first, second, third),) = heights(chart)
    assert second - first == pytest.approx(third - second, abs=0.02)
    texts = [text.text for text in parsed(chart).iter("text")]
    assert {"1", "0.1", "0.01"} <= set(texts)


def test_what_has_no_place_leaves_a_gap():
    values = [1.0, math.nan, 2.0, math.inf, 3.0, 4.0]
    chart = line_chart([Series("a", values)], places="abcdef", **TEXTS)
    (path,) = [present(path.get("d")) for path in parsed(chart).iter("path")]
    assert path.count("M") == 3
    assert path.count("L") == 1
    zero = line_chart([Series("a", [1.0, 0.0, 1.0])], places="abc", logarithmic=True, **TEXTS)
    assert [present(path.get("d")).count("M") for path in parsed(zero).iter("path")] == [2]
    assert [*parsed(line_chart([Series("a", [7.0])], places="a", **TEXTS)).iter("circle")]


@pytest.mark.parametrize("values", [[], [0.0], [5.0, 5.0], [-1e-9, 1e9], [1e-300, 1.0]])
@pytest.mark.parametrize("logarithmic", [True, False])
def test_odd_values_are_drawn_without_complaint_and_within_the_picture(values, logarithmic):
    chart = line_chart([Series("a", values)], places=["p"] * len(values), logarithmic=logarithmic, **TEXTS)
    for line in heights(chart):
        assert all(10 <= y <= 172 for y in line)
    assert len([*parsed(chart).iter("line")]) <= 12


def test_several_lines_have_a_legend_and_one_has_none():
    assert "legend" not in line_chart([Series("a", [1, 2])], places="ab", **TEXTS)
    two = parsed(line_chart([Series("a", [1, 2]), Series("<b>", [1, 2])], places="ab", **TEXTS))
    assert [key.findtext("svg") is not None and key[0].tail for key in two.iter("span")] == ["a", "<b>"]


def test_bars_are_as_high_as_their_counts():
    chart = histogram([4, 0, 2], bins=["<1", "1–2", "2+"], **TEXTS)
    bars = [float(bar.get("height")) for bar in parsed(chart).iter("rect")]
    assert bars[0] == pytest.approx(2 * bars[2], abs=0.02)
    assert bars[1] == 0
    texts = [text.text for text in parsed(chart).iter("text")]
    assert texts == ["4", "<1", "0", "1–2", "2", "2+", "x"]
    parsed(histogram([0, 0], bins=["a", "b"], **TEXTS))


def test_a_curve_has_its_points_where_both_numbers_say():
    chart = curve_chart([Curve("a", [0, 0.5, 1], [0, 1, 0.5])], **TEXTS)
    (path,) = [present(path.get("d")) for path in parsed(chart).iter("path")]
    (x0, y0), (x1, y1), (x2, y2) = [(float(x), float(y)) for x, y in re.findall(r"[ML](\S+) (\S+)", path)]
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.02)
    assert y0 - y2 == pytest.approx(y2 - y1, abs=0.02)
    assert y0 > y1
    assert not [*parsed(chart).iter("circle")]


def test_points_of_a_curve_that_have_no_place_leave_a_gap():
    xs = [0.0, 0.1, math.nan, 0.3, 0.4, 2.0, 0.5]
    chart = curve_chart([Curve("a", xs, [0.5] * 7)], **TEXTS)
    (path,) = [present(path.get("d")) for path in parsed(chart).iter("path")]
    assert (path.count("M"), path.count("L")) == (3, 2)
    assert (
        len([*parsed(curve_chart([Curve("a", xs, [0.5] * 7)], has_dots=True, **TEXTS)).iter("circle")]) == 5
    )
    assert len([*parsed(curve_chart([Curve("a", [0.5], [0.5])], **TEXTS)).iter("circle")]) == 1
    parsed(curve_chart([], **TEXTS))


def test_the_diagonal_joins_the_corners_where_both_axes_are_alike():
    chart = curve_chart([], has_diagonal=True, **TEXTS)
    (line,) = [line for line in parsed(chart).iter("line") if line.get("class") == "diagonal"]
    frame = [line for line in parsed(chart).iter("line") if line.get("class") == "grid"]
    assert {line.get("x1"), line.get("x2")} == {frame[0].get("x1"), frame[0].get("x2")}
    assert {line.get("y1"), line.get("y2")} == {frame[0].get("y1"), frame[-1].get("y1")}
    assert "diagonal" not in curve_chart([], has_diagonal=True, y_limits=(2, 3), **TEXTS)


def test_a_dot_marks_the_place_that_is_asked_for():
    series = [Series("a", [1, 3, 2], marked=1), Series("b", [1, 2, 3], marked=2), Series("c", [1, 1, 1])]
    chart = line_chart([*series, Series("d", [1, math.nan, 1], marked=1)], places="xyz", **TEXTS)
    dots = [(dot.get("cx"), dot.get("cy")) for dot in parsed(chart).iter("circle")]
    lines = [
        re.findall(r"[ML](\S+) (\S+)", present(path.get("d")))
        for path in parsed(chart).iter("path")
        if path.get("class").startswith("line") and "H" not in present(path.get("d"))
    ]
    assert dots == [lines[0][1], lines[1][2]]


def texts(chart):
    return [text.text for text in parsed(chart).iter("text")]


def test_axes_come_from_the_values_and_are_labelled_with_all_digits():
    shown = texts(line_chart([Series("a", [0.9575, 0.9577, 0.9583])], places="xyz", **TEXTS))
    labels = [text for text in shown if text.startswith("0.9")]
    assert labels == ["0.9576", "0.9578", "0.958", "0.9582"]


def test_values_that_are_all_the_same_lie_in_the_middle_of_a_narrow_axis():
    chart = line_chart([Series("a", [0.96, 0.96])], places="xy", **TEXTS)
    ((first, second),) = heights(chart)
    assert first == second == pytest.approx((12 + 170) / 2, abs=0.02)
    assert all(0.9 < float(label) < 1.02 for label in texts(chart) if label.startswith(("0", "1")))


def test_on_a_logarithmic_horizontal_axis_doublings_are_equally_far_apart():
    xs = [100.0, 200.0, 400.0, 800.0]
    chart = curve_chart(
        [Curve("a", xs, [0.1, 0.2, 0.3, 0.4])], x_limits=(100, 800), logarithmic_x=True, **TEXTS
    )
    (path,) = [present(path.get("d")) for path in parsed(chart).iter("path")]
    places = [float(x) for x, _ in re.findall(r"[ML](\S+) (\S+)", path)]
    steps = [b - a for a, b in itertools.pairwise(places)]
    assert steps == pytest.approx([steps[0]] * 3, abs=0.02)
    assert {"100", "200", "400", "800"} <= set(texts(chart))


def test_a_long_number_at_the_end_of_the_axis_is_not_cut_off():
    root = parsed(curve_chart([], x_limits=(784, 12544), logarithmic_x=True, **TEXTS))
    anchors = {text.text: (text.get("text-anchor"), text.get("x")) for text in root.iter("text")}
    assert anchors["12,544"] == ("end", "339")
    assert anchors["784"][0] == "middle"


def test_curves_that_are_not_joined_are_dots_in_the_picture_and_in_the_legend():
    curves = [Curve("line", [0, 1], [0, 1]), Curve("dots", [0, 0.5, 1], [1, 0.5, 0], is_joined=False)]
    root = parsed(curve_chart(curves, **TEXTS))
    assert len([*root.iter("path")]) == 2  # the line, and its sample
    assert [dot.get("class") for dot in root.iter("circle")] == ["dot c1"] * 4


def test_a_band_goes_along_its_upper_ends_and_back_along_its_lower_ones_within_the_picture():
    band = Band([0.0, 1.0], lows=[-5.0, 0.25], highs=[0.5, 0.75])
    root = parsed(curve_chart([Curve("a", [0, 1], [0.2, 0.5])], bands=[band], **TEXTS))
    (path,) = [path for path in root.iter("path") if path.get("class") == "band c0"]
    corners = np.array(re.findall(r"[ML](\S+) (\S+)", present(path.get("d"))), float)
    left, right, bottom, top = 46, 328, 170, 12
    expected = [
        (left, (top + bottom) / 2),
        (right, bottom - 0.75 * (bottom - top)),
        (right, bottom - 0.25 * (bottom - top)),
        (left, bottom),
    ]
    assert np.abs(corners - expected).max() < 0.02
