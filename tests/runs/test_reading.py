"""Runs are found below folders, each once, and say what their files tell; what is damaged says why."""

from __future__ import annotations

import builtins
import json
import os

import pytest
from present import present
from run_folders import write_run
from tiny_runs import tiny_config, tiny_splits

from tagger.errors import MissingExtraError, UsageError
from tagger.runs.reading import Epoch, find_runs, read_run
from tagger.training import train


def test_a_run_of_the_training_program_is_read_as_it_was(tmp_path):
    train(tiny_config(tmp_path / "run", loggers=["csv"], seed=7), splits=tiny_splits())
    found = read_run(tmp_path / "run")
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert found.state == "finished"
    assert (found.seed, found.options["model.word_dim"], found.options["epochs"]) == (7, 8, 3)
    assert found.score("dev") == metrics["dev"]["value"]
    assert [(each.number, each.dev_score) for each in found.history] == [
        (each["epoch"], each["dev_score"]) for each in metrics["history"]
    ]
    assert present(found.best) + 1 == metrics["best_epoch"]
    assert present(found.tokens_per_second) > 0
    assert found.model_bytes == sum(file.stat().st_size for file in (tmp_path / "run" / "model").iterdir())
    (tmp_path / "run" / "metrics.json").unlink()
    logged = read_run(tmp_path / "run")
    assert logged.state == "unfinished"
    assert [each.number for each in logged.history] == [1, 2, 3]
    for one, other in zip(logged.history, found.history, strict=True):
        assert one.dev_score == pytest.approx(other.dev_score, abs=1e-6)
        assert one.train_loss == pytest.approx(other.train_loss, rel=1e-5)


def test_runs_below_a_folder_are_found_each_once_in_the_order_of_their_numbers(tmp_path):
    for seed in (10, 9, 1):
        write_run(tmp_path / "many" / "digest" / f"seed_{seed}", seed=seed)
    write_run(tmp_path / "many" / "digest" / "seed_1" / "model" / "not_a_run_of_its_own")
    write_run(tmp_path / "one")
    found = find_runs(
        [str(tmp_path / "one"), str(tmp_path / "many"), str(tmp_path / "many" / "digest" / "seed_9")]
    )
    assert [run.folder.name for run in found] == ["one", "seed_1", "seed_9", "seed_10"]


def test_a_run_that_is_not_finished_tells_its_epochs_so_far(tmp_path):
    found = read_run(write_run(tmp_path / "run", is_finished=False, dev_scores=(0.1, 0.3)))
    assert (found.state, found.metrics, found.score("dev")) == ("unfinished", None, None)
    assert found.history == (Epoch(1, 4.0, 0.1), Epoch(2, 2.0, 0.3))
    assert (found.best, found.tokens_per_second, found.model_bytes) == (1, 1050.0, 100)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("metrics.json", '{"metric": ', "expected the metrics of a run"),
        ("metrics.json", "[1]", "found something else"),
        ("metrics.json", '{"metric": "f1"}', "found nothing of its data"),
        (
            "metrics.json",
            '{"metric": "f1", "data": {}, "sentences": {}, "dev": {"value": NaN}}',
            "found no score from 0 to 1 of the dev split",
        ),
        (
            "metrics.json",
            '{"metric": "f1", "data": {"files": []}, "sentences": {}}',
            "found no files of its data",
        ),
        (
            "metrics.json",
            '{"metric": "f1", "data": {}, "sentences": {}, "dev": {"value": 1, "types": []}}',
            "found no scores by label of the dev split",
        ),
        (
            "metrics.json",
            '{"metric": "f1", "data": {}, "sentences": {}, "seconds": "long"}',
            "found no number as its seconds",
        ),
        ("metrics.json", "[" * 100_000, "expected the metrics of a run"),
        (
            "metrics.json",
            '{"metric": "f1", "data": {}, "sentences": {}, "history": [{"epoch": "x"}]}',
            "expected the epochs of a run",
        ),
        (
            "metrics.json",
            '{"metric": "f1", "data": {}, "sentences": {}, "dev": {"value": 5}}',
            "found no score from 0 to 1 of the dev split",
        ),
        (
            "metrics.json",
            '{"metric": "f1", "data": {}, "sentences": {}, "seconds": 1' + 400 * "0" + "}",
            "found no number as its seconds",
        ),
        (
            "metrics.json",
            '{"metric": "f1", "data": {}, "sentences": {}, "history": [{"epoch": 1000000000}]}',
            "expected epochs from 1 to 100,000, found 1000000000",
        ),
        ("logs/metrics.csv", "epoch,dev_score\n-2,0.1\n", "expected epochs from 1 to 100,000, found -1"),
        ("recipe.yaml", "[" * 5000, "expected the options of a run: maximum recursion depth"),
        ("recipe.yaml", "a: &a {b: *a}", "found more than 10,000 values"),
        (
            "recipe.yaml",
            "a: &a [1, 2, 3, 4]\n"
            + "".join(f"a{n}: &a{n} [{', '.join(['*a' + str(n - 1 or '')] * 9)}]\n" for n in range(1, 9)),
            "found more than 10,000 values",
        ),
        ("metrics.json", "\udcff", "expected the metrics of a run"),
        ("recipe.yaml", "a: [1", "expected the options of a run"),
        ("recipe.yaml", "- a", "found something else"),
        ("recipe.yaml", "seed: one", "expected a whole number as seed, found 'one'"),
        ("logs/metrics.csv", "epoch,dev_score\nx,0.1\n", "expected the log of a run"),
    ],
)
@pytest.mark.slow
def test_damage_is_told_with_the_file(tmp_path, name, text, reason):
    folder = write_run(tmp_path / "run")
    (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    found = read_run(folder)
    assert found.state == "damaged"
    damage = present(found.damage)
    assert damage.startswith(str(folder / name))
    assert reason in damage


@pytest.mark.parametrize("name", ["metrics.json", "recipe.yaml", "logs/metrics.csv"])
def test_a_pipe_in_place_of_a_file_is_not_waited_for(tmp_path, name):
    folder = write_run(tmp_path / "run")
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert present(read_run(folder).damage).endswith(": expected a regular file, found a named pipe")


def test_a_run_without_its_recipe_is_damaged(tmp_path):
    folder = write_run(tmp_path / "run")
    (folder / "recipe.yaml").unlink()
    assert (
        read_run(folder).damage
        == f"{folder / 'recipe.yaml'}: expected the options of a run: No such file or directory"
    )


@pytest.mark.parametrize(("name", "found"), [("nowhere", "nothing"), ("file", "a file")])
def test_what_is_no_folder_is_named(tmp_path, name, found):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=f"{name}: expected the folder of a run, found {found}"):
        find_runs([str(tmp_path / name)])


def test_a_folder_without_runs_is_named(tmp_path):
    (tmp_path / "model").mkdir()
    with pytest.raises(UsageError, match=r"or one with runs below it, found none"):
        find_runs([str(tmp_path)])


def test_without_yaml_the_extra_is_named(tmp_path, monkeypatch):
    folder = write_run(tmp_path / "run")
    real = builtins.__import__

    def no_yaml(name, *arguments, **options):
        if name == "yaml":
            raise ModuleNotFoundError(name="yaml")
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", no_yaml)
    with pytest.raises(MissingExtraError, match="Reading the options of a run needs the package 'yaml'"):
        read_run(folder)
