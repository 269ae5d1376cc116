"""Near-copies: documents that are equal except for case, numbers and white space, or that share most of their phrases.

A test document with a copy in train makes scores too high. Each document is kept as a digest of its folded text and as
a sketch: the 64 smallest digests of all its five-word phrases (MinHash, Broder 1997, bottom-k), so that memory per
document is bounded. Two documents are near-copies if at least 60 % of the smaller one's phrases, in the range that both
sketches cover, are in the other. In text without spaces between words (Chinese, Japanese, Thai and the like, or words
of more than 40 characters), phrases have eight characters. Not found are a short text within one of thousands of words,
and copies of fewer than eight words, or eleven such characters, that differ in one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from heapq import nsmallest
from typing import Final

import regex

PHRASE: Final = 5
"""Length of a phrase, in words."""
_PHRASE_OF_CHARACTERS: Final = 8
"""Length of a phrase in text without spaces, in characters: about five words of Chinese or Japanese."""
_LONGEST_WORD: Final = 40
"""In characters; longer words are taken for text without spaces."""
_UNSPACED: Final = (
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Yi}\p{Tai_Le}"
    r"\p{New_Tai_Lue}\p{Tai_Tham}\p{Tai_Viet}\p{Javanese}\p{Balinese}"
)
_WITHOUT_BLANKS: Final = regex.compile(rf"[{_UNSPACED}]|\S{{{_LONGEST_WORD + 1}}}")
_PIECE: Final = regex.compile(rf"(?P<character>[{_UNSPACED}]\p{{M}}*)|[^\s{_UNSPACED}]+")
_SKETCH: Final = 64
FEWEST_PHRASES: Final = 4
SHARED: Final = 0.6
MOST_COMPARED: Final = 8
"""Number of documents with a phrase, the first ones, that others with it are compared with."""
_DIGITS: Final = re.compile(r"\d+")


def folded(text: str) -> str:
    """Return a text without differences that are ignored, except white space: case-folded, with 0 for each number."""
    return _DIGITS.sub("0", text.casefold())


class NearCopies:
    """Groups documents with their near-copies.

    Documents are numbered from 0; their texts may come in pieces and in any order.
    """

    def __init__(self) -> None:
        self._digests: list[blake2b] = []
        self._sketches: list[set[int]] = []
        self._is_cut: list[bool] = []

    def add(self, document: int, text: str) -> None:
        """Add a text to a document.

        Args:
            document: its number: that of an existing document, or the next one.
            text: a whole text, or a sentence.
        """
        if document == len(self._digests):
            self._digests.append(blake2b(digest_size=16))
            self._sketches.append(set())
            self._is_cut.append(False)
        words, length = _phrased(folded(text))
        self._digests[document].update("".join(words).encode("utf-8", "surrogatepass"))
        sketch = self._sketches[document]
        for start in range(len(words) - length + 1):
            sketch.add(_digest(words[start : start + length]))
        if len(sketch) > _SKETCH:
            self._sketches[document] = set(nsmallest(_SKETCH, sketch))
            self._is_cut[document] = True

    def groups(self) -> list[int]:
        """Return, for each document, the number of the first document of its group of near-copies."""
        first = list(range(len(self._digests)))

        def root(document: int) -> int:
            while first[document] != document:
                first[document] = first[first[document]]
                document = first[document]
            return document

        of_digest: dict[bytes, int] = {}
        with_phrase: dict[int, list[int]] = {}
        for document, sketch in enumerate(self._sketches):
            others = [of_digest.setdefault(self._digests[document].digest(), document)]
            shared: Counter[int] = Counter()
            for phrase in sketch:
                known = with_phrase.setdefault(phrase, [])
                shared.update(known)
                if len(known) < MOST_COMPARED:
                    known.append(document)
            others += [other for other in shared if self._are_alike(document, other)]
            for other in others:
                low, high = sorted((root(document), root(other)))
                first[high] = low
        return [root(document) for document in range(len(first))]

    def _are_alike(self, left: int, right: int) -> bool:
        one, other = self._sketches[left], self._sketches[right]
        limits = [max(self._sketches[number]) for number in (left, right) if self._is_cut[number]]
        if limits:
            limit = min(limits)
            one, other = ({phrase for phrase in sketch if phrase <= limit} for sketch in (one, other))
        smaller = min(len(one), len(other))
        return smaller >= FEWEST_PHRASES and len(one & other) >= SHARED * smaller


def _phrased(text: str) -> tuple[list[str], int]:
    """Return the words of a text, or characters in text without spaces, and the length of a phrase."""
    if not _WITHOUT_BLANKS.search(text):
        return text.split(), PHRASE
    words: list[str] = []
    num_characters = 0
    for piece in _PIECE.finditer(text):
        is_whole = piece["character"] is not None or len(piece[0]) <= _LONGEST_WORD
        parts = [piece[0]] if is_whole else list(piece[0])
        words += parts
        num_characters += len(parts) if piece["character"] is not None or not is_whole else 0
    return words, _PHRASE_OF_CHARACTERS if 2 * num_characters > len(words) else PHRASE


def _digest(words: Iterable[str]) -> int:
    phrase = " ".join(words).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(phrase, digest_size=8).digest(), "big")
