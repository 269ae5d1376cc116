"""ResultTable: a table of figures, the one form in which all that is found is printed, written and drawn."""

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
        name: its name: key in JSON, head in CSV and for people.
        kind: ``text``; ``count``, a whole number; ``share``, in [0, 1] (differences of shares in [-1, 1]), shown to
            people in percent; or ``number``, any other number.
    """

    name: str
    kind: Kind = "share"


@dataclass(frozen=True, slots=True)
class ResultTable:
    """Figures under one heading.

    Attributes:
        name: key in JSON and CSV: lower-case letters, digits and underscores.
        title: the heading, for people.
        columns: what is in the rows; those of text come first.
        rows: a value for each column; None where there is none.
        notes: sentences about how the figures are meant, or what is left out.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()

    def to_dicts(self) -> list[dict[str, Value]]:
        """Return a row as an object each, ready for JSON."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]

    def shown_rows(self) -> list[list[str]]:
        """Return the cells as people read them: shares in percent, empty where there is no value."""
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
    """Return a value as people read it.

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
    """Return all figures as one long table: a row for each, under table, row, column and value.

    The row of a figure is named by its cells of text.
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
