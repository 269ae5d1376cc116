"""ResultTable: a table of results, the common form in which all results are printed, written and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from tagger.metrics.counts import percent
from tagger.metrics.table import table

Value: TypeAlias = str | int | float | None
Kind = Literal["text", "count", "share", "number"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: its name, the key in JSON and the head in CSV and reports.
        kind: ``text``; ``count``, an integer; ``share``, in [0, 1] (differences of shares in [-1, 1]), shown to
            readers in percent; or ``number``, any other number.
    """

    name: str
    kind: Kind = "share"


@dataclass(frozen=True, slots=True)
class ResultTable:
    """Results under one heading.

    Attributes:
        name: key in JSON and CSV: lower-case letters, digits and underscores.
        title: the heading for readers.
        columns: the columns, with text columns first.
        rows: a value for each column; None for missing values.
        notes: remarks on the meaning of the values, or on omissions.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()

    def to_dicts(self) -> list[dict[str, Value]]:
        """Return each row as a dict, ready for JSON."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]

    def shown_rows(self) -> list[list[str]]:
        """Return the cells as shown to readers: shares in percent, empty if there is no value."""
        return [
            [shown(value, column.kind) for value, column in zip(row, self.columns, strict=True)]
            for row in self.rows
        ]

    def lines(self) -> list[str]:
        """Return the table as plain text, its title above and its notes below."""
        names = sum(column.kind == "text" for column in self.columns)
        heads = [column.name.replace("_", " ") for column in self.columns]
        return [self.title, *table(heads, self.shown_rows(), names=names), *self.notes]


def shown(value: Value, kind: Kind) -> str:
    """Return a value as shown to readers.

    >>> shown(0.12345, "share"), shown(3.14159, "number"), shown(1200, "count"), shown(None, "share")
    ('12.35', '3.142', '1200', '')
    """
    if value is None:
        return ""
    if kind == "share":
        assert not isinstance(value, str)
        return percent(value)
    return f"{value:.4g}" if kind == "number" else str(value)


def as_csv_rows(tables: Sequence[ResultTable]) -> list[tuple[Any, ...]]:
    """Return all values as one long table with the columns table, row, column and value.

    A row is named by its text cells.
    """
    rows: list[tuple[Any, ...]] = [("table", "row", "column", "value")]
    for one in tables:
        for row in one.rows:
            cells = list(zip(row, one.columns, strict=True))
            name = " / ".join(str(value) for value, column in cells if column.kind == "text")
            rows += [
                (one.name, name, column.name, value)
                for value, column in cells
                if column.kind != "text" and value is not None
            ]
    return rows
