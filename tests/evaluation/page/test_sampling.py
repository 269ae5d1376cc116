"""Tests of tagger/evaluation/page/sampling.py: every beginning of the order is a fair sample."""

import itertools

from tagger.evaluation.page.sampling import fair_order, most_frequent


def test_each_stratum_has_its_turn_and_the_largest_comes_first():
    strata = ["a"] * 5 + ["b"] * 10 + ["c"]
    order = fair_order(strata)
    assert sorted(order) == list(range(16))
    assert [strata[number] for number in order] == list("bacbababababbbbb")


def test_every_beginning_is_spread_over_all_of_a_stratum():
    order = fair_order(["a"] * 1000)
    for size in (10, 50, 200):
        places = sorted(order[:size])
        gaps = [right - left for left, right in itertools.pairwise([0, *places, 1000])]
        assert max(gaps) < 3 * 1000 / size


def test_the_order_is_the_same_each_time():
    strata = [(number * 7 % 5, number % 3) for number in range(500)]
    assert fair_order(strata) == fair_order(strata)
    assert fair_order([]) == []


def test_the_most_frequent_values_come_first_and_nothing_last_of_equals():
    assert most_frequent(["b", None, "a", "c", "c"], 3) == ["c", "a", "b"]
    assert most_frequent([None, "b", "a"], 9) == ["a", "b", None]
    assert most_frequent([], 3) == []
