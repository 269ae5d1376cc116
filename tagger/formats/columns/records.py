"""ColumnRecord: a sentence of a column file with its source lines, so that the file can be written back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tagger.errors import DataError, FormatError
from tagger.examples import Example
from tagger.formats.repeated import kept_once

MAX_SEPARATORS: Final = 1000
"""Lines without a token that one record holds at most: a file of blank lines takes no memory either."""

_LONGEST_EXCERPT: Final = 80
_FORBIDDEN: Final = {True: re.compile("[\t\n\r\0]"), False: re.compile("[\t\n\r\0 ]")}
"""Characters that end a cell or a line, by whether spaces are allowed."""


@dataclass(frozen=True, slots=True)
class ColumnRecord:
    """A sentence and every line since the record before: joined over all records, the lines are the file.

    Attributes:
        example: the sentence; without tokens where the lines hold none (at the end of a file, among many
            blank lines).
        lines: the source lines with their ends: comments, rows, and the blank line after them.
        rows: for each token, the index of its line in ``lines``.
        first_line: number of ``lines[0]`` in the file, counted from 1.
        name: what messages call the file.
        num_columns: how many columns the rows have, without surplus empty cells at their end.
        names: of the columns, where the file has a header row.
        header: the index of that row in ``lines``, in the record that holds it.
    """

    example: Example
    lines: tuple[str, ...]
    rows: tuple[int, ...]
    first_line: int
    name: str
    num_columns: int = 0
    names: tuple[str, ...] = ()
    header: int | None = None

    @property
    def sentences(self) -> tuple[Example, ...]:
        """The sentences of the record: one, or none if there are no tokens."""
        return (self.example,) if self.example.tokens else ()

    def origin(self, index: int) -> str:
        """Return ``file:line`` of the token at ``index``."""
        return f"{self.name}:{self.first_line + self.rows[index]}"


class RecordBuilder:
    """Collects the lines, tokens and labels of one sentence after another while a file is read.

    The reader adds to the attributes, which are those of a :class:`ColumnRecord`; the lists are emptied in place.

    Args:
        name: what messages call the file.
        labelled: whether every token comes with a label.
    """

    def __init__(self, name: str, *, labelled: bool) -> None:
        self.document: str | None = None
        self.lines: list[str] = []
        self.rows: list[int] = []
        self.tokens: list[str] = []
        self.labels: list[str] | None = [] if labelled else None
        self.num_columns = 0
        self.names: tuple[str, ...] = ()
        self.header: int | None = None
        self._name = name
        self._first_line = 1

    def number(self, index: int) -> int:
        """Return the number in the file of the line at ``index``."""
        return self._first_line + index

    def where(self, index: int) -> str:
        """Return ``file:line`` of the line at ``index``."""
        return f"{self._name}:{self.number(index)}"

    def check_lines(self) -> None:
        """Refuse NUL characters, and carriage returns within a line."""
        text = "".join(self.lines)
        if "\0" not in text and "\r" not in text:
            return
        for index, line in enumerate(self.lines):
            if "\0" in line:
                raise FormatError(
                    f"{self.where(index)}: expected text, found a NUL character. If this is UTF-16, convert it with: "
                    "iconv -f utf-16le -t utf-8 OLD > NEW"
                )
            if "\r" in line.rstrip("\r\n"):
                raise FormatError(
                    f"{self.where(index)}: expected lines that end in a line feed, found a carriage return in one. "
                    "If all lines end in carriage returns, convert them with: tr '\\r' '\\n'"
                )

    def forget(self) -> None:
        """Leave out the tokens of the sentence, whose lines stay."""
        for collected in (self.tokens, self.rows, self.labels or []):
            collected.clear()

    def take(self) -> ColumnRecord:
        """Return what was collected, and start again after it.

        Raises:
            FormatError: a line holds a NUL character, or a carriage return but at its end.
        """
        self.check_lines()
        first_row = self.rows[0] if self.rows else 0
        record = ColumnRecord(
            example=Example(
                tokens=kept_once(self.tokens),
                labels=None if self.labels is None else kept_once(self.labels),
                document=self.document,
                origin=self.where(first_row),
            ),
            lines=tuple(self.lines),
            rows=tuple(self.rows),
            first_line=self._first_line,
            name=self._name,
            num_columns=self.num_columns,
            names=self.names,
            header=self.header,
        )
        self._first_line += len(self.lines)
        self.header = None
        self.lines.clear()
        self.forget()
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


def check_cells(
    values: Sequence[str], where: Callable[[int], str], *, spaces_allowed: bool, tokens: bool = False
) -> None:
    """Check that a column can hold all values and is read back with the same ones.

    Args:
        values: from top to bottom.
        where: gives what messages call the place of the value at an index.
        spaces_allowed: whether tabs alone divide the columns.
        tokens: whether they are tokens, which are read with the blanks around them, and labels are not.

    Raises:
        DataError: a value is empty, has blanks around it, or holds a character that ends a column or a line.
    """
    together = "".join(values)
    if (
        "" in values
        or _FORBIDDEN[spaces_allowed].search(together)
        or not (tokens or all(value == value.strip() for value in set(values)))
    ):
        for index, value in enumerate(values):
            check_cell(value, where(index), spaces_allowed=spaces_allowed, token=tokens)


def check_cell(value: str, where: str, *, spaces_allowed: bool, token: bool = False) -> None:
    """Check that a column can hold the value; see :func:`check_cells`."""
    if value == "":
        raise DataError(f"{where}: a column cannot hold the empty text; write JSON Lines instead")
    if found := _FORBIDDEN[spaces_allowed].search(value):
        raise DataError(
            f"{where}: a column cannot hold {excerpt(value)}, which has {found[0]!r} in it; "
            "write JSON Lines instead"
        )
    if not token and value != value.strip():
        raise DataError(
            f"{where}: a column cannot hold {excerpt(value)}: the blanks around it would not be read back"
        )
