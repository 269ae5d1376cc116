"""Which of many errors are shown: some of each kind, from all over the corpus, the same ones each time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from typing import Final

# The golden ratio: multiples of it, less their whole part, leave no large gap, wherever one stops.
_GOLDEN: Final = 0.6180339887498949


def fair_order(strata: Sequence[Hashable]) -> list[int]:
    """Return the numbers of all things in an order of which every beginning is a fair sample.

    One of each stratum comes first, that of the largest stratum before the others, then another one of each, and so
    forth; those of a stratum come from all over it.

    Args:
        strata: the stratum of each thing.

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
    """Return numbers in an order of which every beginning is spread over all of them."""
    places = sorted(range(len(numbers)), key=lambda place: (place * _GOLDEN) % 1)
    return [numbers[place] for place in places]


def most_frequent(values: Sequence[str | None], most: int) -> list[str | None]:
    """Return the most frequent values, the most frequent one first; of equals, by their letters, None at last."""
    counts = Counter(values)
    order = sorted(counts, key=lambda value: (-counts[value], value is None, value or ""))
    return order[:most]
