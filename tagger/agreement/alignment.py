"""Aligning the sentences of several annotators: in order, or by the ids of their documents.

Sentences are compared by their characters, ignoring white space. Two sentences of one annotator may be one of another.
A sentence that another annotator does not have is missing there; one that another annotator has in similar but
different form is an error, and so are texts that have no sentence in common.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Final, TypeAlias

from tagger.agreement.passages import Passage
from tagger.agreement.reading import Annotator
from tagger.errors import DataError
from tagger.evaluation.characters.raw_text import check_same_text
from tagger.formats.columns.records import excerpt

Block: TypeAlias = tuple[tuple[Passage, ...], ...]
"""The same text of each annotator, as one or several sentences; none where it is missing."""

_ADVICE: Final = (
    "All annotators must have the same sentences, in the same order; some may be missing. Documents may come in "
    "another order, and others be missing, where all files have ids of documents."
)


def align(annotators: Sequence[Annotator]) -> list[Block]:
    """Return the aligned texts of several annotators.

    Args:
        annotators: two or more.

    Raises:
        DataError: if texts differ, or sentences are in another order and have no ids; shows the first difference.
    """
    names = [one.name for one in annotators]
    passages = [one.passages for one in annotators]
    try:
        return _in_order(names, passages, is_one_text=True)
    except DataError:
        documents = [_by_document(one) for one in passages]
        ids = dict.fromkeys(id for one in documents for id in one)
        if None in ids or not all(_has_shared(one, documents) for one in documents):
            return _in_order(names, passages)
    return [block for id in ids for block in _in_order(names, [one.get(id, []) for one in documents])]


def _by_document(passages: Iterable[Passage]) -> dict[str | None, list[Passage]]:
    documents: dict[str | None, list[Passage]] = {}
    for passage in passages:
        documents.setdefault(passage.key, []).append(passage)
    return documents


def _has_shared(
    one: dict[str | None, list[Passage]], documents: Sequence[dict[str | None, list[Passage]]]
) -> bool:
    return any(not one.keys().isdisjoint(other) for other in documents if other is not one)


@dataclass(frozen=True, slots=True)
class _Text:
    """Consecutive sentences of one annotator, for a message."""

    name: str
    passages: Sequence[Passage]

    @property
    def characters(self) -> str:
        return _characters(self.passages)

    def origin_of(self, place: int) -> str:
        ends = accumulate(len(passage.characters) for passage in self.passages)
        found = next((one for one, end in zip(self.passages, ends, strict=True) if place < end), None)
        return self.name if found is None else _place(self.name, found)


def _place(name: str, passage: Passage) -> str:
    origin = passage.origin or name
    return origin if name in origin else f"{origin} ({name})"


def _in_order(
    names: Sequence[str], annotators: Sequence[Sequence[Passage]], *, is_one_text: bool = False
) -> list[Block]:
    blocks: list[Block] = []
    for number, passages in enumerate(annotators):
        blocks = list(_with_next(blocks, passages, names[: number + 1], is_one_text=is_one_text))
    return blocks


def _with_next(
    blocks: Sequence[Block], passages: Sequence[Passage], names: Sequence[str], *, is_one_text: bool
) -> Iterator[Block]:
    """Yield the blocks of some annotators together with the sentences of the next one.

    Args:
        blocks: the blocks of the previous annotators.
        passages: the sentences of the next annotator.
        names: the names of all of these, that of the next annotator last.
        is_one_text: whether different sentences in the same place are an error even if they are not similar.
    """
    keys = [_characters(_present(block)) for block in blocks]
    own_keys = [passage.characters for passage in passages]
    alone: tuple[set[str], set[str]] = set(), set()
    done = own_done = 0
    nobody: Block = ((),) * (len(names) - 1)
    runs = list(_same_runs(keys, own_keys))
    for start, own_start, size in runs:
        gap, own_gap = keys[done:start], own_keys[own_done:own_start]
        if gap and own_gap and "".join(gap) == "".join(own_gap):
            yield from _pieces(blocks[done:start], passages[own_done:own_start])
        else:
            if gap and own_gap and (is_one_text or len(runs) == 1 or _are_alike(gap, own_gap)):
                _refuse(blocks[done:], passages[own_done:], names)
                _refuse(blocks[done:start], passages[own_done:own_start], names)
            alone[0].update(gap)
            alone[1].update(own_gap)
            yield from ((*block, ()) for block in blocks[done:start])
            yield from ((*nobody, (passage,)) for passage in passages[own_done:own_start])
        done, own_done = start + size, own_start + size
        for block, passage in zip(blocks[start:done], passages[own_start:own_done], strict=True):
            yield (*block, (passage,))
    # If a text occurs several times, different occurrences may be missing on each side.
    if moved := alone[0] & alone[1] & _single(keys) & _single(own_keys):
        passage = next(passage for passage in passages if passage.characters in moved)
        raise DataError(
            f"{_place(names[-1], passage)}: expected sentences in the same order as {names[0]} has, found "
            f"{excerpt(passage.text)} in another place. {_ADVICE}"
        )


def _same_runs(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield runs of equal keys on both sides: where they begin on each, and their length; finally an empty run.

    Keys that occur once on both sides are matched first, as in a patience diff, and then the keys between them: the
    standard library's matcher alone would be slow for long files.

    >>> list(_same_runs("abcd", "abxd"))
    [(0, 0, 2), (3, 3, 1), (4, 4, 0)]
    """
    pairs: list[tuple[int, int]] = []
    open_ranges = [(range(len(left)), range(len(right)))]
    while open_ranges:
        own, others = open_ranges.pop()
        start = 0
        while start < min(len(own), len(others)) and left[own[start]] == right[others[start]]:
            start += 1
        pairs += zip(own[:start], others[:start], strict=True)
        own, others = own[start:], others[start:]
        end = 0
        while end < min(len(own), len(others)) and left[own[-1 - end]] == right[others[-1 - end]]:
            end += 1
        pairs += zip(own[len(own) - end :], others[len(others) - end :], strict=True)
        own, others = own[: len(own) - end], others[: len(others) - end]
        if not own or not others:
            continue
        if anchors := _anchors(left, own, right, others):
            starts = [(own.start, others.start), *((one + 1, other + 1) for one, other in anchors)]
            ends = [*anchors, (own.stop, others.stop)]
            open_ranges += (
                (range(start[0], end[0]), range(start[1], end[1]))
                for start, end in zip(starts, ends, strict=True)
            )
            pairs += anchors
            continue
        matcher = SequenceMatcher(
            None, left[own.start : own.stop], right[others.start : others.stop], autojunk=False
        )
        for first, other_first, size in matcher.get_matching_blocks():
            pairs += ((own[first + one], others[other_first + one]) for one in range(size))
    yield from _as_runs(sorted(pairs))
    yield len(left), len(right), 0


