import pytest

from tagger.label_errors.disputes import KINDS, Dispute, disputes
from tagger.prediction import Stretch
from tagger.spans import Span


def spans(*values):
    return tuple(Span(*value) for value in values)


@pytest.mark.parametrize(
    ("gold", "other", "kind", "slips"),
    [
        ([(0, 2, "LOC")], [(0, 2, "ORG")], "type", 1),
        ([(0, 2, "LOC")], [(0, 3, "LOC")], "boundary", 1),
        ([(1, 3, "LOC")], [(0, 2, "LOC")], "boundary", 2),
        ([(0, 2, "LOC")], [(1, 2, "ORG")], "boundary", 2),
        ([], [(1, 2, "ORG")], "missing", 1),
        ([(1, 2, "ORG")], [], "spurious", 3),
        ([(0, 3, "LOC")], [(0, 1, "LOC"), (2, 3, "LOC")], "several", 3),
        ([(0, 1, "LOC"), (1, 2, "LOC")], [(0, 2, "LOC")], "several", 4),
    ],
)
def test_a_difference_is_of_one_kind_and_takes_some_slips(gold, other, kind, slips):
    [found] = disputes(spans(*gold), spans(*other))
    assert (found.kind, found.slips) == (kind, slips)
    assert found.kind in KINDS


def test_readings_that_agree_are_not_in_dispute_whatever_their_probabilities():
    assert disputes([Span(0, 1, "LOC")], [Span(0, 1, "LOC", 0.5)]) == []


def test_differences_that_do_not_overlap_are_disputes_of_their_own():
    found = disputes(
        spans((0, 2, "A"), (3, 4, "A"), (6, 7, "A")), spans((0, 2, "A"), (2, 4, "A"), (5, 6, "B"))
    )
    assert [(each.start, each.end) for each in found] == [(2, 4), (5, 6), (6, 7)]


def test_spans_that_overlap_by_way_of_others_are_in_one_dispute():
    [found] = disputes(spans((0, 3, "A"), (4, 6, "A")), spans((2, 5, "B")))
    assert (found.start, found.end) == (0, 6)
    assert found.gold == spans((0, 3, "A"), (4, 6, "A"))
    assert found.other == spans((2, 5, "B"))


def test_a_reading_is_the_labels_of_all_tokens_of_the_dispute():
    dispute = Dispute(2, 6, spans((2, 3, "A")), spans((3, 6, "B")))
    assert dispute.stretch(dispute.gold) == Stretch(2, ("B-A", "O", "O", "O"), is_closed=True)
    assert dispute.stretch(dispute.other) == Stretch(2, ("O", "B-B", "I-B", "I-B"), is_closed=True)
