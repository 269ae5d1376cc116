"""Compression with gzip or zstd: detection by file name and by content, and compressed streams."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

_MAGIC: Final = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
_LONGEST: Final = max(map(len, _MAGIC.values()))
_ENDING: Final = {".gz": "gzip", ".zst": "zstd"}

PACKED: Final = tuple(_ENDING)
"""The file name extensions of compressed files."""


def without_packing(path: str | os.PathLike[str]) -> str:
    """Return a name without its compression extension.

    >>> [without_packing(name) for name in ("a.conll.gz", "a.conll.ZST", "a.conll")]
    ['a.conll', 'a.conll', 'a.conll']
    """
    name = os.fspath(path)
    return next((name[: -len(ending)] for ending in _ENDING if name.lower().endswith(ending)), name)


def packing_of(path: str | os.PathLike[str]) -> str | None:
    """Return ``gzip`` or ``zstd`` by the extension of a name, else None."""
    name = os.fspath(path).lower()
    return next((kind for ending, kind in _ENDING.items() if name.endswith(ending)), None)


def packing_told_by(start: bytes) -> str | None:
    """Return the compression of a file from its first four bytes, or None."""
    return next((kind for kind, magic in _MAGIC.items() if start.startswith(magic)), None)


def packing_of_file(path: str | os.PathLike[str]) -> str | None:
    """Return the compression of a file by its content, or None."""
    with Path(path).open("rb") as file:
        return packing_told_by(file.read(_LONGEST))


@contextmanager
def unpacked(stream: IO[bytes], kind: str | None) -> Iterator[IO[bytes]]:
    """Decompress a stream; reading damaged content raises OSError, EOFError or zlib.error.

    Args:
        stream: a stream at its beginning; it stays open.
        kind: its compression; None if it is not compressed.

    Raises:
        MissingExtraError: it is compressed by zstd, and the library is not installed.
    """
    if kind == "gzip":
        with gzip.GzipFile(fileobj=stream) as content:
            yield content  # type: ignore[misc]
    elif kind == "zstd":
        from tagger.formats_extra.zstd import unpacked as unpacked_by_zstd

        yield unpacked_by_zstd(stream)
    else:
        yield stream


def packing_of_stream(stream: Any) -> str | None:
    """Return the compression of the rest of a binary stream; None if not compressed, or if peeking is not possible.

    Raises:
        OSError: it cannot be read.
    """
    if isinstance(stream, io.BufferedReader):
        return packing_told_by(stream.peek(_LONGEST))
    if isinstance(stream, io.BytesIO):
        place = stream.tell()
        start = stream.read(_LONGEST)
        stream.seek(place)
        return packing_told_by(start)
    return None


class PackedWriter:
    """Writes to a binary stream, compressed or not, in parts; everything up to the end of a part is readable by itself.

    The output is deterministic. The parts of a compressed file are gzip members or zstd frames, which programs read as
    one file.

    Args:
        stream: the target; it stays open.
        kind: the compression; None for none.

    Raises:
        MissingExtraError: zstd is asked for, and the library is not installed.
    """

    def __init__(self, stream: IO[bytes], kind: str | None) -> None:
        self._stream = stream
        self._kind = kind
        self._part: Any = None
        if kind == "zstd":
            from tagger.formats_extra import zstd

            self._packing = zstd.packing

    def write(self, data: bytes) -> None:
        """Write bytes."""
        if self._kind is None:
            self._stream.write(data)
            return
        if self._part is None:
            self._part = self._opened()
        self._part.write(data)

    def end_part(self) -> None:
        """End the current part, if anything was written to it."""
        if self._part is not None:
            self._part.close()
            self._part = None

    def close(self) -> None:
        """End the last part; without any, write an empty one, since an empty file is not a valid compressed file."""
        if self._kind is not None and self._part is None and self._stream.tell() == 0:
            self._part = self._opened()
            self._part.write(b"")
        self.end_part()

    def _opened(self) -> Any:
        if self._kind == "gzip":
            return gzip.GzipFile(filename="", mode="wb", fileobj=self._stream, mtime=0)
        return self._packing(self._stream)
