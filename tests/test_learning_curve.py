"""recipes/learning_curve.py: shares of one seed are nested, nothing is trained twice, and the report follows."""

from __future__ import annotations

import json
import re
import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from tiny_runs import REPOSITORY, SAMPLE

from tagger.training import train
from tagger.training.command import parse_run_config

sys.path.insert(0, str(REPOSITORY / "recipes"))  # programs, not a package

import learning_curve
import repeated_runs

MODEL = {"word_dim": 8, "char_dim": 0, "char_filters": 0, "affix_dim": 0, "affixes": [], "hidden_dim": 6}


def write_recipe(folder, *, documents=False, **data):
    """A YAML file with a tiny run on the bundled corpus: 60 sentences of train, in documents of 3 if any; 20 of dev."""
    paths = {}
    for name, count in (("train", 60), ("dev", 20)):
        blocks = (SAMPLE / f"{name}.conll").read_text(encoding="utf-8").strip().split("\n\n")[:count]
        if documents:
            blocks = [
                f"-DOCSTART- _ O\n\n{block}" if place % 3 == 0 else block
                for place, block in enumerate(blocks)
            ]
        paths[name] = str(folder / f"{name}.conll")
        Path(paths[name]).write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    values: dict[str, Any] = {
        "output": str(folder / "run"),
        "data": {**paths, "test": str(folder / "nowhere.conll"), **data},
        "model": MODEL,
        "epochs": 1,
        "loggers": [],
    }
    path = folder / "tiny.yaml"
    path.write_text(
        yaml.safe_dump({**values, "data": {k: v for k, v in values["data"].items() if v is not None}})
    )
    return path


@pytest.fixture
def recipe(tmp_path):
    return write_recipe(tmp_path)


@pytest.fixture
def faked(monkeypatch):
    """Runs take no time: their error is a power law of the number of sentences, and they are listed."""
    trained = []

    def fake(config, splits):
        trained.append((config, splits))
        folder = repeated_runs.RunFolder(config.output)
        folder.path.mkdir(parents=True)
        size = len(splits.train)
        metrics = {
            "metric": "f1",
            "sentences": {"train": size, "dev": len(splits.dev)},
            "data": {**splits.identity, "scheme": "iob2"},
            "versions": {"tagger": "1"},
            "dev": {"value": 1 - size**-0.5 + 0.002 * config.seed},
        }
        folder.metrics.write_text(json.dumps(metrics))

    monkeypatch.setattr(repeated_runs, "train", fake)
    return SimpleNamespace(trained=trained)


def run(*arguments):
    return learning_curve.main([str(argument) for argument in arguments])


def fails(capsys, *arguments):
    """Return the status and the last line that a failing command prints."""
    capsys.readouterr()
    try:
        status = run(*arguments)
    except SystemExit as exit:
        status = exit.code
    out, err = capsys.readouterr()
    assert out == ""
    return status, err.splitlines()[-1].removeprefix("recipes/learning_curve.py: error: ")


def results_of(recipe):
    (folder,) = recipe.with_name("run_curve").iterdir()
    return folder


def report_of(recipe):
    return json.loads((results_of(recipe) / "curve.json").read_text("utf-8"), parse_constant=pytest.fail)


