import math

import numpy as np
import pytest
from present import present

from tagger.evaluation.comparison import compare
from tagger.evaluation.probabilities.reliability import (
    calibration_error,
    inside_confidences,
    reliability_curve,
    reliability_tables,
    span_confidences,
    token_confidences,
)
from tagger.examples import Example
from tagger.schemes import LabelScheme

GOLD = [
    Example(("Anna", "Smith", "left"), ("B-PER", "I-PER", "O")),
    Example(()),
    Example(("Oslo", "won"), ("B-LOC", "O")),
]
PREDICTED = [["B-PER", "I-PER", "O"], [], ["B-PER", "B-LOC"]]


def compared(predicted=PREDICTED, scheme=LabelScheme.IOB2, other=LabelScheme.IOB2, **probabilities):
    return compare(GOLD, predicted, scheme, other, **probabilities)


def slow_error(probabilities, right, bins):
    """ECE over bins of equal width, by definition."""
    total = 0.0
    for k in range(bins):
        inside = [
            (p, r)
            for p, r in zip(probabilities, right, strict=True)
            if k / bins <= p < (k + 1) / bins or (k == bins - 1 and p == 1)
        ]
        if inside:
            mean, share = (sum(column) / len(inside) for column in zip(*inside, strict=True))
            total += len(inside) / len(probabilities) * abs(mean - share)
    return total


def test_a_curve_of_equal_width():
    curve = reliability_curve(np.array([0.1, 0.3, 0.9, 1.0]), np.array([False, True, True, False]), bins=2)
    assert (curve.lows.tolist(), curve.highs.tolist()) == ([0, 0.5], [0.5, 1])
    assert (curve.counts.tolist(), curve.shares.tolist()) == ([2, 2], [0.5, 0.5])
    np.testing.assert_allclose(curve.means, [0.2, 0.95])
    assert curve.calibration_error == pytest.approx(0.5 * 0.3 + 0.5 * 0.45)


def test_bins_of_equal_mass_keep_equal_probabilities_together():
    probabilities = np.array([1.0, 0.2, 1.0, 0.6, 1.0, 0.4])
    curve = reliability_curve(
        probabilities, np.array([True, False, False, True, True, False]), bins=3, equal_mass=True
    )
    assert (curve.lows.tolist(), curve.highs.tolist()) == ([0.2, 0.6, 1.0], [0.4, 0.6, 1.0])
    assert curve.counts.tolist() == [2, 1, 3]
    np.testing.assert_allclose(curve.shares, [0, 1, 2 / 3])


def test_the_error_is_that_of_slow_loops():
    generator = np.random.default_rng(0)
    probabilities = np.append(generator.random(300).round(2), [0.0, 1.0])
    right = generator.random(302) < 0.6
    for bins in (1, 10, 15):
        found = reliability_curve(probabilities, right, bins=bins).calibration_error
        assert found == pytest.approx(slow_error(probabilities.tolist(), right.tolist(), bins))


def test_nothing_has_no_error():
    for equal_mass in (False, True):
        curve = reliability_curve(np.zeros(0), np.zeros(0, dtype=bool), equal_mass=equal_mass)
        assert (len(curve.counts), curve.calibration_error) == (0, None)


def test_spans_are_right_if_range_and_type_are():
    found = present(span_confidences(compared(span_probabilities=[[0.75], [], [0.5, None]])))
    assert (found.probabilities.tolist(), found.right.tolist()) == ([0.75, 0.5], [True, False])
    assert (found.sentences.tolist(), found.left_out) == ([0, 2], 1)
    assert found.brier == pytest.approx((0.25**2 + 0.5**2) / 2)
    assert found.log_loss == pytest.approx(-(math.log(0.75) + math.log(0.5)) / 2)


def test_sure_and_wrong_costs_much_and_not_all():
    found = present(span_confidences(compared(span_probabilities=[[1.0], [], [1.0, None]])))
    assert found.log_loss == pytest.approx(-math.log(1e-7) / 2)


def test_tokens_are_right_if_the_gold_spans_give_them_the_same_label():
    probabilities = [[0.9, 0.8, 1.0], [], [0.7, None]]
    found = present(token_confidences(compared(label_probabilities=probabilities)))
    assert (found.right.tolist(), found.left_out) == ([True, True, True, False], 1)
    assert found.sentences.tolist() == [0, 0, 0, 2]
    inside = present(inside_confidences(compared(label_probabilities=probabilities)))
    assert (inside.probabilities.tolist(), inside.left_out) == ([0.9, 0.8, 0.7], 1)


@pytest.mark.parametrize(
    ("scheme", "predicted", "right"),
    [
        ("bioes", ["B-PER", "E-PER", "O"], [True, True, True]),
        ("bioes", ["S-PER", "S-PER", "O"], [False, False, True]),
        ("bioes", ["B-PER", "I-PER", "E-PER"], [True, False, False]),
        ("ioe2", ["I-PER", "I-PER", "E-PER"], [True, False, False]),
        ("iob2", ["B-PER", "I-PER", "I-PER"], [True, True, False]),
        ("io", ["I-PER", "I-PER", "I-PER"], [True, True, False]),
    ],
)
def test_labels_are_compared_in_the_scheme_of_the_predictions(scheme, predicted, right):
    scheme = LabelScheme.parse(scheme)
    found = token_confidences(
        compare(GOLD[:1], [predicted], LabelScheme.IOB2, scheme, label_probabilities=[[0.5] * 3])
    )
    assert present(found).right.tolist() == right


def test_plain_labels():
    found = token_confidences(
        compare(
            [Example(("a", "b"), ("X", "Y"))],
            [["X", "Z"]],
            LabelScheme.NONE,
            LabelScheme.NONE,
            label_probabilities=[[0.5, 0.25]],
        )
    )
    assert found is not None
    assert (found.right.tolist(), found.kinds.tolist()) == ([True, False], [0, 2])
    assert calibration_error(found, bins=1) == pytest.approx(abs(0.375 - 0.5))


def test_tables():
    comparison = compared(
        span_probabilities=[[0.75], [], [0.5, None]], label_probabilities=[[0.9, 0.8, 1.0], [], [0.7, 0.6]]
    )
    summary, by_type, tokens, spans = reliability_tables(comparison, bins=2)
    rows = {row["of"]: row for row in summary.to_dicts()}
    assert list(rows) == ["tokens", "tokens in spans", "spans"]
    assert (rows["spans"]["count"], rows["spans"]["without_probability"]) == (2, 1)
    assert rows["spans"]["ece"] == pytest.approx(0.125)
    assert rows["tokens"]["right"] == pytest.approx(3 / 5)
    assert [(row["type"], row["count"], row["right"]) for row in by_type.to_dicts()] == [("PER", 2, 0.5)]
    assert (tokens.name, spans.name) == ("reliability_of_tokens", "reliability_of_spans")
    assert [row[:2] for row in spans.rows] == [
        ("equal width", "1"),
        ("equal mass", "1"),
        ("equal mass", "2"),
    ]


def test_without_probabilities_there_are_no_tables():
    assert reliability_tables(compared()) == []
    assert (token_confidences(compared()), inside_confidences(compared()), span_confidences(compared())) == (
        (None,) * 3
    )
