"""Training with wide features: they learn, are saved, and say how big they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from present import present
from tiny_runs import TINY_MODEL, tiny_config, tiny_splits

from tagger import Tagger
from tagger.training import OptimizerConfig, train
from tagger.training.rowwise import RowwiseAdam

WIDE = replace(TINY_MODEL, wide_features=True, wide_path_dropout=0.3)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wide")
    return folder, train(tiny_config(folder / "run", model=WIDE), splits=tiny_splits())


def test_features_learn_and_what_is_no_feature_does_not(run):
    _, tagger = run
    weights = present(tagger.parts.model.wide).weights.weight
    assert len(weights) == tagger.parts.featurizer.wide.num_rows
    # All but what dropout hid in the few steps up to the best epoch.
    assert weights[1:].any(dim=1).float().mean() > 0.8
    assert not weights[0].any()


def test_the_saved_model_gives_the_same_numbers(run):
    folder, tagger = run
    sentences = [example.tokens for example in tiny_splits().dev]
    assert Tagger.load(folder / "run" / "model").predict(sentences) == Tagger(tagger.parts).predict(sentences)


def test_the_card_says_how_big_they_are(run):
    folder, tagger = run
    rows, labels = len(tagger.parts.featurizer.wide.keys), len(tagger.parts.labels)
    card = (folder / "run" / "model" / "README.md").read_text()
    files = [folder / "run" / "model" / name for name in ("wide.safetensors", "model.safetensors")]
    size = rows * 8 + (rows + 1) * labels * 4
    assert f" {(rows + 1) * labels:,} of them belong to {rows:,} wide features: {size / 1e6:.1f} MB." in card
    assert files[0].stat().st_size - rows * 8 < 200
    assert files[1].stat().st_size > (rows + 1) * labels * 4


@pytest.mark.slow
def test_they_are_computed_by_rows_with_the_numbers_of_adam(run, tmp_path, monkeypatch):
    _, by_rows = run
    made = []
    original = RowwiseAdam.__init__

    def spy(self, parameters, embeddings, *, lr):
        made.append([len(embedding.weight) for embedding in embeddings])
        original(self, parameters, embeddings, lr=lr)

    monkeypatch.setattr(RowwiseAdam, "__init__", spy)
    train(tiny_config(tmp_path / "rows", model=WIDE, epochs=1), splits=tiny_splits())
    affixes = by_rows.parts.model.word_features.affix_embedding
    featurizer = by_rows.parts.featurizer
    assert made == [[len(featurizer.words), len(affixes.weight), featurizer.wide.num_rows]]
    monkeypatch.setattr("tagger.training.module.TaggerModule._row_tables", lambda self: [])
    dense = train(tiny_config(tmp_path / "dense", model=WIDE), splits=tiny_splits())
    assert len(made) == 1
    for one, other in zip(by_rows.parts.model.parameters(), dense.parts.model.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=2e-5)


@pytest.mark.parametrize("name", ["adamw", "sgd"])
@pytest.mark.slow
def test_what_is_no_feature_stays_zero_with_any_optimizer(tmp_path, name):
    options = OptimizerConfig(name=name, weight_decay=0.01)
    tagger = train(
        tiny_config(tmp_path / "run", model=WIDE, epochs=1, optimizer=options), splits=tiny_splits()
    )
    weights = present(tagger.parts.model.wide).weights.weight.detach().numpy()
    assert not weights[0].any()
    assert np.count_nonzero(weights.any(axis=1)) > 100
