"""Statistics of a few scores: mean, spread, Student's interval, and two paired tests.

Implemented here, since for few scores Student's distribution is a short sum (Abramowitz & Stegun, Handbook of
Mathematical Functions, 26.7.3 and 26.7.4), and all signs of the differences can be enumerated.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

MAX_SIGNS: Final = 20
"""Maximum number of differences for which all 2^n signs are enumerated."""


@dataclass(frozen=True)
class Summary:
    """Summary statistics of n scores.

    Attributes:
        mean: their mean.
        deviation: their standard deviation with n - 1; None for a single score.
        interval: 95 % confidence interval of the mean, if they are normally distributed; None for a single score.
    """

    mean: float
    deviation: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class PairedTest:
    """Two tests of whether the mean of n differences may be due to chance.

    Attributes:
        differences: their summary.
        t: their mean over its standard error; infinite if all are the same, None for a single one or all zero.
        t_p: p-value of the two-sided t-test, which assumes normal differences.
        permutation_p: the share of the 2^n choices of signs whose sum is at least as far from zero, which assumes only
            that both signs are equally likely by chance; None for more than ``MAX_SIGNS`` differences.
    """

    differences: Summary
    t: float | None
    t_p: float
    permutation_p: float | None


def summarize(scores: Sequence[float]) -> Summary:
    """Return mean, standard deviation and interval of one or more scores."""
    mean = statistics.fmean(scores)
    if len(scores) < 2:
        return Summary(mean, None, None)
    deviation = statistics.stdev(scores)
    half = t_quantile(0.95, len(scores) - 1) * deviation / math.sqrt(len(scores))
    return Summary(mean, deviation, (mean - half, mean + half))


def paired_test(first: Sequence[float], second: Sequence[float]) -> PairedTest:
    """Compare two sources by paired scores; the differences are second minus first.

    Raises:
        ValueError: if their numbers differ.
    """
    differences = [b - a for a, b in zip(first, second, strict=True)]
    summary = summarize(differences)
    t, t_p = None, 1.0
    if summary.deviation:
        t = summary.mean / (summary.deviation / math.sqrt(len(differences)))
        t_p = 1 - t_probability(abs(t), len(differences) - 1)
    elif summary.deviation is not None and summary.mean:
        t, t_p = math.copysign(math.inf, summary.mean), 0.0
    return PairedTest(summary, t, t_p, permutation_p(differences))


def permutation_p(differences: Sequence[float]) -> float | None:
    """Return the exact two-sided p-value of Fisher's sign-flipping test, never below 2 / 2^n unless all are zero."""
    if len(differences) > MAX_SIGNS:
        return None
    sums = np.zeros(1)
    for difference in differences:
        sums = np.concatenate([sums + difference, sums - difference])
    # Sums that differ only by rounding count as equal.
    slack = 1e-9 * sum(map(abs, differences))
    return float((np.abs(sums) >= abs(math.fsum(differences)) - slack).mean())


def t_probability(t: float, freedom: int) -> float:
    """Return the probability that Student's t, with integer degrees of freedom, lies between -t and t.

    Args:
        t: 0 or more.
        freedom: degrees of freedom, 1 or more.
    """
    angle = math.atan2(t, math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = 0.0
    for k in range(1 + odd, freedom, 2):
        total += term
        term *= k / (k + 1) * cosine**2
    return 2 / math.pi * (angle + sine * total) if odd else sine * total


def t_quantile(probability: float, freedom: int) -> float:
    """Return the t with a given :func:`t_probability`, from 0 to below 1."""
    low, high = 0.0, 1.0
    while t_probability(high, freedom) < probability:
        high *= 2
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if t_probability(middle, freedom) < probability else (low, middle)
    return high
