"""Finding: a possible problem in a corpus, with its places; Check: a kind of finding, with its id."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "note")
"""From the most severe. An error means that the corpus is not what was intended; a warning should be looked at, since
it costs accuracy or makes scores misleading; a note is worth knowing, and often intended."""

MOST_PLACES: Final = 20
"""Maximum number of places named by a finding; their total number is its count."""


@dataclass(frozen=True, slots=True)
class Check:
    """A kind of finding.

    Attributes:
        id: its permanent name, in lower case with hyphens; for ``--ignore`` and JSON.
        severity: error, warning or note.
        title: what is found, in a few words: "the same sentence with different labels".
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
    """A possible problem, at one place or at several related ones.

    Attributes:
        check: the id of the check that found it.
        message: the problem, in one sentence without its place and without a full stop; printable.
        places: as ``file:line``, in order, up to :data:`MOST_PLACES`; empty if it concerns the whole corpus.
        part: the name of the part of the corpus it is in; None if it is in several.
        weight: rank among the findings of a check, largest first; ties in the order found.
        count: number of cases it stands for, such as occurrences of a token.
        details: the same as figures and names, JSON-ready.
    """

    check: str
    message: str
    places: tuple[str, ...] = ()
    part: str | None = None
    weight: float = 0.0
    count: int = 1
    details: dict[str, Any] = field(default_factory=dict)
