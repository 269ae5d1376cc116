"""Configuration: every value is checked, every message names the option, no option is accepted without effect."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tagger.config import TaggerConfig
from tagger.errors import UsageError
from tagger.training import DataConfig, OptimizerConfig, RunConfig, VectorsConfig


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"epochs": 0}, "epochs: expected 1 or more, found 0"),
        ({"batch_size": -1}, "batch_size: expected 0 or more, found -1"),
        ({"batch_tokens": -1}, "batch_tokens: expected 1 or more, found -1"),
        ({"pool": 0}, "pool: expected 1 or more, found 0"),
        ({"devices": 0}, "devices: expected 1 or more, found 0"),
        ({"num_nodes": 0}, "num_nodes: expected 1 or more, found 0"),
        ({"patience": -1}, "patience: expected 0 or more, found -1"),
        ({"seed": -1}, "seed: expected 0 or more, found -1"),
        ({"seed": 2**32}, "seed: expected less than 2**32, found 4294967296"),
        ({"threads": -2}, "threads: expected 0 or more, found -2"),
        ({"decode": "beam"}, "decode: expected one of viterbi, posterior, found beam"),
        ({"loggers": ["wandb"]}, "loggers: expected one of csv, tensorboard, found wandb"),
        ({"output": ""}, "output: expected a folder for the run, found nothing"),
        ({"resume": True, "overwrite": True}, "resume and overwrite: expected one of them, found both"),
        (
            {"precision": "8-true"},
            "precision: expected one of 32-true, 64-true, bf16-mixed, 16-mixed, bf16-true, 16-true, found 8-true",
        ),
        (
            {"precision": "16-mixed"},
            "precision: 16-mixed needs a GPU; expected bf16-mixed or another for accelerator cpu",
        ),
    ],
)
def test_a_run_option_out_of_range_is_named(values, message):
    with pytest.raises(UsageError) as caught:
        RunConfig(**{"output": "run", **values})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "lion"}, "optimizer.name: expected one of adam, adamw, nadam, sgd, found lion"),
        (
            {"schedule": "cosine"},
            "optimizer.schedule: expected one of linear, inverse, constant, found cosine",
        ),
        ({"learning_rate": 0.0}, "optimizer.learning_rate: expected more than 0, found 0.0"),
        ({"learning_rate": float("nan")}, "optimizer.learning_rate: expected more than 0, found nan"),
        ({"learning_rate": float("inf")}, "optimizer.learning_rate: expected more than 0, found inf"),
        ({"weight_decay": -0.1}, "optimizer.weight_decay: expected 0 or more, found -0.1"),
        ({"warmup_steps": -1}, "optimizer.warmup_steps: expected 0 or more, found -1"),
        ({"clip_norm": float("inf")}, "optimizer.clip_norm: expected 0 or more, found inf"),
        ({"ema_decay": 1.0}, "optimizer.ema_decay: expected 0 to below 1, found 1.0"),
        ({"name": "sgd", "momentum": 1.0}, "optimizer.momentum: expected 0 to below 1, found 1.0"),
        ({"momentum": 0.9}, "optimizer.momentum: has no effect with adam; it belongs to sgd"),
        ({"decay": 0.1}, "optimizer.decay: has no effect with the linear schedule; it belongs to inverse"),
        (
            {"schedule": "inverse"},
            "optimizer.schedule: inverse has no effect with a decay of 0; set optimizer.decay",
        ),
    ],
)
def test_an_optimizer_option_out_of_range_or_without_effect_is_named(values, message):
    with pytest.raises(UsageError) as caught:
        OptimizerConfig(**values)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"scheme": "iob9"}, "data.scheme: unknown label scheme 'iob9'; known names: iob1, iob2"),
        ({"unseen_labels": "skip"}, "data.unseen_labels: expected one of error, wrong, found skip"),
        ({"format": "xml"}, "data.format: expected one of auto, conll, conllu, jsonl, csv, "),
        ({"dev_fraction": 1.0}, "data.dev_fraction: expected a share from 0 to below 1, found 1.0"),
        ({"dev_fraction": float("nan")}, "data.dev_fraction: expected a share from 0 to below 1, found nan"),
        ({"train_fraction": 0}, "data.train_fraction: expected a share above 0 up to 1, found 0"),
        ({"train_fraction": 1.1}, "data.train_fraction: expected a share above 0 up to 1, found 1.1"),
        (
            {"train_fraction": float("nan")},
            "data.train_fraction: expected a share above 0 up to 1, found nan",
        ),
        ({"train": "a", "dataset": "b"}, "data.train and data.dataset: expected one of them, found both"),
        ({"dev": "a"}, "data.dev: has no effect without data.train"),
        ({"test": "a"}, "data.test: has no effect without data.train"),
        ({"train": "a", "revision": "main"}, "data.revision: has no effect without data.dataset"),
        ({"train": "a", "splits": {"dev": "b"}}, "data.splits: has no effect without data.dataset"),
        ({"dataset": "a", "format": "conll"}, "data.format: has no effect without data.train"),
        ({"dataset": "a", "header": True}, "data.header: has no effect without data.train"),
    ],
)
def test_a_data_option_out_of_range_or_without_effect_is_named(values, message):
    with pytest.raises(UsageError) as caught:
        DataConfig(**values)
    assert str(caught.value).startswith(message)


def test_paths_may_be_path_objects():
    config = RunConfig(Path("runs") / "a", data=DataConfig(train=Path("a.conll"), dev=Path("b.conll")))
    assert (config.output, config.data.train, config.data.dev) == (
        str(Path("runs") / "a"),
        "a.conll",
        "b.conll",
    )


def test_two_default_configurations_share_nothing_and_are_equal():
    first, second = RunConfig("a"), RunConfig("a")
    assert first == second
    assert first.loggers is not second.loggers
    assert first.model == TaggerConfig()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"limit": -1, "path": "v"}, "vectors.limit: expected 0 or more, found -1"),
        ({"limit": 5}, "vectors.limit: has no effect without vectors.path"),
        ({"half": True}, "vectors.half: has no effect without vectors.path"),
        ({"subwords": False}, "vectors.subwords: has no effect without vectors.path"),
        ({"member": "a"}, "vectors.member: has no effect without vectors.path"),
        ({"words": "w"}, "vectors.words: has no effect without vectors.path"),
    ],
)
def test_an_option_of_the_vectors_without_effect_is_named(values, message):
    with pytest.raises(UsageError) as caught:
        VectorsConfig(**values)
    assert str(caught.value) == message


def test_a_file_of_vectors_and_a_model_with_vectors_need_each_other():
    with pytest.raises(UsageError) as caught:
        RunConfig("run", vectors=VectorsConfig(Path("glove.txt")))
    assert str(caught.value) == (
        "vectors.path: has no effect while model.vectors is none; set it and model.vector_dim"
    )
    with pytest.raises(UsageError) as caught:
        RunConfig("run", model=TaggerConfig(vectors="tuned", vector_dim=5))
    assert str(caught.value) == "model.vectors: tuned needs a file of vectors; pass vectors.path"
    assert VectorsConfig(Path("glove.txt"), words=Path("w")).path == "glove.txt"


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (
            RunConfig,
            {"model": {"word_dim": 8, "cell": "gru"}},
            "model: expected a TaggerConfig, found {'word_dim': 8, 'cell': 'gru'}. "
            "Write model=TaggerConfig(word_dim=8, cell='gru')",
        ),
        (
            RunConfig,
            {"data": {"train": "a"}},
            "data: expected a DataConfig, found {'train': 'a'}. Write data=DataConfig(train='a')",
        ),
        (RunConfig, {"optimizer": None}, "optimizer: expected an OptimizerConfig, found None"),
        (RunConfig, {"epochs": "3"}, "epochs: expected a whole number, found '3'"),
        (RunConfig, {"epochs": 3.0}, "epochs: expected a whole number, found 3.0"),
        (RunConfig, {"epochs": True}, "epochs: expected a whole number, found True"),
        (RunConfig, {"resume": 1}, "resume: expected true or false, found 1"),
        (RunConfig, {"resume": "false"}, "resume: expected true or false, found 'false'"),
        (RunConfig, {"loggers": "csv"}, "loggers: expected a list of names, found 'csv'"),
        (RunConfig, {"decode": None}, "decode: expected a name, found None"),
        (RunConfig, {"output": 3}, "output: expected a name or a path, found 3"),
        (DataConfig, {"train": b"a"},
         "data.train: expected a name, a path, a list of (a name or a path) or None, found b'a'"),
        (DataConfig, {"train": "a", "label_column": 1.0},
         "data.label_column: expected a whole number, a name or None, found 1.0"),
        (DataConfig, {"dataset": "a", "splits": ["a"]},
         "data.splits: expected a dictionary of names to names or None, found ['a']"),
        (DataConfig, {"dataset": "a", "label_names": [0]},
         "data.label_names: expected a list of names, a dictionary of names to whole numbers, a name or None, "
         "found [0]"),
        (DataConfig, {"dev_fraction": "0.1"}, "data.dev_fraction: expected a number, found '0.1'"),
        (VectorsConfig, {"path": "a", "limit": "5"}, "vectors.limit: expected a whole number, found '5'"),
        (OptimizerConfig, {"learning_rate": "1e-3"}, "optimizer.learning_rate: expected a number, found '1e-3'"),
    ],
)  # fmt: skip
def test_a_value_of_a_wrong_type_is_named_with_what_is_expected(kind, values, message):
    with pytest.raises(UsageError) as caught:
        kind(**({"output": "run"} if kind is RunConfig else {}) | values)
    assert str(caught.value) == message


@pytest.mark.parametrize("kind", [DataConfig, OptimizerConfig, RunConfig, TaggerConfig, VectorsConfig])
def test_every_field_refuses_what_it_is_not(kind):
    for field in dataclasses.fields(kind):
        with pytest.raises(UsageError, match=rf"^(\w+\.)?{field.name}: expected .*, found <object"):
            kind(**{**({"output": "run"} if kind is RunConfig else {}), field.name: object()})
