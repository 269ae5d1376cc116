"""Pandas data frames as tables: one sentence per row with lists in its cells, or one token per row as in CSV files.

Only strings are read as text: a number in the token column is an error, as is a missing token or label; the message
names the row by its label. Where rows are tokens, a missing sentence id repeats the one above, as in CSV files, and so
does a missing document within a sentence; a sentence that begins without one is an error.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from tagger.errors import DataError
from tagger.formats.columns.records import excerpt
from tagger.formats.format import ReadingContext
from tagger.formats.losses import Losses
from tagger.formats.reading_options import ReadingOptions
from tagger.formats.tables.column_choice import LABEL_NAMES, NUMBERS, SURE_TOKEN_NAMES, TEXT, Columns
from tagger.formats.tables.csv_table import CsvTable, Line
from tagger.sources.shapes import Column
from tagger.sources.tables import CsvDataTable
from tagger.sources.values_table import Rows, Table, Texts, ValuesTable

_MISSING: Final = {"NAType", "NaTType"}


def frame_table(frame: Any, name: str, options: ReadingOptions) -> Table:
    """Return a ``pandas.DataFrame`` as a table.

    Args:
        frame: the data frame.
        name: what messages call it.
        options: the reading options; the columns that they name determine whether a row is a token.

    Raises:
        DataError: a column name is not a string, or is repeated.
    """
    names = list(frame.columns)
    for place, column in enumerate(names):
        if not isinstance(column, str):
            raise DataError(
                f"{name}: expected columns with names that are strings, found {column!r}. Name them: frame.columns = "
                "['tokens', 'labels', ...]"
            )
        if column in names[:place]:
            raise DataError(f"{name}: expected different names of columns, found {column!r} twice")
    labels = [str(label) for label in frame.index]
    values = {column: [plain(cell) for cell in frame[column].tolist()] for column in names}
    of_lists = {
        column for column, cells in values.items() if any(isinstance(cell, list | Mapping) for cell in cells)
    }
    if of_lists and not _has_token_rows([name for name in names if name not in of_lists], of_lists, options):
        return ValuesTable(name, values, places=labels)
    rows = {column: cells for column, cells in values.items() if column not in of_lists}
    return FrameTable(_FrameRows(name, rows, labels), of_lists)


def _has_token_rows(others: Collection[str], of_lists: Collection[str], options: ReadingOptions) -> bool:
    """Return whether tokens and labels are in columns without lists, by the options or the column names."""
    if options.text_column is not None:
        return False

    def is_among(chosen: int | str | None, usual: Sequence[str], *, must_be_all: bool) -> bool:
        if chosen is not None:
            return chosen in others
        of_rows, of_sentences = (
            any(column.lower() in usual for column in columns) for columns in (others, of_lists)
        )
        return of_rows and not (of_sentences and must_be_all)

    return is_among(options.token_column, SURE_TOKEN_NAMES, must_be_all=True) and is_among(
        options.label_column, LABEL_NAMES, must_be_all=False
    )


def plain(cell: Any) -> Any:
    """Convert a cell to plain Python values: arrays and tuples to lists, a missing value to None.

    >>> plain(("EU", float("nan"))), plain(3)
    (['EU', None], 3)
    """
    if isinstance(cell, str):
        return cell
    if hasattr(cell, "tolist"):
        cell = cell.tolist()
    if isinstance(cell, list | tuple):
        return [plain(item) for item in cell]
    if isinstance(cell, Mapping):
        return {key: plain(item) for key, item in cell.items()}
    is_missing = (isinstance(cell, float) and cell != cell) or type(cell).__name__ in _MISSING
    return None if is_missing else cell


class _Unread(str):
    """An empty cell in place of an unreadable one that is skipped.

    Attributes:
        reason: why it is unreadable, for messages.
    """

    reason: str


class _FrameRows(CsvTable):
    """The rows of a data frame without lists as rows of a CSV file; a row with only missing values is blank."""

    def __init__(self, name: str, values: Mapping[str, Sequence[Any]], labels: Sequence[str]) -> None:
        self.name = name
        self.header = list(values)
        self.columns = {column: list(cells) for column, cells in values.items()}
        self.labels = labels
        self._name_columns(self.header)
        self._probed: list[tuple[Line, list[str]]] | None = None
        self._numbers: Iterator[int] | None = None

    def restart(self) -> None:
        """Reset reading, including rows already probed, since cells may have changed."""
        self._probed = None
        self._numbers = None

    def refuse_line_end(self, cell: str, line: Line, column: str) -> None:
        """Accept a cell with a line end: no quote can be open here."""

    def unread(self, cell: str) -> str | None:
        """Return why an unreadable cell was replaced by an empty one; None for any other cell."""
        return cell.reason if isinstance(cell, _Unread) else None

    def _rows(self) -> Iterator[tuple[Line, list[str]]]:
        self._numbers = self._numbers or iter(range(len(self.labels)))
        columns = self.columns.values()
        for number in self._numbers:
            cells = [_text(cells[number]) for cells in columns]
            is_blank = not any(cell.strip() or isinstance(cell, _Unread) for cell in cells)
            yield self.labels[number], [] if is_blank else cells


class FrameTable(CsvDataTable):
    """A data frame whose cells are not lists: one token per row, or lists and spans written as text.

    Args:
        rows: the rows, not yet read.
        of_lists: additional columns that hold lists, and are not read.
    """

    def __init__(self, rows: _FrameRows, of_lists: Collection[str]) -> None:
        super().__init__(rows)
        self._rows = rows
        self._of_lists = of_lists
        self._set_kinds()

    def prepare(self, sentence_column: str | None, losses: Losses) -> None:
        """Set how to read it; see :class:`CsvDataTable`."""
        super().prepare(sentence_column, losses)
        self._set_kinds()

    def read(self, columns: Columns, also: Sequence[str] = ()) -> Rows:
        """Read the chosen columns; there are no additional ones."""
        self._check(columns.tokens, str)
        self._check(columns.labels, int if self.columns[columns.labels].kind == NUMBERS else str)
        self._rows.repeats_documents = columns.document is None
        self._rows.restart()
        return super().read(columns, also)

    def texts(self, context: ReadingContext) -> Texts | None:
        """Return the texts with spans that the rows hold; None if they hold none."""
        texts = super().texts(context)
        if texts is not None:
            self._check(texts.text_column, str)
            self._rows.restart()
        return texts

    def _set_kinds(self) -> None:
        """Distinguish columns of numbers and other values from those of text."""
        for name, cells in self._rows.columns.items():
            column = self.columns[name]
            if float in map(type, cells) and all(_is_whole(cell) for cell in cells):
                # pandas converts integers to floats where one is missing.
                cells[:] = [None if cell is None else int(cell) for cell in cells]
            types = {type(cell) for cell in cells if cell is not None}
            if column.kind == TEXT and types and str not in types:
                kind = NUMBERS if types == {int} else " and ".join(sorted(of.__name__ for of in types))
                self.columns = {**self.columns, name: Column(kind)}
        self.columns = {**self.columns, **{name: Column("list") for name in self._of_lists}}

    def _check(self, name: str, expected: type) -> None:
        """Refuse cells that are missing or of another type; if bad rows are skipped, replace them by empty cells."""
        blank = [all(cell is None for cell in row) for row in zip(*self._rows.columns.values(), strict=True)]
        cells = self._rows.columns[name]
        for number, cell in enumerate(cells):
            if isinstance(cell, expected) and type(cell) is not bool:
                continue
            if cell is None and blank[number]:
                continue
            where = f"{self.name}:{self._rows.labels[number]}: column {name!r}"
            what = "an integer" if expected is int else "a string"
            found = f"the {type(cell).__name__} {excerpt(repr(cell))}"
            if cell is None:
                found = (
                    "a missing value. pandas reads words such as NA and null as missing ones unless it is told not to: "
                    "pandas.read_csv(..., keep_default_na=False)"
                )
            problem = f"{where}: expected {what}, found {found}"
            if self._losses is None:
                raise DataError(problem)
            cells[number] = _Unread()
            cells[number].reason = problem


def _is_whole(cell: Any) -> bool:
    """Return whether a cell is a whole number, or missing."""
    return cell is None or type(cell) is int or (type(cell) is float and cell.is_integer())


def _text(cell: Any) -> str:
    """Return a cell as written in a CSV file, whole numbers without a fraction."""
    if cell is None:
        return ""
    if isinstance(cell, _Unread):
        return cell
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
