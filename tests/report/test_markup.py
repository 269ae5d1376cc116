"""Tests of tagger/report/markup.py and words.py: escaping, and texts of unknown origin."""

import html.parser
import string

import pytest

from tagger.report.markup import Markup, element, escaped, join, number
from tagger.report.words import shortened
from tagger.text.printable import printable

HOSTILE = "</td><script>alert('x' + \"y\")</script> & &amp; \x00 \ud800 \u202e\u2028"


class Reader(html.parser.HTMLParser):
    """Collects the elements, attributes and text of a document."""

    def __init__(self, document):
        super().__init__()
        self.elements, self.attributes, self.text = [], [], ""
        self.feed(document)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


def test_text_and_attributes_come_back_as_they_were_and_never_as_markup():
    read = Reader(element("td", HOSTILE, element("b", HOSTILE), title=HOSTILE))
    assert read.elements == ["td", "b"]
    assert read.attributes == [("title", printable(HOSTILE))]
    assert read.text == printable(HOSTILE) * 2
    element("td", HOSTILE).encode("utf-8")


def test_every_printable_character_survives():
    for char in string.printable + "é東🎉\u00a0":
        assert Reader(element("p", "a" + char + "b")).text == "a" + printable(char) + "b"


def test_markup_is_put_in_as_it_is_and_only_made_by_element_and_join():
    assert join(["<", element("b", "x"), Markup("<i>")]) == "&lt;<b>x</b><i>"
    assert isinstance(join(["a"]), Markup)
    assert escaped(escaped("<")) == "&lt;"
    assert not isinstance(element("b", "x") + "<", Markup)


def test_attributes():
    assert element("a", "b", class_="c", stroke_width=1.5, viewbox="0 0 1 1", title=None, name="n") == (
        '<a class="c" stroke-width="1.5" viewBox="0 0 1 1" name="n">b</a>'
    )
    assert element("path", d="M0 0") == '<path d="M0 0"/>'
    with pytest.raises(ValueError, match=r"^element 'path' has no content, found 'x'$"):
        element("path", "x")
    with pytest.raises(
        ValueError, match=r"^attribute: expected letters, digits and underscores, found 'a b'$"
    ):
        element("a", **{"a b": "c"})


def test_numbers_are_short():
    assert [number(value) for value in (0, 10, 100, 1 / 3, -2.5, 0.004, -0.004, 1e6)] == [
        "0", "10", "100", "0.33", "-2.5", "0", "0", "1000000"
    ]  # fmt: skip


def test_what_cannot_be_shown_gets_a_sign():
    assert (
        Reader(element("b", "a\tb\n\x7f\x85\u2029\udfff\uffff")).text == r"a\tb\n\x7f\x85\u2029\udfff\uffff"
    )
    assert Reader(element("b", "é 東 🎉 עברית")).text == "é 東 🎉 עברית"
    assert shortened("\x1b" * 1_000_000, 9) == r"\x1b\x1b…"


def test_long_words_are_cut_by_their_width():
    assert shortened("a" * 16) == "a" * 16
    assert shortened("a" * 17) == "a" * 15 + "…"
    assert shortened("a" * 1_000_000, 5) == "aaaa…"
    assert shortened("東" * 8, 16) == "東" * 8
    assert shortened("東" * 9, 16) == "東" * 7 + "…"
    assert shortened("e\u0301" * 16) == "e\u0301" * 16
    assert len(shortened("\u0301" * 1_000_000)) <= 65
    assert shortened("") == "(empty)"
