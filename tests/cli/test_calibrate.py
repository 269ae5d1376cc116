"""``tagger calibrate``: what it prints, what it stores, and when it leaves the model alone."""

import json
import shutil
from pathlib import Path

import pytest

from tagger import Tagger
from tagger.storage import load_model, store_calibration

SENTENCES = ["Anna Smith lives in Oslo .", "Bob went to Paris today", "It rained in Anna", "She met Bob ."]


@pytest.fixture
def model(ner_model, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(ner_model, folder)
    return folder


@pytest.fixture
def dev(ner_model, write):
    """Sentences of which the model, which is sure of all, has every fourth token wrong."""
    lines, number = [], 0
    tagger = Tagger.load(ner_model)
    for _ in range(10):
        for sentence, labels in zip(SENTENCES, tagger.tag(map(str.split, SENTENCES)), strict=True):
            for word, label in zip(sentence.split(), labels, strict=True):
                number += 1
                gold = label if number % 4 else "B-LOC" if label == "O" else "O"
                lines.append(f"{word} {gold.replace('I-', 'B-')}")
            lines.append("")
    return write("dev.conll", "\n".join(lines) + "\n")


@pytest.fixture
def right(ner_model, write):
    """Sentences whose gold labels are the model's, so that any temperature above 1 does harm."""
    lines = []
    for sentence, labels in zip(
        SENTENCES, Tagger.load(ner_model).tag(map(str.split, SENTENCES)), strict=True
    ):
        lines += [f"{word} {label}" for word, label in zip(sentence.split(), labels, strict=True)] + [""]
    return write("right.conll", "\n".join(lines * 3) + "\n")


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_temperature_is_stored_and_no_label_changes(program, model, dev):
    before, files = Tagger.load(model), bytes_of(model)
    status, output, errors = program("calibrate", model, dev)
    assert status == 0
    after = Tagger.load(model)
    temperature = after.parts.temperature
    assert temperature > 1.2
    assert output.splitlines()[0] == f"Probabilities at temperature 1 and {temperature:g}"
    verdict, stored = errors.splitlines()
    assert verdict.startswith(
        f"tagger: temperature {temperature:g}: the calibration error of tokens goes from "
    )
    assert stored == f"tagger: {model}: temperature {temperature:g} is stored (before: 1)."
    tokens = [sentence.split() for sentence in SENTENCES]
    assert after.tag(tokens) == before.tag(tokens)
    assert after.predict(tokens) != before.predict(tokens)
    assert {name for name, data in bytes_of(model).items() if data != files[name]} == {
        "config.json",
        "README.md",
    }
    card = (model / "README.md").read_text()
    assert f"Temperature {temperature:g}: " in card
    assert "Fitted to 40 sentences (`dev.conll`): the calibration error of tokens" in card
    files = bytes_of(model)
    status, again, errors = program("calibrate", model, dev)
    assert (status, again) == (0, output)
    assert errors.splitlines()[1] == (
        f"tagger: {model}: nothing to store, its temperature is {temperature:g}"
    )
    assert bytes_of(model) == files


def test_a_dry_run_stores_nothing(program, model, dev):
    store_calibration(model, thresholds={"PER": 0.5})
    files = bytes_of(model)
    status, _, errors = program("calibrate", model, dev, "--dry-run")
    assert status == 0
    assert "nothing is stored. Its thresholds (PER) would go: they are of its old probabilities." in errors
    assert bytes_of(model) == files


def test_thresholds_of_the_old_probabilities_go(program, model, dev):
    store_calibration(model, thresholds={"PER": 0.5, "LOC": 0.5})
    status, _, errors = program("calibrate", model, dev)
    assert status == 0
    assert errors.endswith(
        " Its thresholds (LOC, PER) are gone: they were of its old probabilities. Choose them again.\n"
    )
    assert load_model(model).thresholds == {}


@pytest.mark.slow
def test_what_does_not_help_is_not_stored(program, model, right):
    files = bytes_of(model)
    status, output, errors = program("calibrate", model, right)
    assert status == 0
    assert output.startswith("Probabilities at temperature 1 and 0.1\n")
    assert errors.splitlines() == [
        "tagger: temperature 1 is kept, 0.1 does not help: no temperature between 0.1 and 20 fits best",
        f"tagger: {model}: nothing to store, its temperature is 1",
    ]
    assert bytes_of(model) == files
    store_calibration(model, temperature=3.0)
    status, _, errors = program("calibrate", model, right)
    assert errors.splitlines()[1] == f"tagger: {model}: temperature 1 is stored (before: 3)."
    assert load_model(model).temperature == 1


def test_figures_as_json(program, model, dev, tmp_path):
    status, output, _ = program(
        "calibrate", model, dev, "--json", "--folds", "3", "--dry-run", "-o", tmp_path / "out"
    )
    assert (status, output) == (0, "")
    found = json.loads((tmp_path / "out").read_text())
    assert list(found) == [
        "temperature", "fitted", "fitted_without_each_fold", "helps", "verdict", "figures",
    ]  # fmt: skip
    assert found["helps"]
    assert found["temperature"] == found["fitted"]
    assert len(found["fitted_without_each_fold"]) == 3
    tokens = {row["figure"]: row for row in found["figures"]}["ECE of tokens"]
    assert tokens["held_out"] < tokens["uncalibrated"]


def test_sentences_with_unknown_labels_are_left_out_and_counted(program, model, dev):
    with Path(dev).open("a", encoding="utf-8") as file:
        file.write("\nEU B-ORG\nwon O\n")
    status, _, errors = program("calibrate", model, dev)
    assert status == 0
    assert errors.splitlines()[0] == (
        "tagger: note: 1 of 41 sentences are left out: the model does not know their labels B-ORG"
    )


def test_plain_labels(program, pos_model, write):
    gold = write("dev.conll", "Anna PROPN\nrained NOUN\n\nShe VERB\nwent VERB\n\nit PRON\n\n" * 5)
    status, output, errors = program("calibrate", pos_model, gold, "--dry-run", "--decode", "posterior")
    assert status == 0
    assert "ECE of spans" not in output
    assert "nothing is stored" in errors


@pytest.mark.parametrize(
    ("text", "options", "status", "message"),
    [
        ("EU B-ORG\n\nOslo B-ORG\n", (), 1,
         "expected gold labels that the model knows (B-LOC, B-PER, I-LOC, I-PER, O), found B-ORG. "
         "Rename them, or choose other labels."),
        ("Oslo B-LOC\n", (), 1,
         "expected at least two sentences, or two documents, to calibrate on, found 1. Half of them tells whether what "
         "is fitted to the other half helps."),
        ("a DET\n\nb NOUN\n", ("--scheme", "none"), 2,
         "expected gold labels that are spans, as the model's are, found plain labels"),
        ("Oslo B-LOC\n", ("--folds", "1"), 2, "--folds: expected 2 to 50, found 1"),
        ("Oslo B-LOC\n", ("--folds", "51"), 2, "--folds: expected 2 to 50, found 51"),
    ],
)  # fmt: skip
def test_what_cannot_be_calibrated_on_is_an_error(program, model, write, text, options, status, message):
    files = bytes_of(model)
    found = program("calibrate", model, write("gold.conll", text), *options)
    assert found == (status, "", f"tagger: error: {message}\n")
    assert bytes_of(model) == files
