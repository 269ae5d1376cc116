"""Words of unknown origin in little room: printable, and none of them endless."""

from __future__ import annotations

import unicodedata
from typing import Final

from tagger.text.printable import printable

_EMPTY: Final = "(empty)"


def shortened(word: str, width: int = 16) -> str:
    """Return a word that takes at most ``width`` columns, its end cut off if need be.

    >>> shortened("incomprehensible", 8), shortened("東京都庁舎", 8), shortened("")
    ('incompr…', '東京都…', '(empty)')
    """
    if not word:
        return _EMPTY
    word = printable(word[: 4 * width + 1])
    # No more than this many characters can be shown, however long the word is.
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
