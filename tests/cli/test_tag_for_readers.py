"""Pages, pipelines' lists and tables: what a full disk, a reader that goes, or a bad input leaves behind."""

import os
import subprocess
import sys

import pytest

FORMS = ("html", "pipeline")
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


@pytest.mark.parametrize("output", FORMS)
def test_a_full_disk_behind_standard_output_is_said(ner_model, output):
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "tagger", "tag", ner_model, "--output", output],
            input=b"Anna lives in Oslo .\n", stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT, timeout=300,
            check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == b"tagger: error: standard output: cannot be written: No space left on device\n"


@pytest.mark.parametrize("output", FORMS)
def test_a_reader_that_goes_away_is_no_error(ner_model, output):
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as nobody:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "tagger", "tag", ner_model, "--output", output],
            input=b"Anna lives in Oslo .\n", stdout=nobody, stderr=subprocess.PIPE, env=ENVIRONMENT, timeout=300,
            check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("name", ["old.html", "old.jsonl", "old.parquet", "old.csv"])
def test_a_bad_input_is_named_and_the_old_file_stays(program, ner_model, write, name):
    output = write(name, "old")
    path = write("in.jsonl", '{"text": "Anna"}\n' * 3 + '{"texts": 1}\n')
    options = ["--input", "jsonl", "--overwrite", "-o", output]
    if name == "old.jsonl":
        options += ["--output", "pipeline"]
    status, _, errors = program("tag", ner_model, path, *options)
    assert status == 1
    assert f"{path}:4: " in errors
    assert output.read_text() == "old"


def test_an_unknown_format_is_refused_with_those_there_are(program, ner_model):
    status, _, errors = program("tag", ner_model, "--output", "excel", stdin="Anna\n")
    assert status == 2
    assert "excel" in errors
    assert all(name in errors for name in ("html", "pipeline", "parquet", "csv", "docbin"))


@pytest.mark.parametrize("name", ["old.html", "old.json", "old.parquet", "old.csv"])
def test_half_a_surrogate_pair_is_named_and_the_old_file_stays(program, ner_model, write, name):
    output = write(name, "old")
    path = write("in.jsonl", '{"tokens": ["Anna", "\\ud800"]}\n')
    options = ["--overwrite", *(["--output", "pipeline"] if name == "old.json" else [])]
    status, _, errors = program("tag", ner_model, path, "-o", output, *options)
    assert status == 1
    assert f"{path}:1: expected text, found half a surrogate pair" in errors
    assert output.read_text() == "old"
