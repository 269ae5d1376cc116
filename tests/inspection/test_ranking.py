"""Tests of tagger/inspection/ranking.py: ranks and areas held against counting all pairs."""

import numpy as np

from tagger.inspection.ranking import areas, ranks, strength


def test_equal_values_share_their_mean_rank():
    values = np.array([[3.0, 1.0], [1.0, 1.0], [3.0, 1.0], [2.0, 1.0]])
    assert ranks(values).tolist() == [[3.5, 2.5], [1, 2.5], [3.5, 2.5], [2, 2.5]]


def test_areas_count_the_pairs_in_which_the_word_with_the_property_is_higher():
    generator = np.random.default_rng(0)
    values = generator.integers(0, 6, size=(40, 5)).astype(np.float32)  # many ties
    values[:, 4] = 1
    has_property = generator.random((3, 40)) < 0.3
    found = areas(ranks(values), has_property)
    for p, row in enumerate(has_property):
        for unit in range(5):
            pairs = [(a, b) for a in values[row, unit] for b in values[~row, unit]]
            expected = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs) / len(pairs)
            assert abs(found[p, unit] - expected) < 1e-12
    assert (found[:, 4] == 0.5).all()


def test_strength_does_not_mind_which_way_a_unit_points():
    assert strength(np.array([0.2, 0.5, 0.9])).tolist() == [0.8, 0.5, 0.9]
