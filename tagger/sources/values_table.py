"""Table, the protocol of data tables, and tables of Python values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from tagger.formats.annotated import AnnotatedText
from tagger.formats.format import ReadingContext
from tagger.formats.tables.column_choice import Columns
from tagger.formats.tables.span_columns import find_span_columns, read_span_rows
from tagger.sources.shapes import Column, columns_in, value_at
from tagger.sources.value_shapes import shape_of_values

Rows = Mapping[str, Sequence[Any]]
"""Column to its values, row by row, for the requested columns, and PLACES if rows have names."""

PLACES: Final = "(places)"
"""The pseudo-column of row names for messages, if these are not row numbers."""


class Texts(NamedTuple):
    """The texts of a table, and the columns that hold texts and spans."""

    text_column: str
    span_column: str
    items: Iterator[AnnotatedText]


class Table(Protocol):
    """One file of a split, or the whole of a saved one.

    Attributes:
        name: what messages call it.
        columns: its columns, including nested ones by dotted names.
    """

    name: str
    columns: Mapping[str, Column]

    @property
    def kinds(self) -> Mapping[str, str]:
        """Column to its kind, in words; see ``tagger.formats.tables.column_choice``."""

    @property
    def class_names(self) -> Mapping[str, Sequence[str]]:
        """For each column of class labels, their names in the order of their integers."""

    def read(self, columns: Columns, also: Sequence[str] = ()) -> Rows:
        """Read the chosen and additional columns."""

    def texts(self, context: ReadingContext) -> Texts | None:
        """Return the texts with spans in the rows; None if there are none."""


class TypedTable:
    """Base class of tables whose columns have types.

    Args:
        name: what messages call it.
        columns: its columns, including nested ones.
    """

    def __init__(self, name: str, columns: Mapping[str, Column]) -> None:
        self.name = name
        self.columns = columns

    @property
    def kinds(self) -> dict[str, str]:
        """Column to its kind, in words."""
        return {name: column.whole_kind for name, column in self.columns.items()}

    @property
    def class_names(self) -> dict[str, tuple[str, ...]]:
        """The names of class labels."""
        return {name: column.names for name, column in self.columns.items() if column.names}

    def read(self, columns: Columns, also: Sequence[str] = ()) -> Rows:
        """Read the chosen and additional columns."""
        document = () if columns.document is None else (columns.document,)
        return self.values(list(dict.fromkeys((columns.tokens, columns.labels, *also, *document))))

    def values(self, wanted: Sequence[str]) -> Rows:
        """Return the values of some columns."""
        raise NotImplementedError

    def texts(self, context: ReadingContext) -> Texts | None:
        """Return the texts with spans in the rows; None if there are none."""
        columns = find_span_columns(self.kinds, context.options, context.name)
        if columns is None:
            return None
        assert columns.spans is not None, "found with them"
        rows = self.values([name for name in columns if name is not None])
        texts = rows[columns.text]
        documents = [None] * len(texts) if columns.document is None else rows[columns.document]
        places = rows.get(PLACES) or range(len(texts))
        values = zip(places, texts, rows[columns.spans], documents, strict=True)
        names = dict(enumerate(self.columns[columns.spans].names)) or None
        placed = ((f"{context.name}:{place}", row) for place, *row in values)
        return Texts(columns.text, columns.spans, read_span_rows(placed, columns, names, context))


class ValuesTable(TypedTable):
    """A table whose columns are lists of Python values, without declared types.

    Args:
        name: what messages call it.
        values: column to its values, row by row.
        places: row names for messages; row numbers if left out.
    """

    def __init__(
        self, name: str, values: Mapping[str, Sequence[Any]], *, places: Sequence[str] | None = None
    ) -> None:
        super().__init__(
            name, columns_in({column: shape_of_values(found) for column, found in values.items()})
        )
        self._values = values
        self._places = places

    def values(self, wanted: Sequence[str]) -> Rows:
        """Return the values of some columns."""
        rows: dict[str, Sequence[Any]] = {}
        for name in wanted:
            top, *keys = self.columns[name].path
            values = self._values[top]
            rows[name] = [value_at(value, keys) for value in values] if keys else values
        return rows if self._places is None else {**rows, PLACES: self._places}
