"""The scripts that set up an environment: with a stand-in for Python that notes what it is asked to do."""

import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ("quickstart", "test", "docs", "mutants", "environment")

STAND_IN = r"""#!/usr/bin/env bash
# Python as far as the scripts use it: VERSION, PIP=fails and TRAINING=STATUS in the environment say how it behaves.
echo "${0##*/} $*" >>"$NOTES"
case "$*" in
"-c import sys;"*) [ "$VERSION" != 3.9.2 ] ;;
--version) echo "Python $VERSION" ;;
"-m venv --without-pip --clear .venv-tagging") rm -rf .venv-tagging && mkdir -p .venv-tagging/bin ;;
"-m pip --python .venv/bin/python wheel --no-deps --no-build-isolation --wheel-dir "*)
    ls "${10}" >"$NOTES.source" && touch "$9/tagger-1-py3-none-any.whl" ;;
"-m pip --python .venv-tagging/bin/python install "*".whl "*) ;;
"-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && touch "$3/pip" ;;
"-m pip --version") [ -e .venv/pip ] ;;
"-m pip install "*) [ "${PIP-}" != fails ] || { echo "ERROR: no network" >&2 && false; } ;;
"recipes/train.py "*) echo "trained $3" && exit "${TRAINING-0}" ;;
"scripts/tag.py runs/sample_pos/model"*) read -r words && printf '%s\tNOUN\n' $words ;;
"scripts/tag.py runs/sample_ner/model"*) read -r words && echo "[$words](PER)" ;;
*) echo "unexpected: $*" >&2 && exit 99 ;;
esac
"""


class Clone:
    """A copy of what the scripts need, in a folder whose name has spaces."""

    def __init__(self, folder):
        self.folder = folder / "a clone"
        self.notes = folder / "notes"
        shutil.copytree(ROOT / "scripts", self.folder / "scripts")
        shutil.copy(ROOT / "pyproject.toml", self.folder)
        self.python = folder / "bin" / "python3"
        self.python.parent.mkdir()
        self.python.write_text(STAND_IN)
        self.python.chmod(0o755)

    def run(self, *command, cwd=None, **environment):
        """Run a command; its status and output, and what the stand-in was asked to do."""
        self.notes.write_text("")
        path = f"{self.python.parent}{os.pathsep}{os.environ['PATH']}"
        settings = {"PATH": path, "NOTES": str(self.notes), "VERSION": "3.12.1", **environment}
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd or self.folder,
            env=settings,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return SimpleNamespace(**vars(done), calls=self.notes.read_text().splitlines())

    def installations(self, done):
        return [call for call in done.calls if "pip install" in call]


