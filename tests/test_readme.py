"""README.md and the recipes' commands: every block of code is run as a reader would, every claim of paths checked."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from present import present

from tagger.cli import main as tagger_main
from tagger.training.command import main as recipes_train
from tagger.training.command import parse_run_config

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RECIPES = sorted((ROOT / "recipes" / "configs").glob("*.yaml"))

RECIPES_README = (ROOT / "recipes" / "README.md").read_text(encoding="utf-8")
OPTION = re.compile(r"(?<![\w-])--[a-z][\w.-]*\w")

# These set up an environment and train for minutes; tests/scripts/test_set_up.py runs them with a stand-in for Python.
SET_UP = ("scripts/quickstart\n", "scripts/test\n")

# What must hold after the block in which the key occurs: code in its language, appended to it.
CHECKS = {
    "--output runs/mine": """
for file in model/model.safetensors model/README.md metrics.json recipe.yaml; do test -s runs/mine/$file; done
grep -q "Errors in their sentences" runs/evaluation.html
grep -q "What the gates do" runs/report.html
""",
    "Tagger.load": """
assert tagger.tag([["Marie", "Curie", "lived", "in", "Paris", "."]])[0][:2] == ["B-PER", "I-PER"]
assert [entity.text for entity in tagger.extract("Marie Curie was born in Warsaw.")] == ["Marie Curie", "Warsaw"]
""",
}

# What a block must print.
PRINTED = {
    "--output runs/mine": "[Marie Curie](PER) was born in [Warsaw](LOC).\n",
    "Tagger.load": "0 11 Marie Curie PER 0.",
}


def code_blocks(text):
    """Every fenced block: line number, language, code."""
    for found in re.finditer(r"^```(.*)\n((?:.*\n)*?)```$", text, re.MULTILINE):
        yield text[: found.start()].count("\n") + 1, found[1], found[2]


BLOCKS = list(code_blocks(README))


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """Runs a program in a reader's clone, where the results of earlier blocks lie."""
    clone, home = (tmp_path_factory.mktemp(name) for name in ("clone", "home"))
    shutil.copytree(ROOT / "recipes", clone / "recipes")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "PYTHON"))}
    environment = {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "OMP_NUM_THREADS": "1",
    }

    def run(*command):
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, cwd=clone, env=environment, capture_output=True, text=True,
            timeout=400,
        )  # fmt: skip

    return run


@pytest.mark.parametrize(
    ("language", "code"),
    [
        pytest.param(language, code, id=f"line-{line}")
        for line, language, code in BLOCKS
        if code not in SET_UP and language != "text"
    ],
)
@pytest.mark.slow
def test_a_block_of_the_readme_runs(reader, language, code):
    """The blocks build on each other: run alone, one may lack the files of those before."""
    program = {"bash": ["bash", "-euo", "pipefail", "-c"], "python": ["python", "-c"]}[language]
    done = reader(*program, code + "".join(check for key, check in CHECKS.items() if key in code))
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    for key, text in PRINTED.items():
        if key in code:
            assert text in done.stdout


def test_the_readme_has_the_blocks_that_are_checked():
    codes = [code for _, _, code in BLOCKS]
    for wanted in (*SET_UP, *CHECKS, *PRINTED):
        assert any(wanted in code for code in codes), wanted


def test_the_sentence_that_the_readme_shows_is_that_of_quickstart():
    (shown,) = [code for _, language, code in BLOCKS if language == "text"]
    sentence = re.sub(r"\[([^]]+)\]\([A-Z]+\)", r"\1", shown).strip()
    assert sentence != shown.strip()
    assert f'sentence="{sentence}"' in (ROOT / "scripts" / "quickstart").read_text(encoding="utf-8")


@pytest.mark.slow
def test_options_that_the_readme_names_exist(capsys):
    assert recipes_train(["--help"]) == 0
    for command in ("check", "evaluate", "inspect", "tag"):
        assert tagger_main([command, "--help"]) == 0
    known = set(OPTION.findall(capsys.readouterr().out))
    named = set(OPTION.findall(README))
    assert len(named) > 3
    assert sorted(named - known) == []


# --- what README says about files ---


def test_files_that_the_readmes_name_exist():
    for text, folder in ((README, ROOT), (RECIPES_README, ROOT / "recipes")):
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
        links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", prose) if "://" not in link]
        assert links
        assert [link for link in links if not (folder / link).exists()] == []
    named = re.findall(r"`((?:scripts|recipes)/[\w./]+)`", README)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


# --- the recipes ---


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_gives_the_command_that_runs_it(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    header = present(re.match(r"(?:#.*\n)+", path.read_text(encoding="utf-8")))
    (line,) = re.findall(r"^# Command   tagger train (.+)$", header[0], re.MULTILINE)
    command = shlex.split(line)
    assert command[:2] == ["--config", f"recipes/configs/{path.name}"]
    config = parse_run_config(command)
    assert config.output == f"runs/{path.stem}"
    # What the header proposes beside the command.
    for option, value in re.findall(r"(--data\.\w+) (\w+)\.", header[0]):
        parse_run_config([*command, option, value])


def test_the_recipes_of_the_readme_are_those_that_exist():
    text = (ROOT / "recipes" / "README.md").read_text(encoding="utf-8")
    described = [
        name for names in re.findall(r"^\*\*(.+?)\*\*", text, re.MULTILINE) for name in names.split(", ")
    ]
    assert sorted(described) == [path.stem for path in RECIPES]


def test_the_command_of_the_recipes_readme_can_be_read(monkeypatch):
    monkeypatch.chdir(ROOT)
    (command,) = re.findall(r"`tagger train (.+?) \[", RECIPES_README)
    parse_run_config(shlex.split(command.replace("NAME", "sample_ner")))


def test_the_sample_recipes_name_the_counts_of_the_corpus():
    splits = [ROOT / "recipes" / "sample" / f"{split}.conll" for split in ("train", "dev", "test")]
    counts = [str(len(path.read_text(encoding="utf-8").strip().split("\n\n"))) for path in splits]
    for name in ("sample_ner", "sample_pos"):
        assert " / ".join(counts) in (ROOT / "recipes" / "configs" / f"{name}.yaml").read_text(
            encoding="utf-8"
        )
