"""What is opened and what is not: regular files within a size, at once, whatever a path leads to."""

import os
import socket

import pytest

from tagger.files import OpenFolder, open_file


def refusal(path, most_bytes=100):
    with pytest.raises(OSError, match=r".") as error:
        open_file(path, most_bytes=most_bytes)
    return error.value.strerror


def test_a_file_is_read_through_links(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    for name in ("file", "link"):
        with open_file(tmp_path / name, most_bytes=7) as file:
            assert file.read() == b"content"


def test_files_that_are_too_large_are_refused_whatever_they_take_on_disk(tmp_path):
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(2**40)
    assert refusal(path) == "expected at most 100 bytes, found 1,024 GiB"
    with open_file(path, most_bytes=None) as file:
        assert file.read(3) == bytes(3)
    path.write_bytes(bytes(2000))
    assert refusal(path, 1024) == "expected at most 1 KiB, found 1.95 KiB"


def test_what_is_no_regular_file_is_refused_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "lost").symlink_to("nowhere")
    found = {name: refusal(tmp_path / name, None) for name in ("pipe", "socket", "zero", "loop", "lost", ".")}
    assert found == {
        "pipe": "expected a regular file, found a named pipe",
        "socket": "expected a regular file, found a socket",
        "zero": "expected a regular file, found a device",
        "loop": "Too many levels of symbolic links",
        "lost": "No such file or directory",
        ".": "expected a regular file, found a folder",
    }


def test_what_becomes_a_pipe_between_looking_and_opening_is_refused_too(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    original = os.stat
    monkeypatch.setattr(os, "stat", lambda path, *, dir_fd=None: original(tmp_path / "file"))
    assert refusal(tmp_path / "pipe") == "expected a regular file, found a named pipe"


def test_a_folder_held_open_keeps_its_files_when_another_takes_its_name(tmp_path):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    with OpenFolder(tmp_path / "old") as folder:
        assert not folder.was_replaced()
        (tmp_path / "old").rename(tmp_path / "away")
        assert folder.was_replaced()
        (tmp_path / "new").rename(tmp_path / "old")
        assert folder.was_replaced()
        with folder.open("file", most_bytes=None) as file:
            assert file.read() == b"old"


def test_a_folder_is_closed_when_it_is_left(tmp_path, monkeypatch):
    closed: list[int] = []
    close = os.close

    def recorded(descriptor):
        closed.append(descriptor)
        close(descriptor)

    monkeypatch.setattr(os, "close", recorded)
    with OpenFolder(tmp_path) as folder:
        descriptor = folder._descriptor
        assert descriptor is not None
        assert closed == []
    assert closed == [descriptor]
