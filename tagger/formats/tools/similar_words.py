"""SimilarWords: search for a mention in a text despite typing errors and added or missing words.

The unit is the word. Two words are alike if they are equal without case and accents, or, if they have four letters or
more and no digits, if they differ by one substitution, insertion, deletion or transposition (Damerau 1964); these are
found by deleting letters of both (SymSpell, Garbe 2012), so that words need not be compared pairwise.

A mention is compared with the words around each occurrence of one of its heavy words, in three ways: whether it is the
same except for one slip, ignoring blanks; whether all its words occur, with a few others between them; and whether most
of its letters do. If M of its Q letters are within a window of W letters, the score of the window is the Dice
coefficient 2 M / (Q + W).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Final, NamedTuple, TypeAlias

import regex

from tagger.formats.annotated import Range
from tagger.formats.tools.folding import squeeze

LEAST_SCORE: Final = 0.8
"""The lowest score of windows that lack words of the mention; below, it is absent: better no span than a wrong one.

``Mr Obama`` scores 0.83 for ``Obama``, ``President Obama`` 0.53 and ``Michelle Obama`` 0.56: letters do not distinguish
a title from a name. Of entities of Wikigold and WNUT-17 with an added word 59 and 53 % are found, and of names combined
from two others 7 and 9 % are marked at one of them; with 0.75 it is 69 and 65 %, and 13 and 19 % (500 outputs of each
kind of scripts/benchmarks/place_mentions.py).
"""

LEAST_SCORE_OF_ALL: Final = 0.6
"""The lowest score of windows that have all words of the mention."""

_DIGITS: Final = regex.compile(r"\d")
_WORD: Final = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_SHORTEST: Final = 4
"""The fewest letters of a word with an error; too many shorter ones are alike."""

_SHORTEST_IN_ALL: Final = 6
"""The fewest letters of a mention with an error that may be in a short word."""

_LONGEST: Final = 40
"""The most letters of a word with an error; longer ones are not words, and would have too many neighbours."""

_MOST_WORDS: Final = 20
"""The most words of a mention with errors."""

_MOST_PLACES: Final = 20
"""The most places examined for a mention; more frequent words are not distinctive."""

_SKIPPED: Final = 0.5
_SKIPPED_AT_LEAST: Final = 0.01
"""The cost of a letter in a word that the mention lacks, relative to the gain of one in a word that it has."""


class Window(NamedTuple):
    """Words of a text that a mention may refer to.

    Attributes:
        start: offset of the first character.
        end: offset just past the last one.
        score: in (0, 1]; 1 if all words are equal.
    """

    start: int
    end: int
    score: float


_Alike: TypeAlias = Mapping[str, float]
"""The words of a text that are similar to one, each with the share of equal letters."""

_WindowAt: TypeAlias = Callable[[Sequence[str], Sequence[_Alike], int, int], Window | None]
"""Returns the window of a mention, given its words, the words similar to each, and the place of one of them."""


class SimilarWords:
    """The words of a text, indexed.

    Args:
        text: any text; time and memory are linear in its length.
    """

    def __init__(self, text: str) -> None:
        self._ranges: list[Range] = []
        self._words: list[str] = []
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for match in _WORD.finditer(text):
            if word := squeeze(match[0]) if len(match[0]) <= _LONGEST else match[0]:
                self._places[word].append(len(self._words))
                self._words.append(word)
                self._ranges.append(match.span())
        self._neighbours: defaultdict[str, list[str]] = defaultdict(list)
        for word in self._places:
            for rest in _shortened(word):
                self._neighbours[rest].append(word)

    def find(self, mention: str) -> list[Window] | None:
        """Return the windows that equal a mention except for one slip, else those with all its words, slips and others.

        Args:
            mention: the mention.

        Returns:
            The windows with the best score, in order; empty if no score is high enough; None if the mention has too
            many words, or words that are too frequent.
        """
        return self._best(mention, (self._slip, self._all_words))

    def find_some(self, mention: str) -> list[Window] | None:
        """Return the windows that have most of the letters of a mention; as :meth:`find` does."""
        return self._best(mention, (self._some_words,))

    def _best(self, mention: str, kinds: Sequence[_WindowAt]) -> list[Window] | None:
        words = [squeeze(word) for word in _WORD.findall(mention)]
        if not words or not all(words):
            return []
        alike = [self._alike(word) for word in words]
        anchors = _heavy_places(words, alike, self._places)
        if len(words) > _MOST_WORDS or len(anchors) > _MOST_PLACES:
            return None if anchors else []
        for window_at in kinds:
            windows = [window_at(words, alike, place, number) for place, number in anchors]
            found = {window for window in windows if window}
            most = max((window.score for window in found), default=0.0)
            if found:
                return sorted(window for window in found if window.score > most - 1e-9)
        return []

    def _alike(self, word: str) -> _Alike:
        """Return the words of the text that are similar to one, each with the share of equal letters."""
        found = {word: 1.0} if word in self._places else {}
        for rest in _shortened(word):
            for other in self._neighbours.get(rest, ()):
                if other not in found and is_one_slip(word, other):
                    found[other] = 1 - 1 / max(len(word), len(other))
        return found

    def _slip(self, words: Sequence[str], alike: Sequence[_Alike], place: int, number: int) -> Window | None:
        """Return a window that equals the mention except for one slip, ignoring blanks."""
        wanted = "".join(words)
        if len(wanted) < _SHORTEST_IN_ALL:
            return None
        for first, after in _around(place - number, place - number + len(words)):
            if not 0 <= first < after <= len(self._words):
                continue
            found = "".join(self._words[first:after])
            if is_one_slip(wanted, found) and _DIGITS.findall(wanted) == _DIGITS.findall(found):
                return self._window(first, after - 1, 1 - 1 / len(wanted))
        return None

    def _all_words(
        self, words: Sequence[str], alike: Sequence[_Alike], place: int, number: int
    ) -> Window | None:
        """Return a window with all the words of the mention, and a few others between them."""
        first, last, matched, score = self._aligned(words, alike, place, number, _SKIPPED_AT_LEAST)
        others = last - first + 1 - matched
        if matched < len(words) or others > _slack(words) or score < LEAST_SCORE_OF_ALL:
            return None
        return self._window(first, last, score)

    def _some_words(
        self, words: Sequence[str], alike: Sequence[_Alike], place: int, number: int
    ) -> Window | None:
        first, last, _, score = self._aligned(words, alike, place, number, _SKIPPED)
        return self._window(first, last, score) if score >= LEAST_SCORE else None

    def _aligned(
        self,
        words: Sequence[str],
        alike: Sequence[_Alike],
        place: int,
        number: int,
        skipped: float,
    ) -> tuple[int, int, int, float]:
        """Align a mention with the text around a place (Smith and Waterman 1981); skipping its own words is free.

        The word with index ``number`` is matched at ``place`` or not at all.

        An entry of ``row`` is the best alignment of the words so far that ends at a word of the region or before: its
        value, the first and last word of the window, and the numbers of matched words and letters.

        Returns:
            The first and last word of the window, the number of matched words of the mention, and the score.
        """
        slack = _slack(words)
        region = range(
            max(0, place - number - slack), min(place - number + len(words) + slack, len(self._words))
        )
        nothing = (0.0, 0, 0, 0, 0.0)
        above = [nothing] * (len(region) + 1)
        for own, (word, shares) in enumerate(zip(words, alike, strict=True)):
            row = [nothing]
            for column, index in enumerate(region):
                other = self._words[index]
                value, first, last, matched, same = row[column]
                options = [
                    above[column + 1],
                    (value - skipped * len(other), first, last, matched, same),
                    nothing,
                ]
                is_allowed = own != number or index == place
                if is_allowed and (share := shares.get(other)):
                    value, first, _, matched, same = above[column]
                    gain = share * (len(word) + len(other)) / 2
                    options.append(
                        (value + gain, first if matched else index, index, matched + 1, same + gain)
                    )
                row.append(max(options, key=itemgetter(0)))
            above = row
        _, first, last, matched, same = max(above, key=itemgetter(0))
        letters = sum(map(len, words)) + sum(map(len, self._words[first : last + 1]))
        return first, last, matched, 2 * same / letters

    def _window(self, first: int, last: int, score: float) -> Window:
        return Window(self._ranges[first][0], self._ranges[last][1], score)


def _slack(words: Sequence[str]) -> int:
    """Return how many other words the text may have between those of a mention."""
    return 1 + len(words) // 3


def _around(first: int, after: int) -> Iterator[tuple[int, int]]:
    """Yield a range of words, and those with one word more or less at either end."""
    yield first, after
    yield from ((first, after + 1), (first - 1, after), (first, after - 1), (first + 1, after))


def is_one_slip(word: str, other: str) -> bool:
    """Return whether two words differ by one substitution, insertion, deletion or transposition of adjacent letters.

    >>> is_one_slip("ankara", "anakra"), is_one_slip("oslo", "osla"), is_one_slip("oslo", "lsoo")
    (True, True, False)
    """
    start = 0
    while start < min(len(word), len(other)) and word[start] == other[start]:
        start += 1
    rest, other_rest = word[start:], other[start:]
    return word != other and (
        rest[1:] == other_rest[1:]
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or (rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:])
    )


def _shortened(word: str) -> Iterator[str]:
    """Yield a word, and the word without each of its letters, if it may contain an error."""
    if _SHORTEST <= len(word) <= _LONGEST and not any(mark.isdecimal() for mark in word):
        yield word
        for place in range(len(word)):
            yield word[:place] + word[place + 1 :]


def _heavy_places(
    words: Sequence[str], alike: Sequence[_Alike], places: Mapping[str, Sequence[int]]
) -> list[tuple[int, int]]:
    """Return the places of the longest words of a mention in the text, each with the index of the word.

    A window with a sufficient score contains one of these: if it has M of the Q letters of the mention, W is at least
    M, and 2 M / (Q + W) >= s gives M >= s / (2 - s) Q. The other words have fewer letters.
    """
    total = sum(map(len, words))
    spare = total * (1 - LEAST_SCORE_OF_ALL / (2 - LEAST_SCORE_OF_ALL))
    anchors: list[tuple[int, int]] = []
    seen = 0
    for number in sorted(range(len(words)), key=lambda number: -len(words[number])):
        if seen > spare or len(anchors) > _MOST_PLACES:
            break
        seen += len(words[number])
        anchors += [(place, number) for other in alike[number] for place in places[other][: _MOST_PLACES + 1]]
    return anchors
