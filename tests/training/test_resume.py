"""Resuming: bit for bit the run that was never interrupted; refusals; what a failed write leaves."""

from __future__ import annotations

import errno
import io
import json
import os
import random
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from present import present
from tiny_runs import modules_made, sentences, stopped_run, tiny_config, tiny_splits

from tagger import Tagger
from tagger.errors import TaggerError, UsageError
from tagger.stopping import Stopped
from tagger.training import DataConfig, OptimizerConfig, Splits, checkpoints, train
from tagger.training.callbacks import EpochReport
from tagger.training.checkpoints import AtomicCheckpointIO, read_checkpoint
from tagger.training.train import TrainingInterrupted

EPOCHS = 5


def config_of(folder, **options):
    return tiny_config(folder, epochs=EPOCHS, batch_size=4, patience=4, loggers=["csv"], **options)


def weights(folder):
    return (folder / "model" / "model.safetensors").read_bytes()


def metrics_of(folder):
    return json.loads((folder / "metrics.json").read_text(encoding="utf-8"))


def log_of(folder):
    rows = [line.split(",") for line in (folder / "logs" / "metrics.csv").read_text().splitlines()]
    speed = rows[0].index("tokens_per_second")
    return [row[:speed] + row[speed + 1 :] for row in rows]


def interrupted(monkeypatch, folder, *, after, error=KeyboardInterrupt, config=None, splits=None):
    """Train, and be stopped in the third step after some epochs."""
    return stopped_run(
        monkeypatch, config or config_of(folder), splits or tiny_splits(), after=after, error=error
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    train(config_of(folder), splits=tiny_splits())
    return folder


@pytest.mark.slow
def test_a_run_that_overwrote_another_goes_on_without_overwriting(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    error = interrupted(monkeypatch, folder, after=1, config=config_of(folder, overwrite=True))
    last = folder / "checkpoints" / "last.ckpt"
    assert str(error) == (
        f"interrupted; {last} is kept. "
        "Go on with the same configuration, with resume=True instead of overwrite=True"
    )
    train(config_of(folder, resume=True), splits=tiny_splits())
    assert (folder / "model").exists()


@pytest.mark.parametrize("after", [1, 4])
@pytest.mark.slow
def test_an_interrupted_and_resumed_run_is_bit_for_bit_the_uninterrupted_one(
    tmp_path, monkeypatch, whole, after
):
    folder = tmp_path / "run"
    error = interrupted(monkeypatch, folder, after=after)
    assert str(error) == (
        f"interrupted; {folder / 'checkpoints' / 'last.ckpt'} is kept. "
        f"Go on with the same configuration and resume=True"
    )
    assert error.status == 130
    assert not (folder / "model").exists()
    assert f"{after} epoch" in (folder / "curves.html").read_text(encoding="utf-8")
    torch.manual_seed(99)
    train(replace(config_of(folder), resume=True), splits=tiny_splits())
    assert weights(folder) == weights(whole)
    ours, theirs = metrics_of(folder), metrics_of(whole)
    assert {**ours, "seconds": 0} == {**theirs, "seconds": 0}
    for name in ("last.ckpt", "best.ckpt"):
        assert_same_state(folder / "checkpoints" / name, whole / "checkpoints" / name)
    assert log_of(folder) == log_of(whole)
    assert (folder / "curves.html").read_bytes() == (whole / "curves.html").read_bytes()


def assert_same_state(path, other):
    """Weights, averages, optimiser, schedule and the counters of all callbacks are equal."""
    first, second = (torch.load(p, weights_only=True) for p in (path, other))
    for state in (first, second):
        state["callbacks"]["RunCheckpoints"].pop("seconds")
        for callback in state["callbacks"].values():
            callback.pop("stopping_reason_message", None)  # text, of which assert_close knows nothing
    keys = ("state_dict", "current_model_state", "optimizer_states", "lr_schedulers")
    for key in (*keys, "callbacks", "epoch", "global_step"):
        torch.testing.assert_close(first[key], second[key], rtol=0, atol=0)


@pytest.mark.slow
def test_resuming_twice_and_with_what_is_not_part_of_the_experiment_changed(tmp_path, monkeypatch, whole):
    folder = tmp_path / "run"
    interrupted(monkeypatch, folder, after=1)
    moved = tmp_path / "elsewhere"
    folder.rename(moved)  # the best score must survive the move
    again = replace(config_of(moved), resume=True, loggers=[], progress=False)
    interrupted(monkeypatch, moved, after=3, config=again)
    train(again, splits=tiny_splits())
    assert weights(moved) == weights(whole)
    assert metrics_of(moved)["best_epoch"] == metrics_of(whole)["best_epoch"]


@pytest.mark.slow
def test_without_a_dev_split_a_run_resumes_from_its_last_epoch_too(tmp_path, monkeypatch):
    data = DataConfig(dev_fraction=0)
    splits = Splits(tiny_splits().train)
    configs = [tiny_config(tmp_path / name, epochs=4, data=data) for name in ("cut", "whole")]
    interrupted(monkeypatch, tmp_path / "cut", after=3, config=configs[0], splits=splits)
    assert torch.load(tmp_path / "cut" / "checkpoints" / "last.ckpt", weights_only=True)["epoch"] == 2
    train(replace(configs[0], resume=True), splits=splits)
    train(configs[1], splits=splits)
    assert weights(tmp_path / "cut") == weights(tmp_path / "whole")


@pytest.mark.slow
def test_a_run_that_patience_had_ended_is_not_trained_on(tmp_path, monkeypatch):
    frozen = OptimizerConfig(learning_rate=1e-12)
    config = tiny_config(tmp_path / "run", epochs=9, patience=2, optimizer=frozen)
    with monkeypatch.context() as patch:
        patch.setattr(Tagger, "save", failing(KeyboardInterrupt()))
        with pytest.raises(TrainingInterrupted, match="resume=True"):
            train(config, splits=tiny_splits())
    train(replace(config, resume=True), splits=tiny_splits())
    assert metrics_of(tmp_path / "run")["epochs_trained"] == 3


@pytest.mark.slow
def test_a_run_without_an_epoch_left_leaves_a_model_whose_tables_are_read_as_usual(
    tmp_path, monkeypatch, whole
):
    folder = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(Tagger, "save", failing(KeyboardInterrupt()))
        with pytest.raises(TrainingInterrupted, match="resume=True"):
            train(config_of(folder), splits=tiny_splits())
    modules = modules_made(monkeypatch)
    train(replace(config_of(folder), resume=True), splits=tiny_splits())
    assert metrics_of(folder)["epochs_trained"] == EPOCHS
    assert weights(folder) == weights(whole)
    (module,) = modules
    table = present(module.model.word_features.word_embedding).train()
    ids = torch.tensor([2, 3])
    for _ in range(2):  # the optimiser lets a table be read once a step, and has its gradient elsewhere
        table(ids).sum().backward()
    assert present(table.weight.grad)[2:4].eq(2).all()


def in_files(folder):
    """Two files with sentences of the bundled corpus, and a configuration that reads them."""
    folder.mkdir()
    names: dict[str, Any] = {}
    for name, examples in (("train", sentences("train", 24)), ("dev", sentences("dev", 16))):
        text = "".join(
            "".join(
                f"{token} {label}\n"
                for token, label in zip(example.tokens, present(example.labels), strict=True)
            )
            + "\n"
            for example in examples
        )
        (folder / f"{name}.conll").write_text(text, encoding="utf-8")
        names[name] = f"{name}.conll"
    return DataConfig(root=folder, **names)


@pytest.mark.slow
def test_data_that_has_moved_is_still_the_same_data(tmp_path, monkeypatch):
    data = in_files(tmp_path / "here")
    config = config_of(tmp_path / "run", data=data)
    original = EpochReport.on_train_epoch_end

    def stop(self, trainer, module):
        original(self, trainer, module)
        if trainer.current_epoch == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(EpochReport, "on_train_epoch_end", stop)
        with pytest.raises(TrainingInterrupted):
            train(config)
    there = tmp_path / "there"
    (tmp_path / "here").rename(there)
    moved = {name: there / f"{name}.conll" for name in ("train", "dev")}
    again = replace(config, data=DataConfig(**moved), resume=True)
    text = moved["dev"].read_text(encoding="utf-8")
    moved["dev"].write_text(text.replace(" O\n", " B-LOC\n", 1), encoding="utf-8")
    with pytest.raises(
        UsageError, match="resume: the train, dev or replayed sentences are not those that the run in"
    ):
        train(again)
    moved["dev"].write_text(text, encoding="utf-8")
    train(again)
    assert metrics_of(tmp_path / "run")["epochs_trained"] == EPOCHS
    assert yaml.safe_load((tmp_path / "run" / "recipe.yaml").read_text())["data"]["train"] == str(
        moved["train"]
    )


@pytest.mark.slow
def test_a_run_stopped_in_its_first_epoch_has_nothing_to_resume(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    error = interrupted(monkeypatch, folder, after=0)
    assert str(error) == (
        "interrupted before the first epoch's end; nothing to resume. Train again with the same configuration"
    )
    with pytest.raises(
        UsageError,
        match=r"resume: no checkpoint in .*checkpoints\. Train with the same configuration, without resume=True$",
    ):
        train(replace(config_of(folder), resume=True), splits=tiny_splits())
    train(replace(config_of(folder), overwrite=True), splits=tiny_splits())
    assert metrics_of(folder)["epochs_trained"] == EPOCHS


def failing(error):
    def fail(*arguments, **options):
        raise error

    return fail


def test_a_finished_run_is_neither_trained_again_nor_resumed(whole):
    with pytest.raises(UsageError) as caught:
        train(config_of(whole), splits=tiny_splits())
    assert str(caught.value) == (
        f"output: {whole} holds a finished run. Choose another folder, or pass overwrite=True."
    )
    with pytest.raises(UsageError) as caught:
        train(replace(config_of(whole), resume=True), splits=tiny_splits())
    assert str(caught.value) == (
        f"resume: the run in {whole} is finished: its patience ended after 5 of 5 epochs. To go on, pass a higher "
        f"patience=... than 4 (0: no limit) and more epochs=... than 5; or take its model for a new run: "
        f"init='{whole}/model'"
    )


def test_a_finished_run_without_further_epochs_is_not_resumed(longer):
    with pytest.raises(UsageError) as caught:
        train(replace(config_of(longer), resume=True, epochs=8, patience=0), splits=tiny_splits())
    assert str(caught.value) == (
        f"resume: the run in {longer} is finished: its 8 epochs are done. To go on, pass more epochs=... than 8; or "
        f"take its model for a new run: init='{longer}/model'"
    )


@pytest.fixture(scope="module")
def longer(tmp_path_factory, whole):
    """The finished run, gone on with to eight epochs."""
    folder = tmp_path_factory.mktemp("longer") / "run"
    shutil.copytree(whole, folder)
    train(replace(config_of(folder), resume=True, epochs=8, patience=0), splits=tiny_splits())
    return folder


def test_a_finished_run_goes_on_with_more_epochs(whole, longer):
    before, after = metrics_of(whole), metrics_of(longer)
    assert (before["epochs_trained"], after["epochs_trained"]) == (5, 8)
    assert after["history"][:5] == before["history"]
    assert "epochs_planned" not in before
    assert after["epochs_planned"] == [5, 8]
    assert after["dev"]["value"] >= before["dev"]["value"]  # the best epoch of all counts
    card = (longer / "model" / "README.md").read_text(encoding="utf-8")
    assert "Begun as a run of 5 epochs, and gone on with as one of 8." in card
    assert yaml.safe_load((longer / "recipe.yaml").read_text())["epochs"] == 8


def test_after_the_end_the_learning_rate_is_that_of_the_longer_run(longer):
    history = metrics_of(longer)["history"]
    steps, rate = 6, 0.003  # of an epoch; 48 steps in all, a tenth of them warm-up
    expected = sum(rate * (48 - step) / (48 - 4) for step in range(5 * steps, 6 * steps)) / steps
    assert history[5]["learning_rate"] == pytest.approx(expected)
    assert history[4]["learning_rate"] < history[5]["learning_rate"]


@pytest.mark.parametrize("after", [5, 6])
@pytest.mark.slow
def test_going_on_interrupted_and_resumed_is_bit_for_bit_the_same(
    tmp_path, monkeypatch, whole, longer, after
):
    folder = tmp_path / "run"
    shutil.copytree(whole, folder)
    config = replace(config_of(folder), resume=True, epochs=8, patience=0)
    interrupted(monkeypatch, folder, after=after, config=config)
    assert not (folder / "metrics.json").exists()
    assert (folder / "model").exists()
    train(config, splits=tiny_splits())
    assert weights(folder) == weights(longer)
    assert {**metrics_of(folder), "seconds": 0} == {**metrics_of(longer), "seconds": 0}


@pytest.mark.slow
def test_batches_keep_their_size_when_a_run_goes_on_with_more_epochs(tmp_path, monkeypatch):
    monkeypatch.setattr("tagger.training.batches.SMALLEST_BATCH", 1)
    monkeypatch.setattr("tagger.training.batches.ENOUGH_STEPS", 24)
    config = replace(config_of(tmp_path / "run"), batch_size=0, patience=0, epochs=4)
    steps = []
    for each in (config, replace(config, resume=True, epochs=8)):
        train(each, splits=tiny_splits())  # 24 sentences, 4 epochs, 24 steps: batches of 4
        steps.append(read_checkpoint(tmp_path / "run" / "checkpoints" / "last.ckpt")["global_step"])
    assert steps == [4 * 6, 8 * 6]


def test_fewer_epochs_than_before_are_refused(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    interrupted(monkeypatch, folder, after=1)
    with pytest.raises(UsageError, match="resume: epochs differs from the interrupted run's"):
        train(replace(config_of(folder), resume=True, epochs=4), splits=tiny_splits())


def test_an_interrupted_run_goes_on_with_more_epochs_than_it_was_to_have(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    interrupted(monkeypatch, folder, after=1)
    train(replace(config_of(folder), resume=True, epochs=7), splits=tiny_splits())
    assert metrics_of(folder)["epochs_planned"] == [5, 7]


@pytest.mark.slow
def test_a_run_that_patience_ended_goes_on_with_more_patience(tmp_path):
    folder = tmp_path / "run"
    config = replace(config_of(folder), epochs=9, patience=2, optimizer=OptimizerConfig(learning_rate=1e-12))
    train(config, splits=tiny_splits())
    assert metrics_of(folder)["epochs_trained"] == 3
    with pytest.raises(UsageError) as caught:
        train(replace(config, resume=True, epochs=12), splits=tiny_splits())
    assert str(caught.value) == (
        f"resume: the run in {folder} is finished: its patience ended after 3 of 9 epochs. To go on, pass a higher "
        f"patience=... than 2 (0: no limit); or take its model for a new run: init='{folder}/model'"
    )
    for lower in ({"epochs": 2, "patience": 0}, {"epochs": 12, "patience": 1}):
        with pytest.raises(UsageError, match=r"^resume: (epochs|patience) differs from the run's"):
            train(replace(config, resume=True, **lower), splits=tiny_splits())
    train(replace(config, resume=True, patience=4), splits=tiny_splits())
    assert metrics_of(folder)["epochs_trained"] == 5
    train(replace(config, resume=True, patience=0), splits=tiny_splits())
    assert metrics_of(folder)["epochs_trained"] == 9


def test_a_finished_run_without_its_checkpoints_says_how_to_go_on(tmp_path, whole):
    folder = tmp_path / "run"
    shutil.copytree(whole, folder)
    shutil.rmtree(folder / "checkpoints")
    with pytest.raises(UsageError, match=r"finished, and its checkpoints are gone\. .*init='.*model'"):
        train(replace(config_of(folder), resume=True, epochs=9), splits=tiny_splits())


def test_an_unfinished_run_is_not_trained_over(tmp_path, monkeypatch):
    interrupted(monkeypatch, tmp_path / "run", after=1)
    with pytest.raises(UsageError, match=r"holds an unfinished run\. Pass resume=True to go on with it, or"):
        train(config_of(tmp_path / "run"), splits=tiny_splits())


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"seed": 2}, "seed"),
        ({"batch_size": 5}, "batch_size"),
        ({"optimizer": OptimizerConfig(ema_decay=0.5)}, "optimizer.ema_decay"),
        ({"data": DataConfig(unseen_labels="wrong")}, "data.unseen_labels"),
    ],
)
def test_resuming_with_another_configuration_names_the_option(tmp_path, monkeypatch, options, name):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "last.ckpt").touch()
    from tagger.training.run_folder import RunFolder

    RunFolder(folder).open(replace(config_of(folder), resume=True))
    with pytest.raises(UsageError) as caught:
        train(replace(config_of(folder), resume=True, **options), splits=tiny_splits())
    assert str(caught.value).startswith(f"resume: {name} differs from the interrupted run's {folder}")


