"""Statistics of a handful of scores against printed tables of Student's t, worked examples and counting by hand."""

from __future__ import annotations

import itertools
import math

import pytest

from tagger.runs.seed_statistics import (
    MAX_SIGNS,
    PairedTest,
    Summary,
    paired_test,
    permutation_p,
    summarize,
    t_probability,
    t_quantile,
)

# Two-sided 95 % and 99 % points of Student's t, as every textbook prints them.
PRINTED = {1: (12.706, 63.657), 2: (4.303, 9.925), 3: (3.182, 5.841), 4: (2.776, 4.604), 5: (2.571, 4.032),
           9: (2.262, 3.250), 10: (2.228, 3.169), 30: (2.042, 2.750), 120: (1.980, 2.617)}  # fmt: skip

# Student (1908), from Cushny & Peebles: hours of sleep gained by ten patients with either form of a drug.
DEXTRO = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
LAEVO = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


@pytest.mark.parametrize("freedom", PRINTED)
def test_quantiles_are_those_of_the_printed_table(freedom):
    assert round(t_quantile(0.95, freedom), 3) == pytest.approx(PRINTED[freedom][0], abs=5e-4)
    assert round(t_quantile(0.99, freedom), 3) == pytest.approx(PRINTED[freedom][1], abs=5e-4)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 12])
def test_probabilities_are_the_integral_of_students_density(freedom):
    scale = math.gamma((freedom + 1) / 2) / (math.sqrt(freedom * math.pi) * math.gamma(freedom / 2))
    steps = 20_000
    for t in (0.3, 1.0, 2.5):
        middles = (t * (i + 0.5) / steps for i in range(steps))
        area = sum((1 + x * x / freedom) ** (-(freedom + 1) / 2) for x in middles) * t / steps
        assert t_probability(t, freedom) == pytest.approx(2 * scale * area, abs=1e-8)


def test_a_summary_of_scores():
    found = summarize([1.0, 2.0, 3.0, 4.0])
    assert found.mean == 2.5
    assert found.deviation == pytest.approx(math.sqrt(5 / 3))
    half = 3.1824463 * math.sqrt(5 / 3) / 2
    assert found.interval == pytest.approx((2.5 - half, 2.5 + half))


def test_a_single_score_has_no_spread():
    assert summarize([0.5]) == Summary(0.5, None, None)


def test_students_own_example():
    found = paired_test(DEXTRO, LAEVO)
    assert found.differences.mean == pytest.approx(1.58)
    assert found.t == pytest.approx(4.0621, abs=1e-4)
    assert found.t_p == pytest.approx(0.00283, abs=1e-5)
    # One difference is zero, all others are positive: only those two choices of signs, each with both signs of zero.
    assert found.permutation_p == 4 / 1024


def test_the_permutation_test_goes_through_all_signs():
    for differences in ([0.3, -0.1, 0.2], [1.0, 1.0, -1.0, 2.0], [0.1, 0.2, 0.3, -0.6], [-5.0]):
        sums = [
            abs(math.fsum(sign * difference for sign, difference in zip(signs, differences, strict=True)))
            for signs in itertools.product((1, -1), repeat=len(differences))
        ]
        as_far = sum(each >= abs(math.fsum(differences)) - 1e-12 for each in sums)
        assert permutation_p(differences) == as_far / len(sums)


def test_the_permutation_test_is_left_out_where_there_are_too_many_signs():
    assert permutation_p([1.0] * MAX_SIGNS) == 2 / 2**MAX_SIGNS
    assert permutation_p([1.0] * (MAX_SIGNS + 1)) is None


def test_equal_scores_are_no_evidence():
    assert paired_test([0.5, 0.25], [0.5, 0.25]) == PairedTest(Summary(0.0, 0.0, (0.0, 0.0)), None, 1.0, 1.0)


def test_the_same_difference_each_time_is_infinitely_far_from_none():
    found = paired_test([0.5, 0.25, 1.0], [0.25, 0.0, 0.75])
    assert (found.t, found.t_p, found.permutation_p) == (-math.inf, 0.0, 0.25)


def test_one_pair_shows_nothing():
    assert paired_test([0.5], [0.75]) == PairedTest(Summary(0.25, None, None), None, 1.0, 1.0)


def test_pairs_must_be_whole():
    with pytest.raises(ValueError, match="zip"):
        paired_test([1.0, 2.0], [1.0])
