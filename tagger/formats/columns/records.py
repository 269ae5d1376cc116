"""ColumnRecord: a sentence of a column file with its source lines, so that the file can be restored."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from tagger.errors import DataError, FormatError
from tagger.examples import Example
from tagger.formats.repeated import kept_once

MAX_SEPARATORS: Final = 1000
"""The most lines without a token in one record, so that a file of blank lines does not fill the memory."""

_LONGEST_EXCERPT: Final = 80
_FORBIDDEN: Final = {True: re.compile("[\t\n\r\0]"), False: re.compile("[\t\n\r\0 ]")}
"""Characters that end a cell or a line, by whether spaces are allowed."""


@dataclass(frozen=True, slots=True)
class ColumnRecord:
    """A sentence and every line since the previous record; the lines of all records, joined, are the file.

    Attributes:
        example: the sentence; without tokens if the lines have none (at the end of a file, among many blank lines).
        lines: the source lines with their ends: comments, rows, and the blank line after them.
        rows: for each token, the index of its line in ``lines``.
        first_line: number of ``lines[0]`` in the file, counted from 1.
        name: what messages call the file.
        num_columns: the number of columns, without surplus empty cells at the end of rows.
        names: the names of the columns, if the file has a header row.
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
    """Collects the lines, tokens and labels of each sentence while a file is read.

    The reader appends to the attributes, which are those of a :class:`ColumnRecord`; the lists are cleared in place.

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
        """Return the line number of the line at ``index``."""
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
        """Discard the tokens of the sentence but keep its lines."""
        for collected in (self.tokens, self.rows, self.labels or []):
            collected.clear()

    def take(self) -> ColumnRecord:
        """Return the collected record, and start the next one.

        Raises:
            FormatError: a line holds a NUL character, or a carriage return before its end.
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
    """Return a text in quotes for a message, truncated if long."""
    return repr(text if len(text) <= _LONGEST_EXCERPT else text[:_LONGEST_EXCERPT] + "…")


def check_cells(
    values: Sequence[str], where: Callable[[int], str], *, spaces_allowed: bool, tokens: bool = False
) -> None:
    """Check that a column can hold all values and is read back unchanged.

    Args:
        values: the values, from top to bottom.
        where: returns the place of the value at an index, for messages.
        spaces_allowed: whether only tabs divide the columns.
        tokens: whether they are tokens, which keep the blanks around them, unlike labels.

    Raises:
        DataError: a value is empty, has blanks around it, or contains a character that ends a column or a line.
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
    """Check that a column can hold a value; see :func:`check_cells`."""
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
