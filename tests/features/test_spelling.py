"""Spelling: casing classes, shapes and ends of words."""

from __future__ import annotations

import pytest

from tagger.features.spelling import CASINGS, casing, keep_ends, word_shape


@pytest.mark.parametrize(
    ("word", "max_chars", "expected"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcefg"),
        ("abcdefgh", 5, "abcgh"),
        ("abcdefgh", 2, "ah"),
        ("abcdefgh", 3, "abh"),
        ("", 2, ""),
    ],
)
def test_ends_of_long_words_are_kept(word, max_chars, expected):
    assert keep_ends(word, max_chars) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("the", "lower"),
        ("don't", "lower"),
        ("日本", "lower"),  # letters without case
        ("EU", "upper"),
        ("A.", "upper"),
        ("AT&T", "upper"),
        ("Anna", "initial"),
        ("O'neil", "initial"),
        ("iPhone", "mixed"),
        ("McCoy", "mixed"),
        ("O'Neil", "mixed"),
        ("'Tis", "mixed"),
        ("1996", "digits"),
        ("٣", "digits"),
        ("B2B", "with_digits"),
        ("3.14", "with_digits"),
        ("...", "no_letters"),
        ("😀", "no_letters"),
        ("", "no_letters"),
        ("I", "single_upper"),
    ],
)
def test_casing_classes(word, expected):
    assert CASINGS[casing(word)] == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("McCoy-77", "XxXx-d"),
        ("EU", "X"),
        ("1996", "d"),
        ("e-mail...", "x-x."),
        ("Ärzte", "Xx"),
        ("", ""),
        ("a1B2", "xdXd"),
    ],
)
def test_word_shapes(word, expected):
    assert word_shape(word) == expected
