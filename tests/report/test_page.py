"""Tests of tagger/report/page.py, tables.py and style.py: one file that needs nothing else, legible in both modes."""

import re
import xml.etree.ElementTree as ET

import pytest

from tagger.report import Cell, Section, element, html_page, table
from tagger.report.page import Figure
from tagger.report.style import style_sheet


def test_a_page_holds_its_parts_in_order_and_links_to_its_sections():
    figure = Figure("A <figure>", [element("b", "x")], ["how & why"])
    page = html_page("<T>", [element("p", "intro")], [Section("one", "First", [figure], ["left out"])])
    assert page.startswith('<!doctype html>\n<html lang="en"><head><meta charset="utf-8"/>')
    order = [
        "<title>&lt;T&gt;</title>", "<h1>&lt;T&gt;</h1>", "<p>intro</p>", '<a href="#one">First</a>',
        '<section id="one"><h2>First</h2>', '<p class="note">left out</p>', "<h3>A &lt;figure&gt;</h3><b>x</b>",
        '<div class="words"><p>how &amp; why</p></div>',
    ]  # fmt: skip
    places = [page.index(part) for part in order]
    assert places == sorted(places)


def test_nothing_is_run_or_fetched():
    page = html_page("T", [], [Section("a", "A", [Figure("", [])])])
    assert "default-src 'none'; style-src 'unsafe-inline'" in page.replace("&#x27;", "'")
    assert "<script" not in page
    assert not re.search(r"https?:|@import|url\(|\bsrc=|\bhref=\"[^#]", page)
    assert "<h3>" not in page
    ET.fromstring(page.removeprefix("<!doctype html>\n"))


def test_tables():
    made = table(["a", "<b>"], [[Cell("x", is_head=True), "1 < 2"], [Cell("y", "s1", is_head=True), Cell("3", "z")]],
                 caption="what")  # fmt: skip
    assert '<th scope="col">&lt;b&gt;</th>' in made
    assert '<tr><th scope="row">x</th><td>1 &lt; 2</td></tr>' in made
    assert '<tr><th scope="row" class="s1">y</th><td class="z">3</td></tr>' in made
    assert '<caption class="hidden">what</caption>' in made


def test_a_table_may_have_no_head():
    made = table([], [[Cell("x", is_head=True), "1"]], caption="what")
    assert "<thead>" not in made
    assert "<tbody><tr><th" in made


def test_a_page_may_have_style_rules_of_its_own():
    page = html_page("T", [], [], rules=".own { color: red }")
    assert page.index(".note {") < page.index(".own { color: red }</style>")


def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_all_text_can_be_read_and_all_lines_seen(mode):
    """Contrast by WCAG 2.2: 4.5 for text, 3 for the parts of pictures."""
    sheet = style_sheet()
    colors = [
        dict(re.findall(r"--(\w+): (#\w+);", line)) for line in sheet.splitlines() if "--ink: #" in line
    ][mode]
    assert len(colors) > 20
    for text in ("ink", "faint", "link"):
        assert contrast(colors[text], colors["page"]) >= 4.5
    for ground in ("soft", "warn", "s1"):
        assert contrast(colors["ink"], colors[ground]) >= 4.5
    assert contrast(colors["faint"], colors["s1"]) >= 4.5
    cells = re.findall(r"td\.(\w+), \S+ \{ background: var\(--(\w+)\); color: var\(--(\w+)\) \}", sheet)
    assert len(cells) == 18
    for name, ground, ink in cells:
        assert name == ground
        assert contrast(colors[ground], colors[ink]) >= 4.5, name
    for line in (name for name in colors if re.fullmatch(r"c\d", name)):
        assert contrast(colors[line], colors["page"]) >= 3
    light = [luminance(colors[f"s{level}"]) for level in range(9)]
    assert light == sorted(light, reverse=mode == 0)
