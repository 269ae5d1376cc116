"""Transfer of spans from a copy of a text to the text, since language models alter what they are told to repeat.

Words and marks of both are aligned: at the beginning and the end; at words that are unique in each (patience diff,
Cohen); and between these with difflib where that is fast. A span is mapped by its first and last word. If one of them
has changed, the mention is placed between the nearest unchanged words before and after it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

import regex

from tagger.formats.annotated import CharacterSpan, Range
from tagger.formats.tools.folding import fold_spelling
from tagger.formats.tools.placing import Mention, Placement, place_mentions

_WORD: Final = regex.compile(r"[\p{L}\p{M}\p{N}]+|\S\p{M}*")
_MOST_PAIRS: Final = 10**6
"""The most pairs of words that difflib compares; for more it may take minutes."""


def carry_over(copy: str, spans: Sequence[CharacterSpan], text: str) -> list[Placement]:
    """Return the place in the text of each span of a copy.

    >>> carry_over("So Ann met Bob", [CharacterSpan(3, 6, "X"), CharacterSpan(11, 14, "X")], "Ann, and Ann met Bob")
    [Placement(ranges=((9, 12),), how='exact', reason=None), Placement(ranges=((17, 20),), how='exact', reason=None)]

    Args:
        copy: the repeated text.
        spans: the spans of the copy.
        text: the original text.
    """
    if copy == text:
        return [Placement(((span.start, span.end),), "exact") for span in spans]
    words = [match.span() for match in _WORD.finditer(copy)]
    others = [match.span() for match in _WORD.finditer(text)]
    keys = [_key(copy, word) for word in words]
    other_keys = [_key(text, word) for word in others]
    partners = dict(_aligned(keys, other_keys, 0, len(keys), 0, len(other_keys)))
    known = sorted(partners)
    starts, ends = [start for start, _ in words], [end for _, end in words]
    placements: list[Placement] = [Placement(reason="absent")] * len(spans)
    left: defaultdict[Range, list[int]] = defaultdict(list)
    for number, span in enumerate(spans):
        first, last = bisect_right(ends, span.start), bisect_left(starts, span.end) - 1
        if first in partners and last in partners and first <= last:
            start = others[partners[first]][0] + max(span.start - words[first][0], 0)
            end = others[partners[last]][1] - max(words[last][1] - span.end, 0)
            if start < end:
                is_same = copy[span.start : span.end] == text[start:end]
                placements[number] = Placement(((start, end),), "exact" if is_same else "spelling")
                continue
        before, after = bisect_left(known, first) - 1, bisect_right(known, last)
        segment = (
            others[partners[known[before]]][1] if before >= 0 else 0,
            others[partners[known[after]]][0] if after < len(known) else len(text),
        )
        left[segment].append(number)
    for (start, end), numbers in left.items():
        mentions = [Mention(copy[spans[n].start : spans[n].end], spans[n].label) for n in numbers]
        for number, placement in zip(numbers, place_mentions(text[start:end], mentions), strict=True):
            moved = tuple((first + start, after + start) for first, after in placement.ranges)
            is_sure = len(moved) < 2
            placements[number] = (
                Placement(moved, placement.how, placement.reason)
                if is_sure
                else Placement(reason="ambiguous")
            )
    return placements


def _key(text: str, word: Range) -> str:
    return fold_spelling(text[slice(*word)])


def _aligned(
    keys: Sequence[str], others: Sequence[str], first: int, after: int, other: int, other_after: int
) -> Iterator[tuple[int, int]]:
    """Yield pairs of indices of equal words in two parts, both ascending."""
    while first < after and other < other_after and keys[first] == others[other]:
        yield first, other
        first, other = first + 1, other + 1
    tail = 0
    while first < after - tail and other < other_after - tail:
        if keys[after - tail - 1] != others[other_after - tail - 1]:
            break
        tail += 1
    after, other_after = after - tail, other_after - tail
    anchors = _anchors(keys, others, range(first, after), range(other, other_after))
    for number, partner in (*anchors, (after, other_after)):
        if (number - first) * (partner - other) <= _MOST_PAIRS:
            matcher = SequenceMatcher(None, keys[first:number], others[other:partner])
            for block in matcher.get_matching_blocks():
                for step in range(block.size):
                    yield first + block.a + step, other + block.b + step
        if number < after:
            yield number, partner
        first, other = number + 1, partner + 1
    for step in range(tail):
        yield after + step, other_after + step


def _anchors(keys: Sequence[str], others: Sequence[str], own: range, other: range) -> list[tuple[int, int]]:
    """Return pairs of words that are unique in each part: the longest sequence that ascends in both."""
    counts, other_counts = Counter(keys[n] for n in own), Counter(others[n] for n in other)
    places = {others[n]: n for n in other if other_counts[others[n]] == 1}
    pairs = [(n, places[keys[n]]) for n in own if counts[keys[n]] == 1 and keys[n] in places]
    tops: list[int] = []
    ends: list[int] = []
    previous: list[int | None] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(tops, place)
        previous.append(ends[length - 1] if length else None)
        tops[length : length + 1] = [place]
        ends[length : length + 1] = [number]
    row: list[tuple[int, int]] = []
    number_: int | None = ends[-1] if ends else None
    while number_ is not None:
        row.append(pairs[number_])
        number_ = previous[number_]
    return row[::-1]
