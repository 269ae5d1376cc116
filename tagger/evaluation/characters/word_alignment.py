"""Aligning the words of two segmentations of one text, as defined by the CoNLL 2018 shared task.

Tokens match if their character ranges do. So do words, except those of multiword tokens ("du" for "de le"), which are
not substrings of the text: within a region of multiword tokens of either side, words are aligned by the longest common
subsequence of their lower-cased forms. The bounds of a region follow the scorer's code (``find_multiword_span``), which
includes a little more than its description: plain words that its loop has not yet passed when it reaches a multiword
token belong to the region, even if they end before it.

Letters: M ranges of a side, W words of a side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagger.errors import DataError
from tagger.metrics.label_arrays import BoolArray, IntArray

LONGEST_REGION: Final = 10_000
"""Maximum words of a side in one region: aligning them takes as many bits as the product of both numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """M half-open ranges of characters, not counting white space, in order and without overlaps.

    Attributes:
        starts: ``[M]``.
        ends: ``[M]``; a range that consists of white space ends where it starts.
    """

    starts: IntArray
    ends: IntArray

    def __len__(self) -> int:
        return len(self.starts)


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of one side.

    Attributes:
        ranges: range of the token that each word is, or is part of, ``[W]``.
        forms: the forms to compare.
        is_part: whether each word is part of a multiword token, ``[W]``.
    """

    ranges: Ranges
    forms: Sequence[str]
    is_part: BoolArray

    def __len__(self) -> int:
        return len(self.forms)


def same_ranges(left: Ranges, right: Ranges) -> IntArray:
    """Return for each left range the index of the identical right range, ``[M]``; -1 if there is none."""
    if not len(left) or not len(right):
        return np.full(len(left), -1, dtype=np.int64)
    size = int(max(left.ends[-1], right.ends[-1])) + 1
    left_keys, right_keys = left.starts * size + left.ends, right.starts * size + right.ends
    # Empty ranges may be repeated: the first on one side matches the first on the other.
    repeated = np.arange(len(left_keys)) - np.searchsorted(left_keys, left_keys)
    found = np.searchsorted(right_keys, left_keys) + repeated
    is_same = right_keys[np.minimum(found, len(right_keys) - 1)] == left_keys
    is_same &= found < len(right_keys)
    return np.where(is_same, found, -1)


def align_words(
    gold: Words, system: Words, *, origin_of: Callable[[int], str] | None = None
) -> tuple[IntArray, IntArray]:
    """Return the indices of the aligned gold words, and of the system words with which they are aligned.

    Takes linear time, except for regions of multiword tokens.

    Args:
        gold: words of one side.
        system: words of the other side.
        origin_of: returns the origin of a character for messages.

    Raises:
        DataError: if a region has more than 10,000 words of a side.
    """
    if not gold.is_part.any() and not system.is_part.any():
        same = same_ranges(gold.ranges, system.ranges)
        aligned = np.flatnonzero(same >= 0)
        return aligned, same[aligned]
    return _Walk(gold, system, origin_of or (lambda place: f"character {place}")).aligned()


class _Walk:
    """A simultaneous pass over the words of both sides, by runs of matching words."""

    def __init__(self, gold: Words, system: Words, origin_of: Callable[[int], str]) -> None:
        self._gold, self._system, self._origin_of = gold, system, origin_of
        self._gold_starts, self._gold_ends = gold.ranges.starts.tolist(), gold.ranges.ends.tolist()
        self._system_starts, self._system_ends = system.ranges.starts.tolist(), system.ranges.ends.tolist()
        self._gold_parts, self._system_parts = gold.is_part.tolist(), system.is_part.tolist()
        self._pairs: list[tuple[int, int]] = []

    def aligned(self) -> tuple[IntArray, IntArray]:
        same, run_ends = _runs(self._gold, self._system)
        runs: list[tuple[int, int, int]] = []  # the first words of both sides, and the length of the run
        gold, system = 0, 0
        while gold < len(self._gold) and system < len(self._system):
            if self._gold_parts[gold] or self._system_parts[system]:
                gold, system = self._align_region(gold, system)
            elif same[gold] == system:
                length = run_ends[gold] - gold
                runs.append((gold, system, length))
                gold, system = gold + length, system + length
            elif self._gold_starts[gold] <= self._system_starts[system]:
                gold += 1
            else:
                system += 1
        firsts = np.array(runs, dtype=np.int64).reshape(-1, 3)
        lengths = firsts[:, 2]
        steps = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        of_runs = np.repeat(firsts[:, :2], lengths, axis=0) + steps[:, np.newaxis]
        pairs = np.concatenate([of_runs, np.array(self._pairs, dtype=np.int64).reshape(-1, 2)])
        pairs = pairs[np.argsort(pairs[:, 0])]
        return pairs[:, 0], pairs[:, 1]

    def _align_region(self, gold: int, system: int) -> tuple[int, int]:
        """Align the words of the region that begins here; return the next word of each side after it."""
        first_gold, first_system, gold, system = self._region(gold, system)
        for side, count in (("gold", gold - first_gold), ("system", system - first_system)):
            if count > LONGEST_REGION:
                where = self._origin_of(self._gold_starts[first_gold])
                raise DataError(
                    f"{where}: expected multiword tokens of at most {LONGEST_REGION:,} words where they overlap, found "
                    f"{count:,} {side} words from {self._gold.forms[first_gold]!r} on"
                )
        for left, right in common_words(
            self._gold.forms[first_gold:gold], self._system.forms[first_system:system]
        ):
            self._pairs.append((left + first_gold, right + first_system))
        return gold, system

    def _region(self, gold: int, system: int) -> tuple[int, int, int, int]:
        """Return the first word of each side in a region, and the next word of each side after it."""
        if self._gold_parts[gold]:
            end = self._gold_ends[gold]
            if not self._system_parts[system] and self._system_starts[system] < self._gold_starts[gold]:
                system += 1
        else:
            end = self._system_ends[system]
            if not self._gold_parts[gold] and self._gold_starts[gold] < self._system_starts[system]:
                gold += 1
        first = gold, system
        while True:
            has_gold, has_system = gold < len(self._gold_starts), system < len(self._system_starts)
            goes_on = (
                has_gold
                and not _is_beyond(
                    self._gold_parts[gold], self._gold_starts[gold], self._gold_ends[gold], end
                )
            ) or (
                has_system
                and not _is_beyond(
                    self._system_parts[system], self._system_starts[system], self._system_ends[system], end
                )
            )
            if not goes_on:
                return *first, gold, system
            if has_gold and (not has_system or self._gold_starts[gold] <= self._system_starts[system]):
                if self._gold_parts[gold]:
                    end = max(end, self._gold_ends[gold])
                gold += 1
            else:
                if self._system_parts[system]:
                    end = max(end, self._system_ends[system])
                system += 1


def _is_beyond(is_part: bool, start: int, end: int, region_end: int) -> bool:
    return start >= region_end if is_part else end > region_end


def _runs(gold: Words, system: Words) -> tuple[list[int], list[int]]:
    """Return for each gold word the plain system word with the same range, -1 without one, and the end of its run.

    A run consists of plain words that are consecutive on both sides.
    """
    gold_plain, system_plain = np.flatnonzero(~gold.is_part), np.flatnonzero(~system.is_part)
    found = same_ranges(_chosen(gold.ranges, gold_plain), _chosen(system.ranges, system_plain))
    same = np.full(len(gold), -1, dtype=np.int64)
    is_found = found >= 0
    same[gold_plain[is_found]] = system_plain[found[is_found]]
    breaks = np.flatnonzero((np.diff(same) != 1) | (same[:-1] < 0)) + 1
    breaks = np.append(breaks, len(gold))
    ends = breaks[np.searchsorted(breaks, np.arange(len(gold)), side="right")]
    return same.tolist(), ends.tolist()


def _chosen(ranges: Ranges, numbers: IntArray) -> Ranges:
    return Ranges(ranges.starts[numbers], ranges.ends[numbers])


def common_words(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs of a longest common subsequence of words, ignoring case; if there are several, the scorer's.

    >>> common_words(["De", "le"], ["de", "la", "le"])
    [(0, 0), (1, 2)]

    Each row of the table is an integer with one bit per right word (Hyyrö 2004), so it needs 1/64 of the usual cells.
    """
    left, right = [form.lower() for form in left], [form.lower() for form in right]
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(left) and j < len(right) and left[i] == right[j]:  # covers most regions completely
        pairs.append((i, j))
        i, j = i + 1, j + 1
    if i == len(left) or j == len(right):
        return pairs
    rows = _rows(left[i:], right[j:])
    first, width = i, len(right)
    here = rows[0].bit_count()  # length of the longest common subsequence of the remaining words
    below = rows[1].bit_count()  # the same without the next left word
    while i < len(left) and j < len(right):
        row, next_row = rows[i - first], rows[i - first + 1]
        bit = 1 << (width - 1 - j)
        if left[i] == right[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif here == below:
            i += 1
        else:
            j += 1
            here -= bool(row & bit)
            below -= bool(next_row & bit)
            continue
        rest = (1 << (width - j)) - 1
        here = (rows[i - first] & rest).bit_count()
        below = (rows[i - first + 1] & rest).bit_count() if i < len(left) else 0
    return pairs


def _rows(left: Sequence[str], right: Sequence[str]) -> list[int]:
    """Return, for each suffix of the left words, where the longest common subsequence grows along the right words.

    Bit k of row i is set if, for the left words from i on, it grows with the k-th last right word; the last row is 0.
    """
    places: dict[str, int] = {}
    for place, form in enumerate(reversed(right)):
        places[form] = places.get(form, 0) | (1 << place)
    full = (1 << len(right)) - 1
    vector = full
    rows = [0]
    for form in reversed(left):
        matches = vector & places.get(form, 0)
        vector = ((vector + matches) | (vector - matches)) & full
        rows.append(full ^ vector)
    return rows[::-1]
