"""Entity text: nothing of a text is lost or obeyed, and every shade of every colour can be read."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tagger.report import MarkedEntity, entity_rules, entity_text

TYPES = [f"T{number}" for number in range(60)]


class _Reader(HTMLParser):
    """The text of markup, escapes undone, and its marks as (start, end, attributes)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.marks: list[tuple[int, int, dict[str, str | None]]] = []
        self._open: list[tuple[str, int, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self._open.append((tag, len(self.text), dict(attrs)))

    def handle_endtag(self, tag):
        name, start, attributes = self._open.pop()
        assert name == tag
        if tag == "mark":
            self.marks.append((start, len(self.text), attributes))

    def handle_data(self, data):
        is_escape = bool(self._open) and self._open[-1][0] == "i"
        self.text += data.encode("ascii").decode("unicode_escape") if is_escape else data


def _read(markup: str) -> _Reader:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader


def test_keeps_the_text_and_marks_its_entities():
    text = "  Anna <b>Smith</b>\tlives\n\nin & around\r\nNew  York."
    start = text.index("New")
    markup = entity_text(
        text, [MarkedEntity(2, 6, "PER", 0.25), MarkedEntity(start, start + 9, "LOC")], types=["LOC", "PER"]
    )
    read = _read(markup)
    assert read.text == text
    assert read.marks == [
        (2, 6, {"class": "en e1 p0", "data-label": "PER", "title": "PER 0.2500"}),
        (start, start + 9, {"class": "en e0", "data-label": "LOC", "title": "LOC"}),
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31m", r"a<i>\x1b</i>[31m"),
        ("a\u202eb", r"a<i>\u202e</i>b"),
        ("\ufeff", r"<i>\ufeff</i>"),
        ("a\rb", r"a<i>\r</i>b"),
        ("a\u2028b", r"a<i>\u2028</i>b"),
        ("\ud800", r"<i>\ud800</i>"),
        ("می‌خواهم", "می‌خواهم"),  # a joiner within a word stays
        ("<script>", "&lt;script&gt;"),
        ("a\r\nb", "a&#13;\nb"),
    ],
)
def test_what_would_be_obeyed_or_unseen_is_shown_as_an_escape(text, shown):
    assert entity_text(text, [], types=[]) == shown


def test_an_escape_within_an_entity_stays_in_it():
    read = _read(entity_text("x\u202ey", [MarkedEntity(0, 2, "A")], types=["A"]))
    assert (read.text, read.marks[0][:2]) == ("x\u202ey", (0, 2))


def test_a_hostile_label_stays_in_its_attributes():
    read = _read(entity_text("Bo", [MarkedEntity(0, 2, '"><script>\x1b' + "x" * 99, 0.5)], types=[]))
    (mark,) = read.marks
    assert mark[2] == {
        "class": "en p1",
        "data-label": r'"><script>\x1b' + "x" * 9 + "…",
        "title": r'"><script>\x1b' + "x" * 99 + " 0.5000",
    }


@pytest.mark.parametrize(
    ("probability", "shade"), [(0, 0), (0.49, 0), (0.5, 1), (0.7, 2), (0.9, 3), (0.98, 4), (1, 4)]
)
def test_a_probability_chooses_the_shade(probability, shade):
    assert f'class="en e0 p{shade}"' in entity_text("x", [MarkedEntity(0, 1, "A", probability)], types=["A"])


@pytest.mark.parametrize("ranges", [[(0, 2), (1, 3)], [(2, 3), (0, 1)], [(1, 1)], [(0, 9)]])
def test_refuses_entities_that_are_not_side_by_side(ranges):
    with pytest.raises(ValueError, match="expected entities in order and within the text"):
        entity_text("abc", [MarkedEntity(start, end, "A") for start, end in ranges], types=["A"])


def _luminance(color: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    low, high = sorted([_luminance(one), _luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_the_formula_is_that_of_wcag():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=1e-3)


@pytest.mark.parametrize(("theme", "page"), [("light", "#ffffff"), ("dark", "#15191e")])
def test_text_on_every_shade_of_every_type_has_contrast_aa(theme, page):
    light, _, dark = entity_rules(TYPES).partition("@media (prefers-color-scheme: dark)")
    rules = re.findall(r"mark\.en(?:\.e\d+)? (\{ --e0.*\})", light if theme == "light" else dark)
    assert len(rules) == 1 + len(TYPES)
    for rule in rules:
        colors = dict(re.findall(r"--(e\w): (#[0-9a-f]{6})", rule))
        shades = [colors[f"e{shade}"] for shade in range(5)]
        assert min(contrast(colors["ei"], shade) for shade in shades) >= 4.5  # text, also small
        assert contrast(colors["el"], page) >= 3  # what tells that there is an entity
        steps = [_luminance(shade) for shade in shades]
        assert steps == sorted(steps, reverse=theme == "light")
        assert len(set(steps)) == 5


def test_types_that_follow_one_another_have_hues_far_apart():
    rules = re.findall(r"mark\.en\.e\d+ \{ .*?--e4: (#\w{6})", entity_rules(TYPES[:8]))[:8]
    colors = [[int(color[place : place + 2], 16) for place in (1, 3, 5)] for color in rules]
    distances = [
        sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
        for number, one in enumerate(colors)
        for other in colors[:number]
    ]
    assert min(distances) > 25


def test_every_class_of_a_mark_has_a_rule():
    rules = entity_rules(["A", "B"])
    markup = entity_text(
        "abcde",
        [MarkedEntity(place, place + 1, "B", value) for place, value in enumerate([0, 0.6, 0.8, 0.95, 1])],
        types=["A", "B"],
    )
    for name in set(re.findall(r"\b[ep]\d", markup)):
        assert f"mark.en.{name} {{" in rules
