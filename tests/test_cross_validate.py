"""recipes/cross_validate.py: each sentence is scored by a model that never saw it; killed commands go on exactly."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import statistics
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from seqeval.metrics import f1_score
from tiny_runs import REPOSITORY, SAMPLE, TINY_MODEL, tiny_config, tiny_splits, write_conll
from warm_commands import warm_python

from tagger import Example, Tagger
from tagger.formats import ReadingOptions, read_examples
from tagger.schemes import convert_labels
from tagger.training import Splits, train

sys.path.insert(0, str(REPOSITORY / "recipes"))  # programs, not a package

import cross_validate
import fold_runs
import repeated_runs

MODEL = {
    **{"word_dim": 8, "char_dim": 0, "char_filters": 0, "affix_dim": 0, "affixes": [], "hidden_dim": 6},
    **{"dropout": 0.1, "word_dropout": 0.0},
}
BORDER = "-DOCSTART- O"


def write_data(folder, *, column=2, documents=True):
    """Train and dev, 48 and 12 sentences of the bundled corpus; documents have three each."""
    paths = {}
    for name, count in (("train", 48), ("dev", 12)):
        blocks = (SAMPLE / f"{name}.conll").read_text(encoding="utf-8").strip().split("\n\n")[:count]
        rows = [[line.split() for line in block.splitlines()] for block in blocks]
        texts = ["\n".join(f"{row[0]} {row[column]}" for row in block) for block in rows]
        if documents:
            for place in range(0, count, 3):
                texts[place] = f"{BORDER}\n\n{texts[place]}"
        paths[name] = str(folder / f"{name}.conll")
        Path(paths[name]).write_text("\n\n".join(texts) + "\n", encoding="utf-8")
    return paths


def write_recipe(folder, data, **options):
    """A run of a few steps, in which a model learns enough to find some names."""
    values = {
        "output": str(folder / "run"),
        "data": data,
        "model": MODEL,
        "optimizer": {"learning_rate": 0.05, "ema_decay": 0.5},
        "epochs": 4,
        "batch_size": 4,
        "loggers": [],
        **options,
    }
    path = folder / "tiny.yaml"
    path.write_text(yaml.safe_dump(values))
    return path


@pytest.fixture
def recipe(tmp_path):
    """A YAML file with a tiny run on data with documents, and a test split that cannot be read."""
    return write_recipe(tmp_path, {**write_data(tmp_path), "test": str(tmp_path / "nowhere.conll")})


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The recipe, and the folder of an uninterrupted cross-validation with 3 folds, and what it printed."""
    folder = tmp_path_factory.mktemp("whole")
    recipe = write_recipe(folder, write_data(folder))
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        assert run("--config", recipe, "--folds", 3) == 0
    out.seek(0)
    return recipe, results_of(recipe), out.read(), err.getvalue()


def run(*arguments):
    return cross_validate.main([str(argument) for argument in arguments])


def results_of(recipe):
    (folder,) = recipe.with_name("run_folds").iterdir()
    return folder


def lines_of(folder):
    return [json.loads(line) for line in (folder / "predictions.jsonl").read_text("utf-8").splitlines()]


def scores_of(folder):
    return json.loads((folder / "scores.json").read_text("utf-8"), parse_constant=pytest.fail)


def fails(capsys, *arguments):
    """Return the status and the last line that a failing command prints."""
    capsys.readouterr()
    try:
        status = run(*arguments)
    except SystemExit as exit:
        status = exit.code
    out, err = capsys.readouterr()
    assert out == ""
    return status, err.splitlines()[-1].removeprefix("recipes/cross_validate.py: error: ")


def read(*paths, **options):
    return [example for path in paths for example in read_examples(path, ReadingOptions(**options))]


# --- what is written ---


