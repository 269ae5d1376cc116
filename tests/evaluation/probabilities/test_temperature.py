"""Fitted temperatures, compared with an enumeration of all label sequences."""

import math
from dataclasses import replace

import numpy as np
import pytest
from drawn_labels import drawn
from present import present
from tiny_models import tiny_parts

from tagger import Tagger
from tagger.errors import DataError, LabelError, UsageError
from tagger.evaluation.probabilities.temperature import fit_temperature, score_corpus
from tagger.examples import Example
from tagger.schemes import LabelScheme


def slow_loss(enumerations, temperature):
    """The negative log-likelihood of the gold sequences, in nats."""
    return -sum(
        math.log(gold.probability) / temperature
        - math.log(sum(each.probability ** (1 / temperature) for each in found))
        for found, gold in enumerations
    )


def scheme_of(parts):
    return LabelScheme.NONE if parts.config.scheme == "none" else LabelScheme.IOB2


@pytest.mark.parametrize(
    ("scheme", "types", "decoder"),
    [
        ("iob2", ("PER",), "crf"),
        ("bioes", ("PER",), "crf"),
        ("io", ("LOC", "PER"), "crf"),
        ("none", ("NOUN", "VERB"), "crf"),
        ("iob2", ("PER",), "softmax"),
    ],
)
def test_losses_are_those_of_an_enumeration_and_the_temperature_makes_them_least(scheme, types, decoder):
    parts = tiny_parts(scheme, types, decoder=decoder)
    examples, enumerations = drawn(parts, 2.0, 40)
    corpus = score_corpus(Tagger(parts), examples, scheme_of(parts), folds=4)
    for temperature in (0.5, 1.0, 3.0):
        found = corpus.losses(temperature)
        assert len(found) == 4
        assert found.sum() == pytest.approx(slow_loss(enumerations, temperature), abs=1e-5)
    fitted = fit_temperature(corpus)
    assert slow_loss(enumerations, fitted) <= min(
        slow_loss(enumerations, fitted * factor) for factor in (0.99, 1.01)
    )
    assert 1.3 < fitted < 3


def test_a_calibrated_model_is_fitted_from_its_raw_scores():
    parts = tiny_parts("iob2", ("PER",))
    examples, _ = drawn(parts, 2.0, 20)
    fitted = [
        fit_temperature(score_corpus(Tagger(each), examples, LabelScheme.IOB2))
        for each in (parts, replace(parts, temperature=3.0))
    ]
    assert fitted[0] == fitted[1]


def test_each_fold_has_the_probabilities_of_its_temperature():
    parts = tiny_parts("iob2", ("PER",))
    examples, _ = drawn(parts, 1.0, 10)
    corpus = score_corpus(Tagger(parts), examples, LabelScheme.IOB2, folds=2)
    found = corpus.compared((1.0, 4.0))
    fold_of = {number: batch.fold for batch in corpus.batches for number in batch.numbers}
    assert sorted(fold_of.values()) == [0] * 5 + [1] * 5
    expected: list[float] = []
    for number, example in enumerate(examples):
        calibrated = Tagger(replace(parts, temperature=(1.0, 4.0)[fold_of[number]]))
        expected += calibrated.predict([example.tokens])[0].label_probabilities
    np.testing.assert_allclose(present(found.predicted.label_probabilities), expected, atol=1e-6)
    assert found.predicted.labels.ids.tolist() == corpus.compared((1.0, 1.0)).predicted.labels.ids.tolist()


def test_a_document_is_in_one_fold():
    parts = tiny_parts("iob2", ("PER",))
    examples = [
        Example(("Anna", str(n)), ("B-PER", "O"), document=f"document {n // 3}" if n < 9 else None)
        for n in range(12)
    ]
    corpus = score_corpus(Tagger(parts), examples, LabelScheme.IOB2, folds=5)
    fold_of = {number: batch.fold for batch in corpus.batches for number in batch.numbers}
    assert [len({fold_of[n] for n in range(start, start + 3)}) for start in (0, 3, 6)] == [1, 1, 1]
    assert set(fold_of.values()) == set(range(5))


def test_documents_count_as_they_do_when_tagging():
    parts = tiny_parts("iob2", ("PER",))
    examples = [Example(("Anna", "met"), ("B-PER", "O"), document="a"), Example(("Anna",), ("O",))]
    examples.insert(1, Example(("in", "Anna"), ("O", "B-PER"), document="a"))
    corpus = score_corpus(Tagger(parts), examples, LabelScheme.IOB2)
    found = present(corpus.compared((1.0,) * corpus.folds).predicted.label_probabilities)
    predictions = Tagger(parts).predict(
        [example.tokens for example in examples], documents=[example.document for example in examples]
    )
    expected = [p for prediction in predictions for p in prediction.label_probabilities]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    alone = Tagger(parts).predict([examples[0].tokens])[0].label_probabilities
    assert not np.allclose(found[:2], alone, atol=1e-3)


def test_sentences_with_labels_that_the_model_does_not_know_are_left_out_and_counted():
    parts = tiny_parts("bioes", ("PER",))
    examples = [
        Example(("Anna",), ("B-PER",)),
        Example(("EU", "met", "Rome"), ("B-ORG", "O", "B-LOC")),
        Example(()),
        Example(("EU",), ("B-ORG",)),
        Example(("in",), ("O",)),
    ]
    corpus = score_corpus(
        Tagger(parts), [replace(e, labels=e.labels or ()) for e in examples], LabelScheme.IOB2
    )
    assert [example.tokens for example in corpus.examples] == [("Anna",), ("in",)]
    assert (corpus.num_left_out, dict(corpus.left_out)) == (2, {"S-ORG": 2, "S-LOC": 1})
    assert corpus.num_tokens == 2


@pytest.mark.parametrize(
    ("examples", "scheme", "error", "message"),
    [
        (
            [Example(("EU",), ("B-ORG",)), Example(("in",), ("O",))],
            "iob2",
            LabelError,
            "expected gold labels that the model knows (B-PER, I-PER, O), found B-ORG. "
            "Rename them, or choose other labels.",
        ),
        (
            [Example(("Anna",), ("B-PER",)), Example(("Bo",), None, origin="dev.conll:3")],
            "iob2",
            DataError,
            "dev.conll:3: expected gold labels, found none. Calibrate on annotated sentences.",
        ),
        (
            [Example(("Anna",), ("B-PER",))],
            "iob2",
            DataError,
            "expected at least two sentences, or two documents, to calibrate on, found 1. Half of them tells whether "
            "what is fitted to the other half helps.",
        ),
        (
            [],
            "iob2",
            DataError,
            "expected at least two sentences, or two documents, to calibrate on, found 0. Half of them tells whether "
            "what is fitted to the other half helps.",
        ),
        (
            [Example(("Anna",), ("NOUN",))] * 2,
            "none",
            UsageError,
            "expected gold labels that are spans, as the model's are, found plain labels",
        ),
    ],
)
def test_what_cannot_be_calibrated_on_is_named(examples, scheme, error, message):
    with pytest.raises(error) as caught:
        score_corpus(Tagger(tiny_parts("iob2", ("PER",))), examples, LabelScheme.parse(scheme))
    assert str(caught.value) == message
