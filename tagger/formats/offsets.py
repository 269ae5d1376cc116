"""Offsets into a text in three units: code points, UTF-16 units and UTF-8 bytes.

Python, brat and doccano count code points; JavaScript and Java, and hence browser tools and UIMA, count UTF-16 units,
two for a character beyond U+FFFF; some services count bytes. In ASCII text all three are the same.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import Final, Literal

OffsetUnit = Literal["codepoint", "utf16", "byte"]

UNITS: Final[tuple[OffsetUnit, ...]] = ("codepoint", "utf16", "byte")
UNIT_NAMES: Final = {"codepoint": "code points", "utf16": "UTF-16 units", "byte": "UTF-8 bytes"}


class OffsetMap:
    r"""Conversion of offsets into one text from a unit to code points and back.

    >>> offsets = OffsetMap("\N{GRINNING FACE} Oslo", "utf16")
    >>> offsets.to_code_points(3), offsets.to_code_points(1), offsets.from_code_points(2)
    (2, None, 3)

    Args:
        text: the text that the offsets refer to.
        unit: the unit of the offsets.
    """

    def __init__(self, text: str, unit: OffsetUnit) -> None:
        self._length = len(text)
        self._places: list[int] | None = None
        """The offset, in the unit, of each character and of the end; None if equal to code points."""
        if unit == "codepoint" or text.isascii() or (unit == "utf16" and max(text) <= "\uffff"):
            return
        widths = (
            (1 + (mark > "\uffff") for mark in text)
            if unit == "utf16"
            else (1 + (mark > "\x7f") + (mark > "\u07ff") + (mark > "\uffff") for mark in text)
        )
        self._places = list(accumulate(widths, initial=0))

    def to_code_points(self, offset: int) -> int | None:
        """Return the index of the character that begins at an offset; None past the end or within a character."""
        if self._places is None:
            return offset if 0 <= offset <= self._length else None
        place = bisect_left(self._places, offset)
        return place if place < len(self._places) and self._places[place] == offset else None

    def from_code_points(self, place: int) -> int:
        """Return the offset of a character, or of the end of the text."""
        return place if self._places is None else self._places[place]