def test_resuming_on_other_data_is_an_error(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    interrupted(monkeypatch, folder, after=1)
    other = Splits(tiny_splits().train[:-1], tiny_splits().dev)
    with pytest.raises(
        UsageError, match="resume: the train, dev or replayed sentences are not those that the run in"
    ):
        train(replace(config_of(folder), resume=True), splits=other)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a checkpoint"])
def test_a_damaged_checkpoint_is_an_error_that_names_it(tmp_path, monkeypatch, content):
    folder = tmp_path / "run"
    interrupted(monkeypatch, folder, after=1)
    (folder / "checkpoints" / "last.ckpt").write_bytes(content)
    with pytest.raises(TaggerError, match=r"last\.ckpt: the checkpoint is damaged; train from scratch"):
        train(replace(config_of(folder), resume=True), splits=tiny_splits())


STATE = {
    **{"state_dict": {}, "callbacks": {}, "loops": {}, "optimizer_states": [], "lr_schedulers": []},
    **{"epoch": 1, "global_step": 7},
}


def damage_of(path):
    with pytest.raises(TaggerError) as error:
        read_checkpoint(path)
    start = f"{path}: the checkpoint is damaged; train from scratch with overwrite=True ("
    assert str(error.value).startswith(start)
    return str(error.value).removeprefix(start).removesuffix(")")


def test_every_changed_bit_of_a_checkpoint_is_noticed(tmp_path):
    path = tmp_path / "last.ckpt"
    AtomicCheckpointIO().save_checkpoint({**STATE, "state_dict": {"a": torch.arange(50.0)}}, path)
    assert torch.load(path, weights_only=True)["global_step"] == read_checkpoint(path)["global_step"] == 7
    data = path.read_bytes()
    for position in random.Random(0).sample(range(8 * len(data)), 150):
        changed = bytearray(data)
        changed[position // 8] ^= 1 << position % 8
        path.write_bytes(changed)
        assert "checksum" in damage_of(path) or "expected sha256 " in damage_of(path)
    for kept in (0, 10, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:kept])
        assert damage_of(path) == "it is cut off, or has no checksum"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([1, 2], "expected the state of a run, found list"),
        (torch.zeros(2), "expected the state of a run, found Tensor"),
        ({}, "expected 'state_dict' as dict, found NoneType"),
        ({**STATE, "global_step": "7"}, "expected 'global_step' as int, found str"),
        ({**STATE, "callbacks": {"x": 5}}, "the state of a callback is no dictionary"),
    ],
)
def test_what_is_no_state_of_a_run_is_said_in_one_line(content, reason, tmp_path):
    AtomicCheckpointIO().save_checkpoint(content, tmp_path / "last.ckpt")
    assert damage_of(tmp_path / "last.ckpt") == reason


