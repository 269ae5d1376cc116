"""VectorReport: what a file of word vectors held, and what in it could not be used, with line numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

FIRST_NUMBERS: Final = 5
"""How many line numbers of each kind of problem are remembered."""

KINDS: Final = {
    "dimension": "left out, with another number of values",
    "number": "left out, with values that are no numbers",
    "cut": "left out, where the file ends in the middle of a value (is it cut off?)",
    "infinite": "left out, with values that are NaN or infinite",
    "utf8": "left out, with a word that is not UTF-8",
    "empty": "left out, without a word",
    "blank": "left out, empty",
    "duplicate": "left out, with a word met before",
    "spaces": "kept, with a word that has spaces inside",
    "zero": "kept, all zero, which is as good as none",
}
"""What can be odd about a vector, and what was done about it."""


@dataclass(frozen=True)
class Problem:
    """How often something was odd, and where first.

    Attributes:
        count: number of vectors.
        first: their first few numbers in the file: lines of a text, counted from 1 with any header; vectors otherwise.
    """

    count: int
    first: tuple[int, ...]


@dataclass(frozen=True)
class VectorReport:
    """What reading a file of vectors met.

    Attributes:
        source: the file.
        format: which format it was found to be in.
        unit: what is counted in the file: ``line`` or ``vector``.
        dim: values of each vector.
        found: vectors met in the file, usable or not.
        kept: vectors kept.
        problems: by kind, see :data:`KINDS`.
    """

    source: str
    format: str
    unit: str
    dim: int
    found: int
    kept: int
    problems: Mapping[str, Problem]

    def describe(self) -> list[str]:
        """Return the report as lines for a log, the first about the whole file, then one for each kind of problem."""
        lines = [
            f"{self.source}: {self.format}, {self.kept:,} of {self.found:,} vectors kept, {self.dim} values each"
        ]
        for kind, problem in self.problems.items():
            unit = self.unit if problem.count == 1 else f"{self.unit}s"
            numbers = ", ".join(map(str, problem.first)) + (
                ", ..." if problem.count > len(problem.first) else ""
            )
            lines.append(f"{self.source}: {problem.count:,} {unit} {KINDS[kind]}: {unit} {numbers}")
        return lines


class ProblemLog:
    """Counts problems while a file is read."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(KINDS, 0)
        self._first: dict[str, list[int]] = {kind: [] for kind in KINDS}

    def add(self, kind: str, numbers: Iterable[int]) -> None:
        """Note that vectors have a problem.

        Args:
            kind: one of :data:`KINDS`.
            numbers: their numbers in the file.
        """
        for number in numbers:
            self._counts[kind] += 1
            if len(self._first[kind]) < FIRST_NUMBERS:
                self._first[kind].append(number)

    def problems(self) -> dict[str, Problem]:
        """Return the problems met so far, in the order of :data:`KINDS`."""
        return {
            kind: Problem(count, tuple(self._first[kind])) for kind, count in self._counts.items() if count
        }
