"""recipes/curve_fit.py: intervals hold what known laws give, and are no wider than the scores make them."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from tiny_runs import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "recipes"))  # programs, not a package

from curve_fit import CannotTellError, CurveFit, Point

SIZES = (784, 1568, 3136, 6272)


def drawn(law, sizes=SIZES, *, seeds=5, noise=0.001, seed=0):
    """Scores with normal noise around a law."""
    random = np.random.default_rng(seed)
    a, b, c = law
    return [Point(size, tuple(1 - a - b * size**-c - noise * random.normal(size=seeds))) for size in sizes]


@pytest.mark.parametrize(
    ("law", "noise"),
    [((0.02, 0.9, 0.4), 0.001), ((0.0, 0.8, 0.3), 0.005), ((0.3, 3.0, 0.35), 0.005)],
)
def test_intervals_hold_the_score_of_twice_the_data_about_as_often_as_they_say(law, noise):
    a, b, c = law
    true = 1 - a - b * 12544**-c
    tries, of_mean, of_run, widths = 30, 0, 0, []
    for seed in range(tries):
        found = CurveFit(drawn(law, noise=noise, seed=seed)).predict(12544)
        of_mean += found.mean[0] <= true <= found.mean[1]
        run = true + noise * np.random.default_rng(1000 + seed).normal()
        of_run += found.run[0] <= run <= found.run[1]
        widths.append(found.mean[1] - found.mean[0])
    # With 95 %, 24 of 30 or fewer come once in 300 times.
    assert of_mean > 24
    assert of_run > 24
    # No wider than would be of use: well below the error that is left, and not much above what a doubling buys.
    assert np.mean(widths) < 0.5 * (1 - true)


def test_a_law_without_noise_is_found():
    fit = CurveFit(drawn((0.0, 0.9, 0.25), noise=1e-6))
    assert fit.predict(12544).score == pytest.approx(1 - 0.9 * 12544**-0.25, abs=0.001)
    a, b, c = fit.law
    assert a + b * 6272**-c == pytest.approx(0.9 * 6272**-0.25, rel=0.01)


def test_what_lies_further_away_is_less_certain():
    fit = CurveFit(drawn((0.02, 0.9, 0.4)))
    widths = [high - low for low, high in (fit.predict(size).mean for size in (12544, 25088, 100352))]
    assert widths == sorted(widths)
    assert widths[2] > 2 * widths[0]


def test_more_seeds_and_less_noise_make_intervals_narrower():
    def width(**options):
        return np.mean(
            [
                high - low
                for low, high in (
                    CurveFit(drawn((0.02, 0.9, 0.4), seed=seed, **options)).predict(12544).mean
                    for seed in range(5)
                )
            ]
        )

    assert width(noise=0.01, seeds=20) < 0.8 * width(noise=0.01, seeds=3)
    assert width(noise=0.001) < 0.6 * width(noise=0.01)


def test_the_score_of_one_run_is_less_certain_than_that_of_five_and_these_less_than_that_of_many():
    fit = CurveFit(drawn((0.02, 0.9, 0.4), noise=0.01))
    one, five, many = fit.predict(12544).run, fit.predict(12544, seeds=5).mean, fit.predict(12544).mean
    assert one[0] < five[0] < many[0] < many[1] < five[1] < one[1]


def test_the_gain_is_the_rise_from_the_largest_size():
    found = CurveFit(drawn((0.0, 0.8, 0.3), noise=0.0001)).predict(12544)
    rise = 0.8 * 6272**-0.3 - 0.8 * 12544**-0.3
    assert found.gain == pytest.approx(rise, rel=0.2)
    assert found.gain_interval[0] < rise < found.gain_interval[1]


def test_the_same_scores_give_the_same_numbers_in_any_order():
    points = drawn((0.02, 0.9, 0.4))
    assert CurveFit(points).predict(10_000) == CurveFit(points[::-1]).predict(10_000)


@pytest.mark.parametrize("score", [1.0, 0.01, 0.5])
def test_scores_that_are_all_the_same_stay_so(score):
    found = CurveFit([Point(size, (score, score)) for size in SIZES]).predict(12544)
    assert found.score == pytest.approx(score, abs=0.02)
    assert all(math.isfinite(end) and 0 <= end <= 1 for end in (*found.mean, *found.run))


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (
            [Point(10, (0.5, 0.6, 0.5)), Point(20, (0.7, 0.6, 0.7))],
            "expected 3 sizes of training data or more, found 2",
        ),
        ([Point(10, (0.5,)), Point(20, (0.6,)), Point(40, (0.7,))], "expected several seeds for each size"),
        (
            [
                Point(size, (score, score + 0.01))
                for size, score in zip(SIZES, (0.05, 0.1, 0.5, 0.9), strict=True)
            ],
            "do not lie on a falling power law",
        ),
        (
            [
                Point(size, (score, score + 0.01))
                for size, score in zip(SIZES, (0.9, 0.7, 0.5, 0.3), strict=True)
            ],
            "do not lie on a falling power law",
        ),
        ([Point(size, (0.0, 0.0)) for size in SIZES], "all scores are 0: learning has not begun"),
    ],
)
def test_scores_that_do_not_tell_are_said_not_to(points, message):
    with pytest.raises(CannotTellError, match=message):
        CurveFit(points)
