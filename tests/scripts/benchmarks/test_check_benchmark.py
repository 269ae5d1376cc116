"""The benchmark of checks as it is run, at sizes of nothing."""

import json
import sys

import pytest

from tagger.examples import Example


@pytest.mark.slow
def test_checking_is_measured_beside_evaluation(script, monkeypatch, tmp_path):
    path = tmp_path / "out.json"
    arguments = ["check.py", "--quick", "--tokens", "400", "--rounds", "1", "--label-column", "-1"]
    monkeypatch.setattr(sys, "argv", [*arguments, "--json", str(path)])
    script("check").main()

    [rows] = json.loads(path.read_text(encoding="utf-8"))["tables"].values()
    assert [(row["tokens"], row["what"]) for row in rows] == [(400, "check"), (400, "evaluate")]
    assert rows[1]["of evaluate"] == 1.0
    assert all(row["peak MB"] > 10 for row in rows)


def test_sentences_are_halves_of_others_and_cut_no_span(script):
    labels = ("O", "B-LOC", "I-LOC", "O")
    examples = [Example(("in", "New", "York", "now"), labels)]

    made = script("check").sentences(examples, 2000)
    assert sum(len(one.tokens) for one in made) >= 2000
    assert len({one.tokens for one in made}) > 20
    for one in made:
        assert all(
            before[1:] == "-LOC"
            for before, label in zip(("O", *(one.labels or ())), one.labels or (), strict=False)
            if label == "I-LOC"
        )
        assert not one.labels or one.labels[-1] != "B-LOC"
