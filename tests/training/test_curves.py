"""The page of learning curves: which pictures it has, and that they show the numbers given."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from present import present

from tagger.training.curves import curves_page

HISTORY = [
    {
        "epoch": number,
        "train_loss": loss,
        "learning_rate": 0.002 / number,
        "gradient_norm": 4.0,
        "gradient_norm_max": 40.0 * number,
        "clipped_steps": share,
        "nonfinite_steps": 0.0,
        "dev_score": score,
    }
    for number, loss, share, score in ((1, 8.0, 1.0, 0.25), (2, 4.0, 0.5, 0.75), (3, 2.0, 0.0, 0.5))
]


def without(*names):
    return [{key: value for key, value in epoch.items() if key not in names} for epoch in HISTORY]


def pictures(page):
    """Title of each figure -> its chart."""
    root = ElementTree.fromstring(page.removeprefix("<!doctype html>\n"))
    figures = [div for div in root.iter("div") if div.get("class") == "figure"]
    return {present(div.find(".//h3")).text: div.find(".//svg[@role='img']") for div in figures}


def heights(chart):
    """Of each line, how far its points are above the lowest point drawn, in parts of the whole range."""
    lines = [path.get("d") for path in chart.iter("path")]
    found = [[float(y) for y in re.findall(r"[ML]\S+ (\S+)", d)] for d in lines]
    low, high = max(map(max, found)), min(map(min, found))
    return [[(low - y) / ((low - high) or 1) for y in line] for line in found]


def test_every_number_of_a_run_has_its_picture_with_one_place_for_each_epoch():
    page = curves_page(HISTORY, metric="f1", clip_norm=5.0)
    charts = pictures(page)
    assert list(charts) == ["Training loss", "Dev score", "Learning rate", "Gradient norm", "Clipped steps"]
    for chart in charts.values():
        assert [text.text for text in chart.iter("text") if text.text in ("1", "2", "3", "epoch")][
            -1
        ] == "epoch"
        assert all(len(line) == 3 for line in heights(chart))
    assert heights(charts["Training loss"]) == [[1, pytest.approx(1 / 3, abs=1e-3), 0]]
    assert heights(charts["Dev score"]) == [[0, 1, pytest.approx(0.5, abs=1e-3)]]
    ticks = [text.text for text in charts["Dev score"].iter("text")]  # in percent
    assert {"30", "40", "50", "60", "70"} <= set(ticks)
    ticks = [text.text for text in charts["Learning rate"].iter("text")]  # in thousandths, or they do not fit
    assert {"1", "1.5", "2"} <= set(ticks)
    assert heights(charts["Clipped steps"]) == [[1, pytest.approx(0.5, abs=1e-3), 0]]
    assert "3 epochs. Best dev f1: 75.00 %, after epoch 2." in page


def test_a_dot_marks_the_best_epoch_the_first_of_several():
    tied = [*HISTORY, {**HISTORY[1], "epoch": 4}]
    for chart in pictures(curves_page(tied, metric="f1", clip_norm=0.0)).values():
        lines = [re.findall(r"[ML](\S+) (\S+)", path.get("d")) for path in chart.iter("path")]
        assert [(dot.get("cx"), dot.get("cy")) for dot in chart.iter("circle")] == [line[1] for line in lines]
    assert "after epoch 2." in curves_page(tied, metric="f1", clip_norm=0.0)


def test_no_epoch_is_the_best_without_dev_scores():
    page = curves_page(without("dev_score"), metric="f1", clip_norm=5.0)
    assert not [chart for chart in pictures(page).values() if chart.find("circle") is not None]
    assert "The dot is" not in page


def test_axes_come_from_the_data():
    history = [
        {**epoch, "clipped_steps": share} for epoch, share in zip(HISTORY, (0.02, 0.01, 0.03), strict=True)
    ]
    chart = pictures(curves_page(history, metric="f1", clip_norm=5.0))["Clipped steps"]
    ticks = [text.text for text in chart.iter("text")]
    assert {"0.01", "0.02", "0.03"} <= set(ticks)
    assert "1" not in ticks[:5]
    assert heights(chart) == [[pytest.approx(0.5, abs=1e-3), 0, 1]]


def test_the_norms_are_drawn_with_the_line_they_are_clipped_at():
    page = curves_page(HISTORY, metric="f1", clip_norm=5.0)
    mean, maximum, clip = heights(pictures(page)["Gradient norm"])
    assert mean == [0, 0, 0]
    assert maximum[0] < maximum[1] < maximum[2] == 1
    assert 0 < clip[0] == clip[1] == clip[2] < maximum[0]
    assert "clipped at 5<" in page


def test_a_run_without_dev_split_and_clipping_has_pictures_of_the_rest():
    page = curves_page(without("dev_score", "clipped_steps"), metric="f1", clip_norm=0.0)
    charts = pictures(page)
    assert list(charts) == ["Training loss", "Learning rate", "Gradient norm"]
    assert len(heights(charts["Gradient norm"])) == 2
    assert "clipped" not in page
    assert "<p>3 epochs.</p>" in page


def test_steps_without_a_finite_gradient_are_drawn_where_there_are_any():
    history = [{**HISTORY[0], "nonfinite_steps": 0.25}, *without("gradient_norm", "gradient_norm_max")[1:]]
    charts = pictures(curves_page(history, metric="accuracy", clip_norm=5.0))
    assert list(charts)[-1] == "Steps without a finite gradient"
    assert heights(charts["Gradient norm"])[0] == [pytest.approx(0, abs=0.2)]  # the others are a gap


def test_one_epoch_is_drawn_too():
    page = curves_page(HISTORY[:1], metric="f1", clip_norm=5.0)
    assert "<p>1 epoch. Best dev f1: 25.00 %, after epoch 1.</p>" in page
    assert all(chart.find("circle") is not None for chart in pictures(page).values())


def test_the_page_needs_nothing_else_and_runs_nothing():
    page = curves_page(HISTORY, metric="f1", clip_norm=5.0)
    assert not re.search(r"<script|<link|src=|https?:", page)
