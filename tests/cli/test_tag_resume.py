"""``tagger tag --resume``: a killed run over many files goes on where it stopped and ends byte-equal."""

import errno
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from present import present

import tagger

SCRIPT = Path(tagger.__file__).parents[1] / "scripts" / "tag.py"
SECONDS = 60
SENTENCES = (
    "Anna Smith lives in Oslo.\n",
    "Bob went to Paris today.\n",
    "it rained\n",
    "In Oslo, Anna met Bob.\n",
)
OPTIONS = ["--output", "jsonl", "--probabilities", "--batch-tokens", "1"]  # a unit has 24 tokens


def make_texts(folder, number):
    for i in range(number):
        path = folder / f"d{i % 3}" / f"{i:03}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(SENTENCES[i * k % 4] for k in range(i % 5)))
    return folder


def names():
    return sorted(path.name for path in Path.cwd().iterdir())


def contents(place):
    if place.is_file():
        return place.read_bytes()
    return {
        path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()
    }


def unfinished(place, *, is_folder):
    return place / ".unfinished" if is_folder else place.with_name(f".{place.name}.unfinished")


@pytest.mark.parametrize("workers", [[], ["--workers", "2"]])
@pytest.mark.parametrize("end", ["", ".gz", "/"])
@pytest.mark.slow
def test_a_run_that_is_killed_and_gone_on_with_ends_with_the_same_bytes(
    program, ner_model, tmp_path, monkeypatch, end, workers
):
    monkeypatch.chdir(tmp_path)
    make_texts(tmp_path / "texts", 300)
    assert program("tag", ner_model, "texts", *OPTIONS, "-o", f"whole{end}")[0] == 0
    output = tmp_path / f"killed{end}"
    state = unfinished(output, is_folder=end == "/")
    command = [
        sys.executable,
        str(SCRIPT),
        ner_model,
        "texts",
        *OPTIONS,
        "-o",
        f"killed{end}",
        *workers,
        "--resume",
    ]
    killed = 0
    for _ in range(2):
        before = finished_of(state)
        with subprocess.Popen(
            command, stderr=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"}
        ) as one:
            deadline = time.monotonic() + SECONDS
            while finished_of(state) <= before and one.poll() is None:
                assert time.monotonic() < deadline
                time.sleep(0.002)
            one.send_signal(signal.SIGKILL)
        killed += one.returncode == -signal.SIGKILL
    assert killed == 2
    finished = finished_of(state)
    assert 0 < finished < 300
    if end != "/":
        assert not output.exists()
    status, printed, errors = program("tag", ner_model, "texts", *OPTIONS, "-o", f"killed{end}", "--resume")
    assert (status, printed, errors) == (0, "", f"tagger: continues after {finished} of 300 files\n")
    assert contents(output) == contents(tmp_path / f"whole{end}")
    assert not [path for path in tmp_path.rglob(".*") if path.name.startswith(".")]
    if end == ".gz":
        assert gzip.decompress(contents(output)).count(b"\n") == len(
            program("tag", ner_model, "texts", *OPTIONS)[1].splitlines()
        )
    status, _, errors = program("tag", ner_model, "texts", *OPTIONS, "-o", f"killed{end}", "--resume")
    assert (status, errors) == (
        0, f"tagger: killed{end}: all is there already, and no run is unfinished; --overwrite tags once more\n",
    )  # fmt: skip


def finished_of(state):
    try:
        return json.loads((state / "run.json").read_bytes())["num_finished"]
    except (FileNotFoundError, NotADirectoryError):
        return 0


@pytest.fixture
def stopped(program, ner_model, tmp_path, monkeypatch):
    """A run that stopped after some files since one of them was wrong, which is mended; returns its arguments."""
    monkeypatch.chdir(tmp_path)
    make_texts(tmp_path / "texts", 60)
    (tmp_path / "texts" / "e.txt").write_text("".join(SENTENCES))
    (tmp_path / "texts" / "f.txt").write_bytes(b"\xff\xff\n")
    arguments = ["tag", ner_model, "texts", *OPTIONS, "-o", "out.jsonl"]
    status, output, errors = program(*arguments)
    assert (status, output) == (1, "")
    assert errors.startswith(
        "tagger: 60 of 62 files are finished; the same command with --resume goes on\n"
        "tagger: error: texts/f.txt:1: expected UTF-8 text, found byte 0xff at offset 0."
    )
    assert names() == [".out.jsonl.unfinished", "texts"]
    (tmp_path / "texts" / "f.txt").write_text("Anna")
    return arguments


