"""The NumPy network computes what the PyTorch model computes, for every cell and option."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from present import present
from random_models import OPTIONS, disturbed_parts, random_sentences
from tiny_models import SENTENCES, tiny_parts

from tagger.batching import assemble
from tagger.features import encode_sentences
from tagger.model import BatchTensors
from tagger.model_parts import ModelParts
from tagger.network import Network, reading_order
from tagger.network.cells import CELLS
from tagger.network.shapes import weight_shapes


def by_torch(parts: ModelParts, sentences: list[tuple[str, ...]]) -> list[np.ndarray]:
    rows, features = encode_sentences(parts.featurizer, sentences)
    batch = assemble(rows, features, wide=parts.featurizer.wide)
    with torch.inference_mode():
        emissions = parts.model.eval().emissions(BatchTensors.of(batch)).numpy()
    return [row[: len(sentence)] for row, sentence in zip(emissions, sentences, strict=True)]


def by_numpy(parts: ModelParts, sentences: list[tuple[str, ...]]) -> list[np.ndarray]:
    network = Network(parts.config, parts.weights)
    rows, features = encode_sentences(parts.featurizer, sentences)
    lengths = np.array([len(sentence) for sentence in sentences], dtype=np.int64)
    order = reading_order(lengths)
    words = np.concatenate([*rows, np.zeros(0, dtype=np.int64)])
    index, wide = parts.featurizer.wide, None
    if index is not None:
        wide = index.rows_by_feature(present(features.wide), words, lengths).take(order.tokens, axis=1)
    vectors = network.word_vectors(features)
    packed = network.emissions(
        network.project(vectors),
        words[order.tokens],
        order,
        vectors=vectors if network.reads_vectors_again else None,
        wide=wide,
    )
    flat = np.empty_like(packed)
    flat[order.tokens] = packed
    return np.split(flat, np.cumsum(lengths)[:-1])


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_emissions_are_those_of_the_pytorch_model(options):
    parts = disturbed_parts(**options)
    sentences = [*SENTENCES, *random_sentences([0, 1, 1, 2, 30, 7, 7, 0])]
    for expected, found in zip(by_torch(parts, sentences), by_numpy(parts, sentences), strict=True):
        np.testing.assert_allclose(found, expected, atol=2e-5)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_shapes_are_those_of_the_pytorch_model(options):
    parts = tiny_parts(**options)
    featurizer = parts.featurizer
    assert weight_shapes(
        parts.config,
        num_words=len(featurizer.words),
        num_characters=len(featurizer.characters),
        num_labels=len(parts.labels),
        num_wide_rows=0 if featurizer.wide is None else featurizer.wide.num_rows,
    ) == {name: weights.shape for name, weights in parts.weights.items()}


@pytest.mark.parametrize("cell", CELLS)
def test_a_sentence_has_the_same_emissions_alone_and_among_others(cell):
    parts = tiny_parts(cell=cell, wide_features=True)
    sentences = random_sentences([5, 0, 12, 1, 33, 5, 8, 20, 16, 3])
    together = by_numpy(parts, sentences)
    backwards = by_numpy(parts, sentences[::-1])[::-1]
    for sentence, among, reversed_order in zip(sentences, together, backwards, strict=True):
        np.testing.assert_allclose(among, by_numpy(parts, [sentence])[0], atol=1e-5)
        np.testing.assert_allclose(among, reversed_order, atol=1e-5)


def test_long_sentences_stay_close():
    parts = tiny_parts(hidden_dim=20)
    sentences = random_sentences([2000, 1500])
    for expected, found in zip(by_torch(parts, sentences), by_numpy(parts, sentences), strict=True):
        np.testing.assert_allclose(found, expected, atol=2e-5)


def test_a_batch_without_tokens_has_no_emissions():
    parts = tiny_parts(wide_features=True)
    assert [row.shape for row in by_numpy(parts, [(), ()])] == [(0, 5), (0, 5)]


def test_wide_features_must_be_given_where_the_model_has_them():
    parts = tiny_parts()
    network = Network(parts.config, parts.weights)
    order = reading_order(np.array([1]))
    projected = network.project(np.zeros((1, parts.model.word_features.output_dim), dtype=np.float32))
    with pytest.raises(ValueError, match="expected no wide features, as the model has, found some"):
        network.emissions(projected, np.array([0]), order, wide=np.zeros((1, 1), dtype=np.int64))


def test_a_missing_weight_is_named():
    parts = tiny_parts()
    arrays = dict(parts.weights)
    del arrays["encoder.layers.0.bias"]
    with pytest.raises(KeyError, match=re.escape("encoder.layers.0.bias")):
        Network(parts.config, arrays)
