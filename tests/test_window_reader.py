"""WindowReader: the same results whether the encoder looks up the gates of words or not."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_models import HAS_BFLOAT16, SENTENCES, tiny_tagger

from tagger import Tagger
from tagger.modules.recurrent import RecurrentEncoder

OPTIONS = [
    {},
    {"num_layers": 2, "connections": "residual"},
    {"wide_features": True},
    {"document_context": True, "block_tokens": 12},
    {"document_context": True, "wide_features": True, "learned_initial_state": True},
    {"scheme": "io"},
]


def text(seed):
    """Sentences of known and unknown words, empty ones too, and their documents."""
    generator = np.random.default_rng(seed)
    words = sorted({word for sentence in SENTENCES for word in sentence} | {f"w{i}" for i in range(40)})
    sentences = [
        [words[i] for i in generator.integers(len(words), size=generator.integers(0, 15))] for _ in range(60)
    ]
    documents = [None if number % 7 == 0 else number // 7 for number in range(60)]
    return sentences, documents


@pytest.mark.parametrize("rows", [0, 5, 10_000])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_looking_up_changes_nothing(options, rows, monkeypatch):
    sentences, documents = text(1)
    plain, looking_up = (tiny_tagger(batch_tokens=200, **options) for _ in range(2))
    expected = plain.predict(sentences, documents=documents)
    looked_up = []
    read = RecurrentEncoder.read_gates
    monkeypatch.setattr("tagger.modules.recurrent_layer._saves_time", lambda *_: True)
    monkeypatch.setattr(
        RecurrentEncoder,
        "read_gates",
        lambda *given, **options: looked_up.append(1) or read(*given, **options),
    )
    looking_up._reader._gates._max_bytes = rows * 2 * 4 * 4 * looking_up.config.hidden_dim
    for _ in range(2):  # all words are new, none is
        found = looking_up.predict(sentences, documents=documents)
        assert [each.labels for each in found] == [each.labels for each in expected]
        for given, wanted in zip(found, expected, strict=True):
            np.testing.assert_allclose(
                given.label_probabilities, wanted.label_probabilities, atol=1e-5, rtol=0
            )
            assert given.log_probability == pytest.approx(wanted.log_probability, abs=1e-4)
    assert looked_up


def test_lone_sentences_look_nothing_up(monkeypatch):
    monkeypatch.setattr(RecurrentEncoder, "read_gates", lambda *_, **__: pytest.fail("looked up"))
    tagger = tiny_tagger(hidden_dim=200, word_dim=100)
    tagger.tag([["a"] * 20])
    with pytest.raises(pytest.fail.Exception, match="looked up"):
        tagger.tag([["a"] * 20] * 100)


@pytest.mark.skipif(not HAS_BFLOAT16, reason="refused here: this processor has no instructions for bfloat16")
@pytest.mark.parametrize("num_layers", [1, 2])
def test_lower_precision_holds_for_lone_sentences_and_many_alike(num_layers):
    sentences, _ = text(2)
    exact = tiny_tagger(hidden_dim=100, word_dim=100, num_layers=num_layers)
    lower = Tagger(exact.parts, precision="bfloat16")
    found = lower.marginals(sentences)
    together, expected = np.concatenate(found), np.concatenate(exact.marginals(sentences))
    assert not np.array_equal(together, expected)
    np.testing.assert_allclose(together, expected, atol=0.02, rtol=0)
    for sentence, marginals in zip(sentences, found, strict=True):
        np.testing.assert_allclose(lower.marginals([sentence])[0], marginals, atol=1e-5, rtol=0)


def test_blocks_of_documents_are_counted_rather_than_sentences(monkeypatch):
    asked = []
    monkeypatch.setattr(RecurrentEncoder, "looks_up", lambda _, *, num_sentences: asked.append(num_sentences))
    sentences = [["a"] * 5] * 12
    tiny_tagger(document_context=True, block_tokens=60).tag(sentences, documents=[1] * 12)
    tiny_tagger().tag(sentences)
    assert asked == [1, 12]
