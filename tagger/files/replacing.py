"""Files and folders replaced in one step: whatever interrupts it, the old or the new content is there whole."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EISDIR
from pathlib import Path
from typing import IO

from tagger.errors import DataError
from tagger.files.temporaries import temporary_file, temporary_folder


def is_special(path: Path) -> bool:
    """Return whether there is something that is neither file nor folder: a device or a pipe, which is not replaced."""
    return path.exists() and not path.is_file() and not path.is_dir()


def replace_file(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file beside its place, make it durable, and rename it, as :func:`open_binary_for_replacing` does.

    Args:
        path: the file to replace or create.
        write: writes to the stream it is given; that of a file can be read as well.

    Raises:
        OSError: if it cannot be written; the old file is then unchanged.
    """
    with _opened(path) as stream:
        write(stream)


def replace_with_link(path: Path, source: Path) -> None:
    """Give a file a second name, in the place of what has that name; where files have only one, copy it.

    Whichever of the two is replaced later, the other stays as it is.

    Args:
        path: the second name, in a folder of the same file system.
        source: the file.

    Raises:
        OSError: if it cannot be written; what was there is then unchanged.
    """
    path = path.resolve()
    try:
        with temporary_folder(path) as folder:
            link = folder / path.name
            link.hardlink_to(source)
            link.replace(path)
    except OSError:
        with source.open("rb") as content:
            replace_file(path, lambda stream: shutil.copyfileobj(content, stream))


@contextmanager
def open_for_replacing(path: str | os.PathLike[str]) -> Iterator[IO[str]]:
    """Give a text stream (UTF-8, line ends as written) whose text becomes the file once the block ends well.

    Otherwise it is as :func:`open_binary_for_replacing`.
    """
    with open_binary_for_replacing(path) as binary:
        stream = io.TextIOWrapper(binary, encoding="utf-8", newline="")
        try:
            yield stream
        except BaseException:
            with contextlib.suppress(OSError, ValueError):
                stream.detach()
            raise
        stream.detach()


@contextmanager
def open_binary_for_replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Give a binary stream whose bytes become the file once the block ends well.

    Until then they are in a sibling, and a file that is there already stays as it was; if the block
    raises, the sibling is removed. Symbolic links are followed. What is no regular file (``/dev/null``, a
    pipe) is written directly.

    Raises:
        DataError: the file cannot be written; says why (no permission, disk full).
    """
    try:
        with _opened(Path(path)) as stream:
            yield stream
    except IsADirectoryError:
        raise DataError(f"{path}: expected the name of a file to write, found a directory") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or error}") from None


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    if is_special(path):
        with path.open("wb") as stream:
            yield stream
        return
    target = path.resolve()
    if target.is_dir():
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(path))
    with temporary_file(target) as sibling:
        with sibling.open("w+b") as stream:
            if target.exists():
                shutil.copymode(target, sibling)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        sibling.replace(target)


def replace_folder(folder: Path, write: Callable[[Path], None]) -> None:
    """Fill a folder from scratch so that, whenever this is interrupted, the old or the new one is there whole.

    The new folder is written beside the old one; the old one is renamed away, the new one renamed into place, and the
    old one removed. Between the two renames the old one is to be found as :func:`previous_folder`.

    Args:
        folder: the folder to replace or create, no link.
        write: fills the empty folder it is given.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    previous = previous_folder(folder)
    if previous.exists():
        # An earlier replacement was killed: before it had the new folder in place, or after.
        if folder.exists():
            shutil.rmtree(previous)
        else:
            previous.rename(folder)
    with temporary_folder(folder) as temporary:
        try:
            write(temporary)
            _sync(temporary)
            if folder.exists():
                folder.rename(previous)
            temporary.rename(folder)
            _sync(folder.parent)
        except BaseException:
            if previous.exists():
                if folder.exists():
                    folder.rename(temporary)
                previous.rename(folder)
            raise
    shutil.rmtree(previous, ignore_errors=True)


def previous_folder(folder: Path) -> Path:
    """Return the name under which :func:`replace_folder` keeps the old folder until the new one is in place."""
    return folder.with_name(f".{folder.name}.previous")


def _sync(folder: Path) -> None:
    """Make a folder's entries durable, where the system can: some file systems refuse, and lose nothing by that."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
