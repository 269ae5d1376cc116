"""Hostile names, labels and contents, through every sub-command: nothing a terminal obeys reaches people."""

import json
import logging
import os
import re

import pytest
from tiny_models import tiny_tagger

from tagger.training.command import main as train

EVIL = "\x1b[2J\x07\x9b31m\u202e\u2028\r\x00\x7f"
NAME = "\x1b[2J\x07\udcff\u202e\n\r"
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Labels that a terminal would obey."""
    folder = tmp_path_factory.mktemp("hostile") / "model"
    tiny_tagger("iob2", ("A\x1b[2J", "B\u202e|<b>`")).save(folder)
    return str(folder)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A current folder of files with hostile names and contents."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / NAME
    folder.mkdir()
    (folder / "x.conll").write_text(f"Anna B-{EVIL.replace(chr(13), '')}\nlives O O\n", newline="")
    (folder / "y.conll").write_text("Anna B-A\x1b[2J\nlives B-C\x1b[2J\n\nOslo B-B\u202e|<b>`\n")
    (folder / "z.conll").write_text("Anna I-A\x1b[2J\nlives B_C\x1b[2J\n")
    (folder / "bytes.txt").write_bytes(b"\x1b[2J\xff\n")
    (folder / "x.jsonl").write_text(json.dumps({"tokens": ["\ud800\x1b"], EVIL: 1}) + "\n")
    (folder / "spans.jsonl").write_text(
        json.dumps({"text": EVIL + "Anna", "entities": [{"start": 0, "end": 99, "label": EVIL}]}) + "\n"
    )
    (folder / "x.yaml").write_text(f"data: {{train: 'a\\x1b'}}\noutput: \"\\e[2J\\u202e\"\n{NAME[:4]}: 1\n")
    (folder / "deep.yaml").write_text(f"data: {'[' * 5000}{']' * 5000}\n")
    (folder / "ok.yaml").write_text('output: "\\e[2J\\u202e"\n')
    return folder


def cases(place):
    conll, jsonl, gone = place / "x.conll", place / "x.jsonl", place / f"none{NAME}"
    return {
        "no command": ["tag\x1b[2J"],
        "unknown option": ["tag", "m", f"--x{NAME}"],
        "wrong number": ["tag", "m", "--threads", EVIL],
        "wrong choice": ["tag", "m", "--output", EVIL],
        "no model": ["tag", gone],
        "a model with control characters": ["tag", place],
        "device": ["tag", "MODEL", "--device", EVIL],
        "no input": ["tag", "MODEL", gone],
        "no place for the output": ["tag", "MODEL", conll, "-o", place / f"none{NAME}" / "out"],
        "ragged columns": ["tag", "MODEL", conll],
        "no such column": ["tag", "MODEL", jsonl, "--token-column", EVIL],
        "bytes": ["tag", "MODEL", place / "bytes.txt"],
        "surrogates": ["tag", "MODEL", jsonl],
        "surrogates in columns": ["tag", "MODEL", jsonl, "--output", "conll"],
        "misfit": ["evaluate", "MODEL", place / "spans.jsonl"],
        "misfits left out": ["evaluate", "MODEL", place / "spans.jsonl", "--skip-bad"],
        "evaluate: no file": ["evaluate", "MODEL", gone, "--format", "conll"],
        "evaluate: unknown format": ["evaluate", "MODEL", gone],
        "evaluate: ragged": ["evaluate", "MODEL", conll],
        "evaluate: scheme": ["evaluate", "MODEL", place / "z.conll", "--scheme", "iob2"],
        "evaluate: report": ["evaluate", "MODEL", place / "y.conll", "--progress"],
        "evaluate: seqeval": ["evaluate", "MODEL", place / "y.conll", "--seqeval"],
        "inspect: text": ["inspect", "MODEL", f"Anna {EVIL} lives", "--views", "crf,context,occlusion"],
        "inspect: bytes": ["inspect", "MODEL", "\udcff"],
        "inspect: views": ["inspect", "MODEL", "Anna", "--views", EVIL],
        "inspect: corpus": ["inspect", "MODEL", "Anna", "--corpus", conll],
        "inspect: no corpus": ["inspect", "MODEL", "Anna", "--corpus", gone],
    }


FOR_PROGRAMS = ("tag",)
"""Commands whose standard output is data: it keeps every byte."""


def test_no_sub_command_shows_people_what_a_terminal_obeys(program, model, place):
    statuses = {}
    for name, arguments in cases(place).items():
        real = [model if argument == "MODEL" else os.fspath(argument) for argument in arguments]
        status, output, errors = program(*real)
        shown = errors if arguments[0] in FOR_PROGRAMS else errors.replace("\r", "") + output
        found = UNFIT.search(shown.replace("\r", "") if "--progress" in arguments else shown)
        assert found is None, (name, found, shown[:500])
        assert "Traceback" not in errors, (name, errors)
        assert "internal error" not in errors, (name, errors)
        assert len(errors) < 6000, name
        statuses[name] = status
    assert statuses["evaluate: report"] == statuses["evaluate: seqeval"] == statuses["inspect: text"] == 0
    failing = {
        "surrogates in columns",
        "ragged columns",
        "bytes",
        "misfit",
        "evaluate: scheme",
        "inspect: bytes",
    }
    assert {statuses[name] for name in failing} == {1}
    assert {statuses[name] for name in ("no command", "wrong number", "wrong choice", "unknown option")} == {
        2
    }


@pytest.mark.parametrize(
    "arguments",
    [
        [f"--x{EVIL}"],
        ["--epochs", EVIL],
        ["--model.cell", EVIL],
        ["--data.scheme", EVIL],
        ["--config", "{place}/x.yaml"],
        ["--config", f"{{place}}/none{NAME}"],
        ["--config", "{place}/ok.yaml", "--help"],
        ["--config", "{place}/deep.yaml"],
        ["--output", "run\x1b", "--data.train", "{place}/x.conll"],
        ["--output", "run\x1b", "--data.train", "{place}/z.conll"],
        ["--output", "{place}/x.conll/run", "--data.train", "{place}/y.conll"],
    ],
)
@pytest.mark.slow
def test_the_training_program_neither(capfd, monkeypatch, place, arguments):
    monkeypatch.setattr(
        logging.root, "handlers", []
    )  # messages go where the program sends them, not to pytest
    train([argument.format(place=place) for argument in arguments])
    output, errors = capfd.readouterr()
    assert UNFIT.search(output + errors) is None
    assert output + errors
    assert "Traceback" not in errors
    assert "internal error" not in errors


@pytest.mark.slow
def test_a_run_on_hostile_labels_reports_and_describes_them_fit_to_be_shown(capfd, monkeypatch, place):
    monkeypatch.setattr(logging.root, "handlers", [])
    lines = "Anna B-A\x1b[2J\nlives O\nin O\nOslo B-B\u202e|<script>`\n\n" * 12
    (place / "train\x1b.conll").write_text(lines)
    given = {
        "--data.train": place / "train\x1b.conll", "--data.dev": place / "train\x1b.conll",
        "--data.test": place / "train\x1b.conll", "--output": place / "run", "--epochs": 1,
        "--model.hidden_dim": 4, "--model.char_dim": 0, "--model.char_filters": 0, "--loggers": "[]",
        "--model.wide_features": "false", "--threads": 1,
    }  # fmt: skip
    status = train([str(part) for pair in given.items() for part in pair])
    output, errors = capfd.readouterr()
    assert status == 0, errors
    assert UNFIT.search(output + errors) is None
    assert r"A\x1b[2J" in output
    assert r"saved to " in errors
    card = (place / "run" / "model" / "README.md").read_text()
    assert UNFIT.search(card) is None
    assert r"`` B-B\u202e|<script>` ``" in card
    assert r"train\u001b.conll" in card
    outside_code = re.sub(r"(?s)```json\n.*?\n```|(`+) ?.*?\1", "", card)
    assert "<script>" not in outside_code
    curves = (place / "run" / "curves.html").read_text()
    assert UNFIT.search(curves) is None
