"""Agreement beyond chance, compared with published examples, with values of the package krippendorff, and by hand."""

from itertools import permutations

import numpy as np
import pytest
from present import present

from tagger.agreement.coefficients import MISSING, Coefficient, cohen_kappa, krippendorff_alpha
from tagger.evaluation.certainty import Interval
from tagger.evaluation.drawing import Drawing


def codes(text):
    """Codes of labels, one annotator a line, ``.`` where one is missing."""
    return np.array(
        [[MISSING if cell == "." else int(cell) for cell in line.split()] for line in text.splitlines()]
    )


FOUR_OBSERVERS = codes(
    "1 2 3 3 2 1 4 1 2 . . .\n1 2 3 3 2 2 4 1 2 5 . 3\n. 3 3 3 2 3 4 2 2 5 1 .\n1 2 3 3 2 4 4 1 2 5 1 ."
)
"""Krippendorff 2011, section C."""
THREE_CODERS = codes(
    ". . . . . 3 4 1 2 1 1 3 3 . 3\n1 . 2 1 3 3 4 3 . . . . . . .\n. . 2 1 3 4 4 . 2 1 1 3 3 . 4"
)
"""The example of the encyclopedias."""


@pytest.mark.parametrize(("labels", "published"), [(FOUR_OBSERVERS, 0.743), (THREE_CODERS, 0.691)])
def test_alpha_is_what_was_published(labels, published):
    assert krippendorff_alpha(labels).value == pytest.approx(published, abs=5e-4)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 . 1 3 1 3 2 1\n3 0 1 1 . 3 2 0\n0 0 1 3 . 0 3 0", 0.2891156462585034),
        (
            ". 1 . 2 0 2 2 . 0 1 1 1 1 2 1 0 2 . 2 0\n0 1 0 2 0 2 . 2 0 1 1 1 1 . 1 . 2 . 2 0\n"
            ". 1 . 2 0 . 2 . 0 . . . 1 2 1 0 2 1 2 0\n2 0 0 0 0 2 1 . . . . . . . 0 2 2 0 2 2\n"
            "1 1 2 2 2 1 . 2 0 1 2 0 0 . . 2 2 2 . 1",
            0.3491777531411677,
        ),
    ],
)
def test_alpha_is_that_of_the_package_krippendorff(text, value):
    assert krippendorff_alpha(codes(text)).value == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize("count", [42, 60])
def test_alpha_of_many_annotators_is_that_of_all_pairs_of_values(count):
    random = np.random.default_rng(count)
    labels = random.integers(0, 2, (count, 30))
    labels[random.random(labels.shape) < 0.2] = MISSING
    coincidences = np.zeros((2, 2))
    for token in labels.T:
        values = token[token != MISSING].tolist()
        for first, second in permutations(values, 2):
            coincidences[first, second] += 1 / (len(values) - 1)
    uses = coincidences.sum(axis=1)
    total = uses.sum()
    expected = 1 - (total - 1) * coincidences[0, 1] / (uses[0] * uses[1])
    found = krippendorff_alpha(labels, units=np.arange(30))
    assert found.value == pytest.approx(expected, abs=1e-12)
    interval = present(found.interval)
    assert interval.low < expected < interval.high


def test_tokens_that_do_not_count_change_neither_kappa_nor_what_is_drawn():
    random = np.random.default_rng(2)
    first = random.integers(0, 3, 200)
    second = np.where(random.random(200) < 0.7, first, random.integers(0, 3, 200))
    units = np.repeat(np.arange(40), 5)
    counted = (np.arange(200) % 5 > 0) & (units != 7)  # of unit 7 no token counts
    found = cohen_kappa(first, second, counted=counted, units=units, drawing=Drawing(draws=4000))
    assert found.value == cohen_kappa(first[counted], second[counted]).value
    drawn = []
    for _ in range(1000):
        tokens = np.concatenate(
            [np.flatnonzero(counted & (units == unit)) for unit in random.integers(0, 40, 40)]
        )
        drawn.append(present(cohen_kappa(first[tokens], second[tokens]).value))
    assert found.interval == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.03)


