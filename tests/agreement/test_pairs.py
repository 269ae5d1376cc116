"""Two annotators on the sentences that both have."""

import pytest
from agreement_cases import annotator, corpus

from tagger.agreement.coefficients import Coefficient
from tagger.agreement.pairs import pairs_of
from tagger.evaluation.comparison import compare
from tagger.evaluation.drawing import Drawing
from tagger.evaluation.scores import interval_of_all
from tagger.evaluation.units import units_of
from tagger.metrics import Counts, Share

ANN = annotator("ann", "Anna/B-PER Smith/I-PER lives/O in/O Oslo/B-LOC ./O", "it/O rained/O", "EU/B-ORG ./O")
BOB = annotator("bob", "Anna/B-PER Smith/O lives/O in/O Oslo/B-LOC ./O", "it/O rained/O", "EU/B-LOC ./O")


def the_pair(*annotators):
    (pair,) = pairs_of(corpus(*annotators), Drawing())
    return pair


def test_spans_are_counted_by_type_and_by_boundaries_alone():
    pair = the_pair(ANN, BOB)
    assert pair.spans == {
        "LOC": Counts(true_positives=1, predicted=2, gold=1),
        "ORG": Counts(true_positives=0, predicted=0, gold=1),
        "PER": Counts(true_positives=0, predicted=1, gold=1),
    }
    assert pair.all_spans == Counts(true_positives=1, predicted=3, gold=3)
    assert pair.boundaries == Counts(true_positives=2, predicted=3, gold=3)
    assert pair.same_labels == Share(8, 10)
    assert (pair.num_sentences, pair.num_tokens, pair.num_single) == (3, 10, 0)


def test_kappa_is_over_all_tokens_or_over_those_that_somebody_marked():
    pair = the_pair(ANN, BOB)
    # ann: O 6, B-PER, I-PER, B-LOC, B-ORG 1 each; bob: O 7, B-PER 1, B-LOC 2; 8 of 10 are the same
    chance = (6 * 7 + 1 * 1 + 1 * 2) / 100
    assert pair.kappa.value == pytest.approx((0.8 - chance) / (1 - chance), abs=1e-12)
    # Of Anna, Smith, Oslo and EU two are the same; ann: B-PER, I-PER, B-LOC, B-ORG; bob: B-PER, O, B-LOC 2
    chance = (1 * 1 + 1 * 2) / 16
    assert pair.kappa_of_marked.value == pytest.approx((0.5 - chance) / (1 - chance), abs=1e-12)


def test_the_interval_is_that_of_evaluation():
    pair = the_pair(ANN, BOB)
    found = corpus(ANN, BOB)
    examples = [sentence.example(0) for sentence in found.sentences]
    other = [sentence.labels[1] for sentence in found.sentences]
    comparison = compare(examples, other, found.scheme, found.scheme)
    drawing = Drawing()
    assert pair.interval == interval_of_all(
        comparison, units_of(comparison, "sentence"), draws=drawing.draws, seed=drawing.seed
    )


def test_the_order_of_the_two_changes_nothing():
    forward, backward = the_pair(ANN, BOB), the_pair(BOB, ANN)
    assert forward.all_spans.f1 == backward.all_spans.f1
    assert forward.interval == backward.interval
    assert forward.kappa.value == pytest.approx(backward.kappa.value, abs=1e-12)
    assert forward.kappa_of_marked.value == pytest.approx(backward.kappa_of_marked.value, abs=1e-12)
    assert forward.boundaries.f1 == backward.boundaries.f1


def test_who_is_compared_with_the_same_agrees_in_everything():
    pair = the_pair(ANN, annotator("twin", *(_written(one) for one in ANN.passages)))
    assert pair.all_spans.f1 == pair.boundaries.f1 == 1
    assert pair.interval.high == 1.0
    assert pair.kappa.value == pair.kappa_of_marked.value == 1.0


def test_other_names_of_types_change_nothing():
    def renamed(one, name):
        return annotator(
            name, *(_written(p).replace("PER", "LOC_").replace("LOC", "PER") for p in one.passages)
        )

    pair, other = the_pair(ANN, BOB), the_pair(renamed(ANN, "ann"), renamed(BOB, "bob"))
    assert other.all_spans == pair.all_spans
    assert other.kappa.value == pytest.approx(pair.kappa.value, abs=1e-12)


def test_nothing_is_defined_where_nobody_marks_anything():
    pair = the_pair(annotator("a", "x/O", "y/O"), annotator("b", "x/O", "y/O"))
    assert pair.interval is None
    assert pair.kappa == pair.kappa_of_marked == Coefficient(None)
    assert pair.all_spans == Counts()


def test_nothing_is_defined_without_a_sentence_in_common():
    pairs = pairs_of(
        corpus(annotator("a", "x/O", "y/B-X"), annotator("b", "x/O"), annotator("c", "y/B-X")), Drawing()
    )
    apart = pairs[2]
    assert (apart.first, apart.second) == ("b", "c")
    assert (apart.num_sentences, apart.num_tokens, apart.num_single) == (0, 0, 2)
    assert (apart.comparison, apart.interval) == (None, None)
    assert apart.kappa == Coefficient(None)
    assert (apart.spans, apart.boundaries, apart.same_labels) == ({}, Counts(), Share())


def test_plain_labels_have_shares_of_tokens():
    first = annotator("a", "x/N y/V z/N", has_spans=False)
    pair = the_pair(first, annotator("b", "x/N y/N z/N", has_spans=False))
    assert pair.same_labels == Share(2, 3)
    assert pair.spans == {}
    assert pair.kappa_of_marked == Coefficient(None)
    assert pair.kappa.value == pytest.approx(0.0, abs=1e-12)  # 2/3 by chance as well


def _written(passage):
    return " ".join(
        f"{token}/{label}"
        for token, label in zip(passage.example.tokens, passage.example.labels, strict=True)
    )
