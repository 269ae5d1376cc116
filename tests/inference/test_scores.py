"""Labels, marginals, n-best lists and span probabilities, compared with enumeration of all legal sequences."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from labelling_oracle import emissions_alone, labellings
from present import present
from tiny_models import changed, tiny_parts

from tagger import Tagger
from tagger.schemes import LabelScheme, span_label_mask

TOKENS = ("Anna", "met", "New", "York", "McCoy-7")
# scheme, types, tokens: few enough sequences to write them all down
CASES = [
    ("iob2", ("LOC", "PER"), 4), ("iob2", ("PER",), 5), ("iob2", ("LOC", "PER"), 1),
    ("bioes", ("LOC", "PER"), 3), ("bioes", ("PER",), 5), ("bioes", ("LOC", "PER"), 1),
    ("io", ("LOC", "PER"), 5), ("io", ("PER",), 2), ("io", ("PER",), 1),
    ("none", ("NOUN", "O", "VERB"), 5), ("none", ("NOUN", "VERB"), 1),
]  # fmt: skip


@pytest.fixture(
    params=[(*case, decoder) for case in CASES for decoder in ("crf", "softmax")],
    ids=lambda case: f"{case[3]}-{case[0]}-{len(case[1])}types-{case[2]}tokens",
)
def enumerated(request):
    """A tagger, a sentence and all its legal labellings."""
    scheme, types, length, decoder = request.param
    parts = tiny_parts(scheme, types, seed=length, decoder=decoder)
    tokens = TOKENS[:length]
    return Tagger(parts), parts, tokens, labellings(parts, tokens)


def span_mass(found, span):
    """Probability that exactly this span is among the spans."""
    return sum(each.probability for each in found if span in each.spans)


def label_mass(found, t, label):
    """Probability that token t has this reported label."""
    return sum(each.probability for each in found if each.reported[t] == label)


def check_prediction(prediction, expected, found):
    """Compare one prediction, and all its probabilities, with the enumerated labelling it should be."""
    assert prediction.labels == expected.reported
    assert prediction.log_probability == pytest.approx(math.log(expected.probability), abs=1e-9)
    assert [(span.start, span.end, span.label) for span in prediction.spans] == list(expected.spans)
    for span in prediction.spans:
        exact = span_mass(found, (span.start, span.end, span.label))
        assert span.probability == pytest.approx(exact, abs=1e-9)
    marginals = [label_mass(found, t, label) for t, label in enumerate(prediction.labels)]
    assert prediction.label_probabilities == pytest.approx(marginals, abs=1e-9)


def test_prediction_is_the_most_probable_labelling_with_exact_probabilities(enumerated):
    tagger, _, tokens, found = enumerated
    (prediction,) = tagger.predict([tokens])
    assert prediction.tokens == tokens
    check_prediction(prediction, found[0], found)
    assert tagger.tag([tokens]) == [list(found[0].reported)]


def test_marginals_are_exact_and_sum_to_one(enumerated):
    tagger, _, tokens, found = enumerated
    (marginals,) = tagger.marginals([tokens])
    expected = [[label_mass(found, t, label) for label in tagger.labels] for t in range(len(tokens))]
    np.testing.assert_allclose(marginals, expected, atol=1e-9)
    np.testing.assert_allclose(marginals.sum(axis=1), 1, atol=1e-12)


def test_nbest_are_the_most_probable_labellings_in_order_each_with_exact_probabilities(enumerated):
    tagger, _, tokens, found = enumerated
    (predictions,) = tagger.nbest([tokens], 6)
    assert len(predictions) == min(6, len(found))
    for prediction, expected in zip(predictions, found, strict=False):
        check_prediction(prediction, expected, found)


def test_nbest_of_more_than_there_are_gives_all_legal_labellings_once(enumerated):
    tagger, _, tokens, found = enumerated
    tokens = tokens[:2]
    found = labellings(tagger._parts, tokens)
    (predictions,) = tagger.nbest([tokens], len(found) + 5)
    assert [prediction.labels for prediction in predictions] == [each.reported for each in found]
    assert len({prediction.labels for prediction in predictions}) == len(found)
    assert sum(math.exp(prediction.log_probability) for prediction in predictions) == pytest.approx(1)


def test_posterior_decoding_maximises_the_expected_number_of_right_inner_labels(enumerated):
    tagger, _, tokens, found = enumerated

    right: list[Counter[str]] = [Counter() for _ in tokens]  # probability of every inner label at every token
    for each in found:
        for t, label in enumerate(each.inner):
            right[t][label] += each.probability

    def expected_right(candidate):
        return sum(chances[label] for chances, label in zip(right, candidate.inner, strict=True))

    best = max(found, key=expected_right)
    (prediction,) = tagger.predict([tokens], decode="posterior")
    check_prediction(prediction, best, found)
    assert tagger.tag([tokens], decode="posterior") == [list(best.reported)]


def test_posterior_and_viterbi_differ_where_they_should():
    taggers = [Tagger(tiny_parts("iob2", seed=seed)) for seed in range(20)]
    assert any(
        tagger.tag([TOKENS], decode="posterior") != tagger.tag([TOKENS], decode="viterbi")
        for tagger in taggers
    )


@pytest.mark.parametrize("scheme", ["iob2", "bioes", "io"])
def test_span_probability_equals_the_likelihood_within_a_mask_that_pins_the_span_down(scheme):
    parts = tiny_parts(scheme, seed=3)
    tokens = (*TOKENS, "in", "Rome", "the", "Route66", "!")  # too long to enumerate
    emissions = emissions_alone(parts, tokens).unsqueeze(0)
    spans = {span for each in Tagger(parts).nbest([tokens], 20)[0] for span in each.spans}
    assert len(spans) > 5
    for span in spans:
        mask = span_label_mask(span, len(tokens), parts.labels.items, LabelScheme.parse(scheme))
        with torch.no_grad():
            expected = parts.model.decoder.partial_log_likelihood(emissions, torch.tensor([mask])).exp()
        assert span.probability == pytest.approx(expected.item(), abs=1e-9)


@pytest.mark.parametrize("scheme", ["iob2", "bioes", "io"])
def test_probabilities_in_a_batch_are_those_of_the_sentence_alone(scheme):
    tagger = Tagger(tiny_parts(scheme, seed=1))
    sentences = [TOKENS[:length] for length in (5, 0, 1, 3, 2, 4)]
    for together, sentence in zip(tagger.nbest(sentences, 3), sentences, strict=True):
        for one, other in zip(together, tagger.nbest([sentence], 3)[0], strict=True):
            assert one.labels == other.labels
            assert one.log_probability == pytest.approx(other.log_probability, abs=1e-5)
            assert [span.probability for span in one.spans] == pytest.approx(
                [span.probability for span in other.spans], abs=1e-5
            )


def test_probabilities_stay_exact_where_one_sequence_takes_all_the_mass():
    parts = changed(
        tiny_parts("bioes", ("PER",), seed=2),
        lambda model: model.projection.bias.copy_(torch.tensor([200.0, 0, 0, 0, 0])),
    )
    (prediction,) = Tagger(parts).predict([TOKENS])
    assert prediction.labels == ("O",) * 5
    assert prediction.label_probabilities == pytest.approx((1.0,) * 5)
    assert prediction.log_probability == pytest.approx(0, abs=1e-9)
    second = Tagger(parts).nbest([TOKENS], 2)[0][1]
    assert 0 <= present(second.spans[0].probability) < 1e-80


# Temperature


@pytest.mark.parametrize("temperature", [0.4, 2.5])
def test_at_a_temperature_labels_stay_and_all_probabilities_are_those_of_the_divided_scores(
    enumerated, temperature
):
    tagger, parts, tokens, found = enumerated
    calibrated = Tagger(replace(parts, temperature=temperature))
    powers = [each.probability ** (1 / temperature) for each in found]
    scaled = [
        replace(each, probability=power / sum(powers)) for each, power in zip(found, powers, strict=True)
    ]
    (predictions,) = calibrated.nbest([tokens], 6)
    for prediction, expected in zip(predictions, scaled, strict=False):
        check_prediction(prediction, expected, scaled)
    assert calibrated.predict([tokens]) == [predictions[0]]
    assert calibrated.tag([tokens]) == tagger.tag([tokens])
    (marginals,) = calibrated.marginals([tokens])
    expected = [[label_mass(scaled, t, label) for label in tagger.labels] for t in range(len(tokens))]
    np.testing.assert_allclose(marginals, expected, atol=1e-9)


@pytest.mark.slow
def test_posterior_decoding_asks_the_probabilities_at_the_temperature():
    """At a low temperature all the mass is on the best sequence, so that both ways to decode agree."""
    sentences = [TOKENS[: n % 5 + 1] for n in range(5)]
    differ = 0
    for seed in range(20):
        parts = tiny_parts("bioes", seed=seed)
        best = Tagger(parts).tag(sentences)
        differ += Tagger(parts).tag(sentences, decode="posterior") != best
        assert Tagger(replace(parts, temperature=0.01)).tag(sentences, decode="posterior") == best
    assert differ
