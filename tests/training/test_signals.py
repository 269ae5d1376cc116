"""Signals in set-up, while scoring and while saving: one line, the right status, nothing left, a way to go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
import yaml
from present import present
from tiny_runs import REPOSITORY, SAMPLE
from warm_commands import warm_python

from tagger.training.command import main

TRAIN = REPOSITORY / "recipes" / "train.py"
SECONDS = 120

# Stops a run at a place: PLACE is "module:function"; the process sends itself the signals when it gets there.
STOPPER = """\
import importlib, os, sys
module, name, program, *numbers = sys.argv[1:4] + sys.argv[4].split(",")
sys.argv = [program, *sys.argv[5:]]
sys.path.insert(0, os.path.dirname(program))
from tagger.stopping import run
def load():
    from tagger.training.command import main
    owner = importlib.import_module(module)
    *path, last = name.split(".")
    for part in path:
        owner = getattr(owner, part)
    original = getattr(owner, last)
    def stop(*arguments, **options):
        for number in numbers:
            os.kill(os.getpid(), int(number))
        return original(*arguments, **options)
    setattr(owner, last, stop)
    return main
sys.exit(run("recipes/train.py", load))
"""


@pytest.fixture
def recipe(tmp_path):
    """A YAML file with a tiny run on the bundled corpus."""
    data = {}
    for name in ("train", "dev", "test"):
        blocks = (SAMPLE / f"{name}.conll").read_text(encoding="utf-8").split("\n\n")[:30]
        data[name] = str(tmp_path / f"{name}.conll")
        (tmp_path / f"{name}.conll").write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    model = {"word_dim": 8, "char_dim": 0, "char_filters": 0, "affix_dim": 0, "affixes": [], "hidden_dim": 6}
    values = {"output": str(tmp_path / "run"), "data": data, "model": model, "epochs": 1}
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump({**values, "model": {**model, "wide_features": False}}))
    return path


def environment():
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}


def stopped(recipe, place, *numbers, options=()):
    """Run until a place is reached and the signals sent there; return the status and the messages."""
    module, name = place.split(":")
    done = subprocess.run(
        [warm_python(), "-c", STOPPER, module, name, TRAIN, ",".join(str(int(n)) for n in numbers),
         "--config", recipe, *options],
        env=environment(), capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.splitlines()


def left(folder):
    """The files of a run that are no part of a finished one."""
    known = {
        "recipe.yaml",
        "metrics.json",
        "curves.html",
        "checkpoints",
        "logs",
        "model",
        "best.ckpt",
        "last.ckpt",
    }
    return sorted(
        path.name for path in folder.rglob("*")
        if path.name not in known and path.parent.name not in ("logs", "model")
    )  # fmt: skip


SET_UP = "tagger.training.train:read_splits"


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
@pytest.mark.slow
def test_a_run_stopped_while_data_is_read_leaves_nothing_and_the_same_command_trains(
    recipe, tmp_path, number, status
):
    found, errors = stopped(recipe, SET_UP, number)
    assert errors[-1] == (
        "recipes/train.py: interrupted before training began. Train again with the same command"
    )
    assert found == status
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "place",
    [SET_UP, "tagger.training.train:_fit", "pathlib:Path.replace"],
)
@pytest.mark.slow
def test_a_run_killed_in_set_up_does_not_block_its_folder(recipe, tmp_path, place):
    assert stopped(recipe, place, signal.SIGKILL)[0] == -signal.SIGKILL
    assert main(["--config", str(recipe)]) == 0
    assert left(tmp_path / "run") == []


@pytest.mark.slow
def test_a_run_killed_while_it_overwrites_goes_on_as_it_says(recipe, tmp_path, capsys):
    assert main(["--config", str(recipe)]) == 0
    assert (
        stopped(recipe, "tagger.training.train:_fit", signal.SIGKILL, options=["--overwrite", "true"])[0]
        == -9
    )
    capsys.readouterr()
    assert main(["--config", str(recipe), "--resume", "true"]) == 2
    assert capsys.readouterr().err == (
        f"recipes/train.py: error: resume: no checkpoint in {tmp_path}/run/checkpoints. "
        "Train with the same command, with --overwrite true instead of --resume true\n"
    )
    assert main(["--config", str(recipe)]) == 2
    assert capsys.readouterr().err == (
        f"recipes/train.py: error: output: {tmp_path}/run holds the model of an earlier run. "
        "Choose another folder, or pass --overwrite true to replace it.\n"
    )
    assert main(["--config", str(recipe), "--overwrite", "true"]) == 0
    assert left(tmp_path / "run") == []


@pytest.mark.parametrize("place", ["tagger.training.train:run_metrics", "tagger.storage:write_file"])
@pytest.mark.slow
def test_a_run_stopped_while_the_test_split_is_scored_or_the_model_saved_is_resumed(recipe, tmp_path, place):
    status, errors = stopped(recipe, place, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    assert status in (143, 129, 130)  # three at once: Python sees them in the order of their numbers
    assert errors[-1] == (
        f"recipes/train.py: interrupted; {tmp_path}/run/checkpoints/last.ckpt is kept. "
        "Go on with the same command and --resume true"
    )
    assert left(tmp_path / "run") == []
    assert main(["--config", str(recipe), "--resume", "true"]) == 0


@pytest.mark.slow
def test_a_run_killed_while_its_model_is_saved_leaves_nothing_after_the_next(recipe, tmp_path):
    assert stopped(recipe, "tagger.storage:write_file", signal.SIGKILL)[0] == -signal.SIGKILL
    [orphan] = [name for name in left(tmp_path / "run") if name != ".lock"]
    assert orphan.startswith(".model.")
    assert main(["--config", str(recipe), "--resume", "true"]) == 0
    assert left(tmp_path / "run") == []


@pytest.mark.slow
def test_a_second_run_in_the_same_folder_is_refused_in_one_line(recipe, tmp_path, capsys):
    process = subprocess.Popen(
        [sys.executable, TRAIN, "--config", recipe, "--epochs", "500"], env=environment(), text=True,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        for line in present(process.stderr):
            if line.startswith("epoch "):
                break
        for options in ([], ["--resume", "true"], ["--overwrite", "true"]):
            assert main(["--config", str(recipe), *options]) == 2
            assert capsys.readouterr().err == (
                f"recipes/train.py: error: output: {tmp_path}/run is in use by another run (process {process.pid}). "
                "Wait until it has ended, or choose another folder.\n"
            )
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_program_that_is_still_importing_ends_at_once(number, status):
    code = (
        "import os, sys, time; from tagger.stopping import run\n"
        "def load():\n"
        f"    os.kill(os.getpid(), {int(number)})\n"
        "    time.sleep(60)\n"
        "sys.exit(run('tagger', load))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (status, f"tagger: stopped by {signal.Signals(number).name}\n")
