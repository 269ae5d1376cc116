"""Pairing gold and predicted spans: all pairs that overlap, and the best matching of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from tagger.evaluation.comparison import Comparison
from tagger.metrics.label_arrays import BoolArray, IntArray
from tagger.metrics.span_arrays import SpanArrays


class Pairs(NamedTuple):
    """Pairs of a gold and a predicted span that overlap, from left to right.

    Attributes:
        gold: index of the gold span of each pair.
        predicted: index of the predicted span of each pair.
    """

    gold: IntArray
    predicted: IntArray

    def chosen(self, which: BoolArray | IntArray) -> Pairs:
        """Return some of the pairs, by a mask or by ascending indices."""
        return Pairs(self.gold[which], self.predicted[which])


def overlapping_pairs(gold: SpanArrays, predicted: SpanArrays) -> Pairs:
    """Return all pairs of a gold and a predicted span that overlap.

    Since the spans of one side do not overlap, each pair shares one of its spans with the previous pair, or begins a
    new chain; two spans with the same range are a chain of their own.
    """
    first = np.searchsorted(predicted.ends, gold.starts, side="right")
    after = np.searchsorted(predicted.starts, gold.ends, side="left")
    counts = np.maximum(after - first, 0)
    golds = np.repeat(np.arange(len(gold)), counts)
    place_in_run = np.arange(len(golds)) - np.repeat(np.cumsum(counts) - counts, counts)
    return Pairs(golds, first[golds] + place_in_run)


def matched_pairs(comparison: Comparison, pairs: Pairs | None = None) -> Pairs:
    """Return a matching of overlapping spans, in which no span is in two pairs.

    Of all matchings it is the one with the most pairs of the same type; of those, the one with the most pairs; then the
    one with the most positions in common. So spans with the same range are always paired, whatever their types.
    Remaining ties are resolved by the most pairs of the types that come first alphabetically, so the pairs of types do
    not depend on the order of the corpus or the reading direction. Of otherwise equal matchings, the leftmost is used.

    Args:
        comparison: the comparison of spans.
        pairs: all pairs that overlap, if already known.
    """
    gold, predicted = comparison.gold.spans, comparison.predicted.spans
    pairs = overlapping_pairs(gold, predicted) if pairs is None else pairs
    golds, others = pairs
    # For each pair, the first pair of the run that shares a span with it; a pair excludes no others before it.
    first = np.minimum(np.searchsorted(golds, golds), np.searchsorted(others, others))
    starts = np.flatnonzero(first == np.arange(len(golds)))
    lengths = np.diff(starts, append=len(golds))
    chosen = np.zeros(len(golds), dtype=np.bool_)
    chosen[starts[lengths == 1]] = True
    gold_types, other_types = gold.types[golds], predicted.types[others]
    common = np.minimum(gold.ends[golds], predicted.ends[others])
    common -= np.maximum(gold.starts[golds], predicted.starts[others])
    names = comparison.types
    for start, length in zip(starts[lengths > 1].tolist(), lengths[lengths > 1].tolist(), strict=True):
        chain = slice(start, start + length)
        types = [
            (names[left], names[right])
            for left, right in zip(gold_types[chain].tolist(), other_types[chain].tolist(), strict=True)
        ]
        worths = _worths(types, common[chain].tolist())
        chosen[chain] = _best((first[chain] - start).tolist(), worths)
    return pairs.chosen(chosen)


def _worths(types: Sequence[tuple[str, str]], common: Sequence[int]) -> Iterator[int]:
    """Yield the weight of each pair of a chain: integers whose sums compare lexicographically by the criteria."""
    bits = (sum(common) + len(types)).bit_length()  # no sum of a criterion is larger
    ranks = {pair: rank for rank, pair in enumerate(sorted(set(types), reverse=True))}
    for (left, right), size in zip(types, common, strict=True):
        criteria = ((left == right) << bits | 1) << bits | size
        yield criteria << bits * len(ranks) | 1 << bits * ranks[left, right]


def _best(first: Sequence[int], worths: Iterable[int]) -> list[bool]:
    """Return which pairs of a chain are in the matching of the largest weight; of several, in the leftmost one.

    Args:
        first: for each pair, the first of the adjacent pairs before it that share a span with it; the pair itself if
            none does.
        worths: weight of each pair.
    """
    is_taken = []
    best = before = 0  # weight of the best matching of the pairs so far, and without the last of them
    run, before_run = -1, 0
    for start, worth in zip(first, worths, strict=True):
        if start != run:
            run, before_run = start, before
        is_taken.append(before_run + worth > best)
        before, best = best, max(best, before_run + worth)
    chosen = [False] * len(is_taken)
    number = len(is_taken) - 1
    while number >= 0:
        chosen[number] = is_taken[number]
        number = first[number] - 1 if is_taken[number] else number - 1
    return chosen
