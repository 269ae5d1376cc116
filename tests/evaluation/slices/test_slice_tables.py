from dataclasses import replace

import numpy as np
import pytest
from evaluation import table_rows
from span_cases import comparison_of, random_sentences

from tagger.evaluation.comparison import compare
from tagger.evaluation.errors.classes import CLASSES, find_errors
from tagger.evaluation.slices.attributes import column_attribute, sides_of, surfaces_of
from tagger.evaluation.slices.tables import slice_tables
from tagger.evaluation.slices.training_statistics import training_statistics
from tagger.examples import Example
from tagger.metrics.span_arrays import SpanArrays
from tagger.schemes import LabelScheme


def plain(*sentences):
    """Compare sentences of plain labels: of each the words, the gold labels and the predicted ones."""
    examples = [Example(tuple(words.split()), tuple(gold)) for words, gold, _ in sentences]
    predicted = [list(labels) for *_, labels in sentences]
    return compare(examples, predicted, LabelScheme.NONE, LabelScheme.NONE)


def rows_of(tables, name):
    table = next(table for table in tables if table.name == f"slice_{name}")
    names = ("correct", "predicted", "gold") if "gold" in table.to_dicts()[0] else ("correct", "tokens")
    return {row["value"]: tuple(row[name] for name in names) for row in table.to_dicts()}


WORDS = ["Anna", "Smith", "met", "NATO", "and", "iPhone", "fans", "in", "Oslo"]


def test_spans_worked_by_hand():
    comparison = comparison_of(
        (
            WORDS,
            [(0, 2, "PER"), (3, 4, "ORG"), (5, 6, "PROD"), (8, 9, "LOC")],
            [(0, 2, "PER"), (3, 4, "LOC"), (5, 7, "PROD"), (8, 9, "LOC")],
        ),
        (["24"], [(0, 1, "NUM")], []),
        ([f"w{place}" for place in range(11)], [], [(1, 7, "ORG")]),
    )
    tables = slice_tables(comparison)
    assert [table.name for table in tables] == [
        "slice_length",
        "slice_sentence_length",
        "slice_position",
        "slice_capitals",
    ]
    assert rows_of(tables, "length") == {"1": (1, 2, 4), "2": (1, 2, 1), "5 or more": (0, 1, 0)}
    assert rows_of(tables, "sentence_length") == {"1 to 10": (2, 4, 5), "11 to 20": (0, 1, 0)}
    assert rows_of(tables, "position") == {
        "first": (1, 1, 1),
        "inside": (0, 3, 2),
        "last": (1, 1, 1),
        "whole sentence": (0, 0, 1),
    }
    assert rows_of(tables, "capitals") == {
        "lower": (0, 1, 0),
        "Capitalised": (2, 2, 2),
        "ALL CAPS": (0, 1, 1),
        "mixed": (0, 1, 1),
        "no cased letters": (0, 0, 1),
    }


def test_shares_are_of_the_counts_and_empty_where_there_is_nothing():
    comparison = comparison_of(
        (5, [(0, 1, "A"), (2, 3, "A")], [(0, 1, "A")]), (3, [], [(0, 3, "B")]), (2, [(0, 2, "A")], [])
    )
    rows = {row["value"]: row for row in slice_tables(comparison)[0].to_dicts()}
    assert [rows["1"][name] for name in ("precision", "recall", "f1")] == [1, 1 / 2, 2 / 3]
    assert [rows["2"][name] for name in ("precision", "recall", "f1")] == [None, 0, 0]
    assert [rows["3"][name] for name in ("precision", "recall", "f1")] == [0, None, 0]


TRAINING = [
    Example(("Oslo", "and", "Oslo"), ("B-LOC", "O", "B-LOC")),
    Example(("Anna", "Oslo"), ("B-PER", "I-PER")),
    Example(("May", "may", "May"), ("B-PER", "O", "O")),
    Example(("may", "may"), ("O", "O")),
]


