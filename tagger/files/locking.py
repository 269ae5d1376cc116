"""Folder locks: one process at a time writes to a folder; the system releases the lock when the process ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tagger.files.temporaries import is_still_at, try_lock

LOCK_NAME: Final = ".lock"
"""Name of the lock file in a folder; it holds the process id."""


class FolderInUseError(Exception):
    """Another process has locked the folder.

    Args:
        process: its id as text, or what else is known about it.
    """

    def __init__(self, process: str) -> None:
        super().__init__(process)
        self.process = process


class NoLocksError(OSError):
    """The file system of the folder has no locks."""


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Lock a folder for the block; create it if missing, and remove it again if it stays empty.

    Raises:
        FolderInUseError: another process has locked it.
        NoLocksError: its file system has no locks; nothing is left behind.
        OSError: it cannot be created or written.
    """
    made = _make(folder)
    path = folder / LOCK_NAME
    descriptor = None
    try:
        descriptor = _lock(path)
        yield
    finally:
        if descriptor is not None:
            # Removed while still held, so that a process that opened it before notices and creates another.
            with suppress(OSError):
                path.unlink()
            os.close(descriptor)
        for parent in made:
            with suppress(OSError):
                parent.rmdir()


def _lock(path: Path) -> int:
    """Return the open and locked file."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        try:
            try:
                is_ours = try_lock(descriptor)
            except OSError as error:
                path.unlink(missing_ok=True)
                raise NoLocksError(*error.args) from error
            if not is_ours:
                number = os.read(descriptor, 20).decode("ascii", "replace").strip()
                raise FolderInUseError(number or "that is just beginning")
            if is_still_at(descriptor, path):
                try:
                    os.ftruncate(descriptor, 0)
                    os.write(descriptor, f"{os.getpid()}\n".encode())
                except OSError:  # such as a full disk
                    path.unlink(missing_ok=True)
                    raise
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _make(folder: Path) -> list[Path]:
    """Create a folder and return the folders created, innermost first."""
    missing = []
    for path in (folder, *folder.parents):
        if path.exists():
            break
        missing.append(path)
    folder.mkdir(parents=True, exist_ok=True)
    return missing
