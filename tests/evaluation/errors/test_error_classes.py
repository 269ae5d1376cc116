import random

import numpy as np
import pytest
from evaluation.table_rows import rows_of
from span_cases import comparison_of, random_sentences, reversed_sentences

from tagger.evaluation.comparison import compare
from tagger.evaluation.errors.classes import CLASSES, error_tables, find_errors
from tagger.examples import Example
from tagger.schemes import LabelScheme


def classes_of(*sentences):
    errors = find_errors(comparison_of(*sentences))
    return tuple([CLASSES[number] for number in side] for side in (errors.gold, errors.predicted))


@pytest.mark.parametrize(
    ("gold", "predicted", "name"),
    [
        ((1, 3, "A"), (1, 3, "A"), "right"),
        ((1, 3, "A"), (1, 3, "B"), "wrong_type"),
        ((1, 3, "A"), (0, 3, "A"), "too_long"),
        ((1, 3, "A"), (1, 4, "A"), "too_long"),
        ((1, 3, "A"), (0, 4, "A"), "too_long"),
        ((1, 3, "A"), (1, 2, "A"), "too_short"),
        ((1, 3, "A"), (2, 3, "A"), "too_short"),
        ((0, 3, "A"), (1, 2, "A"), "too_short"),
        ((1, 3, "A"), (0, 2, "A"), "shifted"),
        ((1, 3, "A"), (2, 4, "A"), "shifted"),
        ((1, 3, "A"), (2, 4, "B"), "wrong_range_and_type"),
        ((1, 3, "A"), (1, 2, "B"), "wrong_range_and_type"),
    ],
)
def test_one_span_against_one(gold, predicted, name):
    assert classes_of((4, [gold], [predicted])) == ([name], [name])


def test_spans_that_only_touch_have_nothing_to_do_with_each_other():
    assert classes_of((4, [(0, 2, "A")], [(2, 4, "A")])) == (["missed"], ["spurious"])


@pytest.mark.parametrize("types", ["AA", "AB", "BB"])
def test_split_and_merged_spans_whatever_their_types(types):
    one, two = [(0, 4, "A")], [(0, 1, types[0]), (2, 5, types[1])]
    assert classes_of((5, one, two)) == (["split"], ["split", "split"])
    assert classes_of((5, two, one)) == (["merged", "merged"], ["merged"])


def test_a_chain_of_split_and_merged_spans():
    # gold     0---0 1-1 2-------2
    # predicted  0-----0   1 2
    gold, predicted = [(0, 2, "A"), (2, 4, "A"), (4, 9, "A")], [(1, 5, "A"), (6, 7, "A"), (8, 9, "B")]
    assert classes_of((9, gold, predicted)) == (["merged", "merged", "split"], ["merged", "split", "split"])


def test_links_between_spans():
    errors = find_errors(
        comparison_of((4, [(0, 3, "A")], [(0, 1, "B"), (2, 4, "A")]), (2, [], [(0, 1, "A")]))
    )
    assert list(map(list, errors.overlaps)) == [[0, 0], [0, 1]]
    assert list(map(list, errors.pairs)) == [[0], [1]]


def simple_class(span, others, back, *, side):
    """The class of a span by the definition, found by looking at all spans.

    Args:
        others: spans of the other side. back: spans of its own side.
    """

    def neighbours(one, spans):
        return [other for other in spans if max(one[0], other[0]) < min(one[1], other[1])]

    found = neighbours(span, others)
    if not found:
        return "missed" if side == "gold" else "spurious"
    several = {"gold": ("split", "merged"), "predicted": ("merged", "split")}[side]
    if len(found) > 1:
        return several[0]
    if len(neighbours(found[0], back)) > 1:
        return several[1]
    gold, predicted = (span, found[0]) if side == "gold" else (found[0], span)
    if gold[:2] == predicted[:2]:
        return "right" if gold[2] == predicted[2] else "wrong_type"
    if gold[2] != predicted[2]:
        return "wrong_range_and_type"
    gold_places, predicted_places = set(range(*gold[:2])), set(range(*predicted[:2]))
    if gold_places < predicted_places:
        return "too_long"
    return "too_short" if predicted_places < gold_places else "shifted"