def test_the_predictions_are_all_sentences_in_their_order_with_gold_labels(whole):
    recipe, folder, *_ = whole
    data = read(recipe.with_name("train.conll"), recipe.with_name("dev.conll"))
    predictions = folder / "predictions.jsonl"
    predicted = read(predictions)
    gold = read(predictions, label_column="gold")
    assert [example.tokens for example in predicted] == [example.tokens for example in data]
    assert [(example.tokens, example.labels) for example in gold] == [
        (example.tokens, example.labels) for example in data
    ]
    assert predicted != gold
    lines = lines_of(folder)
    assert [line["split"] for line in lines] == ["train"] * 48 + ["dev"] * 12
    assert [line["document"] for line in lines] == [
        *(f"train {1 + place // 3}" for place in range(48)),
        *(f"dev {1 + place // 3}" for place in range(12)),
    ]
    assert [line["origin"] for line in lines] == [Path(example.origin).name for example in data]
    assert lines[0]["origin"] == "train.conll:3"
    assert lines[48]["origin"] == "dev.conll:3"


def test_the_labels_are_those_of_the_model_that_left_the_document_out(whole):
    _, folder, *_ = whole
    lines = lines_of(folder)
    for fold in (1, 2, 3):
        own = [line for line in lines if line["fold"] == fold]
        assert len({line["document"] for line in own}) in (6, 7)
        tokens, documents = [line["tokens"] for line in own], [line["document"] for line in own]
        tagger = Tagger.load(folder / f"fold_{fold}" / "model")
        predictions = tagger.predict(tokens, documents=documents)
        assert [line["labels"] for line in own] == [list(each.labels) for each in predictions]
        for line, each, marginals in zip(
            own, predictions, tagger.marginals(tokens, documents=documents), strict=True
        ):
            assert line["probabilities"] == pytest.approx(each.label_probabilities, abs=2e-6)
            columns = [tagger.labels.index(label) for label in line["gold"]]
            expected = [float(marginals[place, column]) for place, column in enumerate(columns)]
            assert line["gold_probabilities"] == pytest.approx(expected, abs=2e-6)
            assert [(span["start"], span["end"], span["label"]) for span in line["spans"]] == [
                (span.start, span.end, span.label) for span in each.spans
            ]
            assert [span["probability"] for span in line["spans"]] == pytest.approx(
                [span.probability for span in each.spans], abs=2e-6
            )


def test_no_model_has_learned_from_its_fold(whole):
    _, folder, *_ = whole
    lines = lines_of(folder)
    for fold in (1, 2, 3):
        own, other = (
            {token.lower() for line in lines if (line["fold"] == fold) is is_own for token in line["tokens"]}
            for is_own in (True, False)
        )
        metrics = json.loads((folder / f"fold_{fold}" / "metrics.json").read_text())
        assert metrics["sentences"]["test"] == 0
        count = sum(line["fold"] != fold for line in lines)
        assert metrics["sentences"]["train"] + metrics["sentences"]["dev"] == count
        tagger = Tagger.load(folder / f"fold_{fold}" / "model")
        only_there = [word for word in own - other if not any(map(str.isdigit, word))]
        assert len(only_there) > 20
        assert not any(map(tagger.in_vocabulary, only_there))


def test_the_scores_are_those_of_each_fold_and_of_all_predictions_together(whole):
    _, folder, *_ = whole
    lines, record = lines_of(folder), scores_of(folder)

    def f1(of_lines):
        return f1_score([line["gold"] for line in of_lines], [line["labels"] for line in of_lines])

    values = [f1([line for line in lines if line["fold"] == fold]) for fold in (1, 2, 3)]
    assert [each["value"] for each in record["folds"]] == pytest.approx(values)
    assert record["mean"] == pytest.approx(statistics.fmean(values))
    assert record["deviation"] == pytest.approx(statistics.stdev(values))
    half = 4.303 * statistics.stdev(values) / 3**0.5  # the printed table of Student's t, 2 degrees of freedom
    assert record["interval"] == pytest.approx([record["mean"] - half, record["mean"] + half], rel=1e-3)
    assert record["together"]["value"] == pytest.approx(f1(lines))
    assert 0.1 < f1(lines) < 1
    assert record["together"]["num_sentences"] == 60
    assert [each["best_epoch"] is None for each in record["folds"]] == [False] * 3


