"""Votes on whole spans, and on plain labels."""

import itertools

import numpy as np
import pytest
from present import present

from tagger.agreement.majority import majority
from tagger.schemes import LabelScheme, labels_to_spans, spans_to_labels
from tagger.spans import Span


@pytest.mark.parametrize(
    ("labels", "voted"),
    [
        (["B-X I-X O", "B-X I-X O", "B-X O O"], "B-X I-X O"),
        (["B-X I-X O", "B-X O O"], "O O O"),
        (["B-X I-X O", "B-X O O", "O B-X O"], "O O O"),
        (["B-X B-X", "B-X I-X", "B-X B-X"], "B-X B-X"),
        (["B-X O", "B-Y O", "B-Y O"], "B-Y O"),
        (["B-X O"], "B-X O"),
    ],
)
def test_spans_that_more_than_half_marked_are_the_majority(labels, voted):
    assert majority([one.split() for one in labels], LabelScheme.IOB2) == tuple(voted.split())


def test_votes_are_on_spans_and_not_on_the_labels_of_tokens():
    # Token by token it would be B-X I-X O, which is a span that one alone marked.
    labels = [["B-X", "I-X", "O"], ["B-X", "I-X", "I-X"], ["B-X", "O", "O"]]
    assert majority(labels, LabelScheme.IOB2) == ("O", "O", "O")


def test_a_plain_label_without_a_majority_is_none():
    labels = [["NOUN", "X", "Y"], ["NOUN", "X", "Z"], ["VERB", "X", "V"]]
    assert majority(labels, LabelScheme.NONE) == ("NOUN", "X", None)


def test_no_order_of_annotators_and_no_draw_gives_spans_that_overlap():
    random = np.random.default_rng(1)
    for _ in range(200):
        rows = []
        for _ in range(int(random.integers(1, 6))):
            start, end = sorted(random.choice(6, size=2, replace=False).tolist())
            rows.append(spans_to_labels([Span(start, end, "X")], 6, LabelScheme.IOB2))
        found = majority(rows, LabelScheme.IOB2)
        spans = labels_to_spans([present(label) for label in found], LabelScheme.IOB2)
        for span in spans:
            votes = sum(span in labels_to_spans(row, LabelScheme.IOB2) for row in rows)
            assert votes * 2 > len(rows)
        assert {
            majority(order, LabelScheme.IOB2) for order in itertools.islice(itertools.permutations(rows), 6)
        } == {found}
