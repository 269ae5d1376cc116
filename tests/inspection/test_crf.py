"""Tests of tagger/inspection/crf.py: held against all label sequences."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from crf_oracles import enumerate_paths
from present import present
from tiny_models import tiny_parts, tiny_tagger

from tagger import Tagger
from tagger.batching import assemble
from tagger.errors import UsageError
from tagger.features import encode_sentences
from tagger.inspection import crf_view
from tagger.inspection.passes import single_pass
from tagger.model import BatchTensors
from tagger.schemes import LabelScheme, allowed_transitions

WORDS = ("Anna", "met", "Bo", "!")


@pytest.mark.parametrize("scheme", ["iob2", "bioes", "io", "none"])
def test_scores_probabilities_and_the_two_best_paths_are_those_of_all_label_sequences(scheme):
    tagger = tiny_tagger(scheme)
    view = crf_view(tagger, WORDS)
    parts = tagger.parts
    rows, features = encode_sentences(parts.featurizer, [WORDS])
    with torch.no_grad():
        emissions = parts.model.emissions(BatchTensors.of(assemble(rows, features)))[0].numpy()
    assert view.tokens == WORDS
    assert view.labels == tuple(parts.labels.items)
    np.testing.assert_array_equal(view.emissions, emissions)

    legal = allowed_transitions(view.labels, LabelScheme.parse(scheme))
    np.testing.assert_array_equal(view.allowed_transitions, legal.transitions)
    np.testing.assert_array_equal(view.allowed_start, legal.start)
    np.testing.assert_array_equal(view.allowed_end, legal.end)

    paths = enumerate_paths(view.emissions, view.transitions, view.start, view.end, constraints=legal)
    np.testing.assert_allclose(view.marginals, paths.marginals(4, len(view.labels)), atol=1e-6)
    ranked = sorted(zip(paths.probabilities(), paths.paths, strict=True), reverse=True)
    for (probability, path), found in zip(ranked, (view.best, view.runner_up), strict=False):
        assert found is not None
        assert found.labels == tuple(view.labels[i] for i in path)
        assert math.isclose(found.probability, probability, rel_tol=1e-5)
        assert math.isclose(found.log_probability, math.log(probability), rel_tol=1e-5)
    assert view.differences == tuple(t for t in range(4) if ranked[0][1][t] != ranked[1][1][t])
    assert view.differences


def test_a_calibrated_model_shows_the_probabilities_of_its_tagger():
    parts = replace(tiny_parts("bioes"), temperature=2.5)
    tagger, raw = Tagger(parts), crf_view(tiny_tagger("bioes"), WORDS)
    view = crf_view(tagger, WORDS)
    np.testing.assert_allclose(view.emissions, raw.emissions / 2.5, rtol=1e-6)
    np.testing.assert_allclose(view.transitions, raw.transitions / 2.5, rtol=1e-6)
    np.testing.assert_allclose(view.start, raw.start / 2.5, rtol=1e-6)
    np.testing.assert_allclose(view.end, raw.end / 2.5, rtol=1e-6)
    best, second = tagger.nbest([WORDS], 2)[0]
    assert view.best.labels == raw.best.labels
    assert view.best.log_probability == pytest.approx(best.log_probability, abs=1e-5)
    assert present(view.runner_up).log_probability == pytest.approx(second.log_probability, abs=1e-5)
    assert view.best.log_probability != pytest.approx(raw.best.log_probability, abs=0.1)
    reported = tagger.marginals([WORDS])[0]
    outside = tagger.labels.index("O"), view.labels.index("O")
    np.testing.assert_allclose(view.marginals[:, outside[1]], reported[:, outside[0]], atol=1e-5)
    # the model itself stays as it is
    assert crf_view(tagger, WORDS).best.log_probability == view.best.log_probability


def test_the_view_is_a_copy_and_leaves_the_model_as_it_is():
    tagger = tiny_tagger()
    before = tagger.marginals([WORDS])[0]
    view = crf_view(tagger, WORDS)
    view.transitions[:] = 99
    view.start[:] = 99
    view.allowed_transitions[:] = False
    np.testing.assert_array_equal(tagger.marginals([WORDS])[0], before)


def test_where_one_sequence_alone_is_legal_there_is_no_runner_up():
    view = crf_view(tiny_tagger("none", types=("NOUN",)), WORDS)
    assert view.labels == ("NOUN",)
    assert (view.runner_up, view.differences) == (None, ())
    assert view.best.probability == 1


def test_a_softmax_decoder_has_transition_scores_of_zero_and_the_tagger_s_probabilities():
    tagger = tiny_tagger(decoder="softmax")
    view = crf_view(tagger, WORDS)
    assert not view.transitions.any()
    assert not view.allowed_transitions.all()
    np.testing.assert_allclose(
        view.marginals @ inner_to_reported(tagger, view.labels), tagger.marginals([WORDS])[0], atol=1e-6
    )
    (prediction,) = tagger.nbest([WORDS], 1)[0]
    assert view.best.log_probability == pytest.approx(prediction.log_probability, abs=1e-5)


def inner_to_reported(tagger, labels):
    """Which reported label each inner one is, where the two are the same."""
    return np.array([[inner == label for label in tagger.labels] for inner in labels], dtype=float)


@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_the_emissions_are_the_encoder_s_and_the_wide_features(temperature):
    parts = replace(tiny_parts(wide_features=True), temperature=temperature)
    view = crf_view(Tagger(parts), WORDS)
    seen = single_pass(Tagger(parts), WORDS)
    with torch.no_grad():
        added = present(parts.model.wide)(present(seen.batch.wide))[0].numpy() / temperature
    assert np.abs(added).max() > 0.01
    np.testing.assert_allclose(view.emissions - view.from_encoder, added, atol=1e-6)
    alone = crf_view(tiny_tagger(wide_features=False), WORDS)
    np.testing.assert_array_equal(alone.emissions, alone.from_encoder)


def test_no_word_has_no_view():
    with pytest.raises(UsageError, match="found an empty one"):
        crf_view(tiny_tagger(), [])
