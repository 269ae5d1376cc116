"""Both runners give the exact answers of the model, whatever else is in the batch and however small the caches."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from labelling_oracle import labellings
from tiny_models import SENTENCES, tiny_parts

from tagger.errors import TaggerError
from tagger.inference.lookahead import Lookahead
from tagger.inference.reported_labels import ReportedLabels
from tagger.inference.runner import TORCH_DEVICES, NumpyRunner, TorchRunner, run
from tagger.inference.word_cache import WordCache
from tagger.network import ChainDecoder, Network
from tagger.network.arrays import Weights
from tagger.schemes import LabelScheme

MODELS = [
    {"scheme": "iob2", "wide_features": True},
    {"scheme": "bioes"},
    {"scheme": "io", "cell": "gru"},
    {"scheme": "none"},
    {"num_layers": 2, "connections": "skip"},
]


def make_runner(parts, kind: str, *, cache_bytes: int = 2**20):
    decoder = ChainDecoder(Weights(parts.weights, "decoder."), parts.constraints)
    if kind == "torch":
        return TorchRunner(parts, decoder, device="cpu")
    return NumpyRunner(
        parts.featurizer, Network(parts.config, parts.weights), decoder, cache_bytes=cache_bytes
    )


def answers(parts, runner, sentences, ask, *, batch_tokens=30):
    reported_labels = ReportedLabels(parts.labels.items, LabelScheme.parse(parts.config.scheme))
    lookahead = Lookahead(list(sentences), [None] * len(sentences))
    return run(runner, lookahead, ask, reported_labels=reported_labels, batch_tokens=batch_tokens)


@pytest.mark.parametrize("kind", ["numpy", "torch"])
@pytest.mark.parametrize("options", MODELS, ids=str)
def test_answers_are_those_of_enumeration(options, kind):
    parts = tiny_parts(**options)
    runner = make_runner(parts, kind)
    sentences = [sentence[:4] for sentence in SENTENCES]
    ranked = answers(parts, runner, sentences, lambda scores: scores.nbest(3))
    for sentence, predictions in zip(sentences, ranked, strict=True):
        expected = labellings(parts, sentence)[:3]
        assert [prediction.labels for prediction in predictions] == [each.reported for each in expected]
        for prediction, each in zip(predictions, expected, strict=True):
            assert np.exp(prediction.log_probability) == pytest.approx(each.probability, abs=1e-5)
            assert [(span.start, span.end, span.label) for span in prediction.spans] == list(each.spans)


@pytest.mark.parametrize("options", MODELS, ids=str)
def test_both_runners_agree_in_every_question(options):
    parts = tiny_parts(**options)
    sentences = [*SENTENCES, (), SENTENCES[0][:1], SENTENCES[1] * 3]
    numpy_runner, torch_runner = make_runner(parts, "numpy"), make_runner(parts, "torch")
    for ask in (lambda scores: scores.labels("viterbi"), lambda scores: scores.labels("posterior")):
        expected = answers(parts, torch_runner, sentences, ask)
        assert answers(parts, numpy_runner, sentences, ask) == expected
    marginals = [answers(parts, runner, sentences, lambda scores: scores.marginals())
                 for runner in (numpy_runner, torch_runner)]  # fmt: skip
    for found, expected in zip(*marginals, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_devices_that_ask_for_torch_are_those_of_torch():
    assert {torch.device(f"{name}:1").type for name in TORCH_DEVICES} == set(TORCH_DEVICES)


@pytest.mark.parametrize("cache_bytes", [1, 1500, 4000])
def test_small_caches_change_nothing(cache_bytes):
    parts = tiny_parts(wide_features=True)
    small, large = (make_runner(parts, "numpy", cache_bytes=size) for size in (cache_bytes, 2**20))
    for _ in range(3):
        for sentences in ([SENTENCES[0]], [SENTENCES[1], SENTENCES[2]], [("Oslo", "the", "zebra")]):
            found = answers(parts, small, sentences, lambda scores: scores.marginals())
            expected = answers(parts, large, sentences, lambda scores: scores.marginals())
            for one, other in zip(found, expected, strict=True):
                np.testing.assert_allclose(one, other, atol=1e-6)


def test_marginals_hang_on_nothing_else_in_the_batch():
    parts = tiny_parts(wide_features=True)
    runner = make_runner(parts, "numpy")
    sentences = [*SENTENCES, SENTENCES[0] * 5, (), ("Oslo",)] * 4
    together = answers(parts, runner, sentences, lambda scores: scores.marginals(), batch_tokens=500)
    for sentence, among in zip(sentences, together, strict=True):
        alone = answers(parts, runner, [sentence], lambda scores: scores.marginals())[0]
        np.testing.assert_allclose(among, alone, atol=1e-6)


def test_sentences_whose_words_take_too_much_memory_are_named(monkeypatch):
    error = MemoryError("Unable to allocate 64.0 GiB for an array")

    def fail(self, sentences):
        raise error

    monkeypatch.setattr(WordCache, "rows", fail)
    parts = tiny_parts()
    with pytest.raises(TaggerError) as caught:
        answers(
            parts, make_runner(parts, "numpy"), [["Anna"] * 3000], lambda scores: scores.labels("viterbi")
        )
    assert str(caught.value) == (
        "out of memory with the sentence that begins 'Anna Anna Anna Anna Anna' and has 3,000 tokens. Divide it, or "
        "ask only for labels, which take less than probabilities, or give the program more memory."
    )
    assert caught.value.__cause__ is error
