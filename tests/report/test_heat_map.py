"""Tests of tagger/report/heat_map.py: which cell has which shade, and where it is drawn."""

import re
import xml.etree.ElementTree as ET

import numpy as np
from present import present

from tagger.report import heat_map
from tagger.report.heat_map import shades
from tagger.report.style import style_sheet

SVG = re.compile(r"M(\S+) (\S+)h(\S+)v(\S+)h-\S+z")


def drawn(picture, num_rows, num_columns, width, height):
    """The class of every cell, read back from the paths."""
    tree = ET.fromstring(picture)
    cells = [[None] * num_columns for _ in range(num_rows)]
    left = top = None
    found = []
    for path in tree.iter("path"):
        if path.get("class") == "cross":
            continue
        rest = SVG.sub("", present(path.get("d")))
        assert rest == ""
        for x, y, length, tall in SVG.findall(present(path.get("d"))):
            assert float(tall) == height
            found.append((float(x), float(y), float(length), path.get("class")))
    left, top = min(x for x, *_ in found), min(y for _, y, *_ in found)
    for x, y, length, name in found:
        for c in range(round(length / width)):
            row, column = round((y - top) / height), round((x - left) / width) + c
            assert cells[row][column] is None
            cells[row][column] = name
    return cells


def test_every_cell_has_its_shade_once():
    generator = np.random.default_rng(0)
    values = generator.integers(0, 4, size=(7, 9)) / 3  # runs of equal neighbours
    picture = heat_map(values, rows=list("abcdefg"), description="x", cell_width=7, cell_height=13)
    assert drawn(picture, 7, 9, 7, 13) == shades(values, "share").tolist()
    signed = 2 * values - 1
    picture = heat_map(
        signed, rows=list("abcdefg"), description="x", columns=list("123456789"), scale="signed"
    )
    assert drawn(picture, 7, 9, 10, 17) == shades(signed, "signed").tolist()


def test_shades_round_to_the_nearest_step_and_stop_at_the_ends():
    assert shades(np.array([-1, 0, 0.06, 0.07, 0.93, 0.94, 1, 9]), "share").tolist() == [
        "s0", "s0", "s0", "s1", "s7", "s8", "s8", "s8"
    ]  # fmt: skip
    assert shades(np.array([-np.inf, -2, -1, -0.2, 0.2, 0.3, 1, 2]), "signed", 2).tolist() == [
        "n4", "n4", "n2", "z", "z", "p1", "p2", "p4"
    ]  # fmt: skip
    assert shades(np.array([np.nan]), "signed").tolist() == ["blank"]


def test_every_shade_has_its_rule_in_the_style_sheet():
    names = {*shades(np.linspace(0, 1, 99), "share"), *shades(np.linspace(-1, 1, 99), "signed")}
    assert len(names) == 9 + 9
    for name in names:
        assert f"path.{name} {{ fill: var(--{name}) }}" in style_sheet()


def test_words_are_escaped_crosses_and_marks_drawn_and_the_picture_described():
    crossed = np.array([[True, False], [False, True]])
    picture = heat_map(
        np.zeros((2, 2)), rows=["<b>", "a" * 999], columns=["&", "long enough"], description="what <it> is",
        crossed=crossed, marked=~crossed,
    )  # fmt: skip
    tree = ET.fromstring(picture)
    assert [text.text for text in tree.iter("text")] == ["<b>", "a" * 14 + "…", "&", "long enough"]
    assert present(tree.find("svg/title")).text == "what <it> is"
    assert present(tree.find("svg")).get("role") == "img"
    assert len([path for path in tree.iter("path") if path.get("class") == "cross"]) == 2
    assert len([rect for rect in tree.iter("rect") if rect.get("class") == "mark"]) == 2


def test_nothing_to_draw_is_a_picture_all_the_same():
    ET.fromstring(heat_map(np.zeros((0, 0)), rows=[], description="x"))
