"""recipes/label_errors.py: a cross-validation's finished folds are used, and what their models doubt is ranked."""

import json
import sys
from pathlib import Path

import pytest
import yaml
from tiny_runs import REPOSITORY, SAMPLE

sys.path.insert(0, str(REPOSITORY / "recipes"))  # programs, not a package

import cross_validate
import label_errors

MODEL = {
    **{"word_dim": 8, "char_dim": 0, "char_filters": 0, "affix_dim": 0, "affixes": [], "hidden_dim": 6},
    **{"dropout": 0.1, "word_dropout": 0.0},
}


def write_recipe(folder, column):
    """A recipe on 30 and 10 sentences of the bundled corpus, with labels of one of its columns."""
    data = {}
    for name, count in (("train", 30), ("dev", 10)):
        blocks = (SAMPLE / f"{name}.conll").read_text(encoding="utf-8").strip().split("\n\n")[:count]
        rows = [[line.split() for line in block.splitlines()] for block in blocks]
        texts = ["\n".join(f"{row[0]} {row[column]}" for row in block) for block in rows]
        path = folder / f"{name}.conll"
        path.write_text("\n\n".join(texts) + "\n", encoding="utf-8")
        data[name] = str(path)
    values = {
        "output": str(folder / "run"),
        "data": data,
        "model": MODEL,
        "optimizer": {"learning_rate": 0.05, "ema_decay": 0.5},
        "epochs": 3,
        "batch_size": 4,
        "loggers": [],
    }
    path = folder / "tiny.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


@pytest.fixture(scope="module", params=[2, 1], ids=["spans", "tags"])
def ranked(request, tmp_path_factory):
    """A recipe that was cross-validated and ranked, and whether its labels spell spans."""
    folder = tmp_path_factory.mktemp("ranked")
    recipe = write_recipe(folder, request.param)
    assert cross_validate.main(["--config", str(recipe), "--folds", "2"]) == 0
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("metrics.json")}
    tasks = folder / "tasks.json"
    # The folder of the runs is an option of tagger train, and stays one.
    more = [
        "--output",
        str(folder / "run"),
        "--tasks",
        str(tasks),
        "--tasks-format",
        "label-studio",
        "--most",
        "3",
        "--top",
        "4",
    ]
    assert label_errors.main(["--config", str(recipe), "--folds", "2", *more]) == 0
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("metrics.json")} == before
    (results,) = (folder / "run_folds").iterdir()
    lines = (results / "label_errors.jsonl").read_text("utf-8").splitlines()
    return recipe, [json.loads(line) for line in lines], tasks, request.param == 2


def test_finished_folds_are_used_and_their_doubts_are_ranked(ranked):
    _, lines, _, has_spans = ranked
    assert [line["rank"] for line in lines] == list(range(1, len(lines) + 1))
    assert [line["score"] for line in lines] == sorted((line["score"] for line in lines), reverse=True)
    assert {line["fold"] for line in lines} == {1, 2}
    assert {line["split"] for line in lines} == {"train", "dev"}
    assert ({line["kind"] for line in lines} == {"tag"}) is not has_spans


def test_places_are_the_lines_of_the_sentences(ranked):
    recipe, lines, *_ = ranked
    for line in lines:
        name, _, number = line["origin"].partition(":")
        row = recipe.with_name(name).read_text("utf-8").splitlines()[int(number) - 1]
        assert row.split()[0] == line["tokens"][0]


def test_tasks_are_the_sentences_of_the_first_ranks(ranked):
    _, lines, tasks, _ = ranked
    made = json.loads(tasks.read_text("utf-8"))
    sentences = list(dict.fromkeys(" ".join(line["tokens"]) for line in lines))
    assert [task["data"]["text"] for task in made] == sentences[:3]
    assert made[0]["data"]["rank"] == 1
    assert len(made[0]["annotations"]) == 1
    assert [each["model_version"] for each in made[0]["predictions"]] == ["suggestion"]


def test_the_first_ones_are_printed_with_their_places(ranked, capsys):
    recipe, lines, *_ = ranked
    capsys.readouterr()
    assert label_errors.main(["--config", str(recipe), "--folds", "2", "--top", "2"]) == 0
    out = capsys.readouterr().out
    for line in lines[:2]:
        name, _, number = line["origin"].partition(":")
        assert f"      {name}:{int(number) + line['start']}: " in out
    assert f"\n   2  {lines[1]['kind']}: " in out
    assert "\n   3  " not in out
    assert f"{len(lines):,} labels in dispute: " in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--most", "3"], "--most has no effect without --tasks"),
        (["--tasks-format", "prodigy"], "--tasks-format has no effect without --tasks"),
        (["--tasks", "t.json", "--most", "0"], "--most: expected 1 or more, found 0"),
        (["--top", "-1"], "--top: expected 0 or more, found -1"),
        (
            ["--tasks", "t.json", "--tasks-format", "prodigi"],
            "--tasks-format: expected a format that is written",
        ),
        (["--tasks", "t.json"], "expected a name that shows the format; name one with --tasks-format: "),
        (["--folds", "1"], "--folds: expected 2 or more, found 1"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_trained(tmp_path, capsys, options, message):
    recipe = write_recipe(tmp_path, 2)
    assert label_errors.main(["--config", str(recipe), *options]) == 2
    assert message in capsys.readouterr().err
    assert not Path(tmp_path / "run_folds").exists()