@pytest.mark.slow
def test_the_whole_is_the_run_of_tagger_train_and_a_share_is_scored_on_the_same_dev_split(
    recipe, tmp_path, capsys
):
    assert run("--config", recipe, "--shares", 0.25, 1, "--seeds", 2) == 0
    folder = results_of(recipe)
    found = {
        share: json.loads((folder / f"share_{share}" / "seed_2" / "metrics.json").read_text())
        for share in ("0.25", "1")
    }
    values = yaml.safe_load(recipe.read_text())
    del values["data"]["test"]
    recipe.write_text(yaml.safe_dump(values))
    train(parse_run_config(["--config", str(recipe), "--seed", "2", "--output", str(tmp_path / "alone")]))
    alone = json.loads((tmp_path / "alone" / "metrics.json").read_text())
    assert found["1"]["dev"] == alone["dev"]
    assert found["1"]["history"][0]["train_loss"] == alone["history"][0]["train_loss"]
    assert found["1"]["data"] == alone["data"]
    assert found["0.25"]["sentences"] == {"train": 15, "dev": 20, "test": 0}
    assert (
        found["0.25"]["data"]["train"] == "0.25 of 60 training sentences (15), drawn by sentence with seed 2"
    )
    assert found["0.25"]["data"]["files"] == alone["data"]["files"]
    assert "test" not in found["1"]
    assert not (folder / "share_1" / "seed_2" / "checkpoints").exists()
    out = capsys.readouterr().out
    assert f"{100 * found['0.25']['dev']['value']:.2f}" in out
    assert "cannot be predicted from these runs: expected 3 sizes of training data or more, found 2" in out


def test_shares_of_one_seed_are_nested_and_those_of_another_are_others(recipe, faked):
    assert run("--config", recipe, "--shares", 1, 0.5, 0.1, 0.25, "--seeds", 1, 2) == 0
    found: dict[int, list[Any]] = {}
    for config, splits in faked.trained:
        texts = [" ".join(example.tokens) for example in splits.train]
        found.setdefault(config.seed, []).append(texts)
    whole = [" ".join(example.tokens) for example in faked.trained[-1][1].train]
    for of_seed in found.values():
        assert [len(texts) for texts in of_seed] == [6, 15, 30, 60]
        for smaller, larger in pairwise(of_seed):
            assert set(smaller) <= set(larger)
        for texts in of_seed:
            places = [whole.index(text) for text in texts]
            assert places == sorted(places)  # in the order of the data
    assert set(found[1][0]) != set(found[2][0])
    # The small ones come first, with all seeds.
    assert [(len(splits.train), config.seed) for config, splits in faked.trained] == [
        (6, 1), (6, 2), (15, 1), (15, 2), (30, 1), (30, 2), (60, 1), (60, 2)
    ]  # fmt: skip


def test_documents_stay_whole_unless_sentences_are_asked_for(tmp_path, faked, capsys):
    recipe = write_recipe(tmp_path, documents=True)
    assert run("--config", recipe, "--shares", 0.3, "--seeds", 1) == 0
    assert "Shares are drawn by document." in capsys.readouterr().out
    documents = [example.document for example in faked.trained[0][1].train]
    assert {documents.count(document) for document in documents} == {3}
    assert len(documents) == 18
    assert run("--config", recipe, "--shares", 0.3, "--seeds", 1, "--by", "sentence") == 0
    documents = [example.document for example in faked.trained[1][1].train]
    assert {documents.count(document) for document in documents} != {3}
    assert len(documents) == 18


def test_without_a_dev_split_one_is_set_aside_for_all_shares(tmp_path, faked, capsys):
    recipe = write_recipe(tmp_path, dev=None)
    assert run("--config", recipe, "--shares", 0.5, 1, "--seeds", 1, 2) == 0
    devs = [[example.tokens for example in splits.dev] for _, splits in faked.trained]
    assert devs == [devs[0]] * 4
    assert len(devs[0]) == 6
    for _, splits in faked.trained:
        assert not any(example.tokens in devs[0] for example in splits.train)
    assert "No dev split: 6 of the training sentences are set aside" in capsys.readouterr().out


def test_a_label_that_a_share_lacks_counts_as_not_found_but_one_that_all_lack_is_an_error(
    recipe, faked, capsys
):
    assert run("--config", recipe, "--shares", 0.02, "--seeds", 1) == 0
    ((config, splits),) = faked.trained
    assert len(splits.train) == 1
    assert config.data.unseen_labels == "wrong"
    dev = recipe.with_name("dev.conll")
    dev.write_text(dev.read_text() + "\nOdd ADJ B-ODD\n")
    status, line = fails(capsys, "--config", recipe, "--shares", 0.02, "--seeds", 1)
    assert status == 1
    assert "'B-ODD'" in line


