"""Tests of tagger/text/printable.py: what people are shown, and what stays as it is."""

import unicodedata

import pytest

from tagger.text.printable import excerpt, printable, printable_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\r\n", r"a\tb\r\n"),
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
        ("\x9b31mred\x7f\x85", r"\x9b31mred\x7f\x85"),
        ("user\u202egnp.exe\u2066\u2069", r"user\u202egnp.exe\u2066\u2069"),
        ("one\u2028two\u2029", r"one\u2028two\u2029"),
        ("\udcff and \ud800", r"\udcff and \ud800"),
        ("B-\u200bPER B\u200d-\u2060LOC\ufeff", r"B-\u200bPER B\u200d-\u2060LOC\ufeff"),
        ("soft\u00adhyphen \u3164 \uffa0", r"soft\u00adhyphen \u3164 \uffa0".replace(r"\u00ad", r"\xad")),
        ("abc\U000e0041\U000e007f", r"abc\U000e0041\U000e007f"),
        ("\u200fabc", r"\u200fabc"),
        ("\ufffe\ufdd0", r"\ufffe\ufdd0"),
    ],
)
def test_what_a_terminal_obeys_or_the_eye_cannot_see_becomes_an_escape(text, shown):
    assert printable(text) == shown
    assert printable(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "EU rejects German call to boycott British lamb .",
        "Zoë Ångström e\u0301 ñ \u00a0",
        "می\u200cخواهم",  # Persian, with a zero-width non-joiner
        "क्\u200dष ന്\u200d",  # Indic half forms; the second one ends a word
        "עברית\u200f",
        "日本語\u3000東京",
        "ភាសា\u200bខ្មែរ",  # Khmer words divided by a zero-width space
        "👩\u200d👩\u200d👧 ☺\ufe0f 🏳\ufe0f\u200d🌈 👍🏽",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "\\x1b C:\\new",
        "\ue000",
    ],
)
def test_text_of_any_script_stays(text):
    assert printable(text) == text


def test_no_control_format_or_surrogate_character_comes_through_alone():
    for code in range(0x110000):
        char = chr(code)
        if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp"):
            assert printable(char).startswith("\\"), hex(code)
    assert printable("".join(map(chr, range(0x20, 0x7F)))) == "".join(map(chr, range(0x20, 0x7F)))


def test_lines_stay_lines_where_they_may():
    assert printable_lines("a\n\x1bb\r\n") == "a\n\\x1bb\\r\n"


def test_a_long_text_is_shown_by_its_ends_and_says_how_much_is_left_out():
    assert excerpt("a" * 10, 10) == "a" * 10
    assert excerpt("a" * 7 + "b" * 10**7 + "c" * 3, 10) == "aaaaaaa [... 10,000,000 characters ...] ccc"
    assert len(excerpt("a" * 10_000_000)) < 2040
