r"""FoldedText: a text without irrelevant differences of spelling, with a mapping back to its own offsets.

``fold_spelling`` folds upper and lower case, Unicode compatibility forms, quotes, dashes and white space. ``squeeze``
keeps only letters and digits, without the accents of Latin, Greek and Cyrillic. Both work on one character with its
combining marks at a time, so that every character of the result maps to a range of the text.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

import regex

from tagger.formats.annotated import Range

_CLUSTER: Final = regex.compile(
    r"[^\p{M}\u1160-\u11ff][\p{M}\u1160-\u11ff]*|[\p{M}\u1160-\u11ff]+", regex.DOTALL
)
"""A character with its marks; Hangul vowels and finals, which compose, count as marks."""

_QUOTES: Final = dict.fromkeys(map(ord, "’‘‚‛′`´ʼʹ＇"), "'") | dict.fromkeys(map(ord, "“”„‟″«»〝〞＂"), '"')
_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-")
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f"))
_TABLE: Final = {**_QUOTES, **_DASHES, **_INVISIBLE}

_MOST_MISSES: Final = 1000
"""The search ends after this many matches that begin or end within a cluster, which is not natural text."""

_ACCENT: Final = regex.compile("[\u0300-\u036f]")
_NO_LETTER: Final = regex.compile(r"[^\p{L}\p{M}\p{N}]+")


class FoldedText:
    """A text folded cluster by cluster, for searching.

    Attributes:
        folded: the folded text.

    Args:
        text: the original text.
        fold: folds a cluster; runs of blanks in the result become one.
    """

    def __init__(self, text: str, fold: Callable[[str], str]) -> None:
        pieces: list[str] = []
        self._starts = array("q")
        self._ends = array("q")
        last = ""
        for match in _CLUSTER.finditer(text):
            piece = fold(match[0])
            if piece == " " == last:
                self._ends[-1] = match.end()
                continue
            if piece:
                pieces.append(piece)
                last = piece[-1]
                self._starts.extend([match.start()] * len(piece))
                self._ends.extend([match.end()] * len(piece))
        self.folded = "".join(pieces)

    def find(self, folded: str) -> Iterator[Range]:
        """Yield the ranges of the text whose folding equals a folded text, in order and not overlapping.

        Args:
            folded: a folded text, not empty, without blanks at its ends.
        """
        place = self.folded.find(folded)
        misses = 0
        while place >= 0 and misses <= _MOST_MISSES:
            after = place + len(folded)
            if self._is_border(place) and self._is_border(after):
                yield self._starts[place], self._ends[after - 1]
                place = self.folded.find(folded, after)
            else:
                misses += 1
                place = self.folded.find(folded, place + 1)

    def _is_border(self, place: int) -> bool:
        """Return whether a place is not within a cluster, as between f and i of the ligature ``ﬁ``."""
        return place in (0, len(self._starts)) or self._starts[place] != self._starts[place - 1]


@lru_cache(maxsize=2**14)
def fold_spelling(cluster: str) -> str:
    r"""Return characters without differences of case, compatible forms, quotes, dashes and white space.

    >>> "".join(map(fold_spelling, "“Ａ–\N{LATIN SMALL LIGATURE FI}”\N{NO-BREAK SPACE}B"))
    '"a-fi" b'
    """
    if cluster.isspace():
        return " "
    folded = unicodedata.normalize("NFKC", cluster).translate(_TABLE).casefold()
    return unicodedata.normalize("NFKC", folded)


@lru_cache(maxsize=2**14)
def squeeze(cluster: str) -> str:
    """Return the letters and digits of some characters, in lower case and without accents.

    >>> squeeze("É"), squeeze("U.S. "), squeeze("-")
    ('e', 'us', '')
    """
    folded = unicodedata.normalize("NFKD", fold_spelling(cluster))
    return unicodedata.normalize("NFC", _NO_LETTER.sub("", _ACCENT.sub("", folded)))


def fold_all(text: str, fold: Callable[[str], str]) -> str:
    """Return a whole text folded as by :class:`FoldedText`, without blanks at its ends."""
    return FoldedText(text, fold).folded.strip()