def test_what_is_finished_is_not_trained_again(recipe, faked, capsys):
    assert run("--config", recipe, "--shares", 0.25, "--seeds", 1) == 0
    assert run("--config", recipe, "--shares", 0.25, 0.5, "--seeds", 2, 1) == 0
    assert run("--config", recipe, "--shares", 0.25, 0.5, "--seeds", 1, 2, "--threads", 2) == 0
    assert len(faked.trained) == 4
    assert {str(Path(config.output).parent.parent) for config, _ in faked.trained} == {
        str(results_of(recipe))
    }


def test_shares_that_come_to_the_same_sentences_are_trained_once(recipe, faked, capsys):
    assert run("--config", recipe, "--shares", 0.25, 0.251, 1, 0.999, "--seeds", 1, 2, 3) == 0
    assert [len(splits.train) for _, splits in faked.trained] == [15, 15, 15, 60, 60, 60]
    assert "share 0.251, seed 1: the same sentences as share 0.25" in capsys.readouterr().err
    assert [point["share"] for point in report_of(recipe)["points"]] == [0.25, 0.999]


def test_other_options_make_runs_of_their_own(recipe, faked):
    for options in ([], ["--epochs", 2], ["--by", "sentence"]):
        assert run("--config", recipe, "--shares", 0.5, "--seeds", 1, *options) == 0
    assert len({config.output for config, _ in faked.trained}) == 2


def test_the_report_says_what_twice_the_data_would_buy_and_checks_itself(recipe, faked, capsys):
    assert run("--config", recipe, "--shares", 0.1, 0.2, 0.4, 0.8, "--seeds", 1, 2, 3, "--sizes", 500) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[2] == "dev f1, %, by share of the 60 training sentences"
    assert out[4] == "share  sentences  seeds   mean  standard deviation  95 % from  95 % to"
    mean = 100 * (1 - 6**-0.5 + 0.004)
    assert out[5].split()[:5] == ["0.1", "6", "3", f"{mean:.2f}", "0.20"]
    told = [line for line in out if line.startswith("from 48 to ")]
    assert [line.split()[3] for line in told] == ["60", "96", "500"]
    expected = 1 - 96**-0.5 + 0.004
    record = report_of(recipe)
    at_96 = record["predictions"][1]
    assert at_96["size"] == 96
    assert at_96["mean"][0] < expected < at_96["mean"][1]
    assert at_96["score"] == pytest.approx(expected, abs=0.01)
    assert at_96["gain"] == pytest.approx(48**-0.5 - 96**-0.5, abs=0.01)
    assert (
        f"to {100 * at_96['score']:.2f} %, in the mean over seeds between {100 * at_96['mean'][0]:.2f} and"
        in told[1]
    )
    assert record["check"]["share"] == 0.8
    assert record["check"]["is_inside"] is True
    assert any(
        re.match(r"Check: from the smaller shares alone, share 0.8 .*: inside\. 3 of 3 seeds", line)
        for line in out
    )
    assert record["points"][0]["runs"] == [
        {"seed": seed, "sentences": 6, "score": pytest.approx(1 - 6**-0.5 + 0.002 * seed)}
        for seed in (1, 2, 3)
    ]
    page = (results_of(recipe) / "curve.html").read_text("utf-8")
    assert page.count("<circle") == 12 + 1  # and the one of the legend
    assert 'class="band c0"' in page
    assert not re.search(r"<script|<link|src=|https?:", page)


def test_a_score_outside_what_was_expected_of_it_is_told(recipe, faked, capsys):
    options = ("--config", recipe, "--shares", 0.1, 0.2, 0.4, 0.8, "--seeds", 1, 2, 3)
    assert run(*options) == 0
    for seed in (1, 2, 3):
        path = results_of(recipe) / "share_0.8" / f"seed_{seed}" / "metrics.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "dev": {"value": 0.55 + seed / 1000}}))
    capsys.readouterr()
    assert run(*options) == 0
    assert ": OUTSIDE. 0 of 3 seeds lie" in capsys.readouterr().out
    assert report_of(recipe)["check"]["is_inside"] is False