def test_a_run_that_an_error_ended_goes_on_when_it_is_mended(program, stopped):
    assert program(*stopped, "--resume", "--threads", "2") == (
        0,
        "",
        "tagger: continues after 60 of 62 files\n",
    )
    assert program(*stopped[:-1], "whole.jsonl")[0] == 0
    assert Path("out.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()
    assert names() == ["out.jsonl", "texts", "whole.jsonl"]


@pytest.mark.slow
def test_an_unfinished_run_is_neither_lost_nor_mixed_silently(program, stopped, tmp_path):
    state = tmp_path / ".out.jsonl.unfinished"
    assert program(*stopped) == (
        2, "", f"tagger: error: out.jsonl: an unfinished run is there, in {state}. Go on with it: --resume; or begin "
        "from scratch: --overwrite\n",
    )  # fmt: skip
    assert program(*stopped, "--overwrite") == (0, "", "")
    assert names() == ["out.jsonl", "texts"]


def refused(done, state):
    status, output, errors = done
    assert (status, output) == (2, "")
    start, end = (
        f"tagger: error: {state}: the unfinished run cannot be continued: ",
        ". Go on as it was begun, or begin from scratch: --overwrite",
    )
    (line,) = [line for line in errors.splitlines() if line.startswith(start)]
    return line.removeprefix(start).removesuffix(end)


def test_what_has_changed_since_is_named(program, stopped, tmp_path, pos_model):
    state = tmp_path / ".out.jsonl.unfinished"
    assert refused(program(*stopped, "--resume", "--decode", "posterior"), state) == (
        "--decode was viterbi when it was begun, and is posterior now"
    )
    model = refused(program("tag", pos_model, *stopped[2:], "--resume"), state)
    assert model.startswith("it was begun with another model (")
    with (tmp_path / "texts" / "d0" / "003.txt").open("a") as file:
        file.write("Oslo")
    assert (
        refused(program(*stopped, "--resume"), state) == "texts/d0/003.txt is finished, and has changed since"
    )
    (tmp_path / "texts" / "d0" / "001.txt").write_text("new")
    assert refused(program(*stopped, "--resume"), state) == (
        "it was begun with other inputs: 62, now 63; input 2 was texts/d0/003.txt, and is texts/d0/001.txt"
    )
    kept = json.loads((state / "run.json").read_text())
    kept["answers"]["tagger"] = "0.0.1"
    (state / "run.json").write_text(json.dumps(kept))
    assert refused(program(*stopped, "--resume"), state) == (
        f"it was begun with another version of tagger (0.0.1, now {tagger.__version__})"
    )
    (state / "run.json").write_text("{")
    status, _, errors = program(*stopped, "--resume")
    assert (status, "the unfinished run in it cannot be read" in errors) == (2, True)
    assert program(*stopped, "--overwrite")[0] == 0


def test_a_run_that_ends_in_its_first_unit_leaves_files_and_goes_on(
    program, ner_model, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    make_texts(tmp_path / "texts", 30)
    wrong = tmp_path / "texts" / "f.txt"
    wrong.write_bytes(b"\xff")
    arguments = ["tag", ner_model, "texts", "--output", "jsonl", "-o"]
    status, _, errors = program(*arguments, "out/")
    assert (status, errors.splitlines()[0]) == (
        1, "tagger: 0 of 31 files are finished; the same command with --resume goes on",
    )  # fmt: skip
    assert len(contents(tmp_path / "out" / "d0")) == 10
    wrong.write_text("Anna")
    assert program("tag", "none", *arguments[2:], "out/", "--resume")[0] == 1  # no model: nothing is lost
    assert program(*arguments, "out/", "--resume") == (0, "", "tagger: continues after 0 of 31 files\n")
    assert program(*arguments, "whole/")[0] == 0
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_outputs_may_be_called_like_what_is_kept_of_a_run_and_lie_on_another_disk(
    program, ner_model, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for name in ("finished.txt", "inputs.txt", "run.txt"):
        Path(name).write_text("Anna")
    rename = Path.replace

    def replace(self, target):
        if self.parent.name == "writing" and ".unfinished" not in str(target):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    Path("out").mkdir()
    Path("out/inputs.jsonl").symlink_to("/dev/null")
    files = ["finished.txt", "inputs.txt", "run.txt"]
    assert program("tag", ner_model, *files, *OPTIONS, "-o", "out/", "--overwrite") == (0, "", "")
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "finished.jsonl",
        "inputs.jsonl",
        "run.jsonl",
    ]
    assert Path("out/inputs.jsonl").is_char_device()
    assert json.loads(Path("out/finished.jsonl").read_text())["file"] == "finished.txt"


def test_no_folder_of_outputs_is_looked_through_for_each_of_them(program, ner_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_texts(tmp_path / "texts", 9)
    looked_through = []
    walk = Path.iterdir

    def noted(self):
        looked_through.append(self.name)
        return walk(self)

    monkeypatch.setattr(Path, "iterdir", noted)
    assert program("tag", ner_model, "texts", *OPTIONS, "-o", "out/")[0] == 0
    assert {"d0", "d1", "d2", "out"}.isdisjoint(looked_through[looked_through.index("writing") :])
    assert len(contents(tmp_path / "out")) == 9


def test_an_output_that_is_gone_is_named(program, ner_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_texts(tmp_path / "texts", 30)
    (tmp_path / "texts" / "f.txt").write_bytes(b"\xff")
    arguments = ["tag", ner_model, "texts", *OPTIONS, "-o", "out/"]
    assert program(*arguments)[0] == 1
    assert len(contents(tmp_path / "out" / "d0")) == 10  # each appears when it is finished
    Path("out/d0/003.jsonl").unlink()
    assert program(*arguments, "--resume") == (
        2, "", "tagger: error: out/d0/003.jsonl: the unfinished run cannot be continued: it had written this "
        "file, and it is not there. Begin from scratch: --overwrite\n",
    )  # fmt: skip


def test_two_runs_do_not_write_to_one_place(program, ner_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_texts(tmp_path / "texts", 3)
    code = (
        "import sys; from pathlib import Path; from tagger.files import locked_folder\n"
        "with locked_folder(Path('.out.unfinished')):\n"
        "    print('locked', flush=True); sys.stdin.read()"
    )
    environment = {**os.environ, "PYTHONPATH": str(SCRIPT.parents[1])}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as other:
        assert present(other.stdout).readline() == b"locked\n"
        for more in ([], ["--resume"], ["--overwrite"]):
            assert program("tag", ner_model, "texts", *OPTIONS, "-o", "out", *more) == (
                2, "", f"tagger: error: out: another run (process {other.pid}) is writing there. Wait until it has "
                "ended, or name another output\n",
            )  # fmt: skip
        present(other.stdin).close()
    assert program("tag", ner_model, "texts", *OPTIONS, "-o", "out", "--resume")[0] == 0
    assert names() == ["out", "texts"]


def test_what_cannot_go_on_says_what_can(program, ner_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_texts(tmp_path / "texts", 3)
    for output in ("html", "label-studio"):
        assert program("tag", ner_model, "texts", "--output", output, "-o", "out", "--resume") == (
            2, "", f"tagger: error: --resume: {output} output of several files is not made piece by piece; have a file "
            "for each: -o FOLDER/\n",
        )  # fmt: skip
    status, _, errors = program("tag", ner_model, "texts/d1/001.txt", "-", "-o", "out", "--resume")
    assert (status, errors) == (
        2,
        "tagger: error: --resume: standard input cannot be read once more; name files\n",
    )
    assert program("tag", ner_model, "texts/d1/001.txt", "-o", "one", "--resume")[0] == 0
    assert program("tag", ner_model, "texts", "--output", "html", "-o", "pages/", "--resume")[0] == 0
    assert names() == ["one", "pages", "texts"]


def test_of_a_run_that_came_to_nothing_nothing_is_left(program, ner_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.conll", "b.conll"):
        Path(name).write_text("Anna O\n\nlives O\nin\n")
    assert program("tag", ner_model, "a.conll", "b.conll", "-o", "out") == (
        1, "", "tagger: error: a.conll:4: expected 2 columns, found 1: 'in'\n",
    )  # fmt: skip
    assert program("tag", ner_model, "a.conll", "b.conll", "-o", "out/")[0] == 1
    assert program("tag", "none", "a.conll", "b.conll", "-o", "out/")[0] == 1
    assert names() == ["a.conll", "b.conll"]
