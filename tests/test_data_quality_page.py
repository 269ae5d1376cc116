"""docs/data_quality.md: every command is run, in order, on the bundled corpus; its table of checks is the catalogue."""

import json
import re

import pytest
from documentation_pages import folder_with_recipes, help_of, options_named, read_page, run_and_look

from tagger.checking.catalogue import CHECKS
from tagger.cli import main as tagger_main

PAGE = read_page("data_quality.md")

# What a block must say, on standard output or standard error.
SAID = {
    "tagger check recipes/sample\n": (
        "note[ambiguous-phrase]",
        "What memory alone would score",
        "0 errors, 0 warnings",
    ),
    "--fix runs/repaired": (
        "error[illegal-label]",
        "changed[illegal-label]: 'I-ORG' -> 'B-ORG'",
        "changed[byte-order-mark]",
        "status 1",
    ),
    "label_errors.py": (
        "labels in dispute: runs/small_folds/",
        "20 sentences to look at: runs/doubtful.json",
    ),
    "gold=recipes/sample/dev.conll --html": ("Krippendorff's alpha", "Kinds of disagreement", "majority f1"),
    "--conflicts": ("sentences with a conflict: ", "runs/majority.conll"),
    "learning_curve.py": ("by share of the 300 training sentences", "curve.html"),
    "tagger compare": ("model.cell  lstm  gru", "fewer than two seeds or folds in common"),
}


@pytest.mark.slow
def test_every_command_of_the_page_does_what_it_says(tmp_path):
    folder = folder_with_recipes(tmp_path)
    run_and_look(PAGE, folder, SAID)
    runs = folder / "runs"
    assert {"findings", "statistics"} <= json.loads((runs / "check.json").read_text()).keys()
    assert "pairs" in json.loads((runs / "agreement.json").read_text())["tables"]
    tasks = json.loads((runs / "doubtful.json").read_text())
    assert [task["data"]["rank"] for task in tasks] == sorted(task["data"]["rank"] for task in tasks)
    assert 0 < len(json.loads((runs / "conflicts.json").read_text())) <= 60
    assert "\tB-" in (runs / "majority.conll").read_text(encoding="utf-8")
    for page in ("check.html", "agreement.html", "curve_runs.html"):
        assert "<table" in (runs / page).read_text(encoding="utf-8")


def test_the_table_of_checks_is_the_catalogue():
    rows = re.findall(
        r"^\| `([a-z0-9-]+)` \| (error|warning|note)(, `--fix`)? \| (.+) \|$", PAGE, re.MULTILINE
    )
    assert [(name, severity, bool(fix), title) for name, severity, fix, title in rows] == [
        (check.id, check.severity, check.fixable, check.title) for check in CHECKS.values()
    ]


def test_findings_that_the_page_shows_are_of_checks_that_exist():
    shown = set(re.findall(r"^\| (?:WNUT17|WikiGold|EWT) .*? \| `([a-z-]+)`: ", PAGE, re.MULTILINE))
    assert len(shown) > 4
    assert shown <= CHECKS.keys()


@pytest.mark.slow
def test_options_that_the_page_names_exist(capsys):
    for command in ("check", "tag", "agree", "compare"):
        assert tagger_main([command, "--help"]) == 0
    known = capsys.readouterr().out + help_of("recipes/label_errors.py", "recipes/learning_curve.py")
    named = options_named(re.sub(r"^python .*$", "", PAGE, flags=re.MULTILINE))
    assert len(named) > 10
    assert sorted(named - set(re.findall(r"--[a-z][\w-]*\w", known))) == []
