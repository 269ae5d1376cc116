"""The sentences of a table whose rows are documents, as a table whose rows are sentences; and parts of tables."""

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
    """A table of documents, sentence by sentence, each with the document that its row names.

    Args:
        table: the documents.
        depth: how many lists there are around a token, from 2.
        where: what messages call the split.
        first_row: the number of the table's first row in the split.
        losses: where rows whose lists differ in number are refused or counted.
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
        """Read the chosen columns and others beside them."""
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
        """Return None: they are sentences of tokens."""
        return None

    def _sentences(
        self, place: str, names: Sequence[str], values: Sequence[Any], depth: int
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the place of each sentence, ``row.sentence``, and its values."""
        if depth == 1 or values[0] is None or values[1 % len(values)] is None:
            yield (place, *values)
            return
        # Columns beside tokens and labels tell which rows are words; a sentence may have none.
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
    """A table that is read once, and of which is kept what was read.

    Args:
        table: the table.

    Attributes:
        rows: what was read; None before.
    """

    def __init__(self, table: Table) -> None:
        self.name = table.name
        self.columns = table.columns
        self.class_names = table.class_names
        self.kinds = table.kinds
        self.rows: Rows | None = None
        self._table = table

    def read(self, columns: Columns, also: Sequence[str] = ()) -> Rows:
        """Read the chosen columns and others beside them, or return them again."""
        if self.rows is None:
            self.rows = self._table.read(columns, also)
        return self.rows

    def texts(self, context: ReadingContext) -> Texts | None:
        """Return None: they are sentences of tokens."""
        return None


class PartOfRows:
    """Some of the rows of a table, as they were read.

    Args:
        table: the table.
        rows: what was read of it.
        start: the first of its rows that is of the part.
        end: the first one after the part.
        places: what messages call the rows of the whole table.
    """

    def __init__(self, table: Table, rows: Rows, start: int, end: int, places: Sequence[str]) -> None:
        self.name = table.name
        self.columns = table.columns
        self.class_names = table.class_names
        self.kinds = table.kinds
        self._rows = {name: values[start:end] for name, values in rows.items()} | {PLACES: places[start:end]}

    def read(self, columns: Columns, also: Sequence[str] = ()) -> Rows:
        """Return the rows; they hold the columns that are asked for."""
        return self._rows

    def texts(self, context: ReadingContext) -> Texts | None:
        """Return None: they are sentences of tokens."""
        return None
