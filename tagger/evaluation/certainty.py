"""How sure one can be of a score: bootstrap intervals, and permutation tests of differences.

Scores are quotients of counts, and counts are sums over units: sentences, or documents where sentences of one resemble
each other. The bootstrap (Efron 1979) draws as many units as there are, with replacement, and again and again; the
permutation test (Noreen 1989, "approximate randomization"; for F1 Yeh 2000) swaps what two systems say of a unit, or
not, by chance. Units with the same counts cannot be told apart, so it is enough to draw how often each *different* row
of counts comes: a multinomial, or a binomial, for a few hundred rows in place of a hundred thousand units. The
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
"""So many numbers are drawn at once."""

Statistic = Callable[[FloatArray], FloatArray]
"""From sums of counts, ``[..., C]``, to scores, ``[...]``."""


class Interval(NamedTuple):
    """Where a score lies with a certain probability, both ends included."""

    low: float
    high: float


class Difference(NamedTuple):
    """A difference of two scores.

    Attributes:
        value: of the first system less that of the second.
        interval: where it lies, by paired bootstrap.
        p_value: how often chance alone gives a difference as large, whichever system is better.
    """

    value: float
    interval: Interval
    p_value: float


def f1(counts: FloatArray) -> FloatArray:
    """Return F1 from true positives, predicted and gold, ``[..., 3]``; 0 where there is nothing."""
    return _ratio(2 * counts[..., 0], counts[..., 1] + counts[..., 2])


def precision(counts: FloatArray) -> FloatArray:
    """Return the precision from true positives, predicted and gold, ``[..., 3]``; 0 where nothing is predicted."""
    return _ratio(counts[..., 0], counts[..., 1])


def recall(counts: FloatArray) -> FloatArray:
    """Return the recall from true positives, predicted and gold, ``[..., 3]``; 0 where nothing is there."""
    return _ratio(counts[..., 0], counts[..., 2])


def share(counts: FloatArray) -> FloatArray:
    """Return the share of the right ones from their number and that of all, ``[..., 2]``; 0 where there are none."""
    return _ratio(counts[..., 0], counts[..., 1])


def bootstrap(
    counts: IntArray, statistic: Statistic, *, draws: int = DRAWS, seed: int = SEED, level: float = 0.95
) -> Interval:
    """Return where a score lies: the percentiles of its bootstrap distribution.

    Args:
        counts: of each unit, ``[U, C]``.
        statistic: the score.
        draws: R.
        seed: of the draws.
        level: how sure to be.

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
    """Return how much two systems differ on the same units, and how sure that is.

    Args:
        first: counts of the first system in each unit, ``[U, C]``.
        second: those of the second, ``[U, C]``.
        statistic: the score.
        draws: R, of the bootstrap and of the test each.
        seed: of the draws.
        level: how sure the interval is.

    Raises:
        DataError: if there are no units.
    """
    rows, times = _distinct(np.concatenate([first, second], axis=1))
    size = first.shape[1]
    observed = _between(statistic, _sums(rows, times[None, :]), size)[0]
    random = np.random.default_rng(seed)
    resampled = _between(statistic, _drawn_sums(rows, times, draws, random), size)
    # What both systems say alike changes nothing when it is swapped, but is part of the sums.
    swapped_rows = np.concatenate([rows[:, size:], rows[:, :size]], axis=1)

    def swapped_sums(some: int) -> FloatArray:
        swaps = random.binomial(times, 0.5, size=(some, len(times)))
        return _sums(rows, times - swaps) + _sums(swapped_rows, swaps)

    by_chance = np.abs(_between(statistic, _in_blocks(swapped_sums, draws, len(rows)), size))
    # Sums of floats: what is equal must not count as smaller.
    as_large = int((by_chance >= abs(observed) - 1e-12).sum())
    return Difference(float(observed), _percentiles(resampled, level), (as_large + 1) / (draws + 1))


def _distinct(counts: IntArray) -> tuple[FloatArray, IntArray]:
    """Return the different rows of counts, and how many units have each."""
    if not len(counts):
        raise DataError("expected sentences to draw from, found none")
    # Rows as single numbers, which are sorted many times faster, as long as they are small enough.
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
    """Return the sums of all draws, made of some at a time, so that memory does not grow with draws times rows."""
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
