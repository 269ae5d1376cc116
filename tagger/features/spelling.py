"""Spelling: features of a word's written form: its casing class, its shape, its ends."""

from __future__ import annotations

from typing import Final

CASINGS: Final = ("lower", "upper", "initial", "mixed", "digits", "with_digits", "no_letters", "single_upper")


def keep_ends(word: str, max_chars: int) -> str:
    """Return the word, or if it is longer than ``max_chars``, that many of its first and last characters joined.

    >>> keep_ends("incomprehensibility", 6)
    'incity'
    """
    if len(word) <= max_chars:
        return word
    return word[: max_chars - max_chars // 2] + word[len(word) - max_chars // 2 :]


def casing(word: str) -> int:
    """Return the index in ``CASINGS`` of a word's casing class.

    >>> [CASINGS[casing(word)] for word in ["the", "EU", "Anna", "iPhone", "1996", "B2B", "...", "I"]]
    ['lower', 'upper', 'initial', 'mixed', 'digits', 'with_digits', 'no_letters', 'single_upper']
    """
    if word.isdigit():
        return 4
    if any(char.isdigit() for char in word):
        return 5
    if not any(char.isalpha() for char in word):
        return 6
    if word.isupper():
        return 7 if len(word) == 1 else 1
    if word.islower():
        return 0
    if word[0].isupper() and not any(char.isupper() for char in word[1:]):
        return 2
    return 3 if any(char.isupper() for char in word) else 0


def word_shape(word: str) -> str:
    """Return a word's shape: letters as X and x, digits as d, runs collapsed to one character.

    >>> word_shape("McCoy-77")
    'XxXx-d'
    """
    shape: list[str] = []
    last = ""
    for char in word:
        kind = "X" if char.isupper() else "x" if char.isalpha() else "d" if char.isdigit() else char
        if kind != last:
            shape.append(kind)
            last = kind
    return "".join(shape)
