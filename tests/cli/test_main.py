import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from present import present
from tiny_models import tiny_tagger

import tagger
from tagger.model_files import with_own_checksum

SCRIPT = Path(tagger.__file__).parents[1] / "scripts" / "tag.py"
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
TEXT = "Anna Smith lives in Oslo .\n"


def python(*arguments, **options):
    options = {"capture_output": True, "text": True, "env": ENVIRONMENT, "timeout": 120, **options}
    return subprocess.run([sys.executable, *map(str, arguments)], **options)


def test_version_and_help_go_to_standard_output(program):
    assert program("--version") == (0, f"tagger {tagger.__version__}\n", "")
    for arguments in (["--help"], ["tag", "--help"], ["evaluate", "--help"]):
        status, output, errors = program(*arguments)
        assert (status, errors) == (0, "")
        assert output.startswith("usage: tagger")
    assert "examples:\n  tagger evaluate runs/ner/model test.conll\n" in output


def test_without_a_model_no_torch_is_imported():
    code = (
        "import sys; from tagger.cli import main\n"
        "assert main(['--version']) == 0 and main(['tag', '--help']) == 0 and main(['tag']) == 2\n"
        "assert not {'torch', 'numpy', 'seqeval', 'pytorch_lightning'} & set(sys.modules)"
    )
    assert python("-c", code).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "tagger: error: the following arguments are required: COMMAND"),
        (
            ["tug"],
            "tagger: error: argument COMMAND: invalid choice: 'tug' (choose from 'train', 'check', 'tag', "
            "'evaluate', 'agree', 'compare', 'average', 'calibrate', 'inspect', 'convert')",
        ),
    ],
)
def test_wrong_usage_of_the_program_is_status_2_and_a_last_line_that_says_what(program, arguments, message):
    status, output, errors = program(*arguments)
    assert (status, output) == (2, "")
    assert errors.splitlines()[-1] == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tag"], "the following arguments are required: MODEL"),
        (["tag", "m", "--prob"], "unrecognized arguments: --prob"),
        (
            ["tag", "m", "--batch-tokens", "0"],
            "argument --batch-tokens: expected a whole number of 1 or more, found '0'",
        ),
        (
            ["tag", "m", "--cache-megabytes", "0"],
            "argument --cache-megabytes: expected a whole number of 1 or more, found '0'",
        ),
        (["tag", "m", "--threads", "1025"], "argument --threads: expected 1024 at most, found 1025"),
        (
            ["tag", "m", "--workers", "100000000000000000000"],
            "argument --workers: expected 1024 at most, found 100000000000000000000",
        ),
        (["evaluate"], "the following arguments are required: MODEL GOLD"),
        (["average", "a", "b", "-o", "c", "--lines\n"], "unrecognized arguments: --lines\\n"),
    ],
)
def test_wrong_usage_of_a_command_is_status_2_and_one_line(program, arguments, message):
    command = f"tagger {arguments[0]}"
    assert program(*arguments) == (2, "", f"{command}: error: {message}; see {command} --help\n")


def test_an_error_is_one_line_and_status_1(program, tmp_path):
    status, output, errors = program("tag", tmp_path / "none")
    assert (status, output) == (1, "")
    assert errors.startswith(f"tagger: error: {tmp_path / 'none'}: ")
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "value", "where", "reason"),
    [
        ("cell", "transformer", "", "the model's files do not fit together: cell: expected one of lstm, "),
        (
            "hidden_dim",
            7,
            "/model.safetensors",
            "tensor 'encoder.layers.0.input_weights': expected the shape (2, 28, ",
        ),
    ],
)
def test_a_model_that_cannot_be_run_is_one_line(program, tmp_path, option, value, where, reason):
    folder = tmp_path / "model"
    tiny_tagger().save(folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["architecture"][option] = value
    (folder / "config.json").write_bytes(with_own_checksum(config))
    for workers in ([], ["--workers", "1"]):
        status, output, errors = program("tag", folder, *workers, stdin=TEXT)
        assert (status, output) == (1, "")
        assert errors.startswith(f"tagger: error: {folder}{where}: {reason}")
        assert errors.count("\n") == 1


def test_debug_shows_where_an_error_arose(program, tmp_path):
    status, _, errors = program("tag", tmp_path / "none", "--debug")
    assert status == 1
    assert errors.startswith("Traceback (most recent call last):\n")
    assert errors.splitlines()[-1].startswith("tagger: error: ")


def test_a_device_that_is_not_there_is_wrong_usage(program, ner_model):
    for device, said in (
        ("cuda:99", "'cuda:99' cannot be used here: "),
        ("abacus", "expected 'cpu', or a device"),
    ):
        status, _, errors = program("tag", ner_model, "--device", device)
        assert status == 2
        assert errors.startswith(f"tagger: error: device: {said}")


def test_the_script_is_the_program(ner_model):
    done = python(SCRIPT, ner_model, input=TEXT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "[Anna Smith](PER) lives in [Oslo](LOC) .\n"


def test_the_package_can_be_run(ner_model):
    done = python("-m", "tagger", "tag", ner_model, input=TEXT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "[Anna Smith](PER) lives in [Oslo](LOC) .\n"
    done = python("-m", "tagger")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[0] == "usage: tagger [-h] [--version] COMMAND ..."


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error(ner_model):
    command = [sys.executable, str(SCRIPT), ner_model]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        present(process.stdout).close()
        present(process.stdin).write(TEXT.encode() * 10_000)
        present(process.stdin).close()
        assert present(process.stderr).read() == b""
        assert process.wait(timeout=60) == 141


def test_a_full_disk_is_an_error_and_leaves_nothing(ner_model):
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with Path("/dev/full").open("w") as full:
        done = python(
            SCRIPT, ner_model, input=TEXT, stdout=full, stderr=subprocess.PIPE, capture_output=False
        )
    assert done.returncode == 1
    assert done.stderr == "tagger: error: standard output: cannot be written: No space left on device\n"


def test_an_interrupt_is_status_130_and_leaves_no_file(ner_model, tmp_path):
    command = [sys.executable, str(SCRIPT), ner_model, "-o", str(tmp_path / "out.txt")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)  # the model is being loaded
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        assert present(process.stderr).read() == b"tagger: interrupted\n"
    assert list(tmp_path.iterdir()) == []
