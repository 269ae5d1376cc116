"""Scores against seqeval, scikit-learn and numbers worked out by hand."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import accuracy_score, classification_report
from sklearn.metrics import classification_report as sklearn_report

from tagger.errors import DataError, LabelError, MissingExtraError, UsageError
from tagger.examples import Example
from tagger.metrics import (
    Counts,
    Share,
    SpanScorer,
    SpanScores,
    TokenScorer,
    TokenScores,
    score,
    seqeval_report,
)
from tagger.prediction import Prediction
from tagger.schemes import (
    LabelScheme,
    allowed_transitions,
    convert_labels,
    iob2_label,
    labels_to_spans,
    scheme_labels,
    span_label_mask,
    spans_to_labels,
    split_label,
    violations,
)
from tagger.spans import Span

# Few sentences, so that types without gold spans and types never predicted occur often.
SPAN_LABELS = st.sampled_from(["O", *scheme_labels(["PER", "creative-work", "ORG"], LabelScheme.IOB2)])


@st.composite
def corpora(draw, labels=SPAN_LABELS):
    """Gold and predicted label lists of the same shape."""
    lengths = draw(st.lists(st.integers(0, 8), max_size=6))
    return tuple(
        [draw(st.lists(labels, min_size=length, max_size=length)) for length in lengths] for _ in range(2)
    )


def scored(gold, predicted, scorer):
    for gold_labels, predicted_labels in zip(gold, predicted, strict=True):
        scorer.add(gold_labels, predicted_labels)
    return scorer.scores()


def example(labels, tokens=None):
    return Example(tuple(tokens or ["word"] * len(labels)), tuple(labels))


# Counts


def test_quotients_of_counts():
    counts = Counts(true_positives=1, predicted=2, gold=4)
    assert (counts.precision, counts.recall, counts.f1) == (0.5, 0.25, 1 / 3)
    assert counts + Counts(1, 1, 0) == Counts(2, 3, 4)


@pytest.mark.parametrize(
    "counts", [Counts(), Counts(predicted=3), Counts(gold=3), Counts(predicted=1, gold=1)]
)
def test_quotients_without_cases_are_zero(counts):
    assert (counts.precision, counts.recall, counts.f1) == (0.0, 0.0, 0.0)


def test_share():
    assert Share(1, 3).value == 1 / 3
    assert Share().value == 0.0
    assert Share(1, 3) + Share(1, 1) == Share(2, 4)
    assert str(Share(1, 3)) == "33.33 % (1 of 3)"


# Spans

GOLD = [["B-PER", "I-PER", "O", "B-LOC"], ["B-LOC", "B-LOC", "I-LOC", "O"]]
PREDICTED = [["B-PER", "I-PER", "O", "B-ORG"], ["B-LOC", "I-LOC", "I-LOC", "O"]]


def test_span_counts_by_hand():
    scores = scored(GOLD, PREDICTED, SpanScorer())
    assert scores.types == {"LOC": Counts(0, 1, 3), "ORG": Counts(0, 1, 0), "PER": Counts(1, 1, 1)}
    assert scores.total == Counts(1, 3, 4)
    assert scores.metric == "f1"
    assert scores.value == 2 / 7
    assert scores.tokens == Share(6, 8)
    assert scores.num_sentences == 2


@settings(deadline=None)
@given(corpora())
def test_span_scores_equal_those_of_seqeval(corpus):
    gold, predicted = corpus
    scores = scored(gold, predicted, SpanScorer())
    if not scores.types:
        assert scores.value == 0.0  # seqeval fails on labels without any span
        return
    expected = classification_report(gold, predicted, output_dict=True, zero_division=0)
    found = {
        "micro avg": (scores.total, scores.total.gold),
        "macro avg": (scores.macro, scores.total.gold),
        "weighted avg": (scores.weighted, scores.total.gold),
    } | {type_: (counts, counts.gold) for type_, counts in scores.types.items()}
    assert found.keys() == expected.keys()
    for name, (one, support) in found.items():
        numbers = {"precision": one.precision, "recall": one.recall, "f1-score": one.f1, "support": support}
        assert numbers == pytest.approx(expected[name], abs=1e-12, rel=0)


@settings(deadline=None)
@given(corpora())
def test_token_accuracy_of_spans_equals_that_of_seqeval_on_legal_labels(corpus):
    gold, predicted = (
        [convert_labels(labels, LabelScheme.IOB2, LabelScheme.IOB2) for labels in side] for side in corpus
    )
    tokens = scored(gold, predicted, SpanScorer()).tokens
    assert tokens.total == sum(map(len, gold))
    if tokens.total:
        assert tokens.value == pytest.approx(accuracy_score(gold, predicted), abs=1e-12, rel=0)


@pytest.mark.parametrize("gold_scheme", [LabelScheme.IOB1, LabelScheme.BIOES, LabelScheme.BILOU])
@pytest.mark.parametrize("predicted_scheme", [LabelScheme.IOE2, LabelScheme.BMEWO])
def test_schemes_of_gold_and_predicted_labels_do_not_matter(gold_scheme, predicted_scheme):
    gold = [convert_labels(labels, LabelScheme.IOB2, gold_scheme) for labels in GOLD]
    predicted = [convert_labels(labels, LabelScheme.IOB2, predicted_scheme) for labels in PREDICTED]
    scorer = SpanScorer(gold_scheme=gold_scheme, predicted_scheme=predicted_scheme)
    assert scored(gold, predicted, scorer) == scored(GOLD, PREDICTED, SpanScorer())


def test_span_scores_as_json():
    scores = scored(GOLD[:1], PREDICTED[:1], SpanScorer())
    assert json.loads(json.dumps(scores.to_dict())) == {
        "metric": "f1",
        "precision": 0.5,
        "recall": 0.5,
        "f1": 0.5,
        "correct": 1,
        "predicted": 2,
        "gold": 2,
        "macro": {"precision": 1 / 3, "recall": 1 / 3, "f1": 1 / 3},
        "weighted": {"precision": 0.5, "recall": 0.5, "f1": 0.5},
        "types": {
            "LOC": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "correct": 0, "predicted": 0, "gold": 1},
            "ORG": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "correct": 0, "predicted": 1, "gold": 0},
            "PER": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "correct": 1, "predicted": 1, "gold": 1},
        },
        "accuracy": 0.75,
        "num_sentences": 1,
        "num_tokens": 4,
    }


def test_span_report():
    scorer = SpanScorer()
    scorer.add(GOLD[0], PREDICTED[0], unknown=[False, True, False, True])
    scorer.add(GOLD[1], PREDICTED[1], unknown=[False, False, False, True])
    assert scorer.scores().report() == (
        "F1 28.57 %: 1 of 3 predicted spans are right, 1 of 4 gold spans are found\n"
        "\n"
        "type              precision  recall      f1  support\n"
        "LOC                    0.00    0.00    0.00        3\n"
        "ORG                    0.00    0.00    0.00        0\n"
        "PER                  100.00  100.00  100.00        1\n"
        "\n"
        "micro average         33.33   25.00   28.57        4\n"
        "macro average         33.33   33.33   33.33        4\n"
        "weighted average      25.00   25.00   25.00        4\n"
        "\n"
        "Tokens with the right label: 75.00 % (6 of 8), in 2 sentences\n"
        "Gold spans with a word unknown in training that are found: 50.00 % (1 of 2)"
    )


def test_scores_of_nothing_are_zero_and_can_be_reported():
    spans, tokens = SpanScorer().scores(), TokenScorer().scores()
    assert spans == SpanScores({}, Share(), 0, Share())
    assert tokens == TokenScores({}, 0, Share())
    for scores in (spans, tokens):
        assert scores.value == 0.0
        assert scores.to_dict()["num_tokens"] == 0
    assert spans.report().startswith(
        "F1 0.00 %: 0 of 0 predicted spans are right, 0 of 0 gold spans are found\n"
    )
    assert tokens.report() == (
        "Accuracy 0.00 % (0 of 0), in 0 sentences\n"
        "Macro F1 over 0 labels: 0.00 %\n"
        "\n"
        "label  precision  recall  f1  support"
    )


def test_scorers_go_on_after_giving_scores():
    scorer = SpanScorer()
    scorer.add(GOLD[0], PREDICTED[0])
    before = scorer.scores()
    scorer.add(GOLD[1], PREDICTED[1])
    assert before == scored(GOLD[:1], PREDICTED[:1], SpanScorer())
    assert scorer.scores() == scored(GOLD, PREDICTED, SpanScorer())


def test_span_scorer_refuses_labels_without_spans():
    with pytest.raises(UsageError) as caught:
        SpanScorer(gold_scheme=LabelScheme.NONE)
    assert str(caught.value) == "labels of the scheme none encode no spans to score; use a TokenScorer"


@pytest.mark.parametrize("scorer", [SpanScorer(), TokenScorer()])
def test_scorers_refuse_different_lengths(scorer):
    with pytest.raises(DataError) as caught:
        scorer.add(["O", "O"], ["O"])
    assert str(caught.value) == "expected one predicted label per gold label, found 1 for 2"
    with pytest.raises(DataError) as caught:
        scorer.add(["O", "O"], ["O", "O"], unknown=[True])
    assert str(caught.value) == "expected one entry of unknown per gold label, found 1 for 2"


# Tokens


def test_token_counts_by_hand():
    scorer = TokenScorer()
    scorer.add(["NOUN", "VERB", "O"], ["NOUN", "NOUN", "O"], unknown=[True, True, False])
    scorer.add([], [])
    scorer.add(["NOUN"], ["NOUN"])
    scores = scorer.scores()
    assert scores.tokens == Share(3, 4)
    assert scores.unknown == Share(1, 2)
    assert scores.known == Share(2, 2)
    assert scores.metric == "accuracy"
    assert scores.value == 0.75
    assert scores.num_sentences == 3
    assert scores.labels == {"NOUN": Counts(2, 3, 2), "O": Counts(1, 1, 1), "VERB": Counts(0, 0, 1)}


@settings(deadline=None)
@given(corpora(st.sampled_from(["NOUN", "ORG", "O", "-LRB-", "B-PER"])))
@pytest.mark.slow
def test_token_scores_equal_those_of_scikit_learn(corpus):
    gold, predicted = corpus
    scores = scored(gold, predicted, TokenScorer())
    flat = [[label for labels in side for label in labels] for side in corpus]
    if not flat[0]:
        return
    labels = sorted({*flat[0], *flat[1]})
    expected = sklearn_report(*flat, labels=labels, output_dict=True, zero_division=0)
    for label in labels:
        counts = scores.labels[label]
        numbers = {
            "precision": counts.precision,
            "recall": counts.recall,
            "f1-score": counts.f1,
            "support": counts.gold,
        }
        assert numbers == pytest.approx(expected[label], abs=1e-12, rel=0)
    assert scores.macro.f1 == pytest.approx(expected["macro avg"]["f1-score"], abs=1e-12, rel=0)
    assert scores.value == pytest.approx(sum(map(str.__eq__, *flat)) / len(flat[0]), abs=1e-12, rel=0)


def test_confusions_come_most_frequent_first_then_by_name():
    gold = ["A", "A", "B", "C", "C", "C"]
    predicted = ["B", "A", "A", "A", "A", "B"]
    scores = scored([gold], [predicted], TokenScorer())
    assert scores.confusions() == [("C", "A", 2), ("A", "B", 1), ("B", "A", 1), ("C", "B", 1)]
    assert scores.confusions(2) == [("C", "A", 2), ("A", "B", 1)]


def test_token_report():
    scorer = TokenScorer()
    scorer.add(["NOUN", "VERB", "X", "X"], ["NOUN", "NOUN", "X", "X"], unknown=[True, True, False, False])
    assert scorer.scores().report() == (
        "Accuracy 75.00 % (3 of 4), in 1 sentence\n"
        "Words unknown in training: 50.00 % (1 of 2)\n"
        "Words known from training: 100.00 % (2 of 2)\n"
        "Macro F1 over 3 labels: 55.56 %\n"
        "\n"
        "label  precision  recall      f1  support\n"
        "NOUN       50.00  100.00   66.67        1\n"
        "VERB        0.00    0.00    0.00        1\n"
        "X         100.00  100.00  100.00        2\n"
        "\n"
        "Most frequent confusions\n"
        "gold  predicted  count\n"
        "VERB  NOUN           1"
    )


def test_token_scores_as_json():
    scorer = TokenScorer()
    scorer.add(["NOUN", "VERB"], ["NOUN", "NOUN"], unknown=[True, False])
    assert json.loads(json.dumps(scorer.scores().to_dict())) == {
        "metric": "accuracy",
        "accuracy": 0.5,
        "correct": 1,
        "macro": {"precision": 0.25, "recall": 0.5, "f1": 1 / 3},
        "labels": {
            "NOUN": {"precision": 0.5, "recall": 1.0, "f1": 2 / 3, "correct": 1, "predicted": 2, "gold": 1},
            "VERB": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "correct": 0, "predicted": 0, "gold": 1},
        },
        "num_sentences": 1,
        "num_tokens": 2,
        "unknown": {"accuracy": 1.0, "num_tokens": 1},
    }


# Whole corpora


def test_score_of_spans_reads_predictions_as_iob2():
    gold = [example(["B-PER", "E-PER", "O", "S-LOC"]), example([])]
    scores = score(iter(gold), iter([PREDICTED[0], []]), LabelScheme.BIOES)
    assert isinstance(scores, SpanScores)
    assert scores.total == Counts(1, 2, 2)
    assert scores.num_sentences == 2
    bioes = ["B-PER", "E-PER", "O", "S-ORG"]
    assert score(gold, [bioes, []], LabelScheme.BIOES, predicted_scheme=LabelScheme.BIOES) == scores


@pytest.mark.parametrize("known_words", [{"in", "Rome"}, lambda word: word.lower() in {"in", "rome"}])
def test_score_looks_at_unknown_words(known_words):
    tokens = ["Ann", "in", "Rome"]
    spans = score(
        [example(["B-PER", "O", "B-LOC"], tokens)],
        [["B-PER", "O", "O"]],
        LabelScheme.IOB2,
        known_words=known_words,
    )
    assert spans.unknown == Share(1, 1)
    assert spans.to_dict()["unknown"] == {"recall": 1.0, "gold": 1}
    labels = score(
        [example(["PROPN", "ADP", "PROPN"], tokens)],
        [["NOUN", "ADP", "PROPN"]],
        LabelScheme.NONE,
        known_words=known_words,
    )
    assert labels.unknown == Share(0, 1)
    assert isinstance(labels, TokenScores)
    assert labels.known == Share(2, 2)


def test_an_empty_set_of_known_words_makes_every_word_unknown():
    scores = score([example(["X", "Y"])], [["X", "X"]], LabelScheme.NONE, known_words=set())
    assert scores.unknown == Share(1, 2)


@pytest.mark.parametrize(
    ("examples", "predicted", "message"),
    [
        (2, 1, "expected one prediction per example, found no prediction for example 2"),
        (1, 2, "expected one prediction per example, found no example for prediction 2"),
    ],
)
def test_score_refuses_different_numbers_of_sentences(examples, predicted, message):
    with pytest.raises(DataError) as caught:
        score([example(["O"])] * examples, [["O"]] * predicted, LabelScheme.IOB2)
    assert str(caught.value) == message


def test_score_says_which_sentence_is_wrong():
    with pytest.raises(DataError) as caught:
        score([example([]), example(["O"])], [[], []], LabelScheme.NONE)
    assert str(caught.value) == "sentence 2: expected one predicted label per gold label, found 0 for 1"
    located = Example(("a",), ("S-PER",), origin="dev.conll:7")
    with pytest.raises(LabelError) as label_error:
        score([located], [["O"]], LabelScheme.IOB2)
    assert str(label_error.value) == (
        "dev.conll:7: token 1: expected O, B-TYPE or I-TYPE as a label in IOB2, found 'S-PER'"
    )
    with pytest.raises(DataError) as caught:
        score([Example(("a",), origin="dev.conll:9")], [["O"]], LabelScheme.IOB2)
    assert str(caught.value) == "dev.conll:9: expected gold labels to score against, found none"


def test_score_refuses_to_compare_spans_with_plain_labels():
    with pytest.raises(UsageError) as caught:
        score([], [], LabelScheme.IOB2, predicted_scheme=LabelScheme.NONE)
    assert str(caught.value) == "labels of the scheme none cannot be scored against labels of iob2"


# seqeval


def test_seqeval_report_converts_and_is_seqevals_own():
    bioes = [convert_labels(labels, LabelScheme.IOB2, LabelScheme.BIOES) for labels in GOLD]
    report = seqeval_report(bioes, map(tuple, PREDICTED), gold_scheme=LabelScheme.BIOES)
    assert report == classification_report(GOLD, PREDICTED, digits=4, zero_division=0)
    assert "   micro avg     0.3333    0.2500    0.2857         4\n" in report


@pytest.mark.parametrize("labels", [[], [[]], [["O", "O"], []]])
def test_seqeval_report_without_spans(labels):
    assert seqeval_report(labels, labels) == "no spans, neither gold nor predicted"


def test_seqeval_report_refuses_labels_without_spans():
    with pytest.raises(UsageError) as caught:
        seqeval_report([["NOUN"]], [["NOUN"]], gold_scheme=LabelScheme.NONE)
    assert str(caught.value) == (
        "seqeval scores spans; labels of the scheme none have their own report, see TokenScores"
    )


@pytest.mark.parametrize(("gold", "predicted"), [([["O"]], []), ([["O"]], [["O", "O"]])])
def test_seqeval_report_refuses_different_lengths(gold, predicted):
    with pytest.raises(DataError) as caught:
        seqeval_report(gold, predicted)
    assert str(caught.value) == (
        "expected as many predicted as gold labels in every sentence, found other lengths"
    )


def test_seqeval_report_names_the_extra_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "seqeval.metrics", None)
    with pytest.raises(MissingExtraError) as caught:
        seqeval_report(GOLD, PREDICTED)
    assert (
        str(caught.value) == "The report needs the package 'seqeval'. "
        "Install it with: pip install 'FOLDER[train]', FOLDER being the clone of tagger"
    )


# What people pass from Python

EXAMPLE = [Example(("Anna", "left"), ("B-PER", "O"))]


def test_schemes_may_be_named():
    examples = [Example(("a", "b"), ("I-PER", "I-PER"))]
    predicted = [["B-PER", "I-PER"]]
    assert score(examples, predicted, "iob1").value == 1
    assert score(examples, [["I-PER", "E-PER"]], "IOB1", predicted_scheme="ioe2").value == 1
    assert "micro avg     1.0000" in seqeval_report([["I-PER"]], [["B-PER"]], gold_scheme="iob1")
    scorer = SpanScorer(gold_scheme="bio")
    scorer.add(["B-PER"], ["B-PER"])
    assert scorer.scores().value == 1


@pytest.mark.parametrize("scheme", ["iob3", None, 2])
def test_what_is_no_scheme_is_named(scheme):
    for call in (
        lambda: score([], [], scheme),
        lambda: seqeval_report([], [], gold_scheme=scheme),
        lambda: SpanScorer(gold_scheme=scheme),
        lambda: labels_to_spans([], scheme),
        lambda: spans_to_labels([], 0, scheme),
        lambda: convert_labels([], scheme, "iob2"),
        lambda: violations([], scheme),
        lambda: scheme_labels([], scheme),
        lambda: split_label("O", scheme),
        lambda: iob2_label("O", scheme),
        lambda: allowed_transitions([], scheme),
        lambda: span_label_mask(Span(0, 1, "PER"), 1, ["O"], scheme),
    ):
        with pytest.raises(UsageError) as caught:
            call()
        assert str(caught.value).startswith(f"unknown label scheme {scheme!r}; known names: iob1, iob2, ")


@pytest.mark.parametrize(
    ("examples", "predicted", "message"),
    [
        (EXAMPLE, ["OO"], "sentence 1: expected a sequence of predicted labels, found the str 'OO'"),
        (EXAMPLE, [[0, 1]], "sentence 1: expected predicted labels as strings, found the int 0"),
        (EXAMPLE, [["O", None]], "sentence 1: expected predicted labels as strings, found the NoneType None"),
        (
            EXAMPLE,
            [Prediction(("a",), ("O",), (), (1.0,), 0.0)],
            "sentence 1: expected a sequence of predicted labels, found the Prediction Prediction(tokens=('a',), "
            "labels=('O',),...1.0,), log_probability=0.0, withheld=())",
        ),
        ([["a", "b"]], [["O", "O"]], "sentence 1: expected an Example, found the list ['a', 'b']"),
    ],
)
@pytest.mark.parametrize("scheme", ["iob2", "none"])
def test_what_is_no_example_or_prediction_is_named(examples, predicted, message, scheme):
    with pytest.raises(DataError) as caught:
        score(examples, predicted, scheme)
    assert str(caught.value) == message


def test_strings_of_numpy_are_strings():
    assert score(EXAMPLE, [np.array(["B-PER", "O"])], "iob2").value == 1  # type: ignore[list-item]


def test_known_words_are_not_one_string():
    with pytest.raises(
        UsageError, match=r"^known_words: expected words or a function, found the string 'Anna'$"
    ):
        score(EXAMPLE, [["B-PER", "O"]], "iob2", known_words="Anna")


def test_many_sentences_are_counted_part_by_part(monkeypatch):
    monkeypatch.setattr("tagger.metrics.span_scores._AT_ONCE", 5)
    scorer = SpanScorer()
    for _ in range(10):
        for gold, predicted in zip(GOLD, PREDICTED, strict=True):
            scorer.add(gold, predicted, unknown=[True] * 4)
    scores = scorer.scores()
    assert scores.types == {"LOC": Counts(0, 10, 30), "ORG": Counts(0, 10, 0), "PER": Counts(10, 10, 10)}
    assert (scores.tokens, scores.unknown, scores.num_sentences) == (Share(60, 80), Share(10, 40), 20)


def test_labels_of_one_scheme_are_right_as_they_stand():
    # what conlleval counts: accuracy 50.00 %, though the spans are the same
    scores = scored([["B-PER", "O"]], [["I-PER", "O"]], SpanScorer())
    assert (scores.tokens, scores.total) == (Share(1, 2), Counts(1, 1, 1))
    scorer = SpanScorer(gold_scheme="iob2", predicted_scheme="iob1")
    scores = scored([["B-PER", "I-PER", "O"]], [["I-PER", "I-PER", "O"]], scorer)
    assert scores.tokens == Share(3, 3)
    bare = SpanScorer(gold_scheme="io", predicted_scheme="io")
    assert scored([["PER", "O"]], [["I-PER", "O"]], bare).tokens == Share(2, 2)