@pytest.fixture
def clone(tmp_path):
    return Clone(tmp_path)


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_valid_bash(name):
    checked = subprocess.run(["bash", "-n", ROOT / "scripts" / name], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("name", ["quickstart", "test", "docs", "mutants", "tag.py"])
def test_scripts_that_a_reader_calls_are_executable(name):
    assert os.access(ROOT / "scripts" / name, os.X_OK)


def test_quickstart_installs_trains_both_models_and_tags_with_each(clone):
    done = clone.run("scripts/quickstart")
    assert done.returncode == 0, done.stderr
    train = "python recipes/train.py --config recipes/configs/sample_{}.yaml --overwrite true"
    assert [call for call in done.calls if ".py" in call] == [
        train.format("pos"),
        train.format("ner"),
        "python scripts/tag.py runs/sample_pos/model",
        "python scripts/tag.py runs/sample_ner/model",
    ]
    (installation,) = clone.installations(done)
    assert installation.endswith("--constraint scripts/constraints.txt --editable .[train]")
    assert "Sarah/NOUN Lindgren,/NOUN a/NOUN" in done.stdout
    assert "[Sarah Lindgren, a Swedish scientist" in done.stdout


def test_quickstart_runs_from_any_folder_and_hands_the_seed_on(clone, tmp_path):
    done = clone.run(clone.folder / "scripts" / "quickstart", "--seed", "3", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sum(call.endswith("--overwrite true --seed 3") for call in done.calls) == 2
    assert (clone.folder / ".venv").is_dir()


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--output", "runs/x"], ["--seed"], ["--seed", "1", "--x"]]
)
def test_quickstart_refuses_what_it_would_not_heed(clone, arguments):
    done = clone.run("scripts/quickstart", *arguments)
    assert (done.returncode, done.stderr) == (2, "usage: scripts/quickstart [--seed N]\n")
    assert done.calls == []


def test_quickstart_stops_where_training_fails(clone):
    done = clone.run("scripts/quickstart", TRAINING="1")
    assert done.returncode == 1
    assert sum("train.py" in call for call in done.calls) == 1


def test_a_second_run_installs_nothing(clone):
    clone.run("scripts/quickstart")
    again = clone.run("scripts/quickstart")
    assert again.returncode == 0
    assert clone.installations(again) == []


def test_the_environment_serves_also_where_python3_is_old(clone):
    clone.run("scripts/quickstart")
    assert clone.run("scripts/quickstart", VERSION="3.9.2").returncode == 0


def test_changed_versions_further_extras_and_a_moved_folder_install_again(clone):
    set_up = ["bash", "-c", '. scripts/environment; environment "$1"', "set-up"]
    assert len(clone.installations(clone.run(*set_up, "train"))) == 1
    assert len(clone.installations(clone.run(*set_up, "dev"))) == 1
    with (clone.folder / "scripts" / "constraints.txt").open("a") as file:
        file.write("numpy==2.0.0\n")
    assert len(clone.installations(clone.run(*set_up, "dev"))) == 1
    clone.folder = clone.folder.rename(clone.folder.with_name("moved"))
    moved = clone.run(*set_up, "dev")
    assert len(clone.installations(moved)) == 1
    assert not any("-m venv" in call for call in moved.calls)


def test_the_tagging_environment_holds_the_package_alone_and_its_newest_wheel(clone):
    for name in ("tagger", "build"):
        (clone.folder / name).mkdir()
    for name in ("README.md", "LICENSE"):
        (clone.folder / name).touch()
    set_up = ["bash", "-euc", ". scripts/environment; environment dev; tagging_environment"]
    first = clone.run(*set_up)
    assert first.returncode == 0, first.stderr
    (installation,) = [call for call in first.calls if "python .venv-tagging" in call]
    assert " install --constraint scripts/constraints.txt " in installation
    sources = clone.notes.with_suffix(".source").read_text().split()
    assert sources == ["LICENSE", "README.md", "pyproject.toml", "tagger"]
    again = clone.run(*set_up)
    (installation,) = [call for call in again.calls if "python .venv-tagging" in call]
    assert " install --no-index --no-deps --force-reinstall " in installation
    assert not any("-m venv" in call for call in again.calls)
    (clone.folder / "pyproject.toml").write_text("other dependencies")
    changed = clone.run(*set_up)
    assert sum("-m venv --without-pip --clear" in call for call in changed.calls) == 1


@pytest.mark.parametrize("script", ["scripts/quickstart", "scripts/test"])
def test_an_old_python_is_named_and_nothing_is_made(clone, script):
    done = clone.run(script, VERSION="3.9.2")
    assert done.returncode == 1
    assert done.stderr == (
        f"{script}: expected Python 3.11 or newer as 'python3', found: Python 3.9.2\n"
        f"Set PYTHON to a newer interpreter, such as PYTHON=python3.12 {script}\n"
    )
    assert not (clone.folder / ".venv").exists()


def test_an_interpreter_that_is_not_there_is_named(clone):
    done = clone.run("scripts/quickstart", PYTHON="python3.99")
    assert done.returncode == 1
    assert "expected Python 3.11 or newer as 'python3.99', found: " in done.stderr


def test_a_failed_installation_says_so_and_the_next_run_tries_again(clone):
    failed = clone.run("scripts/quickstart", PIP="fails")
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert failed.stderr.endswith(
        "ERROR: no network\n"
        "scripts/quickstart: .venv could not be set up, see above. Is there a network, and room on the disk?\n"
        "What is installed so far is kept: run scripts/quickstart again, or remove .venv to start again.\n"
    )
    again = clone.run("scripts/quickstart")
    assert again.returncode == 0
    assert len(clone.installations(again)) == 1


def test_an_environment_left_without_pip_is_mended(clone):
    clone.run("scripts/quickstart", PIP="fails")
    (clone.folder / ".venv" / "pip").unlink()
    assert clone.run("scripts/quickstart").returncode == 0
