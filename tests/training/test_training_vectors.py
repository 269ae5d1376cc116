"""Training with pretrained vectors: what is read, said, learned, saved, and refused."""

from __future__ import annotations

import json
import logging
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from present import present
from tiny_runs import TINY_MODEL, sentences, tiny_config, tiny_splits

from tagger import Tagger
from tagger.errors import DataError, UsageError
from tagger.training import VectorsConfig, train

OPTIONS: dict[str, dict[str, Any]] = {
    "frozen": {"vectors": "frozen", "vector_dim": 3},
    "tuned": {"vectors": "tuned", "vector_dim": 3},
    "projected": {"vectors": "projected", "vector_dim": 3, "vector_projection": 2},
}


def vectors_of(words, *, seed=0):
    values = np.random.default_rng(seed).normal(size=(len(words), 3)).round(3)
    return "".join(f"{word} {a} {b} {c}\n" for word, (a, b, c) in zip(words, values.tolist(), strict=True))


@pytest.fixture
def path(tmp_path):
    """A file with vectors of half the words of the corpus, one of no other, and a line that is none."""
    counts = Counter(token.lower() for example in sentences("train", 40) for token in example.tokens)
    path = tmp_path / "glove"
    path.write_text(vectors_of([*sorted(counts)[::2], "zebra"]) + "broken 1 2\n", encoding="utf-8")
    return path


def config_with(tmp_path, path, kind="frozen", *, vectors=None, **options):
    return tiny_config(
        tmp_path / "run",
        model=replace(TINY_MODEL, **OPTIONS[kind]),
        vectors=VectorsConfig(path, **(vectors or {})),
        **options,
    )


@pytest.mark.parametrize("kind", OPTIONS)
@pytest.mark.slow
def test_a_model_keeps_the_vectors_of_all_words(kind, path, tmp_path):
    tagger = train(config_with(tmp_path, path, kind), splits=tiny_splits())
    loaded = Tagger.load(tmp_path / "run" / "model")
    unseen = [("zebra", "Zebra", "zebras"), *[example.tokens for example in sentences("test", 9)]]
    assert loaded.predict(unseen) == Tagger(tagger.parts).predict(unseen)
    table = present(loaded.parts.featurizer.vectors)
    assert len(table) == len(path.read_text().splitlines()) - 1
    expected = [float(value) for value in path.read_text().splitlines()[-2].split()[1:]]
    ids = loaded.parts.featurizer.encode(["Zebra", "zebras"])
    np.testing.assert_array_equal(ids.vectors, np.array([expected, [0, 0, 0]], dtype=np.float32))


@pytest.mark.slow
def test_tuning_changes_the_vectors_of_training_words_alone(path, tmp_path):
    tagger = train(config_with(tmp_path, path, "tuned"), splits=tiny_splits())
    part = present(tagger.parts.model.word_features.vectors)
    moved = (present(part.changes).weight != 0).any(dim=1)
    assert not moved[:2].any()
    assert moved[2:10].all()  # the most frequent words; rare ones may have been dropped every time
    assert (part.missing != 0).any()


@pytest.mark.slow
def test_frozen_vectors_are_no_weights(path, tmp_path):
    tagger = train(config_with(tmp_path, path), splits=tiny_splits())
    names = [name for name, _ in tagger.parts.model.named_parameters() if ".vectors." in name]
    assert names == ["word_features.vectors.missing"]


@pytest.mark.slow
def test_what_was_read_and_how_much_it_covers_is_said_and_kept(path, tmp_path, caplog):
    with caplog.at_level(logging.INFO, logger="tagger"):
        train(config_with(tmp_path, path, vectors={"half": True}), splits=tiny_splits())
    number = len(path.read_text().splitlines())
    assert f"{path}: GloVe text, {number - 1} of {number} vectors kept, 3 values each" in caplog.messages
    problem = f"{path}: 1 line left out, with another number of values: line {number}"
    assert next(record.levelname for record in caplog.records if record.getMessage() == problem) == "WARNING"
    splits = [message for message in caplog.messages if " split: vectors for " in message]
    assert [message.split()[0] for message in splits] == ["train", "dev"]
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    vectors = metrics["data"]["vectors"]
    covered = vectors.pop("coverage")
    size = (tmp_path / "run" / "model" / "vectors.safetensors").stat().st_size
    assert vectors.pop("megabytes") == pytest.approx(size / 1e6, abs=0.06)
    assert vectors == {
        "file": "glove", "format": "GloVe text", "vectors": number - 1, "dim": 3, "precision": "half",
        "left_out": {"dimension": 1},
    }  # fmt: skip
    known = {line.split()[0] for line in path.read_text().splitlines()}
    tokens = [token for example in tiny_splits().train for token in example.tokens]
    assert covered["train"]["tokens"]["exact"] == sum(token in known for token in tokens)
    assert sum(covered["train"]["types"].values()) == len(set(tokens))
    assert '"vectors": {' in (tmp_path / "run" / "model" / "README.md").read_text()


@pytest.mark.slow
def test_a_resumed_run_needs_the_same_vectors(path, tmp_path):
    config = config_with(tmp_path, path, "tuned", epochs=2)
    whole = train(config, splits=tiny_splits())
    (tmp_path / "run" / "metrics.json").unlink()
    resumed = train(replace(config, resume=True), splits=tiny_splits())
    for one, other in zip(whole.parts.model.parameters(), resumed.parts.model.parameters(), strict=True):
        assert torch.equal(one, other)
    (tmp_path / "run" / "metrics.json").unlink()
    # Training met no zebra, but the model is to know it.
    path.write_text(path.read_text().replace("\nzebra ", "\nzebra -1"))
    with pytest.raises(UsageError) as caught:
        train(replace(config, resume=True), splits=tiny_splits())
    assert str(caught.value) == (
        f"resume: the pretrained vectors are not those that the run in {tmp_path / 'run'} was begun with. "
        "Restore their file, or train from scratch with overwrite=True."
    )


def test_vectors_of_another_dimension_than_configured_are_refused(path, tmp_path):
    config = config_with(tmp_path, path)
    config = replace(config, model=replace(config.model, vector_dim=100))
    with pytest.raises(DataError) as caught:
        train(config, splits=tiny_splits())
    assert str(caught.value) == (
        f"{path}: expected vectors of 100 values, as configured, found 3. Set vector_dim to 3, or choose another file."
    )
    assert not (tmp_path / "run").exists()


def test_vectors_for_no_word_of_the_data_are_refused(path, tmp_path):
    path.write_text(vectors_of(["пример", "слово"]), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        train(config_with(tmp_path, path), splits=tiny_splits())
    assert str(caught.value).startswith(f"{path}: expected vectors for words of the train split, such as ")
    assert str(caught.value).endswith(", found none for any. Are they for another language?")


def test_subwords_have_no_meaning_for_other_formats(path, tmp_path):
    with pytest.raises(UsageError) as caught:
        train(config_with(tmp_path, path, vectors={"subwords": False}), splits=tiny_splits())
    assert str(caught.value) == "vectors.subwords: has no effect on GloVe text, which has none"