def test_a_pipe_in_place_of_a_checkpoint_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "last.ckpt")
    with pytest.raises(
        TaggerError, match=r"last\.ckpt: cannot be read: expected a regular file, found a named pipe"
    ):
        read_checkpoint(tmp_path / "last.ckpt")


@pytest.mark.slow
def test_the_best_checkpoint_is_looked_at_before_a_run_goes_on(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    interrupted(monkeypatch, folder, after=2)
    best = folder / "checkpoints" / "best.ckpt"
    data = best.read_bytes()
    state = torch.load(best, weights_only=True)
    again = replace(config_of(folder), resume=True)
    before = sorted(path.name for path in folder.rglob("*"))

    def refusal(kind=TaggerError):
        with pytest.raises(kind) as error:
            train(again, splits=tiny_splits())
        assert sorted(path.name for path in folder.rglob("*") if path != best) == [
            name for name in before if name != best.name
        ]
        return str(error.value)

    best.unlink()
    assert refusal() == f"{best}: the checkpoint is missing; train from scratch with overwrite=True"
    best.write_bytes(data[: len(data) // 2])
    assert refusal().startswith(f"{best}: the checkpoint is damaged; ")
    writer = AtomicCheckpointIO()
    writer.save_checkpoint({**state, "fingerprint": "of others"}, best)
    assert refusal(UsageError).startswith(
        "resume: the train, dev or replayed sentences are not those that the run in "
    )
    bias = state["state_dict"]["model.projection.bias"]
    for changed, reason in (
        (bias[:-1].clone(), f"is no tensor of the shape ({len(bias)},)"),
        (bias.long(), "is of the type torch.int64, expected torch.float32"),
        (bias * float("nan"), "holds NaN or infinity"),
    ):
        weights = {**state["state_dict"], "model.projection.bias": changed}
        writer.save_checkpoint({**state, "state_dict": weights}, best)
        assert refusal().endswith(f"('model.projection.bias' {reason})")
    name = "model.decoder.allowed_start_transitions"
    weights = {**state["state_dict"], name: ~state["state_dict"][name]}
    writer.save_checkpoint({**state, "state_dict": weights}, best)
    assert refusal().endswith(f"({name!r} differs from what the labels and their scheme allow)")
    best.write_bytes(data)
    train(again, splits=tiny_splits())


@pytest.mark.slow
def test_overwriting_keeps_the_old_model_until_the_new_one_is_there(tmp_path, monkeypatch, whole):
    folder = tmp_path / "run"
    shutil.copytree(whole, folder)
    other = replace(config_of(folder, seed=2), overwrite=True)
    interrupted(monkeypatch, folder, after=1, config=other)
    assert weights(folder) == weights(whole)
    assert not (folder / "metrics.json").exists()
    assert yaml.safe_load((folder / "recipe.yaml").read_text())["seed"] == 2
    train(replace(other, overwrite=False, resume=True), splits=tiny_splits())
    assert weights(folder) != weights(whole)
    assert metrics_of(folder)["seed"] == 2


def test_bad_data_leaves_a_run_to_overwrite_untouched(tmp_path, whole):
    folder = tmp_path / "run"
    shutil.copytree(whole, folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(TaggerError):
        train(replace(config_of(folder), overwrite=True), splits=Splits([]))
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("raised_by_torch", [False, True])
@pytest.mark.slow
def test_a_full_disk_while_saving_a_checkpoint_keeps_the_one_before(tmp_path, monkeypatch, raised_by_torch):
    folder = tmp_path / "run"
    original = torch.save
    calls = []

    def save(checkpoint, file):
        calls.append(checkpoint["epoch"])
        if checkpoint["epoch"] < 2:
            return original(checkpoint, file)
        file.write(b"half")
        if not raised_by_torch:
            raise FULL
        try:
            raise FULL
        except OSError:
            raise RuntimeError("unexpected pos 64 vs 0") from None

    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", save)
        with pytest.raises(TaggerError) as caught:
            train(config_of(folder), splits=tiny_splits())
    assert "the checkpoint could not be written: No space left on device." in str(caught.value)
    assert sorted(path.name for path in (folder / "checkpoints").iterdir()) == ["best.ckpt", "last.ckpt"]
    assert torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["epoch"] == 1
    train(replace(config_of(folder), resume=True), splits=tiny_splits())


@pytest.mark.slow
def test_a_full_disk_while_saving_the_model_keeps_the_old_one_and_can_be_resumed(
    tmp_path, monkeypatch, whole
):
    import tagger.storage

    folder = tmp_path / "run"
    shutil.copytree(whole, folder)
    with monkeypatch.context() as patch:
        patch.setattr(tagger.storage.os, "fsync", failing_for(folder / ".model."))
        with pytest.raises(TaggerError, match="No space left on device"):
            train(replace(config_of(folder, seed=3), overwrite=True), splits=tiny_splits())
    assert weights(folder) == weights(whole)
    assert Tagger.load(folder / "model").tag([["Oslo"]])
    train(replace(config_of(folder, seed=3), resume=True), splits=tiny_splits())
    assert weights(folder) != weights(whole)


def failing_for(prefix):
    """An fsync that fails for files below a path that starts so."""
    original = os.fsync

    def fsync(descriptor):
        if str(Path(f"/proc/self/fd/{descriptor}").readlink()).startswith(str(prefix)):
            raise FULL
        original(descriptor)

    return fsync


def test_a_checkpoint_is_never_half_written_in_its_place(tmp_path, monkeypatch):
    path = tmp_path / "last.ckpt"
    writer = AtomicCheckpointIO()
    writer.save_checkpoint({"epoch": 1}, path)

    def interrupted_save(checkpoint, file):
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", interrupted_save)
    with pytest.raises(KeyboardInterrupt):
        writer.save_checkpoint({"epoch": 2}, path)
    assert torch.load(path, weights_only=True) == {"epoch": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_a_signal_while_a_checkpoint_is_written_stays_one(tmp_path, monkeypatch):
    class Interrupted(io.BytesIO):
        def write(self, data):
            if self.tell() > 200:
                raise Stopped(signal.SIGTERM)
            return super().write(data)

    monkeypatch.setattr(checkpoints, "replace_file", lambda path, write: write(Interrupted()))
    with pytest.raises(Stopped) as stopped:
        AtomicCheckpointIO().save_checkpoint(
            {"state_dict": {"a": torch.arange(500.0)}}, tmp_path / "last.ckpt"
        )
    assert stopped.value.status == 143


@pytest.mark.parametrize("earlier", [{"lr_schedulers": [{"last_epoch": 30}]}, {"draws": 1}, {"draws": None}])
def test_a_run_that_an_earlier_version_began_is_refused(tmp_path, monkeypatch, earlier):
    folder = tmp_path / "run"
    interrupted(monkeypatch, folder, after=1)
    path = folder / "checkpoints" / "last.ckpt"
    older = {**read_checkpoint(path), **earlier}
    AtomicCheckpointIO().save_checkpoint(older, path)
    with pytest.raises(
        UsageError, match=r"^resume: the run in .* was begun by an earlier version, which took"
    ):
        train(config_of(folder, resume=True), splits=tiny_splits())
