"""Change: what was repaired at a place; Repairs: all of it, and what could not be repaired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was repaired.

    Attributes:
        check: the id of the check whose finding it settles.
        place: ``file:line`` in the file as it was.
        before: what stood there, printable and in quotes.
        after: what stands there now, likewise; a description where it is no text.
    """

    check: str
    place: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Repairs:
    """What was repaired.

    Attributes:
        changes: in the order of the files and their lines.
        written: the copy of each file.
        refused: the files of which no copy was written, with the reason, findings that stay included.
    """

    changes: tuple[Change, ...] = ()
    written: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
