"""Withheld spans: their tokens are O, and all probabilities those of an enumeration of label sequences."""

import math
from typing import Any

import numpy as np
import pytest
from labelling_oracle import labellings
from present import present
from tiny_models import SENTENCES, tiny_parts, tiny_tagger, torch_tagger

from tagger import Tagger
from tagger.errors import UsageError

TOKENS = ("Anna", "met", "New", "York")
SCHEMES = [("iob2", ("LOC", "PER")), ("bioes", ("PER",)), ("io", ("LOC", "PER"))]


@pytest.mark.parametrize(("scheme", "types"), SCHEMES)
@pytest.mark.parametrize("decoder", ["crf", "softmax"])
@pytest.mark.parametrize("seed", range(4))
def test_spans_below_their_threshold_become_o(scheme, types, decoder, seed):
    parts = tiny_parts(scheme, types, seed=seed, decoder=decoder)
    tagger = Tagger(parts)
    (full,) = tagger.predict([TOKENS])
    found = labellings(parts, TOKENS)
    for threshold in {0.0, 1.0, *(present(span.probability) for span in full.spans)}:
        thresholds = {"PER": threshold}
        (prediction,) = tagger.predict([TOKENS], thresholds=thresholds)
        kept = [s for s in full.spans if s.label != "PER" or present(s.probability) >= threshold]
        assert prediction.withheld == tuple(s for s in full.spans if s not in kept)
        labels = list(full.labels)
        for span in prediction.withheld:
            labels[span.start : span.end] = ["O"] * (span.end - span.start)
        assert list(prediction.labels) == labels
        assert [(s.start, s.end, s.label) for s in prediction.spans] == [
            (s.start, s.end, s.label) for s in kept
        ]
        for span, same in zip(prediction.spans, kept, strict=True):
            assert span.probability == pytest.approx(same.probability, abs=1e-12)
        for t, (label, probability) in enumerate(
            zip(prediction.labels, prediction.label_probabilities, strict=True)
        ):
            exact = sum(each.probability for each in found if each.reported[t] == label)
            assert probability == pytest.approx(exact, abs=1e-9)
        (reported,) = [each for each in found if each.reported == prediction.labels]
        assert prediction.log_probability == pytest.approx(math.log(reported.probability), abs=1e-9)


def test_other_types_and_no_thresholds_withhold_nothing():
    tagger = tiny_tagger()
    assert any(prediction.spans for prediction in tagger.predict(SENTENCES))
    for thresholds in (None, {}, {"PER": 0.0, "LOC": 0.0}):
        assert tagger.predict(SENTENCES, thresholds=thresholds) == tagger.predict(SENTENCES)


def test_everything_is_withheld_beside_sentences_without_spans():
    tagger = tiny_tagger()
    full = tagger.predict([*SENTENCES, ()])
    thresholds: dict[str, Any] = {"PER": 1, "LOC": np.float32(1)}
    found = tagger.predict([*SENTENCES, ()], thresholds=thresholds)
    assert [prediction.withheld for prediction in found] == [prediction.spans for prediction in full]
    assert {label for prediction in found for label in prediction.labels} == {"O"}
    assert list(tagger.stream(SENTENCES, thresholds={"PER": 1, "LOC": 1})) == found[:-1]
    text = "Anna met Bo in Rome"
    assert tagger.extract(text) != []
    assert tagger.extract(text, thresholds={"PER": 1, "LOC": 1}) == []


def test_torch_withholds_the_same():
    parts = tiny_parts()
    thresholds = {"PER": 0.5, "LOC": 0.5}
    found = torch_tagger(parts).predict(SENTENCES, thresholds=thresholds)
    assert [each.labels for each in found] == [
        each.labels for each in Tagger(parts).predict(SENTENCES, thresholds=thresholds)
    ]


@pytest.mark.parametrize(
    ("thresholds", "message"),
    [
        ({"MISC": 0.5}, "thresholds: expected types of spans (LOC, PER), found 'MISC'"),
        ({"PER": 1.5}, "thresholds: expected a number from 0 to 1 for PER, found 1.5"),
        ({"PER": 10**400}, f"thresholds: expected a number from 0 to 1 for PER, found 1{'0' * 400}"),
        ({"PER": float("nan")}, "thresholds: expected a number from 0 to 1 for PER, found nan"),
        ({"PER": True}, "thresholds: expected a number from 0 to 1 for PER, found True"),
        ({"PER": "0.5"}, "thresholds: expected a number from 0 to 1 for PER, found '0.5'"),
    ],
)
def test_what_is_no_threshold_is_wrong_usage(thresholds, message):
    with pytest.raises(UsageError) as caught:
        tiny_tagger().predict(SENTENCES, thresholds=thresholds)
    assert str(caught.value) == message


def test_labels_without_spans_have_no_thresholds():
    with pytest.raises(UsageError) as caught:
        tiny_tagger("none", ("NOUN", "VERB")).predict(SENTENCES, thresholds={})
    assert str(caught.value) == ("thresholds: these labels have no spans, which are what thresholds withhold")
