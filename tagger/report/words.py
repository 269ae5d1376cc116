"""Untrusted words in limited space: printable and shortened."""

from __future__ import annotations

import unicodedata
from typing import Final

from tagger.text.printable import printable

_EMPTY: Final = "(empty)"


def shortened(word: str, width: int = 16) -> str:
    """Return a word cut to at most ``width`` columns.

    >>> shortened("incomprehensible", 8), shortened("東京都庁舎", 8), shortened("")
    ('incompr…', '東京都…', '(empty)')
    """
    if not word:
        return _EMPTY
    word = printable(word[: 4 * width + 1])
    # At most this many characters are examined, however long the word is.
    columns = [_columns(char) for char in word[: 4 * width]]
    if len(word) <= 4 * width and sum(columns) <= width:
        return word
    kept = used = 0
    for kept, taken in enumerate(columns):  # noqa: B007
        if used + taken > width - 1:
            break
        used += taken
    return word[:kept] + "…"


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
