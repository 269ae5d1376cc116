"""Atomic replacement of files and folders: after any interruption, the old or the new content is complete."""

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
    """Return whether a path is a device or a pipe, which is not replaced."""
    return path.exists() and not path.is_file() and not path.is_dir()


def replace_file(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file atomically, as :func:`open_binary_for_replacing` does.

    Args:
        path: the file to replace or create.
        write: writes to the given stream, which is also readable if the path is a regular file.

    Raises:
        OSError: it cannot be written; the old file is then unchanged.
    """
    with _opened(path) as stream:
        write(stream)


def replace_with_link(path: Path, source: Path) -> None:
    """Replace a file by a hard link to another; by a copy where hard links are not possible.

    Replacing one of the two later leaves the other unchanged.

    Args:
        path: the file to replace or create, in a folder of the same file system.
        source: the file to link to.

    Raises:
        OSError: it cannot be written; the old file is then unchanged.
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
    """Open a text stream (UTF-8, line ends as written) whose content replaces the file if the block succeeds.

    Otherwise as :func:`open_binary_for_replacing`.
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
    """Open a binary stream whose content replaces the file if the block succeeds.

    Until then it is written to a temporary sibling, and an existing file stays unchanged; if the block raises, the
    sibling is removed. Symbolic links are followed. A device or pipe (``/dev/null``) is written directly.

    Raises:
        DataError: the file cannot be written; gives the reason (no permission, disk full).
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
    """Replace a folder so that, after any interruption, the old or the new one is complete.

    The new folder is written beside the old one; the old one is renamed away, the new one renamed into place, and the
    old one removed. Between the two renames the old one is at :func:`previous_folder`.

    Args:
        folder: the folder to replace or create; not a link.
        write: fills the given empty folder.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    previous = previous_folder(folder)
    if previous.exists():
        # An earlier replacement was killed, before or after the new folder was in place.
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
    """Return the path at which :func:`replace_folder` keeps the old folder until the new one is in place."""
    return folder.with_name(f".{folder.name}.previous")


def _sync(folder: Path) -> None:
    """Flush the entries of a folder to disk, where the file system supports it."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
