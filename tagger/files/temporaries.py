"""Temporary files and folders beside the place that they are to be renamed to: ``.NAME.0123abcd.partial``.

Whoever makes one holds a lock on it until it is renamed or removed. The system gives the lock back when a process ends,
however it does: what nobody holds is an orphan, which :func:`remove_orphans` removes. Where a file system has no locks,
nobody can tell orphans from others, and they stay.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

try:
    import fcntl
except ModuleNotFoundError:  # Windows
    fcntl = None  # type: ignore[assignment]

_TEMPORARY: Final = re.compile(r"\.(.+)\.[0-9a-f]{8}\.partial", re.DOTALL)


@contextmanager
def temporary_file(target: Path) -> Iterator[Path]:
    """Give an empty file beside the target, which the block may rename; if it is there afterwards, it is removed.

    Orphans of earlier files for the same target are removed first.

    Raises:
        OSError: if it cannot be made.
    """
    with _temporary(target, is_folder=False) as path:
        yield path


@contextmanager
def temporary_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder beside the target, as :func:`temporary_file` gives a file."""
    with _temporary(target, is_folder=True) as path:
        yield path


def is_temporary(name: str) -> bool:
    """Return whether this is how temporaries are called."""
    return _TEMPORARY.fullmatch(name) is not None


def remove_orphans(folder: Path, name: str | None = None) -> None:
    """Remove the temporaries in a folder that no process holds; those that cannot be removed stay.

    Args:
        folder: where; it need not be there.
        name: of the target whose temporaries alone are looked at; all if left out.
    """
    with suppress(OSError):
        for entry in sorted(folder.iterdir()):
            match = _TEMPORARY.fullmatch(entry.name)
            if match is None or name not in (None, match[1]):
                continue
            with suppress(OSError), _opened(entry) as descriptor:
                if try_lock(descriptor):
                    _remove(entry)


def try_lock(descriptor: int) -> bool:
    """Lock an open file or folder for this process until it is closed; return False if another has locked it.

    Raises:
        OSError: if the file system has no locks.
    """
    if fcntl is None:
        raise OSError("no file locks on this system")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_still_at(descriptor: int, path: Path) -> bool:
    """Return whether a path names the open file or folder, which nobody has removed or replaced."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False))
    except FileNotFoundError:
        return False


@contextmanager
def _temporary(target: Path, *, is_folder: bool) -> Iterator[Path]:
    remove_orphans(target.parent, target.name)
    path, descriptor = _make(target, is_folder=is_folder)
    try:
        yield path
    finally:
        _remove(path)
        if descriptor is not None:
            os.close(descriptor)


def _make(target: Path, *, is_folder: bool) -> tuple[Path, int | None]:
    """Return a new temporary and, where there are locks, what holds the one on it."""
    while True:
        path = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
        try:
            if is_folder:
                path.mkdir()
            else:
                path.touch(exist_ok=False)
            if fcntl is None:
                return path, None
            descriptor = os.open(path, os.O_RDONLY)
        except BaseException:
            _remove(path)
            raise
        try:
            # Between its making and its locking somebody may have taken it for an orphan.
            if try_lock(descriptor) and is_still_at(descriptor, path):
                return path, descriptor
        except OSError:
            return path, descriptor  # no locks here, so that nobody removes it
        os.close(descriptor)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open a regular file or a folder, not what a link leads to."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
