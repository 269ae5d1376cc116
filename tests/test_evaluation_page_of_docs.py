"""docs/evaluation.md: every command is run, in order, on the bundled corpus."""

import csv
import json
import re

import pytest
from documentation_pages import folder_with_recipes, options_named, read_page, run_and_look

from tagger.cli import main as tagger_main

PAGE = read_page("evaluation.md")

# What a block must say, on standard output or standard error.
SAID = {
    "--train recipes": ("By occurrences of the span in training", "Reliability of tokens"),
    "--predictions runs/tool.jsonl": ("Spans by type", "Probabilities\n"),
    "--against": ("First: runs/mine/model; second: runs/tool.jsonl", "Sentences in which the two differ"),
    "--raw": ("Compared by characters", "sentences"),
    "--threshold-for": ("Probabilities at temperature 1", "Thresholds for precision=0.7", "withheld"),
}


@pytest.mark.slow
def test_every_command_of_the_page_does_what_it_says(tmp_path):
    folder = folder_with_recipes(tmp_path)
    run_and_look(PAGE, folder, SAID)
    runs = folder / "runs"
    assert json.loads((runs / "scores.json").read_text())["tables"].keys() >= {
        "types",
        "errors",
        "thresholds",
    }
    with (runs / "scores.csv").open(encoding="utf-8", newline="") as file:
        assert {row["table"] for row in csv.DictReader(file)} >= {"overall", "types", "errors", "thresholds"}
    for page in ("report.html", "both.html"):
        assert "Errors in their sentences" in (runs / page).read_text(encoding="utf-8")
    assert len((runs / "sure.jsonl").read_text(encoding="utf-8").splitlines()) == 60


def test_options_that_the_page_names_exist(capsys):
    for command in ("tag", "evaluate", "calibrate", "convert"):
        assert tagger_main([command, "--help"]) == 0
    named = options_named(PAGE)
    assert len(named) > 10
    assert sorted(named - set(re.findall(r"--[a-z][\w-]*\w", capsys.readouterr().out))) == []
