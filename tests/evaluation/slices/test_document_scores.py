import statistics
from dataclasses import replace

import pytest
from evaluation.table_rows import rows_of
from span_cases import comparison_of, random_sentences

from tagger.evaluation.comparison import compare
from tagger.evaluation.slices.document_scores import document_tables
from tagger.examples import Example
from tagger.schemes import LabelScheme


def in_documents(documents, *sentences):
    comparison = comparison_of(*sentences)
    examples = [
        replace(example, document=document)
        for example, document in zip(comparison.examples, documents, strict=True)
    ]
    return replace(comparison, examples=examples)


def test_documents_worked_by_hand():
    spread, worst = document_tables(
        in_documents(
            ["a", "a", "b", "c", "d", None],
            (3, [(0, 1, "A")], [(0, 1, "A")]),
            (3, [(0, 1, "A")], [(1, 2, "A")]),
            (3, [(0, 1, "A")], [(0, 1, "A")]),
            (3, [(0, 1, "A")], []),
            (3, [], []),
            (3, [(0, 1, "A")], [(2, 3, "A")]),
        )
    )
    # a: 1 of 2 and 2, b: 1 of 1, c: nothing found of 1, d: nothing at all
    rows = {row.pop("measure"): row for row in spread.to_dicts()}
    assert rows["precision"] == {
        "documents": 2,
        "mean": 0.75,
        "standard_deviation": pytest.approx(statistics.stdev([0.5, 1])),
        "lowest": 0.5,
        "median": 0.75,
        "highest": 1,
    }
    assert rows["f1"] == rows["recall"]
    assert rows["f1"] == {
        "documents": 3,
        "mean": 0.5,
        "standard_deviation": 0.5,
        "lowest": 0,
        "median": 0.5,
        "highest": 1,
    }
    assert spread.notes == (
        "Each of 4 documents counts the same; one with nothing to divide by has no score.",
        "Left out, since they belong to no document: 1 sentence.",
    )
    assert [list(row.values()) for row in worst.to_dicts()] == [
        ["c", None, 0.0, 0.0, 0, 0, 1],
        ["a", 0.5, 0.5, 0.5, 1, 2, 2],
        ["b", 1.0, 1.0, 1.0, 1, 1, 1],
    ]


def test_the_worst_are_the_larger_ones_of_those_that_are_as_bad():
    documents = ["small", "large", "good", "last"]
    sentences = [
        (3, [(0, 1, "A")], []),
        (3, [(0, 1, "A"), (1, 2, "A")], []),
        (3, [(0, 1, "A")], [(0, 1, "A")]),
        (3, [(0, 1, "A")], []),
    ]
    _, worst = document_tables(in_documents(documents, *sentences), worst=3)
    assert [row["document"] for row in worst.to_dicts()] == ["large", "small", "last"]


def test_plain_labels_have_accuracy():
    examples = [
        Example(("a", "b"), ("X", "Y"), document="one"),
        Example(("a",), ("X",), document="two"),
        Example(("c", "d"), ("X", "X"), document="one"),
    ]
    comparison = compare(examples, [["X", "X"], ["X"], ["X", "Y"]], LabelScheme.NONE, LabelScheme.NONE)
    spread, worst = document_tables(comparison)
    assert [list(row.values())[:3] for row in spread.to_dicts()] == [["accuracy", 2, 0.75]]
    assert worst.to_dicts() == [
        {"document": "one", "accuracy": 0.5, "correct": 2, "tokens": 4},
        {"document": "two", "accuracy": 1.0, "correct": 1, "tokens": 1},
    ]


def test_one_document_has_no_spread():
    spread, _ = document_tables(in_documents(["a"], (2, [(0, 1, "A")], [(0, 1, "A")])))
    assert [row["standard_deviation"] for row in spread.to_dicts()] == [None] * 3


def test_counts_of_documents_sum_up_to_the_whole():
    sentences = random_sentences(60)
    comparison = in_documents([str(number // 7) for number in range(60)], *sentences)
    _, worst = document_tables(comparison, worst=100)
    assert sum(row["gold"] for row in rows_of(worst)) == len(comparison.gold.spans)
    assert sum(row["predicted"] for row in rows_of(worst)) == len(comparison.predicted.spans)
    assert sum(row["correct"] for row in rows_of(worst)) == int((comparison.found() >= 0).sum())


def test_without_documents_there_is_no_table():
    assert document_tables(comparison_of((2, [(0, 1, "A")], []))) == []
