"""Temporary files and folders beside the target that they are to be renamed to: ``.NAME.0123abcd.partial``.

The process that creates one holds a lock on it until it is renamed or removed. The system releases the lock when the
process ends for any reason: an unlocked temporary is an orphan, which :func:`remove_orphans` removes. On file systems
without locks, orphans cannot be identified and stay.
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
    """Create an empty file beside the target, for the block to rename; otherwise it is removed afterwards.

    Orphans for the same target are removed first.

    Raises:
        OSError: it cannot be created.
    """
    with _temporary(target, is_folder=False) as path:
        yield path


@contextmanager
def temporary_folder(target: Path) -> Iterator[Path]:
    """Create an empty folder beside the target, otherwise as :func:`temporary_file`."""
    with _temporary(target, is_folder=True) as path:
        yield path


def is_temporary(name: str) -> bool:
    """Return whether a name is that of a temporary."""
    return _TEMPORARY.fullmatch(name) is not None


def remove_orphans(folder: Path, name: str | None = None) -> None:
    """Remove the temporaries in a folder that no process has locked, ignoring errors.

    Args:
        folder: the folder; it may be missing.
        name: the target whose temporaries to remove; of all targets if left out.
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
    """Return whether the open file or folder is still at a path, not removed or replaced."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False))
    except FileNotFoundError:
        return False


@contextmanager
def _temporary(target: Path, *, is_folder: bool) -> Iterator[Path]:
    remove_orphans(target.parent, target.name)
    path, descriptor, is_ours = target, None, False
    # A signal may arrive between any two steps, so what is made is removed from the moment it exists.
    try:
        while not is_ours:
            path = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
            if is_folder:
                path.mkdir()
            else:
                path.touch(exist_ok=False)
            if descriptor is not None:
                closing, descriptor = descriptor, None
                os.close(closing)
            descriptor = None if fcntl is None else os.open(path, os.O_RDONLY)
            is_ours = descriptor is None or _is_ours(descriptor, path)
        yield path
    finally:
        if path != target:
            _remove(path)
        if descriptor is not None:
            os.close(descriptor)


def _is_ours(descriptor: int, path: Path) -> bool:
    """Lock a new temporary; return False if another process has removed it as an orphan before."""
    try:
        return try_lock(descriptor) and is_still_at(descriptor, path)
    except OSError:
        return True  # no locks here, so nothing removes it


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open a regular file or a folder, without following links."""
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
