"""Finding: something that may be wrong with a corpus, and where; Check: a kind of them, with the id it is known by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "note")
"""From the gravest on. An error makes a corpus another one than is meant; a warning is to be looked at, since it costs
accuracy or makes scores misleading; a note is worth knowing, and often meant so."""

MOST_PLACES: Final = 20
"""So many places a finding names at most; how many there are is its count."""


@dataclass(frozen=True, slots=True)
class Check:
    """A kind of finding.

    Attributes:
        id: its name for good, in lower case with hyphens; for ``--ignore`` and JSON.
        severity: how grave it is.
        title: what is found, for people, in a few words: "the same sentence with other labels".
        advice: what to do about it, in one sentence.
        fixable: whether ``--fix`` repairs it.
    """

    id: str
    severity: Severity
    title: str
    advice: str
    fixable: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that may be wrong, at one place or at several that belong together.

    Attributes:
        check: the id of the check that found it.
        message: what is there, in one sentence without its place and without a full stop; printable.
        places: where, as ``file:line``, the first one first, up to :data:`MOST_PLACES`; empty for what concerns the
            corpus as a whole.
        part: the name of the part of the corpus it is in; None if it is in several.
        weight: what findings of one check are ranked by, the largest first; those of equal weight as they were found.
        count: how many cases it stands for, such as occurrences of a token.
        details: the same in figures and names, JSON-ready.
    """

    check: str
    message: str
    places: tuple[str, ...] = ()
    part: str | None = None
    weight: float = 0.0
    count: int = 1
    details: dict[str, Any] = field(default_factory=dict)
