"""Opening of regular files of bounded size only, so that no file can block a program or fill its memory."""

from __future__ import annotations

import io
import os
import stat
from errno import EFBIG, EINVAL, EISDIR
from pathlib import Path
from types import TracebackType
from typing import Final

# Opening a pipe does not wait for a writer; a terminal never becomes the controlling one.
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_UNITS: Final = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))
_HAS_FOLDER_DESCRIPTORS: Final = os.open in os.supports_dir_fd


def open_file(
    path: str | os.PathLike[str], *, most_bytes: int | None, folder: int | None = None
) -> io.BufferedReader:
    """Open a file to read its bytes.

    Links are followed. The target is checked before it is opened, since opening alone affects some devices, and again
    afterwards, since it may have been replaced meanwhile.

    Args:
        path: the file.
        most_bytes: the size limit in bytes, for a file to be read as a whole; None for no limit.
        folder: the descriptor of an open folder that a relative path refers to.

    Raises:
        OSError: the file is missing, cannot be opened, is not a regular file, or is too large; ``strerror`` is then a
            readable message.
        ValueError: for a path with a NUL.
    """
    _check(os.stat(path, dir_fd=folder), most_bytes)
    descriptor = os.open(path, _FLAGS, dir_fd=folder)
    try:
        _check(os.fstat(descriptor), most_bytes)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


class OpenFolder:
    """A folder that is held open: its files can be opened even after another folder has taken its name.

    Args:
        path: the folder, or a link to it.

    Raises:
        OSError: the folder is missing or cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        self._descriptor: int | None = None
        if _HAS_FOLDER_DESCRIPTORS:
            self._descriptor = os.open(path, _FLAGS | os.O_DIRECTORY)
            self._identity = os.fstat(self._descriptor)
        else:
            self._identity = path.stat()

    def __enter__(self) -> OpenFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def open(self, name: str, *, most_bytes: int | None) -> io.BufferedReader:
        """Open a file in the folder; see :func:`open_file`."""
        if self._descriptor is None:
            return open_file(self.path / name, most_bytes=most_bytes)
        return open_file(name, most_bytes=most_bytes, folder=self._descriptor)

    def was_replaced(self) -> bool:
        """Return whether the folder's name now leads to another folder, or nowhere."""
        try:
            return not os.path.samestat(self.path.stat(), self._identity)
        except OSError:
            return True


def _check(found: os.stat_result, most_bytes: int | None) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(found.st_mode)), "no file")
        number = EISDIR if stat.S_ISDIR(found.st_mode) else EINVAL
        raise OSError(number, f"expected a regular file, found {kind}")
    if most_bytes is not None and found.st_size > most_bytes:
        raise OSError(EFBIG, f"expected at most {_size(most_bytes)}, found {_size(found.st_size)}")


def _size(num_bytes: int) -> str:
    for unit, name in _UNITS:
        if num_bytes >= unit:
            return (
                f"{num_bytes / unit:,.3g} {name}"
                if num_bytes < 1000 * unit
                else f"{num_bytes // unit:,} {name}"
            )
    return f"{num_bytes} bytes"
