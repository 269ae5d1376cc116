import pytest
from evaluation.table_rows import rows_of

from tagger.evaluation.against import Differing, difference_table, differing_sentences
from tagger.evaluation.comparison import compare
from tagger.evaluation.units import units_of
from tagger.examples import Example
from tagger.schemes import LabelScheme


def comparison(gold, predicted, scheme=LabelScheme.IOB2):
    examples = [Example(("w",) * len(labels.split()), tuple(labels.split())) for labels in gold]
    return compare(examples, [labels.split() for labels in predicted], scheme, scheme)


GOLD = ["B-PER O", "B-LOC O", "O B-PER", "O O"]


def test_differences_of_all_and_of_each_type():
    first = comparison(GOLD, ["B-PER O", "B-LOC O", "O O", "O O"])
    second = comparison(GOLD, ["B-PER O", "B-ORG O", "O B-PER", "B-ORG O"])
    table = difference_table(first, second, units_of(first, "sentence"), draws=300, seed=1)
    rows = {row["score"]: row for row in rows_of(table)}
    assert list(rows) == ["f1", "precision", "recall", "f1 of LOC", "f1 of ORG", "f1 of PER"]
    assert (rows["f1"]["first"], rows["f1"]["second"]) == (4 / 5, 4 / 7)
    assert rows["f1"]["difference"] == pytest.approx(4 / 5 - 4 / 7)
    assert rows["f1 of LOC"]["difference"] == 1.0
    assert (rows["f1 of PER"]["first"], rows["f1 of PER"]["second"]) == (2 / 3, 1.0)
    assert all(row["low"] <= row["difference"] <= row["high"] for row in rows.values())
    assert all(0 < row["p"] <= 1 for row in rows.values())


def test_sentences_that_differ_and_who_is_right():
    first = comparison(GOLD, ["B-PER O", "B-LOC O", "O O", "O O"])
    second = comparison(GOLD, ["B-PER O", "B-ORG O", "O B-PER", "B-ORG O"])
    assert differing_sentences(first, second) == [
        Differing(1, 1, 0, 0, 1),
        Differing(2, 0, 1, 0, 0),
        Differing(3, 0, 0, 0, 1),
    ]
    assert differing_sentences(first, first) == []


def test_types_that_both_predict_are_the_same_however_each_numbers_them():
    first = comparison(["O O"], ["B-X B-Y"])
    second = comparison(["O O"], ["B-Y B-X"])
    assert differing_sentences(first, second) == [Differing(0, 0, 0, 2, 2)]
    again = comparison(["O O"], ["B-X B-Y"])
    assert differing_sentences(first, again) == []


def test_types_that_only_the_second_knows_are_not_taken_for_each_other():
    first = comparison(["O O"], ["O O"])
    second = comparison(["O O"], ["B-V B-W"])
    assert differing_sentences(first, second) == [Differing(0, 0, 0, 0, 2)]


def test_plain_labels_differ_token_by_token():
    first = comparison(["A B", "C D"], ["A B", "X D"], LabelScheme.NONE)
    second = comparison(["A B", "C D"], ["Y B", "Z D"], LabelScheme.NONE)
    assert differing_sentences(first, second) == [Differing(0, 1, 0, 0, 0), Differing(1, 0, 0, 0, 0)]
    table = difference_table(first, second, units_of(first, "sentence"), draws=100, seed=1)
    assert [(row["score"], row["first"], row["second"]) for row in table.to_dicts()] == [
        ("accuracy", 0.75, 0.5)
    ]
