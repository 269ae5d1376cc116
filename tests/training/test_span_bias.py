"""The span bias: the number that makes gold labels most probable, in the weights only where there is no doubt of it."""

import json
import sys
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from present import present
from tiny_models import SENTENCES, tiny_parts
from tiny_runs import TINY_MODEL, tiny_config, tiny_splits

from tagger import Example, Tagger
from tagger.evaluation.probabilities.temperature import minimum
from tagger.prediction import Stretch
from tagger.schemes import LabelScheme
from tagger.storage import load_model
from tagger.training import OptimizerConfig, Splits, train
from tagger.training.span_bias import SpanBias, fit_span_bias, with_span_bias


def drawn(parts, count, *, seed=0):
    """Sentences with labels drawn from a model's own distribution."""
    generator = np.random.default_rng(seed)
    tagger = Tagger(parts, document_consistency=0)
    examples = []
    for sentence in SENTENCES:
        short = sentence[:3]
        ranked = tagger.nbest([short], 200)[0]
        chances = np.exp([each.log_probability for each in ranked])
        for number in generator.choice(len(ranked), size=count, p=chances / chances.sum()):
            examples.append(Example(short, ranked[number].labels))
    return examples


@pytest.mark.parametrize("scheme", ["iob2", "bioes"])
@pytest.mark.parametrize("true", [-1.5, 2.0])
def test_it_is_found_again_in_labels_that_were_drawn_with_it(scheme, true):
    parts = tiny_parts(scheme, seed=4)
    examples = drawn(with_span_bias(parts, true), 400)
    found = fit_span_bias(parts, examples, LabelScheme.IOB2)
    assert found is not None
    assert found.gained > 10
    assert found.fitted == pytest.approx(true, abs=0.35)
    # Nothing is left to be found then.
    again = fit_span_bias(with_span_bias(parts, found.fitted), examples, LabelScheme.IOB2)
    assert again is not None
    assert again.fitted == pytest.approx(0, abs=2e-3)
    assert again.gained == pytest.approx(0, abs=1e-3)


def test_labels_that_a_model_drew_itself_ask_for_none():
    parts = tiny_parts(seed=4)
    found = fit_span_bias(parts, drawn(parts, 400), LabelScheme.IOB2)
    assert found is not None
    assert found.gained < 5
    assert abs(found.fitted) < 0.35


def test_it_raises_the_emissions_of_labels_that_begin_spans_alone():
    parts = tiny_parts("bioes", seed=4)
    biased = with_span_bias(parts, 1.25)
    begins = np.array([label.startswith(("B-", "S-")) for label in parts.labels.items])
    for sentence in SENTENCES:
        before, after = (next(Tagger(each).stream_emissions([sentence])) for each in (parts, biased))
        np.testing.assert_allclose(after - before, np.broadcast_to(1.25 * begins, before.shape), atol=1e-5)
    for name, array in parts.weights.items():
        if name != "projection.bias":
            assert biased.weights[name] is array


def test_weights_in_half_precision_stay_such(tmp_path):
    parts = replace(tiny_parts(), stored_as="float16")
    Tagger(parts).save(tmp_path / "half")
    biased = with_span_bias(load_model(tmp_path / "half"), 0.123456)
    Tagger(biased).save(tmp_path / "biased")
    stored = load_model(tmp_path / "biased").weights["projection.bias"]
    np.testing.assert_array_equal(stored, biased.weights["projection.bias"])


@pytest.mark.parametrize("scheme", ["io", "none"])
def test_labels_that_do_not_say_where_spans_begin_have_none(scheme):
    parts = tiny_parts(scheme, ("A", "B"))
    gold = LabelScheme.NONE if scheme == "none" else LabelScheme.IOB2
    label = "A" if scheme == "none" else "B-A"
    assert fit_span_bias(parts, [Example(("x", "y"), (label, label))], gold) is None


def test_sentences_that_the_model_cannot_label_are_left_out():
    parts = tiny_parts(seed=4)
    examples = drawn(parts, 50)
    strange = Example(("x",), ("B-XYZ",))
    with_strange = fit_span_bias(parts, [*examples, strange], LabelScheme.IOB2)
    without = fit_span_bias(parts, examples, LabelScheme.IOB2)
    assert with_strange is not None
    assert without is not None
    assert (with_strange.fitted, with_strange.gained) == (without.fitted, without.gained)
    assert fit_span_bias(parts, [strange], LabelScheme.IOB2) is None
    assert fit_span_bias(parts, [Example((), ())], LabelScheme.IOB2) is None


def squared_difference(one, other):
    return (other - one) ** 2


def test_a_minimum_is_found_wherever_it_is():
    for true in (-4.0, 0.0, 3.3):
        assert minimum(partial(squared_difference, true), -5, 5) == pytest.approx(true, abs=1e-4)


# Runs


