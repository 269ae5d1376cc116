"""docs/evaluation.md: every command is run, in order, on the bundled corpus."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tagger.cli import main as tagger_main

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
BLOCKS = [
    (PAGE[: found.start()].count("\n") + 1, found[1])
    for found in re.finditer(r"^```bash\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
]

# What a block must say, on standard output or standard error.
SAID = {
    "--train recipes": ("By occurrences of the span in training", "Reliability of tokens"),
    "--predictions runs/tool.jsonl": ("Spans by type", "Probabilities\n"),
    "--against": ("First: runs/mine/model; second: runs/tool.jsonl", "Sentences in which the two differ"),
    "--raw": ("Compared by characters", "sentences"),
    "--threshold-for": ("Probabilities at temperature 1", "Thresholds for precision=0.7", "withheld"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    shutil.copytree(ROOT / "recipes", folder / "recipes")
    return folder


def test_every_command_of_the_page_does_what_it_says(folder):
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "OMP_NUM_THREADS": "1",
    }
    found = set()
    for line, block in BLOCKS:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block],
            stdin=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"line {line}: {done.stderr}"
        for key in SAID.keys() & {key for key in SAID if key in block}:
            found.add(key)
            missing = [words for words in SAID[key] if words not in done.stdout + done.stderr]
            assert missing == [], f"line {line}"
    assert found == SAID.keys()
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
    prose = re.sub(r"^tagger train .*$", "", PAGE, flags=re.MULTILINE)
    named = set(re.findall(r"(?<![\w-])--[a-z][\w-]*\w", prose))
    assert len(named) > 10
    assert sorted(named - set(re.findall(r"--[a-z][\w-]*\w", capsys.readouterr().out))) == []