def test_spans_against_training_data_worked_by_hand():
    comparison = comparison_of(
        (
            ["Oslo", "x", "Anna", "Oslo", "x", "May", "x", "may", "Oslo", "y", "Zoe"],
            [(0, 1, "LOC"), (2, 4, "LOC"), (5, 6, "PER"), (10, 11, "PER")],
            [(0, 1, "ORG"), (2, 4, "PER"), (5, 6, "PER"), (7, 9, "PER"), (10, 11, "PER")],
        )
    )
    training = training_statistics(TRAINING, LabelScheme.IOB2, surfaces_of(comparison))
    tables = slice_tables(comparison, training=training)
    assert rows_of(tables, "frequency") == {
        "unseen": (1, 2, 1),  # "may Oslo" and Zoe
        "1": (0, 1, 1),  # Anna Oslo
        "2 to 4": (1, 2, 2),  # Oslo, May
    }
    assert rows_of(tables, "rarest_word") == {
        "unseen": (1, 1, 1),
        "1": (0, 1, 1),  # Anna
        "2 to 4": (1, 3, 2),  # may is there three times
    }
    assert rows_of(tables, "seen") == {
        "with this type": (1, 2, 2),  # gold: Oslo as LOC, May; predicted: Anna Oslo as PER, May
        "with other types": (0, 1, 1),  # gold: Anna Oslo as LOC; predicted: Oslo as ORG
        "unseen": (1, 2, 1),
    }
    assert rows_of(tables, "consistency") == {
        "unseen": (1, 2, 1),
        "0 %": (0, 1, 1),  # gold: Anna Oslo as LOC; predicted: Oslo as ORG
        "up to 50 %": (1, 1, 1),  # May: once of twice
        "over 50 %": (0, 0, 1),  # Oslo as LOC: twice of three times
        "100 %": (0, 1, 0),  # Anna Oslo as PER
    }


def test_words_that_were_seen_but_not_as_a_span():
    comparison = comparison_of((["may"], [(0, 1, "PER")], []))
    training = training_statistics(TRAINING, LabelScheme.IOB2, surfaces_of(comparison))
    tables = slice_tables(comparison, training=training)
    assert rows_of(tables, "seen") == {"as no span": (0, 0, 1)}
    assert rows_of(tables, "consistency") == {"0 %": (0, 0, 1)}


def test_plain_labels_worked_by_hand():
    comparison = plain(("You can do", "PAV", "PVV"), ("US", "N", "N"))
    examples = [Example(("can", "can", "You", "do", "do"), ("A", "V", "X", "V", "V"))]
    training = training_statistics(examples, LabelScheme.NONE, surfaces_of(comparison))
    tables = slice_tables(comparison, training=training, columns={"genre": ["web", "web", None, "news"]})
    assert [table.name.removeprefix("slice_") for table in tables] == [
        *("sentence_length", "position", "capitals", "frequency", "seen", "consistency", "column_genre"),
    ]
    assert rows_of(tables, "sentence_length") == {"1 to 10": (3, 4)}
    assert rows_of(tables, "position") == {
        "first": (1, 1),
        "inside": (0, 1),
        "last": (1, 1),
        "whole sentence": (1, 1),
    }
    assert rows_of(tables, "capitals") == {"lower": (1, 2), "Capitalised": (1, 1), "ALL CAPS": (1, 1)}
    assert rows_of(tables, "frequency") == {"unseen": (1, 1), "1": (1, 1), "2 to 4": (1, 2)}
    assert rows_of(tables, "seen") == {
        "with this label": (1, 2),
        "with other labels": (1, 1),
        "unseen": (1, 1),
    }
    assert rows_of(tables, "consistency") == {
        "unseen": (1, 1),
        "0 %": (1, 1),
        "up to 50 %": (0, 1),
        "100 %": (1, 1),
    }
    assert rows_of(tables, "column_genre") == {"web": (1, 2), "(none)": (1, 1), "news": (1, 1)}
    assert tables[0].to_dicts() == [{"value": "1 to 10", "accuracy": 3 / 4, "correct": 3, "tokens": 4}]


def test_a_span_has_the_value_of_its_first_token():
    comparison = comparison_of((4, [(0, 2, "A")], [(1, 3, "A")]))
    tables = slice_tables(comparison, columns={"tag": ["X", "Y", "Y", "Z"]})
    assert rows_of(tables, "column_tag") == {"X": (0, 0, 1), "Y": (0, 1, 0)}
    assert tables[-1].notes == ("A span has the value of its first token.",)


def test_values_that_are_less_frequent_are_summed_up_and_said():
    comparison = plain(("a b c d e f g", "XXXXXXX", "XXXYYYY"))
    tables = slice_tables(comparison, columns={"tag": list("ppqqqrs")}, most=2)
    assert rows_of(tables, "column_tag") == {"q": (1, 3), "p": (2, 2), "(others)": (0, 2)}
    assert tables[-1].notes == ("(others): 2 values that are less frequent, summed up.",)


