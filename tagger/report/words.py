"""Words of unknown origin, made fit to be shown: no control characters, no lone surrogates, no endless ones."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_EMPTY: Final = "(empty)"
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def visible(text: str) -> str:
    """Return a text with a sign in place of each character that cannot be shown, or that breaks lines.

    >>> visible("a" + chr(9) + "b" + chr(0) + chr(0x2028))
    'a␉b␀␤'
    """
    return _CONTROL.sub(_picture, text)


def shortened(word: str, width: int = 16) -> str:
    """Return a word that takes at most ``width`` columns, its end cut off if need be.

    >>> shortened("incomprehensible", 8), shortened("東京都庁舎", 8), shortened("")
    ('incompr…', '東京都…', '(empty)')
    """
    if not word:
        return _EMPTY
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


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return "␤" if code in (0x2028, 0x2029) else "\ufffd"


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
