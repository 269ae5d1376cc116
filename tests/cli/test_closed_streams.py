"""Standard streams that are closed, full, or of another encoding: one line, the right status, never a traceback."""

import json
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # each test starts a program

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
COMMANDS = {
    "tag": (["tag", "MODEL"], b"Anna lives in Oslo .\n"),
    "evaluate": (["evaluate", "MODEL", "-", "--format", "conll"], b"Anna B-PER\nlives O\n"),
    "inspect": (["inspect", "MODEL", "-", "--views", "crf"], b"Anna lives in Oslo .\n"),
}
# One process that runs the program in a child for each combination: torch is imported once.
FORKING = """\
import json, os, sys
sys.path[:] = json.loads(sys.argv[1])
import torch, tagger.api, tagger.inspection, tagger.cli.inspect
torch.set_num_threads(1)
statuses = []
for arguments, given, closed, folder in json.loads(sys.argv[2]):
    child = os.fork()
    if not child:
        for number, name in enumerate(("in", "out", "err")):
            mode = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT
            os.dup2(os.open(given if number == 0 else f"{folder}.{name}", mode), number)
        os.closerange(3, 100)
        for number in closed:
            os.close(number)
            setattr(sys, ("stdin", "stdout", "stderr")[number], None)  # as Python finds it at its start
        from tagger.cli import main
        status = main(arguments)
        os._exit(status)
    statuses.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(json.dumps(statuses))
"""


def test_closed_streams_fail_when_they_are_used_and_not_before(ner_model, tmp_path):
    jobs = []
    for name, (arguments, given) in COMMANDS.items():
        (tmp_path / name).write_bytes(given)
        real = [ner_model if argument == "MODEL" else argument for argument in arguments]
        for i, which in enumerate(product((False, True), repeat=3)):
            closed = [number for number, is_closed in enumerate(which) if is_closed]
            jobs.append((real, str(tmp_path / name), closed, str(tmp_path / f"{name}{i}")))
    done = subprocess.run(
        [sys.executable, "-c", FORKING, json.dumps(sys.path), json.dumps(jobs)],
        capture_output=True, env=ENVIRONMENT, timeout=300, check=True,
    )  # fmt: skip
    for (arguments, _, closed, folder), status in zip(jobs, json.loads(done.stdout), strict=True):
        output = Path(f"{folder}.out").read_text()
        errors = Path(f"{folder}.err").read_text()
        case = f"{arguments[0]} without {closed}: {errors}"
        assert status == (1 if {0, 1} & set(closed) else 0), case
        assert bool(output) == (status == 0), case
        assert "Traceback" not in errors, case
        if 2 in closed:
            assert errors == ""
        elif 0 in closed:
            assert errors == "tagger: error: <stdin>: cannot be read: Bad file descriptor\n"
        elif 1 in closed:
            *_, line = errors.splitlines()
            assert line == "tagger: error: standard output: cannot be written: Bad file descriptor"


def python(*arguments, **options):
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        **{"capture_output": True, "env": ENVIRONMENT, "timeout": 120, **options},
    )


def shell(command):
    return subprocess.run(["bash", "-c", command], capture_output=True, env=ENVIRONMENT, timeout=120)


@pytest.mark.parametrize(
    ("redirection", "status", "errors"),
    [
        (">&-", 1, b"tagger: error: standard output: cannot be written: Bad file descriptor\n"),
        (">/dev/full", 1, b"tagger: error: standard output: cannot be written: No space left on device\n"),
        ("2>/dev/full", 0, b""),
        ("2>&-", 0, b""),
        ("| (exec <&-; sleep 0.1); exit ${PIPESTATUS[0]}", 141, b""),
    ],
)
def test_help_that_cannot_be_written(redirection, status, errors):
    if "/dev/full" in redirection and not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    done = shell(f"'{sys.executable}' -m tagger tag --help {redirection}")
    assert (done.returncode, done.stderr) == (status, errors)


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", ">&- 2>&-"])
def test_an_error_that_cannot_be_told_keeps_its_status(redirection):
    done = shell(f"'{sys.executable}' -m tagger tag /no/such/model {redirection}")
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")
    done = shell(f"'{sys.executable}' -m tagger tag --no-such-option {redirection}")
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_messages_are_readable_whatever_the_locale(encoding):
    done = python(
        "-m", "tagger", "tag", "München \udcff\x1b", env={**ENVIRONMENT, "PYTHONIOENCODING": encoding}
    )
    assert done.returncode == 1
    shown = "M\\xfcnchen" if encoding == "ascii" else "München"
    assert done.stderr.decode(encoding).startswith(f"tagger: error: {shown} \\udcff\\x1b: no such folder")


@pytest.mark.parametrize("name", ["evaluate", "inspect"])
def test_a_reader_that_goes_away_is_no_error(ner_model, name):
    arguments, given = COMMANDS[name]
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as nobody:  # noqa: PTH123
        done = python(
            *("-m", "tagger", *(ner_model if argument == "MODEL" else argument for argument in arguments)),
            input=given, capture_output=False, stdout=nobody, stderr=subprocess.PIPE,
        )  # fmt: skip
    assert done.returncode == 141
    assert b"error" not in done.stderr


def test_workers_need_no_standard_error(ner_model):
    done = shell(
        f"echo 'Anna lives in Oslo .' | '{sys.executable}' -m tagger tag --workers 1 {ner_model} 2>&-"
    )
    assert (done.returncode, done.stdout) == (0, b"[Anna](PER) lives in [Oslo](LOC) .\n")
