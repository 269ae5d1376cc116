"""Choosing among many errors: some of each kind, from all over the corpus, deterministically."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from typing import Final

# The golden ratio: the fractional parts of its multiples leave no large gap, however many are taken.
_GOLDEN: Final = 0.6180339887498949


def fair_order(strata: Sequence[Hashable]) -> list[int]:
    """Return the indices of all items in an order in which every prefix is a fair sample.

    One item of each stratum comes first, that of the largest stratum before the others, then another one of each, and
    so on; the items of a stratum are taken from all over it.

    Args:
        strata: the stratum of each item.

    >>> fair_order(["a", "a", "b", "a"])
    [0, 2, 3, 1]
    """
    members: defaultdict[Hashable, list[int]] = defaultdict(list)
    for number, stratum in enumerate(strata):
        members[stratum].append(number)
    # sorted() keeps the order of first occurrence among strata of the same size
    largest_first = sorted(members.values(), key=len, reverse=True)
    ranked = [
        (turn, rank, number)
        for rank, numbers in enumerate(largest_first)
        for turn, number in enumerate(_spread(numbers))
    ]
    return [number for _, _, number in sorted(ranked)]


def _spread(numbers: Sequence[int]) -> list[int]:
    """Return numbers in an order in which every prefix is spread over all of them."""
    places = sorted(range(len(numbers)), key=lambda place: (place * _GOLDEN) % 1)
    return [numbers[place] for place in places]


def most_frequent(values: Sequence[str | None], most: int) -> list[str | None]:
    """Return the most frequent values, most frequent first; ties are sorted alphabetically, with None last."""
    counts = Counter(values)
    order = sorted(counts, key=lambda value: (-counts[value], value is None, value or ""))
    return order[:most]
