"""``tagger tag --workers``: the same output, and no process left after whatever ends the program."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from present import present

import tagger

SCRIPT = Path(tagger.__file__).parents[1] / "scripts" / "tag.py"
TEXT = "Anna Smith lives in Oslo.\n\nBob \n She went to Paris. It rained"
SECONDS = 60


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ["--output", "jsonl", "--probabilities", "--decode", "posterior", "--batch-tokens", "7"],
        ["--output", "jsonl", "--nbest", "2", "--threads", "2", "--cache-megabytes", "3"],
    ],
)
def test_output_is_that_of_one_process(program, ner_model, options):
    status, output, errors = program("tag", ner_model, "--workers", "1", *options, stdin=TEXT)
    assert (status, errors) == (0, "")
    assert output == program("tag", ner_model, *options, stdin=TEXT)[1]


@pytest.mark.parametrize("number", ["0", "-1", "two"])
def test_no_workers_is_wrong_usage(program, number):
    status, output, errors = program("tag", "m", f"--workers={number}")
    assert (status, output) == (2, "")
    assert errors == (
        f"tagger tag: error: argument --workers: expected a whole number of 1 or more, found {number!r}; "
        "see tagger tag --help\n"
    )


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "nan"])
def test_no_time_for_workers_is_wrong_usage(program, seconds):
    status, output, errors = program("tag", "m", "--workers=1", f"--worker-timeout={seconds}")
    assert (status, output) == (2, "")
    assert errors == (
        "tagger tag: error: argument --worker-timeout: expected more than 0 seconds, or inf, "
        f"found {seconds!r}; see tagger tag --help\n"
    )


@pytest.mark.slow
def test_time_for_workers_is_of_no_use_without_any(program):
    assert program("tag", "m", "--worker-timeout", "9") == (
        2, "", "tagger: error: --worker-timeout has no effect without workers; pass --workers N\n",
    )  # fmt: skip


@pytest.mark.slow
def test_workers_with_all_the_time_there_is(program, ner_model):
    options = ("--workers", "1", "--worker-timeout", "inf")
    assert program("tag", ner_model, *options, stdin=TEXT) == program("tag", ner_model, stdin=TEXT)


@pytest.mark.slow
def test_where_in_a_worker_an_error_arose_is_shown_on_request(program):
    command = ("tag", "/none", "--workers", "1")
    status, output, errors = program(*command)
    assert (status, output) == (1, "")
    assert errors.startswith("tagger: error: /none: no such folder; expected a model folder")
    assert errors.count("\n") == 1
    shown = program(*command, "--debug")[2]
    assert shown.endswith(errors)
    assert "in load_model\n" in shown  # which was called in the worker alone
    assert "The above exception was the direct cause of the following exception" in shown


@contextmanager
def started(model, workers, output):
    """A program that has loaded the model and waits for its input, and the numbers of its workers."""
    if not Path("/proc/self/task").exists():
        pytest.skip("there is no /proc here to look for processes")
    command = [sys.executable, str(SCRIPT), model, "--workers", str(workers), "-o", str(output)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as process:  # fmt: skip
        # The file, or what becomes it, is there once the workers are.
        wait_until(lambda: list(output.parent.iterdir()))
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(children) == workers
        try:
            yield process, [int(child) for child in children]
        finally:
            process.kill()


def wait_until(true):
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def has_ended(number):
    """Whether a process is gone, or waits for somebody to ask how it ended."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "status", "errors"),
    [
        (signal.SIGINT, 130, b"tagger: interrupted\n"),
        (signal.SIGTERM, 143, b"tagger: stopped by SIGTERM\n"),
        (signal.SIGHUP, 129, b"tagger: stopped by SIGHUP\n"),
        (signal.SIGKILL, -signal.SIGKILL, b""),
    ],
)
def test_workers_end_with_the_program(ner_model, tmp_path, number, status, errors):
    with started(ner_model, 1 if number == signal.SIGKILL else 2, tmp_path / "out.txt") as (process, workers):
        assert not any(map(has_ended, workers))
        if number == signal.SIGKILL:
            process.send_signal(number)
        else:
            os.killpg(process.pid, number)  # as a terminal and supervisors do it
        assert process.wait(SECONDS) == status
        wait_until(lambda: all(map(has_ended, workers)))
        assert present(process.stderr).read() == errors
    if number == signal.SIGKILL:
        [orphan] = tmp_path.iterdir()
        assert orphan.name.startswith(".out.txt.")
        command = [sys.executable, str(SCRIPT), ner_model, "-o", str(tmp_path / "out.txt")]
        subprocess.run(command, input=b"Anna", check=True)  # the next one to the same file removes it
        assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]
    else:
        assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_workers_end_with_the_reader_of_the_output(ner_model):
    command = [sys.executable, str(SCRIPT), ner_model, "--workers", "1"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        present(process.stdout).close()
        present(process.stdin).write(f"{TEXT}\n".encode() * 1000)
        present(process.stdin).close()
        # Workers have the same standard error: it ends when they have.
        assert present(process.stderr).read() == b""
        assert process.wait(SECONDS) == 141
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)  # nobody is left in the group