def test_classes_are_those_of_the_definition():
    sentences = random_sentences(500)
    gold, predicted = classes_of(*sentences)
    assert gold == [simple_class(one, p, g, side="gold") for _, g, p in sentences for one in g]
    assert predicted == [simple_class(one, g, p, side="predicted") for _, g, p in sentences for one in p]
    assert set(gold) | set(predicted) == set(CLASSES)


def test_classes_do_not_depend_on_order_or_direction():
    sentences = random_sentences(200)
    expected = error_tables(comparison_of(*sentences))
    assert error_tables(comparison_of(*reversed_sentences(sentences))) == expected
    random.Random(1).shuffle(sentences)
    assert error_tables(comparison_of(*sentences)) == expected


def test_right_is_what_is_found():
    comparison = comparison_of(*random_sentences(300))
    errors = find_errors(comparison)
    np.testing.assert_array_equal(errors.gold == CLASSES.index("right"), comparison.found() >= 0)
    np.testing.assert_array_equal(errors.predicted == CLASSES.index("right"), comparison.right() >= 0)


def test_tables_worked_by_hand():
    overall, gold, predicted = error_tables(
        comparison_of(
            (5, [(0, 1, "A"), (2, 4, "B")], [(0, 1, "A"), (2, 4, "A")]),
            (5, [(0, 3, "A")], [(0, 1, "A"), (2, 3, "B")]),
            (5, [(0, 1, "C")], [(3, 4, "A")]),
        )
    )
    rows = {row["class"]: list(row.values())[1:] for row in overall.to_dicts()}
    assert {name: row for name, row in rows.items() if any(row)} == {
        "right": [1, 1, 1 / 4, 1 / 5],
        "wrong type": [1, 1, 1 / 4, 1 / 5],
        "split": [1, 2, 1 / 4, 2 / 5],
        "missed": [1, 0, 1 / 4, 0],
        "spurious": [0, 1, 0, 1 / 5],
    }
    assert len(rows) == 10
    shown = [
        [{name: value for name, value in row.items() if value} for row in table.to_dicts()]
        for table in (gold, predicted)
    ]
    assert shown == [
        [
            {"type": "A", "right": 1, "split": 1, "gold": 2},
            {"type": "B", "wrong_type": 1, "gold": 1},
            {"type": "C", "missed": 1, "gold": 1},
        ],
        [
            {"type": "A", "right": 1, "wrong_type": 1, "split": 1, "spurious": 1, "predicted": 4},
            {"type": "B", "split": 1, "predicted": 1},
        ],
    ]
    assert "spurious" not in gold.to_dicts()[0]
    assert "missed" not in predicted.to_dicts()[0]


def test_every_span_is_counted_once():
    comparison = comparison_of(*random_sentences(100, "ABC"))
    overall, gold, predicted = error_tables(comparison)
    assert sum(row["gold"] for row in rows_of(overall)) == len(comparison.gold.spans)
    assert sum(row["predicted"] for row in rows_of(overall)) == len(comparison.predicted.spans)
    for table, side in ((gold, "gold"), (predicted, "predicted")):
        assert all(sum(counts) == total for _, *counts, total in (row.values() for row in rows_of(table)))
        assert sum(row[side] for row in rows_of(table)) == len(getattr(comparison, side).spans)


def test_plain_labels_have_no_errors_of_spans():
    plain = compare([Example(("a",), ("X",))], [["Y"]], LabelScheme.NONE, LabelScheme.NONE)
    assert error_tables(plain) == []
    assert len(find_errors(plain).gold) == 0


def test_no_spans_at_all():
    overall, gold, predicted = error_tables(comparison_of((3, [], [])))
    assert [row[1:] for row in overall.rows] == [(0, 0, 0.0, 0.0)] * 10
    assert gold.rows == predicted.rows == ()
