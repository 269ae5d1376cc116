"""Tests of tagger/evaluation/page/items.py: errors made of classes and of labels, and how two sides do at them."""

import numpy as np

from tagger.evaluation.comparison import compare
from tagger.evaluation.page.items import ErrorItem, label_items, outcomes, span_items, wrong_tokens
from tagger.examples import Example
from tagger.schemes import LabelScheme

CLASSES = ("right", "too_long", "split", "merged", "missed", "spurious")
RIGHT, TOO_LONG, SPLIT, MERGED, MISSED, SPURIOUS = range(6)


def spans(gold, *others):
    """Comparisons of IOB2 labels written as words, one string for each sentence."""
    examples = [Example(tuple(f"w{t}" for t in range(len(row.split()))), tuple(row.split())) for row in gold]
    found = [
        compare(examples, [row.split() for row in other], LabelScheme.IOB2, LabelScheme.IOB2)
        for other in others
    ]
    return found[0] if len(found) == 1 else found


def plain(gold, *others):
    examples = [Example(tuple(row.split()), tuple(row.split())) for row in gold]
    found = [
        compare(examples, [row.split() for row in other], LabelScheme.NONE, LabelScheme.NONE)
        for other in others
    ]
    return found[0] if len(found) == 1 else found


def overlaps(*pairs):
    return tuple(np.array([pair[side] for pair in pairs], dtype=np.int64) for side in range(2))


def test_wrong_labels_are_errors():
    compared = plain(["A B", "", "B C A"], ["A C", "", "A C B"])
    assert label_items(compared) == [
        ErrorItem(0, 1, 2, None, "B", "C"),
        ErrorItem(2, 0, 1, None, "B", "A"),
        ErrorItem(2, 2, 3, None, "A", "B"),
    ]
    assert label_items(plain(["A"], ["A"])) == []


def test_a_wrong_span_reaches_over_all_spans_that_it_has_to_do_with():
    compared = spans(["O B-X O O B-Y"], ["B-X I-X I-X O B-Y"])
    found = span_items(
        compared, np.array([TOO_LONG, RIGHT]), np.array([TOO_LONG, RIGHT]), overlaps((0, 0), (1, 1)), CLASSES
    )
    assert found == [ErrorItem(0, 0, 3, "too long", "X", "X")]


def test_what_was_split_or_merged_is_one_error():
    compared = spans(["O B-X I-X I-X", "B-X B-Y O"], ["O B-Y O B-X", "B-X I-X I-X"])
    found = span_items(
        compared,
        np.array([SPLIT, MERGED, MERGED]),
        np.array([SPLIT, SPLIT, MERGED]),
        overlaps((0, 0), (0, 1), (1, 2), (2, 2)),
        CLASSES,
    )
    assert found == [ErrorItem(0, 1, 4, "split", "X", "Y"), ErrorItem(1, 0, 3, "merged", "X", "X")]


def test_missed_and_spurious_spans_have_one_type():
    compared = spans(["O O", "B-X O"], ["O B-Y", "O O"])
    found = span_items(compared, np.array([MISSED]), np.array([SPURIOUS]), overlaps(), CLASSES)
    assert found == [ErrorItem(0, 1, 2, "spurious", None, "Y"), ErrorItem(1, 0, 1, "missed", "X", None)]


def test_nothing_there_and_nothing_predicted():
    none = np.zeros(0, dtype=np.int64)
    assert span_items(spans(["O O"], ["O O"]), none, none, overlaps(), CLASSES) == []
    assert span_items(spans([], []), none, none, overlaps(), CLASSES) == []


def test_wrong_tokens_are_those_of_spans_that_only_one_side_has():
    compared = spans(["B-X I-X O B-Y O", "B-X O"], ["B-X O O B-Y B-Y", "B-X O"])
    assert wrong_tokens(compared).tolist() == [True, True, False, False, True, False, False]
    assert wrong_tokens(plain(["A B", ""], ["A C", ""])).tolist() == [False, True]


def test_the_other_side_is_right_where_it_has_no_wrong_token():
    gold = ["B-X O", "B-X I-X O", "O O"]
    first, second = spans(gold, ["O O", "O O O", "B-Y O"], ["B-X O", "B-X O O", "O B-Y"])
    items = [
        ErrorItem(0, 0, 1, "missed", "X", None),
        ErrorItem(1, 0, 2, "missed", "X", None),
        ErrorItem(2, 0, 1, "spurious", None, "Y"),
    ]
    assert outcomes(items, first, is_first=True, other=second) == [1, 2, 1]
    items = [ErrorItem(1, 0, 2, "too short", "X", "X"), ErrorItem(2, 1, 2, "spurious", None, "Y")]
    assert outcomes(items, second, is_first=False, other=first) == [2, 0]
    assert outcomes([], first, is_first=True, other=second) == []
