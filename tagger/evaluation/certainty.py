"""The uncertainty of scores: bootstrap intervals, and permutation tests of differences.

Scores are ratios of counts, and counts are sums over units: sentences, or documents if the sentences of a document
resemble each other. The bootstrap (Efron 1979) repeatedly draws as many units as there are, with replacement; the
permutation test (Noreen 1989, "approximate randomization"; for F1 Yeh 2000) randomly swaps the two systems' outputs for
each unit. Units with the same counts are interchangeable, so it is enough to draw how often each *distinct* row of
counts occurs: a multinomial, or a binomial, for a few hundred rows instead of a hundred thousand units. The
distribution is exactly the same.

Letters: U units, C counts of each, R draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tagger.errors import DataError
from tagger.evaluation.drawing import DRAWS, SEED

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

_CELLS: Final = 2**20
"""Maximum size of the array drawn at once."""

Statistic = Callable[[FloatArray], FloatArray]
"""A function from sums of counts, ``[..., C]``, to scores, ``[...]``."""


class Interval(NamedTuple):
    """A confidence interval of a score, both ends included."""

    low: float
    high: float


class Difference(NamedTuple):
    """A difference of two scores.

    Attributes:
        value: the score of the first system minus that of the second.
        interval: its confidence interval, by paired bootstrap.
        p_value: two-sided p-value: how often chance alone gives a difference at least as large.
    """

    value: float
    interval: Interval
    p_value: float


def f1(counts: FloatArray) -> FloatArray:
    """Return F1 from true positives, predicted and gold, ``[..., 3]``; 0 if nothing is predicted or gold."""
    return _ratio(2 * counts[..., 0], counts[..., 1] + counts[..., 2])


def precision(counts: FloatArray) -> FloatArray:
    """Return the precision from true positives, predicted and gold, ``[..., 3]``; 0 if nothing is predicted."""
    return _ratio(counts[..., 0], counts[..., 1])


def recall(counts: FloatArray) -> FloatArray:
    """Return the recall from true positives, predicted and gold, ``[..., 3]``; 0 if nothing is gold."""
    return _ratio(counts[..., 0], counts[..., 2])


def share(counts: FloatArray) -> FloatArray:
    """Return the share of correct items from the numbers of correct and of all items, ``[..., 2]``; 0 without items."""
    return _ratio(counts[..., 0], counts[..., 1])


def bootstrap(
    counts: IntArray, statistic: Statistic, *, draws: int = DRAWS, seed: int = SEED, level: float = 0.95
) -> Interval:
    """Return the confidence interval of a score: percentiles of its bootstrap distribution.

    Args:
        counts: counts of each unit, ``[U, C]``.
        statistic: the score.
        draws: R.
        seed: seed of the draws.
        level: confidence level.

    Raises:
        DataError: if there are no units.
    """
    rows, times = _distinct(counts)
    sums = _drawn_sums(rows, times, draws, np.random.default_rng(seed))
    return _percentiles(statistic(sums), level)


def paired_difference(
    first: IntArray,
    second: IntArray,
    statistic: Statistic,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    level: float = 0.95,
) -> Difference:
    """Return the difference between two systems on the same units, with its interval and p-value.

    Args:
        first: counts of the first system for each unit, ``[U, C]``.
        second: counts of the second system for each unit, ``[U, C]``.
        statistic: the score.
        draws: R, for both the bootstrap and the test.
        seed: seed of the draws.
        level: confidence level of the interval.

    Raises:
        DataError: if there are no units.
    """
    rows, times = _distinct(np.concatenate([first, second], axis=1))
    size = first.shape[1]
    observed = _between(statistic, _sums(rows, times[None, :]), size)[0]
    random = np.random.default_rng(seed)
    resampled = _between(statistic, _drawn_sums(rows, times, draws, random), size)
    # Swapping rows that are the same for both systems changes nothing, but they are part of the sums.
    swapped_rows = np.concatenate([rows[:, size:], rows[:, :size]], axis=1)

    def swapped_sums(some: int) -> FloatArray:
        swaps = random.binomial(times, 0.5, size=(some, len(times)))
        return _sums(rows, times - swaps) + _sums(swapped_rows, swaps)

    by_chance = np.abs(_between(statistic, _in_blocks(swapped_sums, draws, len(rows)), size))
    # Sums of floats: equal differences must not count as smaller because of rounding.
    as_large = int((by_chance >= abs(observed) - 1e-12).sum())
    return Difference(float(observed), _percentiles(resampled, level), (as_large + 1) / (draws + 1))


def _distinct(counts: IntArray) -> tuple[FloatArray, IntArray]:
    """Return the distinct rows of counts, and the number of units with each."""
    if not len(counts):
        raise DataError("expected sentences to draw from, found none")
    # Rows encoded as single numbers, if small enough, can be sorted many times faster.
    sizes = [int(size) for size in counts.max(axis=0) + 1]
    if counts.min() >= 0 and math.prod(sizes) < 2**62:
        codes, times = np.unique(np.ravel_multi_index(tuple(counts.T), sizes), return_counts=True)
        rows = np.stack(np.unravel_index(codes, sizes), axis=1)
    else:
        rows, times = np.unique(counts, axis=0, return_counts=True)
    return rows.astype(np.float64), times.astype(np.int64)


def _drawn_sums(rows: FloatArray, times: IntArray, draws: int, random: np.random.Generator) -> FloatArray:
    """Return the sums of counts of R bootstrap samples, ``[R, C]``."""
    num_units = int(times.sum())

    def sums(some: int) -> FloatArray:
        return _sums(rows, random.multinomial(num_units, times / num_units, size=some))

    return _in_blocks(sums, draws, len(rows))


def _in_blocks(sums: Callable[[int], FloatArray], draws: int, num_rows: int) -> FloatArray:
    """Return the sums of all draws, computed in blocks, so that memory does not grow with draws times rows."""
    at_once = max(1, _CELLS // num_rows)
    return np.concatenate([sums(min(at_once, draws - done)) for done in range(0, draws, at_once)])


def _sums(rows: FloatArray, times: IntArray) -> FloatArray:
    sums: FloatArray = times.astype(np.float64) @ rows
    return sums


def _between(statistic: Statistic, sums: FloatArray, size: int) -> FloatArray:
    return statistic(sums[..., :size]) - statistic(sums[..., size:])


def _percentiles(values: FloatArray, level: float) -> Interval:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Interval(low, high)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    result: FloatArray = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    return result