def test_what_is_printed(whole):
    recipe, folder, out, err = whole
    record = scores_of(folder)
    rows = [line.split() for line in out.splitlines()]
    assert out.splitlines()[0] == (
        "3 folds by document of train and dev: 60 sentences, 20 documents; the test split is not used."
    )
    for each in record["folds"]:
        numbers = (str(each["fold"]), str(each["num_sentences"]), str(each["num_tokens"]))
        assert [*numbers, f"{100 * each['value']:.2f}"] in rows
        assert f"fold {each['fold']} of 3: f1 {100 * each['value']:.2f} %" in err
    assert ["mean", f"{100 * record['mean']:.2f}"] in rows
    assert ["standard", "deviation", f"{100 * record['deviation']:.2f}"] in rows
    assert f"F1 {100 * record['together']['value']:.2f} %: " in out
    assert ["type", "precision", "recall", "f1", "support"] in rows
    assert "models of different folds are trained on largely the same sentences" in out
    assert out.endswith(f"results: {folder}/scores.json\npredictions: {folder}/predictions.jsonl\n")
    assert str(recipe.parent) not in (folder / "predictions.jsonl").read_text()
    assert not (folder / "fold_1" / "checkpoints").exists()


# --- stopped commands ---

KILLED = """\
import os, signal, sys
sys.path.insert(0, sys.argv.pop(1))
import cross_validate
from tagger.training.callbacks import EpochReport

original, begun = EpochReport.on_train_batch_end, []

def kill(self, trainer, module, outputs, batch, batch_idx):
    original(self, trainer, module, outputs, batch, batch_idx)
    if trainer.current_epoch == 1 and batch_idx == 0:
        begun.append(trainer)
        if len(begun) == 2:
            os.kill(os.getpid(), signal.SIGKILL)

EpochReport.on_train_batch_end = kill
sys.exit(cross_validate.main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_a_killed_command_goes_on_and_ends_with_the_same_bytes(whole, recipe, monkeypatch):
    arguments = ["--config", str(recipe), "--folds", "3"]
    killed = subprocess.run(
        [warm_python(), "-c", KILLED, str(REPOSITORY / "recipes"), *arguments],
        capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    folder = results_of(recipe)
    assert (folder / "fold_1" / "metrics.json").exists()
    assert not (folder / "fold_2" / "metrics.json").exists()
    assert not (folder / "predictions.jsonl").exists()
    trained = []

    def record(config, splits):
        trained.append((Path(config.output).name, config.resume))
        return train(config, splits=splits)

    monkeypatch.setattr(repeated_runs, "train", record)
    assert run(*arguments) == 0
    assert trained == [("fold_2", True), ("fold_3", False)]
    for name in ("predictions.jsonl", "scores.json"):
        assert (folder / name).read_bytes() == (whole[1] / name).read_bytes()
    assert run(*arguments) == 0
    assert len(trained) == 2
    for name in ("predictions.jsonl", "scores.json"):
        assert (folder / name).read_bytes() == (whole[1] / name).read_bytes()
    assert [path.name for path in folder.rglob("*.partial")] == []


def test_ctrl_c_says_how_to_go_on(recipe, monkeypatch, capsys):
    def stop(config, splits):
        raise KeyboardInterrupt

    monkeypatch.setattr(repeated_runs, "train", stop)
    assert run("--config", recipe, "--folds", 3) == 130
    assert capsys.readouterr().err.endswith(
        "recipes/cross_validate.py: stopped; the same command continues from here\n"
    )


def test_changed_data_are_refused(whole, recipe, capsys, monkeypatch):
    def stop(config, splits):
        raise KeyboardInterrupt

    monkeypatch.setattr(repeated_runs, "train", stop)
    assert run("--config", recipe, "--folds", 3) == 130
    folder, dev = results_of(recipe), recipe.with_name("dev.conll")
    text = dev.read_text()
    dev.write_text(text.replace("The ", "A "))
    assert fails(capsys, "--config", recipe, "--folds", 3) == (
        2,
        f"{folder}: the train or dev split is not the one that its folds were made of, or is divided otherwise. "
        "Restore the data, or remove the folder to train all again",
    )
    dev.write_text(text)
    assert run("--config", recipe, "--folds", 3) == 130
    (folder / "folds.json").write_text("{")
    status, line = fails(capsys, "--config", recipe, "--folds", 3)
    assert status == 1
    assert line.startswith(f"{folder / 'folds.json'}: expected what the folds were made of: ")
    assert line.endswith(f". Remove {folder} to train all again")


# --- options ---


@pytest.fixture
def faked(monkeypatch, whole):
    """Runs take no time: the model of each is that of the first fold of the whole run, and they are listed."""
    trained = []

    def fake(config, splits):
        trained.append((config, splits))
        folder = Path(config.output)
        folder.mkdir(parents=True)
        (folder / "model").symlink_to(whole[1] / "fold_1" / "model")
        metrics = json.loads((whole[1] / "fold_1" / "metrics.json").read_text())
        (folder / "metrics.json").write_text(json.dumps(metrics))

    monkeypatch.setattr(repeated_runs, "train", fake)
    return trained


@pytest.mark.slow
def test_options_of_training_reach_every_fold_and_make_runs_of_their_own(recipe, faked, whole):
    first, second = (str(whole[1] / f"fold_{fold}" / "model") for fold in (1, 2))
    assert run("--config", recipe, "--folds", 3) == 0
    assert run("--config", recipe, "--folds", 3, "--init", first, "--init_labels", "keep", "--seed", 7,
               "--data.dev_fraction", "0.25", "--optimizer.learning_rate", "0.01", "--threads", 2) == 0  # fmt: skip
    configs = [config for config, _ in faked[3:]]
    assert {
        (each.init, each.init_labels, each.seed, each.data.dev_fraction, each.threads) for each in configs
    } == {(first, "keep", 7, 0.25, 2)}
    assert {each.optimizer.learning_rate for each in configs} == {0.01}
    for _, splits in faked:
        assert (splits.dev, splits.test) == ((), ())
    for options in (["--folds", 2], ["--folds", 3, "--by", "sentence"], ["--folds", 3, "--init", second]):
        assert run("--config", recipe, *options) == 0
    assert len({config.output for config, _ in faked}) == len(faked) == 14
    assert run("--config", recipe, "--folds", 3, "--by", "document", "--threads", 2) == 0
    assert len(faked) == 14


def test_the_seed_decides_the_folds(recipe, faked):
    for seed in (1, 2):
        assert run("--config", recipe, "--folds", 2, "--seed", seed) == 0
    trains = [[example.tokens for example in splits.train] for _, splits in faked]
    assert len(trains[0]) + len(trains[1]) == len(trains[2]) + len(trains[3]) == 60
    assert trains[0] not in (trains[2], trains[3])


def test_models_made_from_other_vectors_are_not_put_together(recipe, faked, capsys):
    assert run("--config", recipe, "--folds", 2) == 0
    path = results_of(recipe) / "fold_2" / "metrics.json"
    metrics = json.loads(path.read_text())
    metrics["data"]["vectors"] = {"sha256": "other"}
    path.write_text(json.dumps(metrics))
    assert fails(capsys, "--config", recipe, "--folds", 2) == (
        2,
        f"{results_of(recipe)}: what models learn from besides the sentences has changed between its folds; remove the "
        "folders of the older ones",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--folds", "1"], "--folds: expected 2 or more, found 1"),
        (["--folds", "0"], "--folds: expected 2 or more, found 0"),
        (["--folds", "two"], "argument --folds: invalid int value: 'two'"),
        (["--folds", "21"], "--folds: expected a document for each of 21 folds at least, found 20"),
        (["--by", "fold"], "argument --by: invalid choice: 'fold'"),
        (["--epohcs", "3"], "no option --epohcs; did you mean --epochs?"),
        (["--resume", "true"], "resume, overwrite: have no effect here"),
        (["--overwrite", "true"], "resume, overwrite: have no effect here"),
        (["--score_test", "false"], "score_test: has no effect here"),
        (["--data.merge_dev", "true"], "data.merge_dev: has no effect here: train and dev are pooled anyway"),
        (["--init", "model", "--init_partial", "true"], "init_partial: not supported here"),
        (["--devices", "2"], "devices: expected 1, found 2"),
        (["--model.dropout", "2"], "model.dropout: expected a probability below 1, found 2"),
        (["--data.dev_fraction", "0", "--patience", "2"], "patience: has no effect without a dev split"),
    ],
)
def test_options_that_make_no_sense_are_named(recipe, capsys, arguments, message):
    status, line = fails(capsys, "--config", recipe, *arguments)
    assert status == 2
    assert message in line


def test_documents_are_asked_for_where_there_are_none(tmp_path, capsys):
    recipe = write_recipe(tmp_path, write_data(tmp_path, documents=False))
    status, line = fails(capsys, "--config", recipe, "--by", "document")
    assert status == 2
    assert line.startswith("--by document: expected sentences with documents, found none. ")


# --- models to start from ---


def write_model(folder, lines, *, scheme="auto"):
    """Train a model on sentences, words and their labels in turn; return its folder."""
    examples = [Example(line.split()[::2], line.split()[1::2]) for line in lines]
    config = tiny_config(folder / "first", model=replace(TINY_MODEL, scheme=scheme), epochs=1)
    train(config, splits=Splits(examples, examples))
    return folder / "first" / "model"


@pytest.mark.slow
def test_folds_start_from_a_model_and_replay_sentences_read_as_those_of_train(tmp_path, capsys):
    """Each fold sets its own dev split aside, on which the first model has another score."""
    train(tiny_config(tmp_path / "first"), splits=tiny_splits(column=1))
    old = write_conll(tmp_path / "old.conll", "Rover DOG x\nsleeps VBZ x\n\nFido DOG x\nruns VBZ x\n")
    path = Path(write_data(tmp_path, column=1)["train"])
    path.write_text("".join(f"{line} x\n" if line else "\n" for line in path.read_text().splitlines()))
    recipe = write_recipe(
        tmp_path,
        {"train": str(path), "label_column": 1},
        model={},
        optimizer={"learning_rate": 0.05},
        init=str(tmp_path / "first" / "model"),
        replay=str(old),
        replay_ratio=0.5,
    )
    assert run("--config", recipe, "--folds", 2) == 0
    out, folder = capsys.readouterr().out, results_of(recipe)
    assert "Training starts from a model: if it was trained on some of these sentences, " in out
    starts = []
    for fold in (1, 2):
        metrics = json.loads((folder / f"fold_{fold}" / "metrics.json").read_text())
        assert [(each["file"], each["sentences"]) for each in metrics["data"]["replay"]] == [("old.conll", 2)]
        starts.append(metrics["data"]["started_from"])
        tagger = Tagger.load(folder / f"fold_{fold}" / "model")
        assert "DOG" in tagger.labels
        assert tagger.in_vocabulary("Rover")
    assert starts[0]["dev"] != starts[1]["dev"]
    assert {each["folder"] for each in starts} == {"model"}
    old.write_text(old.read_text().replace("Fido", "Rex"))
    assert fails(capsys, "--config", recipe, "--folds", 2) == (
        2,
        f"{folder}: replay: the sentences are not the ones that models of its folds learned from. Restore them, or "
        "remove the folder to train all again",
    )


@pytest.mark.slow
def test_texts_are_cut_as_the_model_to_start_from_cuts_them(tmp_path, faked):
    model = write_model(tmp_path, ["Oslo B-LOC do O n't O", "is O n't O"])
    assert Tagger.load(model).parts.segmenter["options"]["clitics"] == "split"
    texts = [f"Anna don't {chr(0x4E00 + number)}." for number in range(6)]
    lines = [{"text": text, "spans": [{"start": 0, "end": 4, "label": "PER"}]} for text in texts]
    path = tmp_path / "train.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    recipe = write_recipe(tmp_path, {"train": str(path)})
    assert run("--config", recipe, "--folds", 2, "--init", model) == 0
    for _, splits in faked:
        assert tuple(splits.train[0].tokens[:3]) == ("Anna", "do", "n't")
        assert splits.segmenter.options()["clitics"] == "split"


@pytest.mark.slow
def test_labels_are_judged_in_the_scheme_of_the_model_to_start_from(tmp_path):
    model = write_model(tmp_path, ["Oslo B-LOC sleeps O"], scheme="none")
    recipe = write_recipe(tmp_path, write_data(tmp_path), model={})
    arguments = ["--config", str(recipe), "--init", str(model)]
    configuration = repeated_runs.read_configuration(arguments, program="test")
    validation = fold_runs.CrossValidation.read(configuration, count=2, by=None)
    assert str(validation.data.inner_scheme) == "none"
    assert validation.gold == validation.data.dev


# --- kinds of data ---


def test_bare_types_of_a_known_dataset_are_spans(tmp_path, faked, monkeypatch):
    examples = [Example(("Anna", chr(0x4E00 + number)), ("PER", "LOC")) for number in range(6)]
    monkeypatch.setattr(fold_runs, "read_splits", lambda *_, **__: Splits(examples, scheme="io"))
    recipe = write_recipe(tmp_path, {"dataset": "known/types"})
    assert run("--config", recipe, "--folds", 2) == 0
    assert {tuple(line["gold"]) for line in lines_of(results_of(recipe))} == {("B-PER", "B-LOC")}
    assert {config.data.scheme for config, _ in faked} == {"io"}


@pytest.mark.slow
def test_parts_of_speech_by_sentence_without_a_dev_split(tmp_path, capsys):
    """Two folds, the last weights; the score is the accuracy."""
    data = write_data(tmp_path, column=1, documents=False)
    del data["dev"]
    recipe = write_recipe(tmp_path, data, epochs=3)
    assert run("--config", recipe, "--folds", 2, "--data.dev_fraction", 0) == 0
    out, folder = capsys.readouterr().out, results_of(recipe)
    assert out.startswith("2 folds by sentence of train: 48 sentences; ")
    lines, record = lines_of(folder), scores_of(folder)
    pairs = [pair for line in lines for pair in zip(line["gold"], line["labels"], strict=True)]
    assert record["metric"] == "accuracy"
    assert record["together"]["value"] == pytest.approx(sum(a == b for a, b in pairs) / len(pairs))
    assert [(each["best_epoch"], each["epochs_trained"]) for each in record["folds"]] == [(None, 3)] * 2
    assert all("spans" not in line and "document" not in line for line in lines)
    assert {line["split"] for line in lines} == {"train"}
    assert [example.labels for example in read(folder / "predictions.jsonl")] == [
        tuple(line["labels"]) for line in lines
    ]
    assert all(
        right == own
        for line in lines
        for right, own, gold, label in zip(
            line["gold_probabilities"], line["probabilities"], line["gold"], line["labels"], strict=True
        )
        if gold == label
    )


RARE = """
    Anna I-PER
    Kovac I-PER
    met O
    {0} O

    Oslo I-LOC
    Bergen B-LOC
    are O
    {0} O

