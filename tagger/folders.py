"""Folders that are replaced in one step: whatever interrupts it, the old or the new content is there whole."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path


def replace_folder(folder: Path, write: Callable[[Path], None]) -> None:
    """Fill a folder anew so that, whenever this is interrupted, the old or the new one is there whole.

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
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        temporary.mkdir()
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
        shutil.rmtree(temporary, ignore_errors=True)
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