def test_kappa_is_what_one_works_out_by_hand():
    # Observed 140 of 200, by chance 0.5 * 0.6 + 0.3 * 0.3 + 0.2 * 0.1 = 0.41; (0.70 - 0.41) / (1 - 0.41)
    table = np.array([[88, 10, 2], [14, 40, 6], [18, 10, 12]])
    first, second = (np.repeat(which.ravel(), table.ravel()) for which in np.indices((3, 3)))
    assert cohen_kappa(first, second).value == pytest.approx(0.29 / 0.59, abs=1e-12)


def test_less_agreement_than_chance_gives_is_below_0():
    assert cohen_kappa(np.array([0, 1]), np.array([1, 0])).value == -1.0
    assert krippendorff_alpha(np.array([[0, 1], [1, 0]])).value == -0.5


@pytest.mark.parametrize("count", [0, 1, 5])
def test_where_only_one_label_is_used_nothing_is_defined(count):
    only = np.zeros(count, dtype=np.int64)
    units = np.arange(count)
    assert cohen_kappa(only, only, units=units) == Coefficient(None)
    assert krippendorff_alpha(np.stack([only, only]), units=units) == Coefficient(None)


def test_alpha_of_nothing_to_compare_is_not_defined():
    assert krippendorff_alpha(codes("0 . 1\n. 0 .")) == Coefficient(None)


def test_two_that_always_agree_have_1_and_no_spread():
    labels = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2])
    units = np.repeat(np.arange(3), 3)
    assert cohen_kappa(labels, labels, units=units) == Coefficient(1.0, Interval(1.0, 1.0))
    assert krippendorff_alpha(np.stack([labels, labels]), units=units) == Coefficient(1.0, Interval(1.0, 1.0))


def test_neither_the_order_of_annotators_nor_the_numbers_of_labels_matter():
    labels = FOUR_OBSERVERS
    renumbered = np.where(labels == MISSING, MISSING, 7 - labels)
    value = krippendorff_alpha(labels).value
    assert krippendorff_alpha(labels[::-1]).value == pytest.approx(value, abs=1e-12)
    assert krippendorff_alpha(renumbered).value == pytest.approx(value, abs=1e-12)
    first, second = labels[1, 1:9], labels[2, 1:9]
    kappa = cohen_kappa(first, second).value
    assert cohen_kappa(second, first).value == pytest.approx(kappa, abs=1e-12)
    assert cohen_kappa(renumbered[2, 1:9], renumbered[1, 1:9]).value == pytest.approx(kappa, abs=1e-12)


def test_intervals_draw_units_and_the_same_seed_draws_the_same():
    random = np.random.default_rng(3)
    first = random.integers(0, 3, 300)
    second = np.where(random.random(300) < 0.7, first, random.integers(0, 3, 300))
    units = np.repeat(np.arange(60), 5)
    for find in (
        lambda drawing: cohen_kappa(first, second, units=units, drawing=drawing),
        lambda drawing: krippendorff_alpha(np.stack([first, second]), units=units, drawing=drawing),
    ):
        one = find(Drawing(draws=500, seed=4))
        interval = present(one.interval)
        assert interval.low < present(one.value) < interval.high
        assert one == find(Drawing(draws=500, seed=4))
        assert one.interval != find(Drawing(draws=500, seed=5)).interval


def test_the_interval_is_that_of_units_drawn_one_by_one():
    random = np.random.default_rng(8)
    labels = np.stack([random.integers(0, 2, 200)] * 3)
    labels[1:] = np.where(random.random((2, 200)) < 0.3, 1 - labels[1:], labels[1:])
    labels[0, ::7] = MISSING
    units = np.repeat(np.arange(50), 4)
    found = krippendorff_alpha(labels, units=units, drawing=Drawing(draws=4000))
    drawn = [
        present(
            krippendorff_alpha(
                np.concatenate([labels[:, units == unit] for unit in random.integers(0, 50, 50)], axis=1)
            ).value
        )
        for _ in range(1000)
    ]
    assert found.interval == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.03)


def test_there_is_no_interval_where_a_draw_may_have_no_value():
    # One unit alone has another label; of three draws one is without it.
    labels = np.array([0, 0, 0, 0, 1])
    found = cohen_kappa(labels, labels, units=np.arange(5))
    assert found == Coefficient(1.0, None)
