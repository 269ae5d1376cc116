"""Head: the beginning of a file, or the names in a folder, from which the format is recognised."""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from tagger.errors import DataError
from tagger.formats.json_files.objects import as_object, is_cut_off
from tagger.formats.lines import Source, open_source

_BYTES: Final = 2**18
_MOST_BYTES: Final = 2**26
_OBJECTS: Final = 20


@dataclass(frozen=True)
class Head:
    """The beginning of a file, or the file names of a folder.

    Attributes:
        path: the path of the file or folder.
        data: its first 256 KiB, decompressed; more if the first JSON object is longer. Empty for a folder.
        names: the relative paths of the files in a folder, sorted.
        is_whole: whether ``data`` is the whole file.
    """

    path: Path
    data: bytes = b""
    names: tuple[str, ...] = ()
    is_whole: bool = field(default=True)

    @cached_property
    def text(self) -> str:
        """The beginning as text; bytes that are not UTF-8 are replaced."""
        return self.data.decode("utf-8", errors="replace").removeprefix("\ufeff")

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The complete lines, without line ends."""
        lines = [line.rstrip("\r") for line in self.text.split("\n")]
        return tuple(lines if self.is_whole and lines[-1:] != [""] else lines[:-1])

    @cached_property
    def objects(self) -> tuple[dict[str, Any], ...]:
        """The first complete JSON objects: of lines, of a list, or a single one; empty for other files."""
        return self._beginning[0]

    @property
    def is_cut(self) -> bool:
        """Whether the first JSON object may continue past the data read."""
        return not self.is_whole and self._beginning[1]

    @cached_property
    def _beginning(self) -> tuple[tuple[dict[str, Any], ...], bool]:
        """The first objects, and whether there are none because the first is cut off."""
        text = self.text
        start = len(text) - len(text.lstrip())
        if text[start : start + 1] == "[":
            start += 1
        elif text[start : start + 1] != "{":
            return (), False
        found: list[dict[str, Any]] = []
        decoder = json.JSONDecoder()
        while len(found) < _OBJECTS:
            while start < len(text) and text[start] in " \t\r\n,":
                start += 1
            try:
                value, start = decoder.raw_decode(text, start)
            except json.JSONDecodeError as error:
                return tuple(found), not found and is_cut_off(error)
            except (ValueError, RecursionError):
                break
            fields = as_object(value)
            if fields is None:
                break
            found.append(fields)
        return tuple(found), False

    def has(self, *keys: str) -> bool:
        """Return whether there are objects, and the first has all the keys."""
        return bool(self.objects) and all(key in self.objects[0] for key in keys)


def read_head(source: Source) -> Head:
    """Read the head of a file or folder.

    Raises:
        DataError: it cannot be read.
    """
    assert isinstance(source, (str, os.PathLike)), "a stream can be read only once"
    path = Path(source)
    if path.is_dir():
        try:
            names = sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())
        except OSError as error:
            raise DataError(f"{path}: cannot be read: {error.strerror}") from None
        return Head(path, names=tuple(names))
    size = _BYTES
    while True:
        with open_source(path, str(source)) as stream:
            try:
                data = stream.read(size)
            except (OSError, EOFError, zlib.error) as error:
                reason = getattr(error, "strerror", None) or error
                raise DataError(f"{source}: cannot be read: {reason}") from None
        head = Head(path, data, is_whole=len(data) < size)
        if not head.is_cut or size >= _MOST_BYTES:
            return head
        size *= 8
