"""File names for documents, derived from their ids and distinct on every system."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f<>:"\\|?*\ud800-\udfff]')
_LONGEST: Final = 150
"""In bytes of UTF-8, for one part of a path; systems allow 255, including suffixes and numbers."""

_MOST_PARTS: Final = 8
_SUFFIXES: Final = (".txt", ".ann")
_EMPTY: Final = "document"


class DocumentNames:
    """Assigns each document a name, a relative path with ``/`` and without a suffix.

    >>> names = DocumentNames()
    >>> names.name("news/1"), names.name("../etc/x"), names.name("NEWS/1")
    ('news/1', '__/etc/x', 'NEWS/1-2')
    """

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._numbers: dict[str, int] = {}
        """The last number used for each name, so that the search for the next starts there."""

    def name(self, id: str) -> str:
        """Return the name of the next document: its id, if that is a valid path and not taken.

        Args:
            id: any text.
        """
        parts = id.split("/")
        if len(parts) > _MOST_PARTS:
            parts = ["_".join(parts)]
        # A folder must not have the name of a possible file.
        folders = [
            part + "_" if part.lower().endswith(_SUFFIXES) else part for part in map(_safe, parts[:-1])
        ]
        name = "/".join([*folders, _safe(parts[-1])])
        number, numbered = self._numbers.get(_key(name), 1), name
        while _key(numbered) in self._given:
            number += 1
            numbered = f"{name}-{number}"
        self._numbers[_key(name)] = number
        self._given.add(_key(numbered))
        return numbered


def _safe(part: str) -> str:
    part = _UNSAFE.sub("_", part)
    part = part.encode()[:_LONGEST].decode(errors="ignore")
    if part[:1] in (".", " "):
        part = "_" + part[1:]
    if part[-1:] in (".", " "):
        part = part[:-1] + "_"
    return part or _EMPTY


def _key(name: str) -> str:
    """Return a key that is equal for names that some systems do not distinguish."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