@pytest.mark.slow
def test_a_run_has_it_where_the_dev_split_asks_for_it(tmp_path):
    """Anna is seldom marked in training, and always in the dev split."""
    examples = [
        Example(("we", "saw", name), ("O", "O", "B-PER" if name == "Bo" or number % 4 == 0 else "O"))
        for number in range(40)
        for name in ("Anna", "Bo", "it")
    ]
    train_split = [each if each.tokens[2] != "it" else replace(each, labels=("O",) * 3) for each in examples]
    dev = [Example(("we", "saw", name), ("O", "O", "B-PER")) for name in ("Anna", "Bo", "Anna", "Anna")] * 3
    splits = Splits(train_split, dev)
    config = tiny_config(
        tmp_path / "with",
        epochs=6,
        model=replace(TINY_MODEL, word_dropout=0.0, dropout=0.0),
        optimizer=OptimizerConfig(learning_rate=0.02),
    )
    with_it = train(config, splits=splits)
    without = train(replace(config, output=str(tmp_path / "without"), span_bias=False), splits=splits)
    metrics = {
        name: json.loads((tmp_path / name / "metrics.json").read_text()) for name in ("with", "without")
    }
    found = metrics["with"]["span_bias"]
    assert found["used"], found
    assert found["fitted"] > 0
    assert "span_bias" not in metrics["without"]
    assert found["dev_f1"] == [metrics["without"]["dev"]["f1"], metrics["with"]["dev"]["f1"]]
    assert metrics["with"]["dev"]["recall"] > metrics["without"]["dev"]["recall"]
    begins = np.array([label.startswith("B-") for label in with_it.parts.labels.items])
    difference = with_it.parts.weights["projection.bias"] - without.parts.weights["projection.bias"]
    np.testing.assert_allclose(difference, found["fitted"] * begins, atol=1e-5)
    stretches = [[Stretch(0, present(example.labels), True)] for example in dev]

    def probability(tagger):
        tokens = [example.tokens for example in dev]
        return sum(value for (value,) in tagger.log_probabilities(tokens, stretches))

    assert probability(with_it) - probability(without) == pytest.approx(found["gained_nats"], abs=0.05)


@pytest.mark.parametrize(("before", "is_warned"), [(0.0, True), (0.2, False)])
def test_a_model_that_finds_nothing_without_it_is_warned_of(tmp_path, monkeypatch, caplog, before, is_warned):
    fitted = SpanBias(1.0, 100.0, (before, 0.3))
    module = sys.modules["tagger.training.train"]  # not the function of that name
    monkeypatch.setattr(module, "fit_span_bias", lambda *arguments, **options: fitted)
    train(tiny_config(tmp_path / "run", epochs=1), splits=tiny_splits())
    assert ("without the span bias the model finds no span of the dev split" in caplog.text) == is_warned


@pytest.mark.parametrize(
    ("gained", "f1", "is_sure"),
    [
        (100.0, (0.5, 0.6), True),
        (5.0, (0.5, 0.6), False),
        (100.0, (0.5, 0.4), False),
        (100.0, (0.0, 0.0), False),
    ],
)
def test_it_must_be_no_chance_and_do_some_good(gained, f1, is_sure):
    assert SpanBias(1.0, gained, f1).is_sure == is_sure


def test_a_run_on_plain_labels_has_none(tmp_path):
    train(tiny_config(tmp_path / "run", epochs=1), splits=tiny_splits(column=1))
    assert "span_bias" not in json.loads((tmp_path / "run" / "metrics.json").read_text())


@pytest.mark.slow
def test_what_is_frozen_or_not_marked_is_left_alone(tmp_path):
    train(tiny_config(tmp_path / "first", epochs=2), splits=tiny_splits())
    options = {"init": tmp_path / "first" / "model", "epochs": 1}
    train(tiny_config(tmp_path / "frozen", freeze=["projection"], **options), splits=tiny_splits())
    before, after = (
        load_model(tmp_path / name / "model").weights["projection.bias"] for name in ("first", "frozen")
    )
    np.testing.assert_array_equal(before, after)
    assert "span_bias" not in json.loads((tmp_path / "frozen" / "metrics.json").read_text())
    one_type = [
        replace(each, labels=tuple(label if label.endswith("-PER") else "O" for label in each.labels or ()))
        for each in tiny_splits().train
    ]
    splits = Splits(one_type, one_type[:8])
    train(tiny_config(tmp_path / "partial", init_partial=True, **options), splits=splits)
    assert "span_bias" not in json.loads((tmp_path / "partial" / "metrics.json").read_text())


def test_the_card_says_what_it_is(tmp_path):
    metrics = {"fitted": 2.5, "gained_nats": 100.0, "dev_f1": [0.25, 0.5], "used": True}
    assert SpanBias(2.5, 100.0, (0.25, 0.5)).to_dict() == metrics
    assert SpanBias(5.0, 100.0, (0.25, 0.5)).to_dict()["at_limit"] is True