"""


@pytest.mark.slow
def test_labels_in_another_scheme_and_a_type_that_one_fold_alone_has(tmp_path, capsys):
    words = [f"{chr(0x61 + number)}{chr(0x6B + number)}ing" for number in range(10)]
    text = "".join(RARE.format(word) for word in words) + "The O\nNobel I-PRIZE\nPrize I-PRIZE\n"
    recipe = write_recipe(tmp_path, {"train": str(write_conll(tmp_path / "train.conll", text))})
    assert run("--config", recipe, "--folds", 2, "--model.scheme", "bioes") == 0
    out, folder = capsys.readouterr().out, results_of(recipe)
    assert (
        "Tokens with labels that the model of their fold never saw, so that they count as not found: 2 "
        "(B-PRIZE, I-PRIZE).\n"
    ) in out
    lines = lines_of(folder)
    assert lines[0]["gold"] == ["B-PER", "I-PER", "O", "O"]
    assert lines[1]["gold"] == ["B-LOC", "B-LOC", "O", "O"]
    assert lines[-1]["gold"] == ["O", "B-PRIZE", "I-PRIZE"]
    assert lines[-1]["gold_probabilities"][1:] == [None, None]
    assert all(None not in line["gold_probabilities"] for line in lines[:-1])
    assert scores_of(folder)["together"]["types"]["PRIZE"]["gold"] == 1
    assert scores_of(folder)["together"]["types"]["PRIZE"]["correct"] == 0
    written = read(tmp_path / "train.conll")
    assert [line["gold"] for line in lines] == [
        convert_labels(example.labels, "iob1", "iob2") for example in written
    ]
    for fold in (1, 2):
        recipe_of_fold = yaml.safe_load((folder / f"fold_{fold}" / "recipe.yaml").read_text())
        assert recipe_of_fold["data"]["scheme"] == "iob1"


@pytest.mark.slow
def test_copies_are_said_and_sentences_without_words_take_no_part(tmp_path, capsys):
    lines = [
        {"tokens": ["Anna", "met", chr(0x4E00 + number)], "labels": ["B-PER", "O", "O"]}
        for number in range(12)
    ]
    lines += [lines[3], {"tokens": [], "labels": []}]
    path = tmp_path / "train.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    recipe = write_recipe(tmp_path, {"train": str(path)})
    assert run("--config", recipe, "--folds", 3) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "3 folds by sentence of train: 13 sentences; the test split is not used.\n"
        "Near-copies of other sentences: 1, in 1 groups, each of which stays in one fold.\n"
        "Sentences without tokens, left out: 1.\n"
    )
    found = lines_of(results_of(recipe))
    assert found[3]["fold"] == found[12]["fold"]
    assert found[13] == {
        "tokens": [], "labels": [], "gold": [], "probabilities": [], "gold_probabilities": [], "spans": [],
        "split": "train", "origin": "train.jsonl:14", "fold": None,
    }  # fmt: skip
    assert len(read(results_of(recipe) / "predictions.jsonl")) == 14


def test_a_dataset_is_named_without_the_folder_it_is_in(tmp_path, faked):
    folder = tmp_path / "corpus"
    folder.mkdir()
    lines = [{"tokens": ["Anna", chr(0x4E00 + number)], "ner_tags": ["B-PER", "O"]} for number in range(6)]
    (folder / "train.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    recipe = write_recipe(tmp_path, {"dataset": str(folder)})
    assert run("--config", recipe, "--folds", 2) == 0
    assert [line["origin"] for line in lines_of(results_of(recipe))] == [
        f"corpus[train]:{row}" for row in range(6)
    ]


def test_a_file_whose_name_is_not_utf8(tmp_path, faked, monkeypatch):
    # Its name in messages that pytest captured could not be sent from one of its processes to another.
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    lines = [{"tokens": ["Anna", chr(0x4E00 + number)], "labels": ["B-PER", "O"]} for number in range(6)]
    path = tmp_path / os.fsdecode(b"a\xff.jsonl")
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    recipe = write_recipe(tmp_path, {})
    assert run("--config", recipe, "--folds", 2, "--data.train", path) == 0
    assert lines_of(results_of(recipe))[0]["origin"] == "a\\xff.jsonl:1"
