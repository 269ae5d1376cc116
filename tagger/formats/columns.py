"""ColumnRecord: a sentence of a column file with its source lines, so that the file can be written back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tagger.errors import DataError
from tagger.examples import Example

MAX_SEPARATORS: Final = 1000
"""Lines without a token that one record holds at most: a file of blank lines takes no memory either."""

_LONGEST_EXCERPT: Final = 80


@dataclass(frozen=True, slots=True)
class ColumnRecord:
    """A sentence and every line since the record before: joined over all records, the lines are the file.

    Attributes:
        example: the sentence; without tokens where the lines hold none (at the end of a file, among many
            blank lines).
        lines: the source lines with their ends: comments, rows, and the blank line behind them.
        rows: for each token, the index of its line in ``lines``.
        first_line: number of ``lines[0]`` in the file, counted from 1.
        name: what messages call the file.
    """

    example: Example
    lines: tuple[str, ...]
    rows: tuple[int, ...]
    first_line: int
    name: str

    @property
    def sentences(self) -> tuple[Example, ...]:
        """The sentences of the record: one, or none if there are no tokens."""
        return (self.example,) if self.example.tokens else ()

    def origin(self, index: int) -> str:
        """Return ``file:line`` of the token at ``index``."""
        return f"{self.name}:{self.first_line + self.rows[index]}"


class RecordBuilder:
    """Collects the lines and tokens of one sentence after another while a file is read.

    Args:
        name: what messages call the file.
        labelled: whether every token comes with a label.
    """

    def __init__(self, name: str, *, labelled: bool) -> None:
        self.document: str | None = None
        self.lines: list[str] = []
        self.tokens: list[str] = []
        self._name = name
        self._labels: list[str] | None = [] if labelled else None
        self._rows: list[int] = []
        self._first_line = 1

    def add_token(self, token: str, label: str | None) -> None:
        """Add the token of the line that was appended to ``lines`` last."""
        self._rows.append(len(self.lines) - 1)
        self.tokens.append(token)
        if self._labels is not None and label is not None:
            self._labels.append(label)

    def take(self) -> ColumnRecord:
        """Return what was collected, and start anew behind it."""
        first_row = self._rows[0] if self._rows else 0
        record = ColumnRecord(
            example=Example(
                tokens=tuple(self.tokens),
                labels=None if self._labels is None else tuple(self._labels),
                document=self.document,
                origin=f"{self._name}:{self._first_line + first_row}",
            ),
            lines=tuple(self.lines),
            rows=tuple(self._rows),
            first_line=self._first_line,
            name=self._name,
        )
        self._first_line += len(self.lines)
        for collected in (self.lines, self.tokens, self._rows, self._labels or []):
            collected.clear()
        return record


def split_end(line: str) -> tuple[str, str]:
    r"""Split a line into its text and its end.

    >>> split_end("EU B-ORG\r\n")
    ('EU B-ORG', '\r\n')
    """
    text = line.rstrip("\r\n")
    return text, line[len(text) :]


def excerpt(text: str) -> str:
    """Return the text in quotes for a message, cut off where it is long."""
    return repr(text if len(text) <= _LONGEST_EXCERPT else text[:_LONGEST_EXCERPT] + "…")


def check_cells(values: Sequence[str], where: Callable[[int], str], *, spaces_allowed: bool) -> None:
    """Check that a column can hold all values.

    Args:
        values: from top to bottom.
        where: gives what messages call the place of the value at an index.
        spaces_allowed: whether tabs alone divide the columns.

    Raises:
        DataError: a value is empty, or holds a character that ends a column or a line.
    """
    together = "".join(values)
    if "" in values or any(mark in together for mark in _marks(spaces_allowed)):
        for index, value in enumerate(values):
            check_cell(value, where(index), spaces_allowed=spaces_allowed)


def check_cell(value: str, where: str, *, spaces_allowed: bool) -> None:
    """Check that a column can hold the value; see :func:`check_cells`."""
    if value == "":
        raise DataError(f"{where}: a column cannot hold the empty text; write JSON Lines instead")
    for mark in _marks(spaces_allowed):
        if mark in value:
            raise DataError(
                f"{where}: a column cannot hold {excerpt(value)}, which has {mark!r} in it; "
                "write JSON Lines instead"
            )


def _marks(spaces_allowed: bool) -> str:
    return "\t\n\r" if spaces_allowed else "\t\n\r "
