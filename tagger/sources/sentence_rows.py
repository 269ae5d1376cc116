"""Views of tables: documents as rows of sentences, cached rows, and parts of tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tagger.formats.format import ReadingContext
from tagger.formats.losses import Losses
from tagger.formats.tables.column_choice import Columns
from tagger.sources.column_level import ROW
from tagger.sources.shapes import Column
from tagger.sources.values_table import PLACES, Rows, Table, Texts


class SentenceRows:
    """A table of documents as a table of sentences, each with the document of its row.

    Args:
        table: the documents.
        depth: the number of nested lists around a token, from 2.
        where: what messages call the split.
        first_row: the number of the table's first row in the split.
        losses: refuses or counts rows whose lists differ in length.
    """

    def __init__(self, table: Table, depth: int, where: str, first_row: int, losses: Losses) -> None:
        self.name = table.name
        self.columns: Mapping[str, Column] = table.columns
        self.class_names = table.class_names
        self.kinds = {
            name: column.kind if column.depth == depth else column.whole_kind
            for name, column in table.columns.items()
        }
        self.num_rows = 0
        self._table = table
        self._depth = depth
        self._where = where
        self._first_row = first_row
        self._losses = losses

    def read(self, columns: Columns, also: Sequence[str] = ()) -> Rows:
        """Read the chosen and additional columns."""
        own = None if columns.document == ROW else columns.document
        rows = self._table.read(Columns(columns.tokens, columns.labels, own), also)
        names = list(dict.fromkeys((columns.tokens, columns.labels, *also)))
        found: dict[str, list[Any]] = {name: [] for name in (*names, columns.document or ROW, PLACES)}
        self.num_rows = len(rows[columns.tokens])
        for row in range(self.num_rows):
            place = str(self._first_row + row)
            id = place if own is None else rows[own][row]
            for inner, *values in self._sentences(
                place, names, [rows[name][row] for name in names], self._depth
            ):
                for name, value in zip(names, values, strict=True):
                    found[name].append(value)
                found[columns.document or ROW].append(id)
                found[PLACES].append(inner)
        return found

    def texts(self, context: ReadingContext) -> Texts | None:
        """Return None: the rows are sentences of tokens."""
        return None

    def _sentences(
        self, place: str, names: Sequence[str], values: Sequence[Any], depth: int
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the place of each sentence, ``row.sentence``, and its values."""
        if depth == 1 or values[0] is None or values[1 % len(values)] is None:
            yield (place, *values)
            return
        # Additional columns show which rows are words; a sentence may lack them.
        lists = [[None] * len(values[0]) if value is None else value for value in values]
        for name, items in zip(names, lists, strict=True):
            if len(items) != len(lists[0]):
                self._losses.bad(
                    "rows that cannot be read",
                    f"{self._where}:{place}: expected as many lists in column {name!r} as in {names[0]!r}, found "
                    f"{len(items)} and {len(lists[0])}",
                )
                return
        for number, inner in enumerate(zip(*lists, strict=True)):
            yield from self._sentences(f"{place}.{number}", names, inner, depth - 1)


class HeldRows:
    """A table that is read once and cached.

    Args:
        table: the table.

    Attributes:
        rows: the rows read; None before reading.
    """

    def __init__(self, table: Table) -> None:
        self.name = table.name
        self.columns = table.columns
        self.class_names = table.class_names
        self.kinds = table.kinds
        self.rows: Rows | None = None
        self._table = table

    def read(self, columns: Columns, also: Sequence[str] = ()) -> Rows:
        """Read the chosen and additional columns, or return the cached rows."""
        if self.rows is None:
            self.rows = self._table.read(columns, also)
        return self.rows

    def texts(self, context: ReadingContext) -> Texts | None:
        """Return None: the rows are sentences of tokens."""
        return None


class PartOfRows:
    """A range of the rows of a table.

    Args:
        table: the table.
        rows: its rows, as read.
        start: the first row of the part.
        end: the row after the last.
        places: what messages call the rows of the whole table.
    """

    def __init__(self, table: Table, rows: Rows, start: int, end: int, places: Sequence[str]) -> None:
        self.name = table.name
        self.columns = table.columns
        self.class_names = table.class_names
        self.kinds = table.kinds
        self._rows = {name: values[start:end] for name, values in rows.items()} | {PLACES: places[start:end]}

    def read(self, columns: Columns, also: Sequence[str] = ()) -> Rows:
        """Return the rows; they already hold the requested columns."""
        return self._rows

    def texts(self, context: ReadingContext) -> Texts | None:
        """Return None: the rows are sentences of tokens."""
        return None
