"""Intervals and tests against slow ones, one unit at a time, and against what they promise on simulated truth."""

import itertools
import tracemalloc

import numpy as np
import pytest

from tagger.errors import DataError
from tagger.evaluation.certainty import (
    bootstrap,
    f1,
    paired_difference,
    precision,
    recall,
    share,
)


def units(seed, count, found=0.45):
    """Counts of simulated sentences: true positives, predicted and gold spans."""
    random = np.random.default_rng(seed)
    gold = random.poisson(0.8, count)
    right = random.binomial(gold, found)
    return np.stack([right, right + random.poisson(0.4, count), gold], axis=1)


def test_scores_of_sums():
    sums = np.array([[1.0, 2.0, 4.0], [0.0, 0.0, 0.0]])
    assert precision(sums).tolist() == [0.5, 0.0]
    assert recall(sums).tolist() == [0.25, 0.0]
    assert f1(sums).tolist() == [2 / 6, 0.0]
    assert share(np.array([3.0, 4.0])) == 0.75


def test_an_interval_is_that_of_units_drawn_one_by_one():
    counts = units(1, 60)
    random = np.random.default_rng(2)
    drawn = counts[random.integers(0, 60, (20_000, 60))].sum(axis=1).astype(float)
    expected = np.quantile(f1(drawn), [0.025, 0.975])
    assert bootstrap(counts, f1, draws=20_000) == pytest.approx(expected, abs=0.006)


def test_the_same_seed_gives_the_same_interval_and_another_one_another():
    counts = units(1, 60)
    assert bootstrap(counts, f1, seed=3) == bootstrap(counts, f1, seed=3) != bootstrap(counts, f1, seed=4)


@pytest.mark.slow
def test_intervals_of_a_known_truth_cover_it_as_often_as_they_say():
    population = units(5, 200_000)
    truth = f1(population.sum(axis=0).astype(float))
    random = np.random.default_rng(6)
    samples = (population[random.integers(0, len(population), 300)] for _ in range(400))
    covered = [low <= truth <= high for low, high in (bootstrap(one, f1, draws=600) for one in samples)]
    assert 0.92 <= np.mean(covered) <= 0.98  # 95 % in the long run; scripts/benchmarks/certainty.py has more


def test_a_permutation_test_is_the_exact_one_over_all_swaps():
    first, second = units(1, 9, found=0.9), units(2, 9, found=0.2)
    first[:, 2] = second[:, 2] = np.maximum(first[:, 2], second[:, 2])
    observed = abs(f1(first.sum(axis=0).astype(float)) - f1(second.sum(axis=0).astype(float)))
    as_large = 0
    for swapped in itertools.product([False, True], repeat=9):
        chosen = np.array(swapped)[:, None]
        one, other = np.where(chosen, second, first), np.where(chosen, first, second)
        difference = f1(one.sum(axis=0).astype(float)) - f1(other.sum(axis=0).astype(float))
        as_large += bool(abs(difference) >= observed - 1e-12)
    found = paired_difference(first, second, f1, draws=20_000)
    assert found.p_value == pytest.approx(as_large / 2**9, abs=0.01)
    assert found.value == pytest.approx(
        f1(first.sum(axis=0).astype(float)) - f1(second.sum(axis=0).astype(float))
    )


@pytest.mark.slow
def test_systems_of_one_quality_are_told_apart_as_often_as_the_level_says():
    random = np.random.default_rng(8)
    rejected = 0
    for _ in range(400):
        gold = random.poisson(0.8, 200)
        one, other = (
            np.stack([right, right + random.poisson(0.4, 200), gold], axis=1)
            for right in (random.binomial(gold, 0.45), random.binomial(gold, 0.45))
        )
        rejected += paired_difference(one, other, f1, draws=200).p_value <= 0.05
    assert 0.02 <= rejected / 400 <= 0.08


def test_two_systems_that_say_the_same_do_not_differ():
    counts = units(1, 60)
    assert paired_difference(counts, counts, f1) == (0.0, (0.0, 0.0), 1.0)


def test_better_in_every_sentence_is_as_sure_as_the_draws_allow():
    gold = np.ones(40, dtype=int)
    better, worse = np.stack([gold, gold, gold], 1), np.stack([0 * gold, gold, gold], 1)
    found = paired_difference(better, worse, f1, draws=999)
    assert (found.value, found.p_value) == (1.0, 1 / 1000)
    assert paired_difference(worse, better, f1, draws=999).value == -1.0


def test_nothing_to_draw_from_is_an_error():
    with pytest.raises(DataError, match=r"^expected sentences to draw from, found none$"):
        bootstrap(np.zeros((0, 3), dtype=int), f1)


@pytest.mark.slow
def test_memory_does_not_grow_with_draws_times_different_units():
    counts = np.arange(60_000).reshape(20_000, 3)  # no two alike: all draws at once would be 130 MB
    tracemalloc.start()
    try:
        bootstrap(counts, f1, draws=400)
        paired_difference(counts, counts[::-1], f1, draws=400)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 45e6
