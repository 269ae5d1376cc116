import stat
from pathlib import Path

import pytest

from tagger.errors import DataError
from tagger.files import open_for_replacing, replace_file, replace_with_link


def test_the_text_becomes_the_file_when_the_block_ends(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with open_for_replacing(path) as stream:
        stream.write("Zoë\r\n\u2028")
        stream.flush()
        assert path.read_text() == "old"
    assert path.read_bytes() == "Zoë\r\n\u2028".encode()
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.txt"]


def test_a_block_that_raises_leaves_everything_as_it_was(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")

    def interrupted():
        with open_for_replacing(path) as stream:
            stream.write("new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.txt"]


def test_permissions_and_links_are_kept(tmp_path):
    path = tmp_path / "real.txt"
    path.write_text("old")
    path.chmod(0o640)
    link = tmp_path / "link.txt"
    link.symlink_to(path)
    with open_for_replacing(link) as stream:
        stream.write("new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_is_no_regular_file_is_written_directly():
    with open_for_replacing("/dev/null") as stream:
        stream.write("gone")
    assert Path("/dev/null").is_char_device()


def test_a_device_and_a_link_to_one_are_written_and_never_replaced(tmp_path):
    link = tmp_path / "link"
    link.symlink_to("/dev/null")
    replace_file(link, lambda stream: stream.write(b"gone"))
    assert link.is_symlink()
    assert link.is_char_device()
    assert [entry.name for entry in tmp_path.iterdir()] == ["link"]


def test_what_is_written_at_once_keeps_permissions_and_links_too(tmp_path):
    path = tmp_path / "real.bin"
    path.write_bytes(b"old")
    path.chmod(0o600)
    link = tmp_path / "link.bin"
    link.symlink_to(path)
    replace_file(link, lambda stream: stream.write(b"new"))
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with pytest.raises(DataError) as caught, open_for_replacing("/dev/full") as stream:
        stream.write("x")
    assert str(caught.value) == "/dev/full: cannot be written: No space left on device"


def test_names_that_cannot_be_written_are_errors(tmp_path):
    with pytest.raises(DataError, match=r"expected the name of a file to write, found a directory$"):
        open_for_replacing(tmp_path).__enter__()
    with pytest.raises(DataError, match=r"out\.txt: cannot be written: No such file or directory$"):
        open_for_replacing(tmp_path / "none" / "out.txt").__enter__()
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"out\.txt: cannot be written: Not a directory$"):
        open_for_replacing(tmp_path / "file" / "out.txt").__enter__()


def test_a_file_with_two_names_is_there_once_until_one_of_them_is_replaced(tmp_path):
    best, last = tmp_path / "best", tmp_path / "last"
    best.write_bytes(b"epoch 2")
    last.write_bytes(b"epoch 1")
    replace_with_link(last, best)
    assert last.samefile(best)
    replace_file(last, lambda stream: stream.write(b"epoch 3"))
    assert best.read_bytes() == b"epoch 2"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["best", "last"]


def test_a_file_is_copied_where_files_have_one_name_only(tmp_path, monkeypatch):
    def refuse(*arguments):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    best, last = tmp_path / "best", tmp_path / "last"
    best.write_bytes(b"epoch 2")
    last.write_bytes(b"epoch 1")
    replace_with_link(last, best)
    assert last.read_bytes() == b"epoch 2"
    assert not last.samefile(best)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["best", "last"]
