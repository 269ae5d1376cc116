"""Tables: what is read of them, and those whose columns are values of Python."""

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
"""Column to its values, row by row; the columns are those that were asked for, and PLACES where rows have some."""

PLACES: Final = "(places)"
"""In place of a column: what messages call each row, where that is not its number."""


class Texts(NamedTuple):
    """The texts of a table, and the columns of them and of their spans."""

    text_column: str
    span_column: str
    items: Iterator[AnnotatedText]


class Table(Protocol):
    """One file of a split, or the whole of a saved one.

    Attributes:
        name: what messages call it.
        columns: its columns, and those within them by dotted names.
    """

    name: str
    columns: Mapping[str, Column]

    @property
    def kinds(self) -> Mapping[str, str]:
        """Column to what it holds, in words; see ``tagger.formats.tables.column_choice``."""

    @property
    def class_names(self) -> Mapping[str, Sequence[str]]:
        """For each column of class labels, their names in the order of their integers."""

    def read(self, columns: Columns, also: Sequence[str] = ()) -> Rows:
        """Read the chosen columns and others beside them."""

    def texts(self, context: ReadingContext) -> Texts | None:
        """Return the texts with spans that the rows hold; None if they hold none."""


class TypedTable:
    """What tables have in common whose columns have types.

    Args:
        name: what messages call it.
        columns: its columns, and those within them.
    """

    def __init__(self, name: str, columns: Mapping[str, Column]) -> None:
        self.name = name
        self.columns = columns

    @property
    def kinds(self) -> dict[str, str]:
        """Column to what it holds."""
        return {name: column.whole_kind for name, column in self.columns.items()}

    @property
    def class_names(self) -> dict[str, tuple[str, ...]]:
        """The names of class labels."""
        return {name: column.names for name, column in self.columns.items() if column.names}

    def read(self, columns: Columns, also: Sequence[str] = ()) -> Rows:
        """Read the chosen columns and others beside them."""
        document = () if columns.document is None else (columns.document,)
        return self.values(list(dict.fromkeys((columns.tokens, columns.labels, *also, *document))))

    def values(self, wanted: Sequence[str]) -> Rows:
        """Return the values of some columns."""
        raise NotImplementedError

    def texts(self, context: ReadingContext) -> Texts | None:
        """Return the texts with spans that the rows hold; None if they hold none."""
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
    """A table whose columns are lists of values of Python, of types that nothing declares.

    Args:
        name: what messages call it.
        values: column to its values, row by row.
        places: what messages call the rows; their numbers if left out.
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
