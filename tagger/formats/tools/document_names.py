"""Names of files for documents: what their ids allow, within one folder, no two the same on any system."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f<>:"\\|?*\ud800-\udfff]')
_LONGEST: Final = 150
"""In bytes of UTF-8, for one part of a path; systems allow 255, suffixes and numbers included."""

_MOST_PARTS: Final = 8
_SUFFIXES: Final = (".txt", ".ann")
_EMPTY: Final = "document"


class DocumentNames:
    """Gives each document a name, a relative path with ``/`` and without a suffix.

    >>> names = DocumentNames()
    >>> names.name("news/1"), names.name("../etc/x"), names.name("NEWS/1")
    ('news/1', '__/etc/x', 'NEWS/1-2')
    """

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._numbers: dict[str, int] = {}
        """The last one given to each name, so that the next is not looked for from the beginning."""

    def name(self, id: str) -> str:
        """Return the name of the next document: its id, if that is a good path and no document has it.

        Args:
            id: anything.
        """
        parts = id.split("/")
        if len(parts) > _MOST_PARTS:
            parts = ["_".join(parts)]
        # No folder may have the name that a file can have.
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
    """Return what names have in common that are one to some systems."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