@pytest.mark.slow
def test_a_worker_that_is_killed_is_reported_and_its_work_done(ner_model, tmp_path):
    output = tmp_path / "out.txt"
    with started(ner_model, 1, output) as (process, [worker]):
        os.kill(worker, signal.SIGKILL)
        present(process.stdin).write(b"Anna lives in Oslo.\nBob")
        present(process.stdin).close()
        assert process.wait(SECONDS) == 0
        assert present(process.stderr).read().decode() == (
            f"tagger: worker {worker} was killed by SIGKILL (memory may have run out) while it had sentences 1 to 2; "
            "another one repeats them\n"
        )
    assert output.read_text() == "[Anna](PER) lives in [Oslo](LOC).\n[Bob](PER)"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "note"),
    [
        (["--workers", "2"], "--workers 2: more than the one core"),
        (["--threads", "3"], "--threads 3: more than the one core"),
        (["--workers", "1"], None),
    ],
)
def test_more_side_by_side_than_there_are_cores_is_mentioned(program, ner_model, monkeypatch, options, note):
    monkeypatch.setattr("tagger.cli.arguments.usable_cores", lambda: 1)
    status, output, errors = program("tag", ner_model, *options, stdin=TEXT)
    assert (status, output) == (0, program("tag", ner_model, stdin=TEXT)[1])
    assert errors == (
        f"tagger: note: {note} that this process may use; it costs memory and is no faster\n" if note else ""
    )


@pytest.mark.slow
def test_workers_with_threads_count_together(program, ner_model, monkeypatch):
    monkeypatch.setattr("tagger.cli.arguments.usable_cores", lambda: 3)
    options = ["--workers", "2", "--threads", "2"]
    assert program("tag", ner_model, *options, stdin=TEXT)[2] == (
        "tagger: note: --workers 2 --threads 2: more than the 3 cores that this process may use; it costs memory and "
        "is no faster\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["evaluate", "MODEL", "--against", "MODEL", "GOLD"],
        ["evaluate", "--predictions", "GOLD", "--against", "MODEL", "GOLD"],
        ["agree", "a=MODEL", "b=MODEL", "GOLD"],
        ["calibrate", "MODEL", "GOLD", "--dry-run"],
        ["inspect", "MODEL", TEXT, "--views", "crf", "-o", "page.html"],
    ],
)
def test_every_command_mentions_cores_once_however_many_models_it_loads(
    program, ner_model, write, monkeypatch, tmp_path, command
):
    gold = write("gold.conll", "Anna B-PER\nlives O\nin O\nOslo B-LOC\n\nit O\nrained O\n")
    monkeypatch.setattr("tagger.cli.arguments.usable_cores", lambda: 1)
    monkeypatch.setattr("tagger.cli.inspect._limit_threads", lambda _: None)
    monkeypatch.chdir(tmp_path)
    given = [part.replace("MODEL", str(ner_model)).replace("GOLD", str(gold)) for part in command]
    status, output, errors = program(*given, "--threads", "2")
    assert status == 0, errors
    assert errors.count("note: --threads 2: more than the one core") == 1
    assert "more than the one core" not in output


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2", "3"])
def test_output_before_an_error_is_that_of_one_process(program, ner_model, tmp_path, workers):
    file = tmp_path / "bad.jsonl"
    file.write_text('{"tokens": ["Anna", "Smith"]}\n' * 40 + '{"tokens": 3}\n' + '{"tokens": ["Oslo"]}\n')
    expected = program("tag", ner_model, str(file), "--batch-tokens", "2")
    found = program("tag", ner_model, str(file), "--batch-tokens", "2", "--workers", workers)
    assert found == expected
    assert (expected[0], expected[1].count("\n")) == (1, 40)
