"""The folder of a run: what may be written where."""

from __future__ import annotations

import pytest
import yaml

from tagger.errors import ModelError, TaggerError, UsageError
from tagger.training import RunConfig
from tagger.training.run_folder import RunFolder, _changed


def check(folder, **options):
    RunFolder(folder).check(RunConfig(str(folder), **options))


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_that_is_absent_or_empty_may_be_used(tmp_path, overwrite):
    check(tmp_path / "new" / "deep", overwrite=overwrite)
    check(tmp_path, overwrite=overwrite)


def test_a_folder_with_other_things_is_refused_even_for_overwriting(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(UsageError, match="exists and is not empty; choose another folder"):
        check(tmp_path)
    with pytest.raises(
        UsageError, match=r"holds files but no run \(no recipe\.yaml\); choose another folder"
    ):
        check(tmp_path, overwrite=True)


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_is_no_folder(tmp_path, overwrite):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="file is a file; choose a folder"):
        check(tmp_path / "file", overwrite=overwrite)


def test_a_run_cut_short_before_its_first_checkpoint_may_be_trained_again(tmp_path):
    folder = RunFolder(tmp_path)
    folder.open(RunConfig(str(tmp_path)))
    folder.write_curves("<!doctype html>")  # killed before the checkpoint
    check(tmp_path)


def test_a_place_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "run"
    with pytest.raises(TaggerError, match=r"run: the run's folder cannot be written: Not a directory"):
        RunFolder(folder).open(RunConfig(str(folder)))


def test_a_place_that_cannot_be_looked_into_is_an_error(tmp_path):
    with pytest.raises(TaggerError, match=r"x: cannot be read: File name too long$"):
        check(tmp_path / ("x" * 300))


def test_opening_to_overwrite_removes_checkpoints_logs_curves_and_metrics_but_not_the_model(tmp_path):
    folder = RunFolder(tmp_path)
    folder.open(RunConfig(str(tmp_path)))
    for path in (
        folder.checkpoints / "last.ckpt",
        folder.logs / "metrics.csv",
        folder.curves,
        folder.metrics,
    ):
        path.touch()
    folder.model.mkdir()
    folder.open(RunConfig(str(tmp_path), overwrite=True, seed=5))
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert left == ["checkpoints", "logs", "model", "recipe.yaml"]
    assert yaml.safe_load(folder.recipe.read_text())["seed"] == 5


@pytest.mark.parametrize("options", [{"overwrite": True}, {"resume": True}])
def test_something_in_the_place_of_the_model_is_refused_before_training(tmp_path, options):
    folder = RunFolder(tmp_path)
    folder.open(RunConfig(str(tmp_path)))
    folder.last_checkpoint.touch()
    folder.model.mkdir()
    (folder.model / "thesis.tex").touch()
    with pytest.raises(ModelError, match=r"model: holds 'thesis\.tex', which is no part of a model"):
        check(tmp_path, **options)


@pytest.mark.parametrize("recipe", ["- a list", "{", None])
def test_a_run_to_resume_needs_a_readable_recipe(tmp_path, recipe):
    folder = RunFolder(tmp_path)
    folder.checkpoints.mkdir()
    folder.last_checkpoint.touch()
    if recipe is not None:
        folder.recipe.write_text(recipe)
    with pytest.raises(TaggerError, match=r"recipe\.yaml: (cannot be read|expected a mapping)"):
        check(tmp_path, resume=True)


def test_metrics_that_cannot_be_written_are_an_error(tmp_path):
    folder = RunFolder(tmp_path)
    folder.metrics.mkdir()
    with pytest.raises(TaggerError, match=r"metrics\.json: cannot be written"):
        folder.write_metrics({})
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.json"]


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        (
            {"seed": 1, "model": {"cell": "lstm", "adversarial": 0.0}},
            {"seed": 1, "model": {"cell": "lstm"}},
            [],
        ),
        ({"model": {"adversarial": 0.1}}, {"model": {}}, ["model", "model.adversarial"]),
        ({"seed": 1, "output": "a", "threads": 1}, {"seed": 2, "output": "b", "threads": 2}, ["seed"]),
        (
            {"data": {"train": "a", "format": "csv"}},
            {"data": {"train": "b", "format": "conll"}},
            ["data.format"],
        ),
    ],
)
def test_what_has_changed_is_what_results_depend_on(old, new, changed):
    assert _changed(old, new) == changed