def _as_runs(pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Yield pairs of positions as runs: where they begin, and their length."""
    run = 0, 0, 0
    for first, second in pairs:
        if (first, second) == (run[0] + run[2], run[1] + run[2]):
            run = *run[:2], run[2] + 1
            continue
        if run[2]:
            yield run
        run = first, second, 1
    if run[2]:
        yield run


def _anchors(left: Sequence[str], own: range, right: Sequence[str], others: range) -> list[tuple[int, int]]:
    """Return the positions of as many keys as possible that occur once on both sides, in the same order."""
    times = Counter(left[place] for place in own)
    other_times = Counter(right[place] for place in others)
    found = {right[place]: place for place in others if other_times[right[place]] == 1}
    pairs = [(place, found[left[place]]) for place in own if left[place] in found and times[left[place]] == 1]
    # The longest increasing subsequence: of each length, the pair that ends earliest on the right.
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(tops, place)
        before.append(ends[length - 1] if length else -1)
        tops[length : length + 1] = [place]
        ends[length : length + 1] = [number]
    chain = []
    number = ends[-1] if ends else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _pieces(blocks: Sequence[Block], passages: Sequence[Passage]) -> Iterator[Block]:
    """Yield blocks of the same text with different sentence boundaries, as small as both sides allow.

    An annotator who has only part of such a block is treated as having none of it.
    """
    ends = list(accumulate(len(_characters(_present(block))) for block in blocks))
    own_ends = list(accumulate(len(passage.characters) for passage in passages))
    done = own_done = 0
    for end in sorted(set(ends) & set(own_ends)):
        after, own_after = ends.index(end, done) + 1, own_ends.index(end, own_done) + 1
        some = blocks[done:after]
        joined = (
            tuple(passage for one in of_annotator for passage in one) if all(of_annotator) else ()
            for of_annotator in zip(*some, strict=True)
        )
        yield (*joined, tuple(passages[own_done:own_after]))
        done, own_done = after, own_after


def _single(keys: Iterable[str]) -> set[str]:
    return {key for key, times in Counter(keys).items() if times == 1}


def _are_alike(left: Iterable[str], right: Iterable[str]) -> bool:
    """Return whether a text of one side is a changed version of one of the other.

    This is assumed if both share the first, or the last, two fifths of the longer one.

    >>> _are_alike(["Ilikethistown."], ["ItisOslo.", "Ilikethattown."]), _are_alike(["Ilikeit."], ["Yousee."])
    (True, False)
    """
    left, right = list(left), list(right)
    back = [text[::-1] for text in left], [text[::-1] for text in right]
    return any(_begins_like(*sides) for sides in ((left, right), (right, left), back, back[::-1]))


def _begins_like(longer: Iterable[str], shorter: Iterable[str]) -> bool:
    lengths: dict[str, int] = {}
    for text in longer:
        beginning = text[: -(-2 * len(text) // 5)]
        lengths[beginning] = max(len(text), lengths.get(beginning, 0))
    return any(
        lengths.get(text[:end], -1) >= len(text) for text in shorter for end in range(1, len(text) + 1)
    )


def _refuse(blocks: Sequence[Block], passages: Sequence[Passage], names: Sequence[str]) -> None:
    """Raise an error that shows the first difference between the texts, if there is one."""
    number = next(number for number, one in enumerate(blocks[0]) if one)
    left = [passage for block in blocks for passage in _present(block)]
    check_same_text(_Text(names[number], left), _Text(names[-1], passages), advice=_ADVICE)


def _present(block: Block) -> tuple[Passage, ...]:
    """Return the sentences of the first annotator who has the text."""
    return next(one for one in block if one)


def _characters(passages: Sequence[Passage]) -> str:
    if len(passages) == 1:
        return passages[0].characters
    return "".join(passage.characters for passage in passages)
