"""Probabilities of given labels and spans, compared with enumeration of all legal sequences."""

import itertools
import math
from dataclasses import replace

import pytest
from labelling_oracle import labellings
from tiny_models import tiny_parts

from tagger import Tagger
from tagger.errors import DataError, UsageError
from tagger.prediction import Stretch
from tagger.spans import Span

TOKENS = ("Anna", "met", "New", "York", "McCoy-7")
CASES = [
    *(("iob2", ("LOC", "PER"), 4), ("iob2", ("PER",), 5), ("bioes", ("LOC", "PER"), 3), ("bioes", ("PER",), 4)),
    *(("io", ("LOC", "PER"), 4), ("io", ("PER",), 1), ("none", ("NOUN", "O", "VERB"), 4)),
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
    return Tagger(parts), tokens, labellings(parts, tokens)


def logarithm(value):
    return math.log(value) if value else -math.inf


def all_spans(length, types):
    for start, end in itertools.combinations(range(length + 1), 2):
        yield from (Span(start, end, kind) for kind in types)


def holds(labelling, stretch):
    end = stretch.start + len(stretch.labels)
    if labelling.reported[stretch.start : end] != stretch.labels:
        return False
    return not (
        stretch.is_closed and labelling.reported[end : end + 1][0:1] and labelling.reported[end][0:2] == "I-"
    )


def mass(found, stretch):
    return sum(each.probability for each in found if holds(each, stretch))


def test_labels_of_any_stretch_have_the_mass_of_the_sequences_that_hold_them(enumerated):
    tagger, tokens, found = enumerated
    stretches = [
        Stretch(start, labels, is_closed)
        for start in range(len(tokens))
        for size in range(1, min(3, len(tokens) - start) + 1)
        for labels in itertools.product(tagger.labels, repeat=size)
        for is_closed in (False, True)
    ]
    (values,) = tagger.log_probabilities([tokens], [stretches])
    for stretch, value in zip(stretches, values, strict=True):
        assert value == pytest.approx(logarithm(mass(found, stretch)), abs=1e-8), stretch


def test_whole_sequences_have_their_own_probability(enumerated):
    tagger, tokens, found = enumerated
    stretches = [Stretch(0, each.reported) for each in found]
    (values,) = tagger.log_probabilities([tokens], [stretches])
    assert values == pytest.approx([math.log(each.probability) for each in found], abs=1e-8)


def test_every_span_has_the_mass_of_the_sequences_with_exactly_this_span(enumerated):
    tagger, tokens, found = enumerated
    if not tagger.scheme.has_spans:
        with pytest.raises(UsageError, match="this model's labels have no spans; use log_probabilities"):
            tagger.span_probabilities([tokens], [[]])
        return
    spans = list(all_spans(len(tokens), ("LOC", "PER")))
    (values,) = tagger.span_probabilities([tokens], [spans])
    for span, value in zip(spans, values, strict=True):
        exact = sum(each.probability for each in found if (span.start, span.end, span.label) in each.spans)
        assert value == pytest.approx(exact, abs=1e-9), span


def test_predicted_spans_have_the_probability_that_predictions_give_them():
    tagger = Tagger(tiny_parts("bioes", seed=3))
    sentences = [TOKENS[:length] for length in (5, 1, 3, 5)]
    predictions = tagger.predict(sentences)
    values = tagger.span_probabilities(sentences, [each.spans for each in predictions])
    assert any(values)
    for prediction, of_sentence in zip(predictions, values, strict=True):
        assert of_sentence == pytest.approx([span.probability for span in prediction.spans], abs=1e-5)


def test_sentences_of_all_lengths_keep_their_order():
    tagger = Tagger(tiny_parts("iob2", seed=1), batch_tokens=4)
    sentences = [TOKENS, (), TOKENS[:1], TOKENS[1:4], TOKENS[:2]] * 3
    stretches = [[Stretch(place, ("O",)) for place in range(len(tokens))] for tokens in sentences]
    values = tagger.log_probabilities(sentences, stretches)
    column = tagger.labels.index("O")
    for of_sentence, marginals in zip(values, tagger.marginals(sentences), strict=True):
        assert [math.exp(value) for value in of_sentence] == pytest.approx(
            list(marginals[:, column]), abs=1e-5
        )


def test_the_temperature_of_the_model_counts():
    parts = tiny_parts("iob2", seed=2)
    cool = Tagger(replace(parts, temperature=4.0))
    stretch = [[Stretch(1, ("O", "O"))]]
    (cold,), (warm,) = (
        Tagger(parts).log_probabilities([TOKENS], stretch),
        cool.log_probabilities([TOKENS], stretch),
    )
    assert cold != pytest.approx(warm, abs=1e-3)
    column = cool.labels.index("O")
    (value,) = cool.log_probabilities([TOKENS], [[Stretch(2, ("O",))]])[0]
    assert math.exp(value) == pytest.approx(cool.marginals([TOKENS])[0][2, column], abs=1e-6)


def test_other_sentences_of_the_document_count():
    tagger = Tagger(tiny_parts("iob2", seed=5), document_consistency=2.0)
    sentences = [("Anna", "met", "York"), ("York", "met", "Anna")]
    asked = [[Stretch(place, ("O",)) for place in range(3)]] * 2
    column = tagger.labels.index("O")
    together = tagger.log_probabilities(sentences, asked, documents=["d", "d"])
    assert together != tagger.log_probabilities(sentences, asked)
    marginals = tagger.marginals(sentences, documents=["d", "d"])
    for values, of_sentence in zip(together, marginals, strict=True):
        assert [math.exp(value) for value in values] == pytest.approx(list(of_sentence[:, column]), abs=1e-5)


def test_a_label_that_is_not_reported_is_impossible():
    tagger = Tagger(tiny_parts("bioes", ("PER",)))
    assert tagger.span_probabilities([TOKENS], [[Span(0, 2, "LOC")]]) == [(0.0,)]


@pytest.mark.parametrize(
    "stretch", [Stretch(3, ("O", "O", "O")), Stretch(-1, ("O",)), Stretch(0, ()), Stretch(5, ("O",))]
)
def test_a_stretch_outside_its_sentence_is_refused(stretch):
    tagger = Tagger(tiny_parts("iob2"))
    message = (
        f"sentence 1: expected labels of one or more of its 5 tokens, found {len(stretch.labels)} from token"
    )
    with pytest.raises(DataError, match=message):
        tagger.log_probabilities([TOKENS, TOKENS], [[], [stretch]])


@pytest.mark.parametrize(
    ("count", "message"), [(1, "for fewer than there are"), (3, "found them for more of these")]
)
def test_stretches_must_be_as_many_as_sentences(count, message):
    with pytest.raises(DataError, match=message):
        Tagger(tiny_parts("iob2")).log_probabilities([TOKENS, TOKENS], [[]] * count)


def test_spans_of_labels_without_any_are_refused():
    with pytest.raises(UsageError, match="this model's labels have no spans"):
        Tagger(tiny_parts("none", ("X", "Y"))).span_probabilities([TOKENS], [[]])
