import random

import pytest
from evaluation.table_rows import rows_of
from span_cases import comparison_of, random_sentences, reversed_sentences

from tagger.evaluation.comparison import compare
from tagger.evaluation.errors.matching import matched_pairs
from tagger.evaluation.errors.partial import partial_tables
from tagger.examples import Example
from tagger.schemes import LabelScheme

COUNTS = ("correct", "incorrect", "partial", "missed", "spurious", "possible", "actual")


def counts_by_view(*sentences):
    table, _ = partial_tables(comparison_of(*sentences))
    return {row["view"]: [row[name] for name in COUNTS] for row in table.to_dicts()}


# One sentence for each of the cases that the task's definition tells apart, by hand.
@pytest.mark.parametrize(
    ("gold", "predicted", "strict", "exact", "partial", "type_"),
    [
        # COR INC PAR MIS SPU
        ([(0, 2, "A")], [(0, 2, "A")], "10000", "10000", "10000", "10000"),
        ([(0, 2, "A")], [(0, 2, "B")], "01000", "10000", "10000", "01000"),
        ([(0, 2, "A")], [(1, 3, "A")], "01000", "01000", "00100", "10000"),
        ([(0, 2, "A")], [(1, 3, "B")], "01000", "01000", "00100", "01000"),
        ([(0, 2, "A")], [], "00010", "00010", "00010", "00010"),
        ([], [(0, 2, "A")], "00001", "00001", "00001", "00001"),
        # One gold span split in two, and two merged: one of them has no partner.
        ([(0, 3, "A")], [(0, 1, "A"), (2, 3, "B")], "01001", "01001", "00101", "10001"),
        ([(0, 1, "A"), (2, 3, "B")], [(0, 3, "B")], "01010", "01010", "00110", "10010"),
    ],
)
def test_each_case_in_each_view(gold, predicted, strict, exact, partial, type_):
    found = counts_by_view((4, gold, predicted))
    for view, digits in zip(found, (strict, exact, partial, type_), strict=True):
        counts = list(map(int, digits))
        assert found[view] == [*counts, sum(counts[:4]), sum(counts[:3]) + counts[4]]


def test_quotients_of_a_corpus_worked_by_hand():
    table, by_type = partial_tables(
        comparison_of(
            (4, [(0, 2, "A")], [(0, 2, "A")]),
            (4, [(0, 2, "B")], [(0, 2, "A")]),
            (4, [(0, 2, "A")], [(1, 2, "A")]),
            (4, [(0, 2, "B")], [(3, 4, "B")]),
            (4, [], [(3, 4, "B")]),
        )
    )
    rows = {row["view"]: row for row in table.to_dicts()}
    assert [row["possible"] for row in rows.values()] == [4] * 4
    assert [row["actual"] for row in rows.values()] == [5] * 4
    assert [rows[view]["precision"] for view in rows] == [1 / 5, 2 / 5, 2.5 / 5, 2 / 5]
    assert [rows[view]["recall"] for view in rows] == [1 / 4, 2 / 4, 2.5 / 4, 2 / 4]
    assert rows["partial"]["f1"] == pytest.approx(2 * 0.5 * 0.625 / 1.125)
    shares = {
        (row["type"], row["view"]): (row["precision"], row["recall"], row["possible"], row["actual"])
        for row in by_type.to_dicts()
    }
    assert shares == {
        ("A", "strict"): (1 / 3, 1 / 2, 2, 3),
        ("A", "exact"): (2 / 3, 1 / 2, 2, 3),  # of the three that are called A, two are where a span is
        ("A", "partial"): (2.5 / 3, 1.5 / 2, 2, 3),
        ("A", "type"): (2 / 3, 2 / 2, 2, 3),
        ("B", "strict"): (0, 0, 2, 2),
        ("B", "exact"): (0, 1 / 2, 2, 2),
        ("B", "partial"): (0, 1 / 2, 2, 2),
        ("B", "type"): (0, 0, 2, 2),
    }


@pytest.mark.parametrize("types", ["A", "AB", "ABCD"])
def test_figures_do_not_depend_on_the_order_of_the_corpus(types):
    sentences = random_sentences(400, types)
    expected = partial_tables(comparison_of(*sentences))
    assert partial_tables(comparison_of(*reversed_sentences(sentences))) == expected
    random.Random(5).shuffle(sentences)
    assert partial_tables(comparison_of(*sentences)) == expected


def test_types_sum_up_to_the_whole():
    comparison = comparison_of(*random_sentences(200, "ABC"))
    overall, by_type = partial_tables(comparison, matched_pairs(comparison))
    for row in overall.to_dicts():
        for name in COUNTS:
            assert row[name] == sum(one[name] for one in rows_of(by_type) if one["view"] == row["view"])
    assert overall.to_dicts()[0]["correct"] == int((comparison.found() >= 0).sum())
    assert [row["possible"] for row in overall.to_dicts()] == [len(comparison.gold.spans)] * 4
    assert [row["actual"] for row in overall.to_dicts()] == [len(comparison.predicted.spans)] * 4


def test_nothing_gives_zeros_and_plain_labels_no_table():
    table, by_type = partial_tables(comparison_of((3, [], [])))
    assert [row[1:] for row in table.rows] == [(0.0, 0.0, 0.0, 0, 0, 0, 0, 0, 0, 0)] * 4
    assert by_type.rows == ()
    plain = compare([Example(("a",), ("X",))], [["Y"]], LabelScheme.NONE, LabelScheme.NONE)
    assert partial_tables(plain) == []
