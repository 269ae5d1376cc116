from collections import Counter

from evaluation.table_rows import rows_of
from span_cases import comparison_of, random_sentences

from tagger.evaluation.comparison import compare
from tagger.evaluation.errors.confusion import confusion_tables
from tagger.evaluation.errors.matching import matched_pairs
from tagger.examples import Example
from tagger.schemes import LabelScheme


def plain(gold, predicted):
    tokens = tuple("w" for _ in gold)
    return compare([Example(tokens, tuple(gold))], [list(predicted)], LabelScheme.NONE, LabelScheme.NONE)


def test_spans_worked_by_hand():
    matrix, listed = confusion_tables(
        comparison_of(
            (5, [(0, 1, "B"), (2, 4, "A")], [(0, 1, "B"), (2, 5, "B")]),
            (5, [(0, 1, "A"), (2, 3, "A")], [(2, 3, "A"), (4, 5, "B")]),
        )
    )
    assert matrix.to_dicts() == [
        {"gold": "A", "A": 1, "B": 1, "(none)": 1},
        {"gold": "B", "A": 0, "B": 1, "(none)": 0},
        {"gold": "(none)", "A": 0, "B": 1, "(none)": 0},
    ]
    assert matrix.notes == (
        "(none): spans without a partner; those that overlap are paired as for partial overlap.",
    )
    assert listed.rows == (("A", "B", 1, 1 / 3),)


def test_rows_and_columns_sum_up_to_the_spans_of_each_type():
    comparison = comparison_of(*random_sentences(200, "ABCD"))
    (matrix, listed), types = confusion_tables(comparison), comparison.types
    golds, others = (
        Counter(types[number] for number in side.spans.types.tolist())
        for side in (comparison.gold, comparison.predicted)
    )
    rows = rows_of(matrix)
    assert {row["gold"]: sum(list(row.values())[1:]) for row in rows if row["gold"] != "(none)"} == golds
    assert {name: sum(row[name] for row in rows) for name in others} == others
    pairs = matched_pairs(comparison, None)
    wrong = sum(
        comparison.gold.spans.types[i] != comparison.predicted.spans.types[j]
        for i, j in zip(*pairs, strict=True)
    )
    assert sum(row["count"] for row in rows_of(listed)) == wrong > 0


def test_plain_labels_worked_by_hand():
    matrix, listed = confusion_tables(plain("XXXYYZ", "XYYYXY"))
    assert matrix.to_dicts() == [
        {"gold": "X", "X": 1, "Y": 2, "Z": 0},
        {"gold": "Y", "X": 1, "Y": 1, "Z": 0},
        {"gold": "Z", "X": 0, "Y": 1, "Z": 0},
    ]
    assert matrix.notes == ()
    assert listed.rows == (("X", "Y", 2, 2 / 3), ("Y", "X", 1, 1 / 2), ("Z", "Y", 1, 1.0))


def test_what_is_less_frequent_is_summed_up_and_said():
    matrix, listed = confusion_tables(plain("XXXYYZ", "XYYYXW"), most=2)
    assert matrix.to_dicts() == [
        {"gold": "X", "X": 1, "Y": 2, "(others)": 0},
        {"gold": "Y", "X": 1, "Y": 1, "(others)": 0},
        {"gold": "(others)", "X": 0, "Y": 0, "(others)": 1},
    ]
    assert matrix.notes == ("(others): the 2 labels that are less frequent, summed up.",)
    assert listed.rows == (("X", "Y", 2, 2 / 3), ("Y", "X", 1, 1 / 2))
    assert listed.notes == ("The 2 most frequent of 3 confusions; the others together: 1.",)


def test_names_that_types_have_already_are_written_otherwise():
    matrix, _ = confusion_tables(comparison_of((2, [(0, 1, "gold")], [(1, 2, "(none)")])))
    assert matrix.to_dicts() == [
        {"gold_": "(none)", "(none)": 0, "gold": 0, "(none)_": 0},
        {"gold_": "gold", "(none)": 0, "gold": 0, "(none)_": 1},
        {"gold_": "(none)_", "(none)": 1, "gold": 0, "(none)_": 0},
    ]


def test_nothing_to_confuse():
    matrix, listed = confusion_tables(comparison_of((2, [], [])))
    assert (matrix.rows, listed.rows) == ((), ())
