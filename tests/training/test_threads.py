"""Threads of training: that no number of them changes a bit, that none outlives its run, and what is said of them."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import torch
from tiny_runs import TINY_MODEL, sentences, tiny_config, tiny_splits

from tagger.config import TaggerConfig
from tagger.examples import Example
from tagger.model import TaggerModel
from tagger.modules.recurrent import side_by_side
from tagger.training import OptimizerConfig, Splits, VectorsConfig, processor, train
from tagger.training.checkpoints import read_checkpoint
from tagger.training.processor import number_of_threads
from tagger.training.train import TrainingInterrupted


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("tagger-second")]


@pytest.mark.parametrize(
    ("asked", "cores", "devices", "expected", "note"),
    [
        (0, 4, 1, 2, ""),
        (0, 1, 1, 1, ""),
        (0, 2, 2, 1, ""),
        (0, 4, 2, 2, ""),
        (1, 4, 1, 1, ""),
        (2, 4, 1, 2, ""),
        (2, 1, 1, 2, "threads=...: 2 are more than the cores that this process may use: 1"),
        (5, 8, 1, 2, "threads=...: 5 are more than there is work for: 2"),
    ],
)
def test_as_many_threads_as_there_are_cores_and_work_for(
    monkeypatch, caplog, tmp_path, asked, cores, devices, expected, note
):
    monkeypatch.setattr(processor, "usable_cores", lambda: cores)
    with caplog.at_level("INFO", "tagger"):
        assert number_of_threads(tiny_config(tmp_path, threads=asked, devices=devices)) == expected
    assert "".join(caplog.messages) == note


def state_of(folder):
    """Weights, averages and the state of the optimiser after the last epoch."""
    checkpoint = read_checkpoint(folder / "checkpoints" / "last.ckpt")
    tensors = {**checkpoint["state_dict"], **checkpoint.get("current_model_state", {})}
    for number, state in checkpoint["optimizer_states"][0]["state"].items():
        tensors |= {f"{number} {name}": value for name, value in state.items()}
    return tensors


def assert_same_bits(folder, other):
    first, second = state_of(folder), state_of(other)
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert torch.equal(torch.as_tensor(value), torch.as_tensor(second[name])), name


def many(count=96):
    return Splits(sentences("train", count), sentences("dev", 8))


@pytest.mark.slow
def test_two_hundred_steps_by_one_thread_and_by_two_give_the_same_bits(tmp_path):
    options = {"model": replace(TINY_MODEL, wide_features=True, dropout=0.3), "epochs": 9, "batch_size": 4}
    train(tiny_config(tmp_path / "1", threads=1, **options), splits=many())
    train(tiny_config(tmp_path / "2", threads=2, **options), splits=many())
    assert read_checkpoint(tmp_path / "1" / "checkpoints" / "last.ckpt")["global_step"] >= 200
    assert_same_bits(tmp_path / "1", tmp_path / "2")


RUNS = {
    "gru": {"model": {"cell": "gru"}},
    "own loop": {"model": {"cell": "lstm_peephole", "recurrent_dropout": 0.2}},
    "layers": {"model": {"num_layers": 3, "connections": "skip"}},
    "softmax": {"model": {"decoder": "softmax"}},
    "char_dropout": {"model": {"char_dropout": 0.3, "word_dropout": 0.2}},
    "wide dropout": {"model": {"wide_features": True, "wide_dropout": 0.3, "wide_path_dropout": 0.3}},
    "adamw": {"optimizer": OptimizerConfig(name="adamw", weight_decay=0.01)},
    "sgd": {"optimizer": OptimizerConfig(name="sgd", momentum=0.5, learning_rate=0.01)},
    "bf16-mixed": {"precision": "bf16-mixed"},
    "64-true": {"precision": "64-true"},
    "bf16-true": {"precision": "bf16-true"},
    "single sentences": {"batch_size": 1},
}


@pytest.mark.parametrize("options", RUNS.values(), ids=RUNS)
@pytest.mark.slow
def test_the_number_of_threads_changes_no_bit(tmp_path, monkeypatch, options):
    monkeypatch.setattr(processor, "multiplies_in_bfloat16", lambda: True)
    settings = {
        "epochs": 2,
        "batch_size": 5,
        **options,
        "model": replace(TINY_MODEL, **options.get("model", {})),
    }
    for threads in (1, 2):
        train(tiny_config(tmp_path / str(threads), threads=threads, **settings), splits=tiny_splits())
    assert_same_bits(tmp_path / "1", tmp_path / "2")


@pytest.mark.slow
def test_nor_with_vectors_or_where_o_leaves_types_open(tmp_path):
    path = tmp_path / "vectors.txt"
    words = sorted({token.lower() for example in tiny_splits().train for token in example.tokens})
    path.write_text("".join(f"{word} {len(word)} 0.5 -1\n" for word in words[::2]), encoding="utf-8")
    tuned = replace(TINY_MODEL, vectors="tuned", vector_dim=3)
    plain = Splits([Example(each.tokens, ("O",) * len(each.tokens)) for each in tiny_splits().train])
    for threads in (1, 2):
        first = tmp_path / f"first {threads}"
        train(
            tiny_config(first, model=tuned, vectors=VectorsConfig(path=path), epochs=2, threads=threads),
            splits=tiny_splits(),
        )
        options = {"init": first / "model", "init_partial": True, "model": TaggerConfig()}
        train(
            tiny_config(tmp_path / f"partial {threads}", epochs=2, threads=threads, **options), splits=plain
        )
    for name in ("first", "partial"):
        assert_same_bits(tmp_path / f"{name} 1", tmp_path / f"{name} 2")


@pytest.mark.slow
def test_a_run_is_resumed_with_another_number_of_threads_to_the_same_bits(tmp_path, monkeypatch):
    options = {"epochs": 4, "batch_size": 4, "model": replace(TINY_MODEL, wide_features=True)}
    train(tiny_config(tmp_path / "whole", threads=1, **options), splits=tiny_splits())
    original = TaggerModel.loss
    calls = []

    def interrupt(self, batch):
        calls.append(batch)
        if len(calls) == 15:
            raise KeyboardInterrupt
        return original(self, batch)

    with monkeypatch.context() as patch:
        patch.setattr(TaggerModel, "loss", interrupt)
        with pytest.raises(TrainingInterrupted):
            train(tiny_config(tmp_path / "run", threads=2, **options), splits=tiny_splits())
    train(tiny_config(tmp_path / "run", threads=1, resume=True, **options), splits=tiny_splits())
    assert_same_bits(tmp_path / "run", tmp_path / "whole")


@pytest.mark.parametrize("failing", [1, 2], ids=["first", "second"])
def test_an_error_in_a_direction_ends_the_run(tmp_path, monkeypatch, failing):
    original = side_by_side._gradients
    calls = []

    def fail(*arguments):
        calls.append(arguments)
        if len(calls) == failing:
            raise RuntimeError("of a direction")
        return original(*arguments)

    monkeypatch.setattr(side_by_side, "_gradients", fail)
    with pytest.raises(RuntimeError, match="of a direction"):
        train(tiny_config(tmp_path / "run", threads=2), splits=tiny_splits())
