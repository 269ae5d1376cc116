"""recipes/distil.py: teachers, their average, students and controls; what goes on, and what is refused."""

from __future__ import annotations

import json
import sys

import pytest
import yaml
from tiny_runs import REPOSITORY, SAMPLE

from tagger.storage import load_model

sys.path.insert(0, str(REPOSITORY / "recipes"))  # programs, not a package

import distil

MODEL = {"word_dim": 8, "char_dim": 0, "char_filters": 0, "affix_dim": 0, "affixes": [], "hidden_dim": 6}


@pytest.fixture
def recipe(tmp_path):
    """A YAML file with a tiny run on the bundled corpus."""
    data = {}
    for name in ("train", "dev"):
        blocks = (SAMPLE / f"{name}.conll").read_text(encoding="utf-8").split("\n\n")[:40]
        data[name] = str(tmp_path / f"{name}.conll")
        (tmp_path / f"{name}.conll").write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    return written(
        tmp_path, "tiny", output=str(tmp_path / "run"), data=data, model=MODEL, epochs=2, loggers=[]
    )


def written(folder, name, **values):
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


def run(*arguments):
    return distil.main([str(argument) for argument in arguments])


def refused(capsys, *arguments):
    """The message of a command that is refused."""
    assert run(*arguments) == 2
    return capsys.readouterr().err


@pytest.mark.slow
def test_students_are_taught_by_the_average_and_stand_beside_controls(recipe, tmp_path, capsys):
    student = written(tmp_path, "student", model={**MODEL, "hidden_dim": 4})
    text = tmp_path / "text.conll"
    text.write_text((tmp_path / "train.conll").read_text())
    given = ["--config", recipe, "--student", student, "--text", text, "--teachers", 1, 2, "--seeds", 3]
    assert run(*given) == 0
    printed = capsys.readouterr()
    (folder,) = (tmp_path / "run_distilled").iterdir()
    assert sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")) == [
        "control_3", "scores.json", "student_3", "teacher", "teacher_1", "teacher_2",
    ]  # fmt: skip
    assert len(load_model(folder / "teacher").members) == 2
    assert load_model(folder / "student_3" / "model").config.hidden_dim == 4
    record = json.loads((folder / "scores.json").read_text())
    metrics = {
        name: json.loads((folder / name / "metrics.json").read_text())
        for name in ("teacher_1", "teacher_2", "student_3", "control_3")
    }
    assert record["scores"]["teachers"] == [metrics[f"teacher_{seed}"]["dev"]["value"] for seed in (1, 2)]
    assert record["scores"]["students"] == [metrics["student_3"]["dev"]["value"]]
    assert record["scores"]["controls"] == [metrics["control_3"]["dev"]["value"]]
    assert 0 <= record["scores"]["what_teaches"] <= 1
    # As many sentences without labels as with: the control has the same steps in twice the epochs.
    assert metrics["student_3"]["sentences"]["without_labels"] == metrics["student_3"]["sentences"]["train"]
    assert (metrics["student_3"]["epochs"], metrics["control_3"]["epochs"]) == (2, 4)
    assert "teacher" in metrics["student_3"]["data"]
    assert "teacher" not in metrics["control_3"]["data"]
    assert all("test" not in each for each in metrics.values())
    assert "students - controls" in printed.out
    assert printed.out.endswith(f"results: {folder / 'scores.json'}\n")
    # Once more: nothing is trained again, and the same is said.
    dates = {path: path.stat().st_mtime_ns for path in folder.rglob("metrics.json")}
    assert run(*given) == 0
    assert capsys.readouterr().out == printed.out
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("metrics.json")} == dates


@pytest.mark.slow
def test_other_options_are_other_runs(recipe, tmp_path):
    given = ["--config", recipe, "--teachers", 1, "--seeds", 3, "--epochs", 1]
    assert run(*given) == 0
    assert run(*given, "--teacher.weight", "0.9") == 0
    folders = sorted((tmp_path / "run_distilled").iterdir())
    assert len(folders) == 2
    weights = {
        json.loads((folder / "student_3" / "metrics.json").read_text())["data"]["teacher"]["weight"]
        for folder in folders
    }
    assert weights == {0.5, 0.9}
    assert all(len(load_model(folder / "teacher").members) == 1 for folder in folders)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--teachers", 1, 1, "--seeds", 3], "--teachers: expected each seed once, 0 or more"),
        (["--teachers", 1, "--seeds", -1], "--seeds: expected each seed once, 0 or more"),
        (
            ["--teachers", 1, 2, "--seeds", 2, 3],
            "--seeds: expected other seeds than those of --teachers, found 2 in both",
        ),
        (["--teachers", 1, "--seeds", 3, "--seed", 4], "seed: has no effect here"),
        (["--teachers", 1, "--seeds", 3, "--teacher.models", "x"], "teacher.models: has no effect here"),
        (["--teachers", 1, "--seeds", 3, "--resume", "true"], "resume, overwrite: have no effect here"),
        (["--teachers", 1, "--seeds", 3, "--data.merge_dev", "true"], "data.merge_dev: leaves no dev split"),
        (["--teachers", 1, "--seeds", 3, "--patience", 2], "patience: not supported here"),
        (["--teachers", 1, "--seeds", 3, "--text", "nowhere.txt"], "--text: nowhere.txt: No such file"),
    ],
)
def test_what_makes_no_sense_is_refused(recipe, capsys, options, reason):
    assert reason in refused(capsys, "--config", recipe, *options)


def test_students_of_other_data_are_refused(recipe, tmp_path, capsys):
    other = written(tmp_path, "other", data={"train": "other.conll", "dev": str(tmp_path / "dev.conll")})
    given = ["--config", recipe, "--student", other, "--teachers", 1, "--seeds", 3]
    assert "--student: expected options of the same data" in refused(capsys, *given)


def test_a_dev_split_is_needed(tmp_path, capsys):
    recipe = written(
        tmp_path, "bare", output=str(tmp_path / "run"), data={"train": str(SAMPLE / "train.conll")}
    )
    given = ["--config", recipe, "--teachers", 1, "--seeds", 3]
    assert "data.dev: expected a dev split" in refused(capsys, *given)


def test_a_dataset_needs_a_dev_split_too_and_labels_alone(tmp_path, capsys):
    line = {"tokens": ["Bo"], "labels": ["B-PER"], "soft_labels": [{"B-PER": 1}]}
    (tmp_path / "train.jsonl").write_text((json.dumps(line) + "\n") * 3)
    given = ["--teachers", 1, "--seeds", 3, "--output", tmp_path / "run"]
    dataset = ["--data.dataset", tmp_path, "--data.data_files", "train.jsonl"]
    assert "data.dev: expected a dev split" in refused(capsys, *given, *dataset)
    files = ["--data.train", tmp_path / "train.jsonl", "--data.dev", tmp_path / "train.jsonl"]
    assert "data.train: expected sentences with labels, from" in refused(capsys, *given, *files)
