"""Tests of tagger/report/rows.py: points, whiskers and bars stand where their values are."""

import math
import re
import xml.etree.ElementTree as ET

import pytest
from present import present

from tagger.report import Interval, bar, interval_chart

LEFT, RIGHT = 112, 324  # of the axis, in the picture's own pixels


def parsed(chart):
    return ET.fromstring(chart)


def points(chart):
    return [float(circle.get("cx")) for circle in parsed(chart).iter("circle")]


def whiskers(chart):
    found = []
    for path in parsed(chart).iter("path"):
        low, high = present(re.fullmatch(r"M(\S+) \S+v8m0 -4H(\S+?)m0 -4v8", present(path.get("d")))).groups()
        found.append((float(low), float(high)))
    return found


def test_points_and_whiskers_lie_in_proportion_between_the_limits():
    rows = [Interval("a", 0.5, 0.25, 1.0), Interval("b", 0.0, 0.0, 0.5)]
    chart = interval_chart(rows, description="d", x_title="x", limits=(0, 1))
    assert points(chart) == pytest.approx([(LEFT + RIGHT) / 2, LEFT])
    width = RIGHT - LEFT
    assert whiskers(chart) == [
        pytest.approx((LEFT + width / 4, RIGHT)),
        pytest.approx((LEFT, LEFT + width / 2)),
    ]
    names = [text.text for text in parsed(chart).iter("text")]
    assert {"a", "b", "x"} <= set(names)


def test_the_axis_reaches_a_little_beyond_the_figures_and_has_round_marks():
    chart = interval_chart([Interval("a", 0.8, 0.7, 0.9)], description="d", x_title="x", is_share=True)
    assert LEFT < whiskers(chart)[0][0] < points(chart)[0] < whiskers(chart)[0][1] < RIGHT
    marks = [text.text for text in parsed(chart).iter("text") if text.get("text-anchor") == "middle"][:-1]
    assert marks == ["70", "75", "80", "85", "90"]


def test_what_is_not_known_is_not_drawn():
    chart = interval_chart([Interval("a", math.nan), Interval("b", 0.5)], description="d", x_title="x")
    assert (len(points(chart)), whiskers(chart)) == (1, [])
    parsed(interval_chart([], description="d", x_title="x"))
    parsed(interval_chart([Interval("a", math.nan, 0, math.inf)], description="d", x_title="x"))


def test_differences_have_a_line_at_nothing():
    chart = interval_chart([Interval("a", 0.01, -0.02, 0.04)], description="d", x_title="x")
    (nothing,) = [line for line in parsed(chart).iter("line") if line.get("class") == "diagonal"]
    assert whiskers(chart)[0][0] < float(nothing.get("x1")) < points(chart)[0]
    assert "diagonal" not in interval_chart(
        [Interval("a", 0.5, 0, 1)], description="d", x_title="x", limits=(0, 1)
    )


def test_names_are_shortened_and_escaped():
    chart = interval_chart([Interval("<b>" * 20, 0.5)], description="<i>", x_title="&")
    assert "<b>" * 5 not in chart
    assert parsed(chart).find("text[@text-anchor='end']").text == "<b><b><b><b><b…"[:14] + "…"
    assert parsed(chart).find("title").text == "<i>"


@pytest.mark.parametrize(
    ("value", "length"), [(0.0, 0), (0.5, 45), (1.0, 90), (1.5, 90), (-1, 0), (math.nan, 0)]
)
def test_bars_are_as_long_as_their_share(value, length):
    frame, filled = parsed(bar(value)).iter("rect")
    assert (float(frame.get("width")), float(filled.get("width"))) == (90, length)