def test_changed_data_is_not_mixed_with_the_old(recipe, faked, capsys):
    assert run("--config", recipe, "--shares", 0.5, "--seeds", 1) == 0
    path = recipe.with_name("train.conll")
    path.write_text(path.read_text() + "\nMore NOUN O\n")
    status, line = fails(capsys, "--config", recipe, "--shares", 0.5, "--seeds", 1)
    assert status == 2
    assert "is not the one that its shares were taken from" in line


def test_runs_that_learned_from_other_things_beside_are_not_mixed(recipe, faked, capsys):
    assert run("--config", recipe, "--shares", 0.5, "--seeds", 1, 2) == 0
    path = results_of(recipe) / "share_0.5" / "seed_1" / "metrics.json"
    metrics = json.loads(path.read_text())
    path.write_text(json.dumps({**metrics, "data": {**metrics["data"], "vectors": "others"}}))
    status, line = fails(capsys, "--config", recipe, "--shares", 0.5, "--seeds", 1, 2)
    assert status == 2
    assert "what models learn from besides the sentences has changed" in line


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dev": {"value": float("nan")}}, "found no score from 0 to 1 of the dev split"),
        ({"dev": None}, "expected metrics with a dev score and the number of training sentences, found none"),
        (
            {"sentences": {}},
            "expected metrics with a dev score and the number of training sentences, found none",
        ),
        ({"data": []}, "found nothing of its data"),
    ],
)
def test_damaged_metrics_are_named(recipe, faked, capsys, change, message):
    assert run("--config", recipe, "--shares", 0.5, "--seeds", 1) == 0
    path = results_of(recipe) / "share_0.5" / "seed_1" / "metrics.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    status, line = fails(capsys, "--config", recipe, "--shares", 0.5, "--seeds", 1)
    assert status == 1
    assert "seed_1" in line
    assert message in line


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--shares", "0"], "--shares: expected shares above 0 up to 1, found 0"),
        (["--shares", "0.5", "nan"], "--shares: expected shares above 0 up to 1, found nan"),
        (["--shares", "0.5", "0.50"], "--shares: expected each share once, found 0.5 0.5"),
        (["--seeds", "1", "1"], "--seeds: expected each seed once, found 1 1"),
        (["--seeds", "-1"], "--seeds: expected 0 or more, less than 2**32, found -1"),
        (["--sizes", "0"], "--sizes: expected 1 or more, found 0"),
        (["--seed", "2"], "seed: has no effect here, since --seeds specifies the seeds"),
        (["--data.train_fraction", "0.5"], "data.train_fraction: has no effect here"),
        (["--data.merge_dev", "true"], "data.merge_dev: leaves no dev split to score"),
        (["--by", "document"], "--by document: expected sentences with documents, found none"),
        (["--epohcs", "3"], "no option --epohcs; did you mean --epochs?"),
    ],
)
def test_options_that_make_no_sense_are_named(recipe, capsys, arguments, message):
    status, line = fails(capsys, "--config", recipe, *arguments)
    assert status == 2
    assert message in line


def test_without_a_dev_split_there_is_nothing_to_score(tmp_path, capsys):
    recipe = write_recipe(tmp_path, dev=None, dev_fraction=0)
    status, line = fails(capsys, "--config", recipe)
    assert (status, line) == (2, "data.dev_fraction: expected a dev split to score, found none")


def test_a_folder_that_cannot_be_written_is_named(recipe, faked, capsys):
    recipe.with_name("run_curve").write_text("a file")
    status, line = fails(capsys, "--config", recipe, "--shares", 0.5, "--seeds", 1)
    assert status == 1
    assert "run_curve" in line