def test_a_value_for_each_token_is_expected():
    sides = sides_of(plain(("a b", "XX", "XX")))
    with pytest.raises(ValueError, match=r"^expected a value per token, 2, found 1$"):
        column_attribute(sides, "tag", ["x"])


def test_every_slice_of_spans_sums_up_to_the_whole():
    comparison = comparison_of(*random_sentences(300, "ABC"))
    columns = {"tag": [str(place % 7) for place in range(comparison.sentence_starts[-1])]}
    training = training_statistics(
        comparison.examples[:100], LabelScheme.IOB2, surfaces_of(comparison) | {("more",)}
    )
    tables = slice_tables(comparison, training=training, columns=columns, most=3)
    assert len(tables) == 9
    totals = {
        "gold": len(comparison.gold.spans),
        "predicted": len(comparison.predicted.spans),
        "correct": int((comparison.found() >= 0).sum()),
    }
    for table in tables:
        for name, total in totals.items():
            assert sum(row[name] for row in table_rows.rows_of(table)) == total


def test_what_is_right_is_in_the_same_slice_of_both_sides():
    # So that precision and recall of a slice have the same numerator
    comparison = comparison_of(*random_sentences(200))
    sides = sides_of(comparison)
    found = comparison.found()
    for name in ("firsts", "afters", "kinds", "surfaces"):
        gold, predicted = getattr(sides.gold, name), getattr(sides.predicted, name)
        np.testing.assert_array_equal(gold[found >= 0], predicted[found[found >= 0]])


def test_no_spans_and_no_sentences():
    for comparison in (comparison_of((2, [], [])), comparison_of()):
        training = training_statistics([], LabelScheme.IOB2, surfaces_of(comparison))
        tables = slice_tables(comparison, training=training)
        assert [table.rows for table in tables] == [()] * 8


def test_spans_of_other_tokens_have_the_attributes_of_the_gold_tokens_that_they_touch():
    # Gold "New York won", predicted spans of characters: "NewYo", "rk", "won"
    comparison = comparison_of(
        (["New", "York", "won"], [(0, 2, "LOC"), (2, 3, "X")], [(0, 1, "LOC"), (1, 2, "LOC"), (2, 3, "X")])
    )
    characters = replace(
        comparison,
        gold=replace(comparison.gold, spans=SpanArrays(*map(np.array, ([0, 7], [7, 10], [0, 1])))),
        predicted=replace(
            comparison.predicted, spans=SpanArrays(*map(np.array, ([0, 5, 7], [5, 7, 10], [0, 0, 1])))
        ),
        sentence_starts=np.array([0, 10]),
        token_starts=np.array([0, 3, 7]),
        token_ends=np.array([3, 7, 10]),
        same_tokens=False,
    )
    tables = slice_tables(characters, columns={"tag": ["a", "b", "c"]})
    assert rows_of(tables, "length") == {"1": (1, 2, 1), "2": (0, 1, 1)}
    assert rows_of(tables, "column_tag") == {"a": (0, 1, 1), "b": (0, 1, 0), "c": (1, 1, 1)}
    assert surfaces_of(characters) == {("New", "York"), ("York",), ("won",)}
    errors = find_errors(characters)
    assert [CLASSES[number] for number in errors.gold] == ["split", "right"]
    assert [CLASSES[number] for number in errors.predicted] == ["split", "split", "right"]


def test_tables_of_columns_have_names_of_their_own():
    comparison = plain(("a b", "XX", "XY"))
    columns = {name: ["p", None] for name in ("position", "misc:Kind", "misc_kind", "1")}
    tables = slice_tables(comparison, columns=columns)
    assert [(table.name, table.title) for table in tables[3:]] == [
        ("slice_column_position", "By column position"),
        ("slice_column_misc_kind", "By column misc:Kind"),
        ("slice_column_misc_kind_", "By column misc_kind"),
        ("slice_column_1", "By column 1"),
    ]


def test_values_that_are_called_like_none_and_others():
    comparison = plain(("a b c d e", "XXXXX", "XXXXX"))
    tables = slice_tables(comparison, columns={"tag": ["(none)", None, "(others)", "(others)", "p"]}, most=3)
    assert rows_of(tables, "column_tag") == {
        "(others)": (2, 2),
        "(none)": (1, 1),
        "(none)_": (1, 1),
        "(others)_": (1, 1),
    }
