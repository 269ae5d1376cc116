r"""Placement of mentions without offsets, as listed by language models, in their text.

A mention is searched for in these ways, in order, until one finds it:

1. ``exact``: unchanged.
2. ``spelling``: ignoring case, compatibility characters, quotes, dashes and white space. A mention of three characters
   or fewer is not found in lower case unless it is itself in lower case (``US`` is not ``us``).
3. ``letters``: letters and digits only, without accents: ``U.S.A.`` and ``USA``, ``Île de France`` and
   ``Ile-de-France``. At least four of them, or an abbreviation in capitals.
4. ``words``: with typing errors, and with words left out.
5. ``part``: as 1 or 2, with one end within a word (``Oslo`` in ``Oslos``), if it has four characters or more.
6. ``words``: with added words too, if these are short compared with the others.

Except for 5, a mention begins and ends at word boundaries, or anywhere in scripts without blanks. Longer mentions are
placed first. A mention that occurs outside of all others is placed only there (``York`` is not marked in ``New York``);
one that occurs only within others, or across their borders, is a nested or overlapping span if it is found by 1, 2 or
5, and otherwise absent.

**All occurrences of a mention are marked.** Models list a name once and mean it everywhere: of the further occurrences
of an entity's text within the sentences and articles of Wikigold's train split 99 % are entities too. Only a mention
listed with several labels is matched to its occurrences one by one, if there are as many of them and the list is in
text order; otherwise it is ambiguous, unless it occurs only once: that place then has all the labels.

Nothing is guessed: a mention that matches several different texts equally well is ambiguous. Time is linear in the
length of the text for each mention, and superlinear work is bounded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final, Literal, NamedTuple, TypeAlias

import regex

from tagger.formats.annotated import Range
from tagger.formats.tools.folding import FoldedText, fold_all, fold_spelling, squeeze
from tagger.formats.tools.similar_words import SimilarWords, Window

How: TypeAlias = Literal["exact", "spelling", "letters", "words", "part"]
Reason: TypeAlias = Literal["absent", "ambiguous", "surplus"]

MOST_PLACES: Final = 1000
"""The most places of one mention in one text; anything more frequent is not a name."""

_SHORTEST_PART: Final = 4
"""The fewest characters of a mention that is placed within a word."""

_FEWEST_LETTERS: Final = 4
"""The fewest letters of a mention that is found by its letters."""

_LONGEST_SHORT: Final = 3
"""The most characters of a word that is a different one in lower case."""

_WORD: Final = regex.compile(r"[\p{L}\p{M}\p{N}_]")
_JOINING: Final = regex.compile(r"[\p{M}\u200d]")
_WITHOUT_BLANKS: Final = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"
)
_LETTERS: Final = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_ABBREVIATION: Final = regex.compile(r"(?:\p{Lu}\.?){2,}")


class Mention(NamedTuple):
    """A mention to be placed.

    Attributes:
        text: its characters, as listed.
        label: its type.
    """

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Placement:
    """The result of placing a mention.

    Attributes:
        ranges: its places, in order; empty if it has none.
        how: how it was found; None if it was not.
        reason: why it has no place: ``absent``, ``ambiguous``, or listed more often than it occurs (``surplus``); None
            if it has one.
    """

    ranges: tuple[Range, ...] = ()
    how: How | None = None
    reason: Reason | None = None


def place_mentions(text: str, mentions: Sequence[Mention], *, is_ordered: bool = True) -> list[Placement]:
    """Return the places of each mention in a text.

    >>> place_mentions("Ann met Bob in New  York.", [Mention("new york", "LOC"), Mention("Eve", "PER")])
    [Placement(ranges=((15, 24),), how='spelling', reason=None), Placement(ranges=(), how=None, reason='absent')]

    Args:
        text: any text.
        mentions: the mentions, as listed.
        is_ordered: whether they are listed in text order.
    """
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for number, mention in enumerate(mentions):
        numbers[mention.text.strip()].append(number)
    found = _Places(text).find(sorted(numbers, key=lambda wanted: (-len(wanted), wanted)))
    placements: list[Placement] = [Placement(reason="absent")] * len(mentions)
    for wanted, listed in numbers.items():
        labels = [mentions[number].label for number in listed]
        places = found[wanted]
        if places.reason:
            shares: Iterable[Placement] = [places] * len(listed)
        else:
            shares = _shared(labels, places, is_ordered=is_ordered)
        for number, share in zip(listed, shares, strict=True):
            placements[number] = share
    return placements


def _shared(labels: Sequence[str], places: Placement, *, is_ordered: bool) -> Iterator[Placement]:
    """Yield for each listing of a mention, given the labels of all, its share of the places."""
    ranges = places.ranges
    if len(set(labels)) == 1:
        for number in range(len(labels)):
            is_last = number == len(labels) - 1
            share = ranges[number:] if is_last else ranges[number : number + 1]
            yield Placement(share, places.how) if share else Placement(reason="surplus")
    elif len(ranges) == 1:
        for number, label in enumerate(labels):
            yield Placement(reason="surplus") if label in labels[:number] else places
    elif is_ordered and len(labels) == len(ranges):
        for range_ in ranges:
            yield Placement((range_,), places.how)
    else:
        for _ in labels:
            yield Placement(reason="ambiguous")


class _Places:
    """Finds the places of mentions in one text, tracking which parts of it are taken."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._taken = bytearray(len(text))

    def find(self, wanted: Sequence[str]) -> dict[str, Placement]:
        """Return the placement of each of some distinct mentions, given longest first."""
        found: dict[str, Placement] = {}
        for mention in wanted:
            for placement in self._tried(mention):
                found[mention] = placement
                if placement.reason != "absent":
                    break
            for start, end in found[mention].ranges:
                self._taken[start:end] = b"\1" * (end - start)
        return found

    def _tried(self, mention: str) -> Iterator[Placement]:
        whole: list[Range] = []
        parts: list[Range] = []
        how: How
        for how, ranges in (("exact", self._exact(mention)), ("spelling", self._spelled(mention))):
            places = list(islice(ranges, MOST_PLACES + 1))
            if len(places) > MOST_PLACES:
                yield Placement(reason="ambiguous")
            whole = [place for place in places if self._borders(place) == 2]
            parts = parts or [place for place in places if self._borders(place) == 1]
            yield self._preferred(whole, how)
        yield self._by_letters(mention)
        yield self._by_words(self._words.find(mention), mention)
        yield self._preferred(parts if len(mention) >= _SHORTEST_PART else [], "part")
        yield self._by_words(self._words.find_some(mention), mention)

    def _preferred(self, places: Sequence[Range], how: How) -> Placement:
        """Return the places that are free, or all of them if none is."""
        ranges = [place for place in places if self._is_free(place)] or places
        return Placement(tuple(ranges), how) if ranges else Placement(reason="absent")

    def _is_free(self, place: Range) -> bool:
        return self._taken.find(1, *place) < 0

    def _exact(self, mention: str) -> Iterator[Range]:
        place = self._text.find(mention) if mention else -1
        while place >= 0:
            after = place + len(mention)
            yield place, after
            place = self._text.find(mention, after)

    def _spelled(self, mention: str) -> Iterator[Range]:
        folded = fold_all(mention, fold_spelling)
        for start, end in self._spelling.find(folded) if folded else ():
            if not self._is_other_word((start, end), mention):
                yield start, end

    def _by_letters(self, mention: str) -> Placement:
        letters = fold_all(mention, squeeze)
        is_abbreviation = bool(_ABBREVIATION.fullmatch(mention))
        if len(letters) < (2 if is_abbreviation else _FEWEST_LETTERS):
            return Placement(reason="absent")
        places = []
        for place in islice(self._letters.find(letters), MOST_PLACES + 1):
            if self._borders(place) < 2:
                continue
            start, end = self._with_marks(place, mention)
            if len(letters) >= _FEWEST_LETTERS or _ABBREVIATION.fullmatch(self._text[start:end]):
                places.append((start, end))
        return self._free(places, "letters", mention)

    def _by_words(self, windows: Sequence[Window] | None, mention: str) -> Placement:
        if windows is None:
            return Placement(reason="ambiguous")
        places = [self._with_marks((start, end), mention) for start, end, _ in windows]
        return self._free(places, "words", mention)

    def _free(self, places: Sequence[Range], how: How, mention: str) -> Placement:
        """Return the places that are free, if they all have the same letters.

        Places that begin in the same case as the mention are preferred.
        """
        free: list[Range] = []
        for place in places:
            is_next = not free or place[0] >= free[-1][1]
            if is_next and self._is_free(place) and not self._is_other_word(place, mention):
                free.append(place)
        alike = [place for place in free if self._text[place[0]].isupper() == mention[0].isupper()]
        free = alike or free
        if not free:
            return Placement(reason="absent")
        if len({fold_all(self._text[start:end], squeeze) for start, end in free}) > 1:
            return Placement(reason="ambiguous")
        return Placement(tuple(free), how)

    def _is_other_word(self, place: Range, mention: str) -> bool:
        """Return whether a place holds a short word in lower case, but the mention is not in lower case."""
        found = self._text[slice(*place)]
        return len(found) <= _LONGEST_SHORT and found.islower() and not mention.islower()

    def _with_marks(self, place: Range, mention: str) -> Range:
        """Extend a place by the marks around it that the mention also has, and the last dot of ``U.S.``."""
        before, after = _marks_around(mention)
        start, end = place
        if before and self._text.endswith(before, 0, start):
            start -= len(before)
        if after and self._text.startswith(after, end):
            end += len(after)
        elif self._text.startswith(".", end) and _ABBREVIATION.fullmatch(self._text, start, end):
            end += "." in self._text[start:end]
        return start, end

    def _borders(self, place: Range) -> int:
        """Return how many ends of a range are word boundaries; -1 if one cuts a character."""
        count = 0
        for border in place:
            if 0 < border < len(self._text):
                before, after = self._text[border - 1], self._text[border]
                if _JOINING.match(after) or before == "\u200d":
                    return -1
                if (
                    _WORD.match(before)
                    and _WORD.match(after)
                    and not (_WITHOUT_BLANKS.match(before) or _WITHOUT_BLANKS.match(after))
                ):
                    continue
            count += 1
        return count

    @cached_property
    def _spelling(self) -> FoldedText:
        return FoldedText(self._text, fold_spelling)

    @cached_property
    def _letters(self) -> FoldedText:
        return FoldedText(self._text, squeeze)

    @cached_property
    def _words(self) -> SimilarWords:
        return SimilarWords(self._text)


def _marks_around(mention: str) -> tuple[str, str]:
    """Return the parts of a mention before its first letter or digit and after its last."""
    first = end = None
    for match in _LETTERS.finditer(mention):
        first = match.start() if first is None else first
        end = match.end()
    return mention[:first], "" if end is None else mention[end:]
