"""VectorReport: the contents of a file of word vectors, and its unusable vectors with line numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

FIRST_NUMBERS: Final = 5
"""The number of line numbers kept for each kind of problem."""

KINDS: Final = {
    "dimension": "left out, with another number of values",
    "number": "left out, with values that are not numbers",
    "cut": "left out, where the file ends in the middle of a value (is it cut off?)",
    "infinite": "left out, with values that are NaN or infinite",
    "utf8": "left out, with a word that is not UTF-8",
    "empty": "left out, without a word",
    "blank": "left out, empty",
    "duplicate": "left out, with a word met before",
    "spaces": "kept, with a word that has spaces inside",
    "zero": "kept, all zero, which is as good as none",
}
"""The kinds of problems, with what was done about them."""


@dataclass(frozen=True)
class Problem:
    """The vectors with one kind of problem.

    Attributes:
        count: their number.
        first: the positions of the first few: line numbers in a text, from 1 with any header; else vector numbers.
    """

    count: int
    first: tuple[int, ...]


@dataclass(frozen=True)
class VectorReport:
    """A report on reading a file of vectors.

    Attributes:
        source: the file.
        format: the detected format.
        unit: the unit that is counted: ``line`` or ``vector``.
        dim: the dimension of the vectors.
        found: the number of vectors in the file, usable or not.
        kept: the number of vectors kept.
        problems: problems by kind, see :data:`KINDS`.
    """

    source: str
    format: str
    unit: str
    dim: int
    found: int
    kept: int
    problems: Mapping[str, Problem]

    def describe(self) -> list[str]:
        """Return the report as log lines: one about the whole file, then one for each kind of problem."""
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
        """Record vectors with a problem.

        Args:
            kind: one of :data:`KINDS`.
            numbers: their numbers in the file.
        """
        for number in numbers:
            self._counts[kind] += 1
            if len(self._first[kind]) < FIRST_NUMBERS:
                self._first[kind].append(number)

    def problems(self) -> dict[str, Problem]:
        """Return the problems so far, in the order of :data:`KINDS`."""
        return {
            kind: Problem(count, tuple(self._first[kind])) for kind, count in self._counts.items() if count
        }
