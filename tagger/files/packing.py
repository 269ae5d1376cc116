"""Packed text: names that ask for gzip or zstd, bytes that tell it, and streams that unpack and pack."""

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
"""The ends of names that ask for packing."""


def without_packing(path: str | os.PathLike[str]) -> str:
    """Return a name without the end that says that the file is packed.

    >>> [without_packing(name) for name in ("a.conll.gz", "a.conll.ZST", "a.conll")]
    ['a.conll', 'a.conll', 'a.conll']
    """
    name = os.fspath(path)
    return next((name[: -len(ending)] for ending in _ENDING if name.lower().endswith(ending)), name)


def packing_of(path: str | os.PathLike[str]) -> str | None:
    """Return ``gzip`` or ``zstd`` if the end of a name asks for it, else None."""
    name = os.fspath(path).lower()
    return next((kind for ending, kind in _ENDING.items() if name.endswith(ending)), None)


def packing_told_by(start: bytes) -> str | None:
    """Return how a file is packed that begins with these bytes (four of them will do), or None."""
    return next((kind for kind, magic in _MAGIC.items() if start.startswith(magic)), None)


def packing_of_file(path: str | os.PathLike[str]) -> str | None:
    """Return how a file is packed, told by its content."""
    with Path(path).open("rb") as file:
        return packing_told_by(file.read(_LONGEST))


@contextmanager
def unpacked(stream: IO[bytes], kind: str | None) -> Iterator[IO[bytes]]:
    """Give what a stream holds that is packed; reading it raises OSError, EOFError or zlib.error where it is damaged.

    Args:
        stream: at its beginning; it stays open.
        kind: how it is packed; None if it is not.

    Raises:
        MissingExtraError: it is packed by zstd, and the library is not there.
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
    """Return how the rest of a binary stream is packed; None also where it cannot be looked at and read afterwards.

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
    """Writes to a binary stream, packed or not, in parts: what stands before the end of a part can be read by itself.

    The same bytes whenever and wherever they are written. Parts of packed files follow each other as gzip members or
    zstd frames, which every program that reads these takes for one file.

    Args:
        stream: where; it stays open.
        kind: how to pack; None: not at all.

    Raises:
        MissingExtraError: it is to be packed by zstd, and the library is not there.
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
        """End a part, if there is anything in it."""
        if self._part is not None:
            self._part.close()
            self._part = None

    def close(self) -> None:
        """End the last part, which may be an empty one if there is no other: an empty file is not a packed one."""
        if self._kind is not None and self._part is None and self._stream.tell() == 0:
            self._part = self._opened()
            self._part.write(b"")
        self.end_part()

    def _opened(self) -> Any:
        if self._kind == "gzip":
            return gzip.GzipFile(filename="", mode="wb", fileobj=self._stream, mtime=0)
        return self._packing(self._stream)
