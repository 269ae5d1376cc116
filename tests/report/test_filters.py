"""Tests of tagger/report/filters.py: buttons with labels, and a style rule for each of them."""

import re
import xml.etree.ElementTree as ET

from present import present

from tagger.report import Choice, filter_buttons, filter_rules
from tagger.report.style import style_sheet

COLORS = Choice("color", "Colour", [("red", "3"), ("<b>", "")])


def test_every_button_has_a_label_and_the_first_one_lets_all_pass():
    tree = ET.fromstring(filter_buttons([COLORS]))
    buttons = [*tree.iter("input")]
    assert [(button.get("type"), button.get("name"), button.get("id")) for button in buttons] == [
        ("radio", "color", "color-all"),
        ("radio", "color", "color0"),
        ("radio", "color", "color1"),
    ]
    assert [button.get("checked") for button in buttons] == ["checked", None, None]
    labels = {label.get("for"): "".join(label.itertext()) for label in tree.iter("label")}
    assert labels == {"color-all": "all", "color0": "red 3", "color1": "<b>"}
    assert present(tree.find("fieldset/legend")).text == "Colour"


def test_a_rule_hides_what_an_option_does_not_fit():
    assert filter_rules([COLORS]).splitlines() == [
        ".filtered:has(#color0:checked) .item:not(.color0) { display: none }",
        ".filtered:has(#color1:checked) .item:not(.color1) { display: none }",
    ]


def test_rules_name_buttons_that_are_there():
    choices = [COLORS, Choice("size", "Size", [("s", ""), ("m", ""), ("l", "")])]
    ids = set(re.findall(r' id="([^"]+)"', filter_buttons(choices)))
    assert set(re.findall(r"#(\w+):", filter_rules(choices))) == {
        name for name in ids if not name.endswith("-all")
    }


def test_where_there_is_nothing_to_choose_there_are_no_buttons():
    lone = Choice("lone", "One", [("only", "")])
    assert filter_buttons([lone]) == '<div class="filters"></div>'
    assert filter_rules([lone]) == ""


def test_a_browser_that_cannot_filter_shows_no_buttons():
    sheet = style_sheet()
    assert sheet.index(".filters { display: none }") < sheet.index(
        "@supports selector(:has(*)) {\n  .filters { display: block }"
    )
