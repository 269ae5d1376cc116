"""Temporaries and locks: a dead process's are removed, a living one's are left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from present import present

from tagger.files import (
    FolderInUseError,
    is_temporary,
    locked_folder,
    remove_orphans,
    replace_file,
    replace_folder,
    temporary_file,
    temporary_folder,
)

HOLDER = """\
import sys, time
from pathlib import Path
from tagger.files import locked_folder, temporary_file, temporary_folder
kind = {"file": temporary_file, "folder": temporary_folder, "lock": locked_folder}[sys.argv[1]]
with kind(Path(sys.argv[2])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def hold():
    """Start a process that holds a temporary or a lock; give it back once it does."""
    processes = []

    def start(kind, path):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, kind, path], stdout=subprocess.PIPE, text=True
        )
        processes.append(process)
        assert present(process.stdout).readline() == "held\n"
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()
        present(process.stdout).close()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_killed_process_left_is_removed_by_the_next_for_the_same_target(tmp_path, hold, kind):
    target = tmp_path / "out.txt"
    process = hold(kind, target)
    [left] = names(tmp_path)
    assert is_temporary(left)
    remove_orphans(tmp_path)
    assert names(tmp_path) == [left]  # its process lives
    process.kill()
    process.wait()
    replace_file(tmp_path / "other.txt", lambda file: file.write(b"x"))
    assert names(tmp_path) == [left, "other.txt"]  # not of this target
    replace_file(target, lambda file: file.write(b"new"))
    assert names(tmp_path) == ["other.txt", "out.txt"]
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize(
    "name",
    [
        ".out.txt.partial",
        "out.txt.0123abcd.partial",
        ".out.txt.0123ABCD.partial",
        ".out.txt.0123abcde.partial",
    ],
)
def test_files_of_other_names_are_nobodys_temporaries(tmp_path, name):
    (tmp_path / name).touch()
    remove_orphans(tmp_path)
    assert names(tmp_path) == [name]


def test_a_link_of_such_a_name_is_not_followed(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    (tmp_path / ".out.0123abcd.partial").symlink_to(tmp_path / "kept")
    remove_orphans(tmp_path)
    assert names(tmp_path / "kept") == ["file"]


@pytest.mark.parametrize("make", [temporary_file, temporary_folder])
def test_a_temporary_goes_with_its_block_however_it_ends(tmp_path, make):
    def interrupted():
        with make(tmp_path / "a") as path:
            assert is_temporary(path.name)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert names(tmp_path) == []


def write_file(text, folder):
    (folder / "file").write_text(text)


def test_a_folder_that_was_replaced_is_not_held_any_more(tmp_path):
    for text in ("old", "new"):
        replace_folder(tmp_path / "a", partial(write_file, text))
    assert (tmp_path / "a" / "file").read_text() == "new"
    assert names(tmp_path) == ["a"]


def test_a_folder_is_locked_by_one_process_whose_number_is_told(tmp_path, hold):
    folder = tmp_path / "runs" / "a"
    process = hold("lock", folder)
    with pytest.raises(FolderInUseError) as caught, locked_folder(folder):
        pass
    assert caught.value.process == str(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert names(folder) == [".lock"]
    with locked_folder(folder):
        assert (folder / ".lock").read_text() == f"{os.getpid()}\n"
        (folder / "result").touch()
    assert names(folder) == ["result"]


def test_a_folder_made_for_a_lock_alone_goes_with_it(tmp_path):
    with locked_folder(tmp_path / "runs" / "a"):
        assert names(tmp_path / "runs" / "a") == [".lock"]
    assert names(tmp_path) == []


@pytest.mark.parametrize("make", [temporary_file, temporary_folder])
@pytest.mark.parametrize("rivals", [0, 1])
def test_a_signal_at_any_step_of_making_one_leaves_nothing(tmp_path, monkeypatch, make, rivals):
    rounds: list[Path] = []

    def is_ours(descriptor, path):
        rounds.append(path)
        if len(rounds) > rivals:
            return True
        path.rmdir() if path.is_dir() else path.unlink()  # as another process would
        return False

    monkeypatch.setattr("tagger.files.temporaries._is_ours", is_ours)
    is_begun = False
    steps = 0
    before = sys.gettrace()  # such as that of coverage

    def interrupt(frame, event, _):
        nonlocal steps
        if not frame.f_code.co_filename.endswith(("temporaries.py", "contextlib.py")):
            return None
        steps += event == "line"
        if event == "line" and steps == number:
            raise KeyboardInterrupt
        return interrupt

    for number in range(1, 1000):
        steps = 0
        rounds.clear()
        try:
            sys.settrace(interrupt)
            with make(tmp_path / "x"):
                sys.settrace(before)
                is_begun = True
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(before)
        assert list(tmp_path.iterdir()) == [], f"step {number}"
        if is_begun:
            break
    assert is_begun
    assert number > 20
