"""``tagger train``: the program of recipes/train.py as a command, its help, messages, exit statuses and signals."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from warm_commands import warm_python

import tagger
from tagger.cli import main

ROOT = Path(tagger.__file__).parents[1]
SAMPLE = ROOT / "recipes" / "sample"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
SMALL = [
    *("--model.word_dim", "8", "--model.char_dim", "0", "--model.char_filters", "0", "--model.affixes", "[]"),
    *("--model.affix_dim", "0", "--model.hidden_dim", "6", "--model.wide_features", "false"),
]

# Sends the process a signal as soon as it imports a module.
WHILE_IMPORTING = """\
import os, sys, time
class Stop:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == sys.argv[-1]:
            os.kill(os.getpid(), int(sys.argv[-2]))
            time.sleep(60)
sys.meta_path.insert(0, Stop)
sys.argv[1:1] = ["train"]
from tagger.__main__ import main
sys.exit(main())
"""


def start(*arguments):
    command = [warm_python(), "-m", "tagger", "train", *map(str, arguments)]
    return subprocess.Popen(
        command, env=ENVIRONMENT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_the_help_of_the_program_lists_it_and_its_own_lists_all_options(capsys):
    assert main(["--help"]) == 0
    assert re.search(
        r"^ +train +train a model on annotated files or a dataset$", capsys.readouterr().out, re.M
    )
    assert main(["train", "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("usage: tagger train ")
    for option in ("--config", "--debug", "--output", "--data.train", "--optimizer.ema_decay", "--overwrite"):
        assert f"  {option} " in text


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--epoch", "3"], 2, "no option --epoch; did you mean --epochs? (--help lists the options)"),
        (["--output", "x"], 2, "no data: pass --data.train FILE, or --data.dataset ID"),
        (["--output", "x", "--data.train", "none.conll"], 1, "none.conll: no such file"),
    ],
)
def test_errors_are_one_line_under_the_name_of_the_command(
    capsys, tmp_path, monkeypatch, arguments, status, message
):
    monkeypatch.chdir(tmp_path)
    assert main(["train", *arguments]) == status
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith(f"tagger train: error: {message}")
    assert errors.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_it_trains_and_prints_the_scores(capsys, tmp_path):
    files = ["--data.train", str(SAMPLE / "dev.conll"), "--data.test", str(SAMPLE / "test.conll")]
    assert main(["train", "--output", str(tmp_path / "run"), *files, *SMALL, "--epochs", "1"]) == 0
    output = capsys.readouterr().out
    assert output.startswith("dev: f1 ")
    assert output.endswith(f"model: {tmp_path / 'run' / 'model'}\n")
    assert main(["train", "--output", str(tmp_path / "run"), *files]) == 2
    assert capsys.readouterr().err.startswith("tagger train: error: output: ")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("module", ["tagger.cli.convert", "pytorch_lightning", "tagger.training.train"])
@pytest.mark.slow
def test_a_signal_while_modules_are_imported_ends_it_at_once(number, status, module):
    done = subprocess.run(
        [sys.executable, "-c", WHILE_IMPORTING, str(int(number)), module],
        env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=50,
    )  # fmt: skip
    reason = "interrupted" if number == signal.SIGINT else "stopped by SIGTERM"
    assert (done.returncode, done.stdout, done.stderr) == (status, "", f"tagger train: {reason}\n")


@pytest.mark.parametrize("options", [[], ["--debug"]])
@pytest.mark.slow
def test_ctrl_c_while_it_reads_leaves_nothing(tmp_path, options):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    data = ["--data.train", pipe, "--data.format", "conll"]
    process = start("--output", tmp_path / "run", *data, *options)
    end = os.open(pipe, os.O_RDWR)  # kept open, so that it waits for more
    for line in process.stderr:
        if ": read as conll" in line:
            break
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=120)
    os.close(end)
    assert (process.returncode, output) == (130, "")
    *before, last = errors.splitlines()
    assert last == "tagger train: interrupted before training began. Train again with the same command"
    assert bool(before) == bool(options)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


@pytest.mark.slow
def test_a_signal_while_it_trains_keeps_the_checkpoint_and_says_how_to_go_on(capsys, tmp_path):
    arguments = [
        "--output",
        tmp_path / "run",
        "--data.train",
        SAMPLE / "dev.conll",
        *SMALL,
        "--batch_size",
        "1",
    ]
    process = start(*arguments, "--epochs", "3")
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    while not last.exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, output) == (130, "")
    assert errors.splitlines()[-1] == (
        f"tagger train: interrupted; {last} is kept. Go on with the same command and --resume true"
    )
    assert main(["train", *map(str, arguments), "--epochs", "3", "--resume", "true"]) == 0
