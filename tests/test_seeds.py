"""recipes/seeds.py: the runs are those of recipes/train.py without the test split; they go on and are compared."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from tiny_runs import REPOSITORY, SAMPLE, tiny_config, tiny_splits

from tagger.training import train
from tagger.training.command import parse_run_config

sys.path.insert(0, str(REPOSITORY / "recipes"))  # programs, not a package

import repeated_runs
import seeds

MODEL = {"word_dim": 8, "char_dim": 0, "char_filters": 0, "affix_dim": 0, "affixes": [], "hidden_dim": 6}


@pytest.fixture
def recipe(tmp_path):
    """A YAML file with a tiny run on the bundled corpus."""
    data = {}
    for name in ("train", "dev", "test"):
        blocks = (SAMPLE / f"{name}.conll").read_text(encoding="utf-8").split("\n\n")[:60]
        data[name] = str(tmp_path / f"{name}.conll")
        (tmp_path / f"{name}.conll").write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    values = {"output": str(tmp_path / "run"), "data": data, "model": MODEL, "epochs": 2, "loggers": []}
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


@pytest.fixture
def wider(recipe, tmp_path):
    """A YAML file with another model on the same data."""
    path = tmp_path / "wider.yaml"
    path.write_text(
        yaml.safe_dump({**yaml.safe_load(recipe.read_text()), "model": {**MODEL, "hidden_dim": 9}})
    )
    return path


@pytest.fixture
def faked(monkeypatch):
    """Runs take no time: they score what the dictionary says by hidden units and seed, and are listed."""
    values: dict[tuple[int, int], float] = {}
    trained = []

    def fake(config, splits):
        trained.append(config)
        folder = repeated_runs.RunFolder(config.output)
        folder.checkpoints.mkdir(parents=True)
        (folder.checkpoints / "best.ckpt").write_text("big")
        metrics = {
            "metric": "f1",
            "sentences": {"train": 60, "dev": 60, "test": 60},
            "data": {"files": {"train": {"sha256": "t"}, "dev": {"sha256": "d"}}, "scheme": "IOB2"},
            "versions": {"tagger": "1"},
            "dev": {"value": values[config.model.hidden_dim, config.seed]},
        }
        folder.metrics.write_text(json.dumps(metrics))

    monkeypatch.setattr(repeated_runs, "train", fake)
    return SimpleNamespace(values=values, trained=trained)


def run(*arguments):
    return seeds.main([str(argument) for argument in arguments])


def fails(capsys, *arguments):
    """Return the status and the one line that a failing command prints."""
    try:
        status = run(*arguments)
    except SystemExit as exit:
        status = exit.code
    out, err = capsys.readouterr()
    assert out == ""
    *_, line = err.splitlines()
    return status, line.removeprefix("recipes/seeds.py: error: ")


def change(path, **values):
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


@pytest.mark.slow
def test_the_runs_are_those_of_the_training_recipe_without_the_test_split(recipe, tmp_path, capsys):
    assert run("--config", recipe, "--seeds", 3) == 0
    out = capsys.readouterr().out
    (folder,) = (tmp_path / "run_seeds").iterdir()
    config = parse_run_config(["--config", str(recipe), "--seed", "3"])
    train(replace(config, output=str(tmp_path / "alone")))
    alone = json.loads((tmp_path / "alone" / "metrics.json").read_text())
    found = json.loads((folder / "seed_3" / "metrics.json").read_text())
    assert found["dev"] == alone["dev"]
    assert "test" in alone
    assert "test" not in found
    card = (folder / "seed_3" / "model" / "README.md").read_text()
    assert "The test split was not scored." in card
    assert not (folder / "seed_3" / "checkpoints").exists()
    assert "\n3 " in out
    assert f"{100 * found['dev']['value']:.2f}" in out
    scores = json.loads((folder / "scores.json").read_text())
    assert scores["seeds"] == [3]
    assert f"results: {folder / 'scores.json'}" in out


@pytest.mark.slow
def test_a_killed_run_goes_on_and_finished_ones_are_kept(recipe, tmp_path, monkeypatch):
    def killed(config, splits):
        """Train all but the last epoch, as far as the files show it."""
        if config.seed == 1:
            return train(config)
        train(config)
        (repeated_runs.RunFolder(config.output)).metrics.unlink()
        raise KeyboardInterrupt

    monkeypatch.setattr(repeated_runs, "train", killed)
    assert run("--config", recipe, "--seeds", 1, 2) == 130
    (folder,) = (tmp_path / "run_seeds").iterdir()
    before = (folder / "seed_1" / "metrics.json").stat()
    resumed = []

    def record(config, splits):
        resumed.append((config.seed, config.resume))
        return train(config)

    monkeypatch.setattr(repeated_runs, "train", record)
    assert run("--config", recipe, "--seeds", 1, 2) == 0
    assert resumed == [(2, True)]
    assert (folder / "seed_1" / "metrics.json").stat().st_mtime_ns == before.st_mtime_ns
    assert json.loads((folder / "seed_2" / "metrics.json").read_text())["seed"] == 2


def test_the_table_of_a_comparison(recipe, wider, faked, capsys):
    faked.values.update({(6, 1): 0.5, (6, 2): 0.6, (6, 3): 0.55, (9, 1): 0.53, (9, 2): 0.62, (9, 3): 0.59})
    assert run("--config", recipe, "--compare", wider, "--seeds", 1, 2, 3) == 0
    out, err = capsys.readouterr()
    *table, path = out.splitlines()
    assert table == [
        "dev f1, %",
        "",
        "seed                 tiny  wider  difference",
        "1                   50.00  53.00        3.00",
        "2                   60.00  62.00        2.00",
        "3                   55.00  59.00        4.00",
        "mean                55.00  58.00        3.00",
        "standard deviation   5.00   4.58        1.00",
        "95 % from           42.58  46.62        0.52",
        "95 % to             67.42  69.38        5.48",
        "",
        "paired t-test           t = 5.20, p = 0.0351",
        "exact permutation test  p = 0.2500 (with 3 seeds never below 0.25)",
        "",
    ]
    record = json.loads(seeds.Path(path.removeprefix("results: ")).read_text())
    assert record["configurations"][1]["scores"] == [0.53, 0.62, 0.59]
    assert record["comparison"]["differences"]["mean"] == pytest.approx(0.03)
    assert record["comparison"]["permutation_p"] == 0.25
    # Seed after seed, so that a comparison of fewer seeds is whole early on.
    assert [(each.seed, each.model.hidden_dim) for each in faked.trained] == [
        (1, 6), (1, 9), (2, 6), (2, 9), (3, 6), (3, 9)
    ]  # fmt: skip
    assert "wider, seed 2: dev f1 62.00 %" in err


def test_finished_runs_serve_further_seeds_and_comparisons(recipe, wider, faked):
    faked.values.update({(hidden, seed): 0.5 + seed / 100 for hidden in (6, 9) for seed in (1, 2)})
    assert run("--config", recipe, "--seeds", 1) == 0
    assert run("--config", recipe, "--seeds", 2, 1, "--threads", 2) == 0
    assert run("--config", wider, "--compare", recipe, "--seeds", 1, 2) == 0
    assert sorted((each.model.hidden_dim, each.seed) for each in faked.trained) == [
        (6, 1), (6, 2), (9, 1), (9, 2)
    ]  # fmt: skip


@pytest.mark.parametrize("compared", [False, True])
def test_results_of_fewer_seeds_replace_none_of_more(recipe, wider, faked, tmp_path, capsys, compared):
    faked.values.update({(hidden, seed): 0.5 + seed / 100 for hidden in (6, 9) for seed in (1, 2, 3)})
    others = ("--compare", wider) if compared else ()

    def results(*seeds):
        """The seeds that the file holds, and whether the output says that it was kept."""
        capsys.readouterr()
        assert run("--config", recipe, *others, "--seeds", *seeds) == 0
        out = capsys.readouterr().out
        record = json.loads(Path(out.splitlines()[-1].removeprefix("results: ")).read_text())
        return record["seeds"], "The file is kept as it was" in out

    assert results(1, 2) == ([1, 2], False)
    assert results(1) == ([1, 2], True)
    assert results(2, 1) == ([2, 1], False)
    assert results(3, 1) == ([3, 1], False)
    assert results(3, 1, 2) == ([3, 1, 2], False)
    for path in (tmp_path / "run_seeds").glob("*/seed_1/metrics.json"):
        change(path, dev={"value": 0.75})
    assert results(1, 2) == ([1, 2], False)
    for path in (tmp_path / "run_seeds").glob("*/*.json"):
        path.write_text("{}")
    assert results(1) == ([1], False)


def test_options_of_the_training_recipe_count_for_both_and_make_runs_of_their_own(recipe, wider, faked):
    faked.values.update({(6, 1): 0.5, (9, 1): 0.5})
    assert run("--config", recipe, "--compare", wider, "--seeds", 1) == 0
    assert run("--config", recipe, "--compare", wider, "--seeds", 1, "--epochs", 3) == 0
    assert [each.epochs for each in faked.trained] == [2, 2, 3, 3]
    assert len({each.output for each in faked.trained}) == 4
    assert not any(each.score_test for each in faked.trained)


@pytest.mark.parametrize(
    ("option", "values"), [("--init", ("here", "there")), ("--weights", ("float32", "float16"))]
)
def test_what_a_resumed_run_may_change_and_scores_depend_on_makes_runs_of_their_own(
    recipe, faked, option, values
):
    faked.values[6, 1] = 0.5
    for value in values:
        assert run("--config", recipe, "--seeds", 1, option, value) == 0
    assert len({each.output for each in faked.trained}) == 2


def test_a_single_seed_is_said_to_show_nothing(recipe, wider, faked, capsys):
    faked.values.update({(6, 1): 0.5, (9, 1): 0.6})
    assert run("--config", recipe, "--compare", wider, "--seeds", 1) == 0
    out = capsys.readouterr().out
    assert "One seed cannot tell a difference from chance." in out
    assert "standard deviation      –      –           –" in out


def test_equal_scores_and_constant_differences_are_told_in_words_and_valid_json(recipe, wider, faked, capsys):
    faked.values.update({(6, 1): 0.5, (6, 2): 0.25, (9, 1): 0.5, (9, 2): 0.25})
    assert run("--config", recipe, "--compare", wider, "--seeds", 1, 2) == 0
    assert "paired t-test           none, all scores are equal" in capsys.readouterr().out
    faked.values.update({(6, 3): 0.5, (6, 4): 0.25, (9, 3): 0.75, (9, 4): 0.5})
    assert run("--config", recipe, "--compare", wider, "--seeds", 3, 4) == 0
    *table, path = capsys.readouterr().out.splitlines()
    assert "paired t-test           t = inf, p = 0.0000" in table
    text = seeds.Path(path.removeprefix("results: ")).read_text()
    assert json.loads(text, parse_constant=pytest.fail)["comparison"]["t"] is None


def test_scores_of_changed_data_are_not_mixed(recipe, faked, tmp_path, capsys):
    faked.values.update({(6, 1): 0.5, (6, 2): 0.5})
    assert run("--config", recipe, "--seeds", 1) == 0
    (folder,) = (tmp_path / "run_seeds").iterdir()
    data = {"files": {"train": {"sha256": "other"}, "dev": {"sha256": "d"}}, "scheme": "IOB2"}
    change(folder / "seed_1" / "metrics.json", data=data)
    capsys.readouterr()
    assert fails(capsys, "--config", recipe, "--seeds", 1, 2) == (
        2,
        f"{folder}: the data has changed between these runs; remove the folders of the older ones",
    )


@pytest.mark.slow
def test_seeds_that_start_from_a_model_may_set_other_dev_splits_aside(recipe, tmp_path):
    train(tiny_config(tmp_path / "first"), splits=tiny_splits(column=1))
    values = yaml.safe_load(recipe.read_text())
    del values["data"]["dev"], values["model"]
    values["data"]["label_column"] = 1
    recipe.write_text(yaml.safe_dump({**values, "epochs": 1, "init": str(tmp_path / "first" / "model")}))
    assert run("--config", recipe, "--seeds", 1, 2) == 0
    (folder,) = (tmp_path / "run_seeds").iterdir()
    metrics = [json.loads((folder / f"seed_{seed}" / "metrics.json").read_text()) for seed in (1, 2)]
    assert len({each["data"]["started_from"]["dev"] for each in metrics}) == 2


def test_scores_on_other_dev_splits_are_not_compared(recipe, wider, faked, tmp_path, capsys):
    faked.values.update({(6, 1): 0.5, (9, 1): 0.5})
    assert run("--config", recipe, "--seeds", 1) == 0
    (folder,) = (tmp_path / "run_seeds").iterdir()
    change(folder / "seed_1" / "metrics.json", metric="accuracy")
    capsys.readouterr()
    status, line = fails(capsys, "--config", recipe, "--compare", wider, "--seeds", 1)
    assert status == 2
    assert line.endswith(": scores of other metrics or dev splits, which cannot be compared")


def test_runs_of_other_versions_are_told(recipe, faked, tmp_path, capsys):
    faked.values.update({(6, 1): 0.5, (6, 2): 0.5})
    assert run("--config", recipe, "--seeds", 1) == 0
    (folder,) = (tmp_path / "run_seeds").iterdir()
    change(folder / "seed_1" / "metrics.json", versions={"tagger": "0"})
    assert run("--config", recipe, "--seeds", 1, 2) == 0
    assert "The runs differ in their versions" in capsys.readouterr().out


def test_damaged_metrics_are_named(recipe, faked, tmp_path, capsys):
    faked.values[6, 1] = 0.5
    assert run("--config", recipe, "--seeds", 1) == 0
    (folder,) = (tmp_path / "run_seeds").iterdir()
    (folder / "seed_1" / "metrics.json").write_text('{"dev": ')
    capsys.readouterr()
    status, line = fails(capsys, "--config", recipe, "--seeds", 1)
    assert status == 1
    assert line.startswith(f"{folder / 'seed_1' / 'metrics.json'}: expected the metrics of a run: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seeds", "1", "--epohcs", "3"], "no option --epohcs; did you mean --epochs?"),
        (["--seeds", "1", "1"], "--seeds: expected each seed once, found 1 1"),
        (["--seeds", "-1"], "--seeds: expected 0 or more, less than 2**32, found -1"),
        (
            ["--seeds", "1", "--seed", "2"],
            "seed: has no effect here, since --seeds specifies the seeds",
        ),
        (["--seeds", "1", "--overwrite", "true"], "resume, overwrite: have no effect here"),
        (["--seeds", "1", "--score_test", "false"], "score_test: has no effect here"),
        (["--seeds", "1", "--data.merge_dev", "true"], "data.merge_dev: leaves no dev split to score"),
        (["--seeds", "1", "--devices", "2"], "devices: expected 1, found 2"),
        (["--seeds", "1", "--model.dropout", "2"], "model.dropout: expected a probability below 1, found 2"),
        ([], "the following arguments are required: --seeds"),
    ],
)
def test_options_that_make_no_sense_are_named(recipe, capsys, arguments, message):
    status, line = fails(capsys, "--config", recipe, *arguments)
    assert status == 2
    assert message in line


def test_a_configuration_is_not_compared_with_itself(recipe, capsys):
    status, line = fails(capsys, "--config", recipe, "--compare", recipe, "--seeds", 1)
    assert (status, line) == (
        2,
        "--compare: expected another configuration, found one that gives the same numbers",
    )


def test_without_a_dev_split_there_is_nothing_to_score(recipe, capsys, tmp_path):
    values = yaml.safe_load(recipe.read_text())
    del values["data"]["dev"]
    recipe.write_text(yaml.safe_dump(values))
    status, line = fails(capsys, "--config", recipe, "--seeds", 1, "--data.dev_fraction", 0)
    assert (status, line) == (2, "data.dev_fraction: expected a dev split to score, found none")
