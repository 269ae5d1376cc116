"""Change: one repair; Repairs: all repairs, and the files that could not be repaired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Change:
    """One repair.

    Attributes:
        check: the id of the check whose finding it resolves.
        place: ``file:line`` in the original file.
        before: what stood there, printable and in quotes.
        after: what stands there now, in the same form; a description if it is not text.
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
        refused: the files of which no copy was written, with the reason, which names the findings that remain.
    """

    changes: tuple[Change, ...] = ()
    written: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
