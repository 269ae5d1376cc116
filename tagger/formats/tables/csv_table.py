r"""CSV files with a header row: their columns and rows.

The delimiter is the comma, semicolon or tab that divides the header row into most columns. Cells are text: ``NA``,
``null`` and ``1.0`` are tokens like any other. A quote in a cell is doubled.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Final, TypeAlias

from tagger.errors import FormatError, UsageError
from tagger.formats.columns.records import excerpt
from tagger.formats.lines import Source, read_lines, source_name
from tagger.formats.tables.column_choice import TEXT, Columns
from tagger.options import argument

_DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs"}
_SENTENCE_IDS: Final = {
    *(
        "sentence#",
        "sentenceid",
        "sentenceidx",
        "sentenceindex",
        "sentencenumber",
        "sentenceno",
        "sentencenum",
    ),
    *("sent#", "sentid", "sentidx", "sentno"),
}
_DOCUMENT_IDS: Final = {"doc", "docid", "docname", "document", "documentid", "documentname"}
_DOCUMENT_IDS_KIND: Final = "document ids"
_PROBABILITY: Final = "probability"
_PERHAPS_SENTENCE_IDS: Final = {"sentence", "sent"}
_SENTENCE_IDS_KIND: Final = "sentence ids"
_PROBED_ROWS: Final = 1000
_QUOTE_ADVICE: Final = 'A quote that is a token is written as four quotes: """"'


Line: TypeAlias = int | str
"""The place of a row: the number of its first line, or the row label of a data frame."""


class CsvTable:
    """A CSV file whose header row has been read, and whose rows can be read once.

    Args:
        source: a path or an open stream.
        name: what messages call the source.
        sentence_column: name of the column of sentence ids; detected by its usual names if left out.

    Raises:
        DataError: the source cannot be read.
        FormatError: there is no header row with at least two columns, or a name is repeated.
        UsageError: there is no column of this name.
    """

    repeats_documents = True
    """Whether an empty cell in the document column repeats the one above also at the beginning of a sentence."""

    def __init__(
        self, source: Source, *, name: str | None = None, sentence_column: str | None = None
    ) -> None:
        self.name = source_name(source, name)
        lines = read_lines(source, name=name)
        first = next(lines, "")
        delimiter = self._delimiter(first)
        self._reader = csv.reader(chain([first], lines), delimiter=delimiter, strict=True)
        self._probed: list[tuple[Line, list[str]]] | None = None
        self.header = [cell.strip() for cell in next(self._reader)]
        self._name_columns([cell for cell in self.header if cell])
        if sentence_column is not None:
            self.name_sentence_column(sentence_column)

    def _name_columns(self, names: Sequence[str]) -> None:
        """Determine by name which columns hold ids."""
        for column in names:
            if names.count(column) > 1:
                raise FormatError(
                    f"{self.name}:1: expected different names of columns, found {column!r} twice"
                )
        self.sentence_column: str | None = None
        self.kinds = {
            column: _SENTENCE_IDS_KIND
            if _plain(column) in _SENTENCE_IDS
            else _DOCUMENT_IDS_KIND
            if _plain(column) in _DOCUMENT_IDS
            else TEXT
            for column in names
        }

    def name_sentence_column(self, name: str) -> None:
        """Set the column of sentence ids, before anything is read.

        Raises:
            UsageError: there is no such column.
        """
        if name not in self.kinds:
            raise UsageError(
                f"{self.name}: {argument('data.sentence_column', name)}: no such column; found: "
                f"{', '.join(map(repr, self.kinds))}"
            )
        self.kinds[name] = _SENTENCE_IDS_KIND
        self.sentence_column = name

    def others(self, columns: Columns) -> list[str]:
        """Return the names of the columns that hold neither tokens, labels, probabilities nor ids."""
        read = (columns.tokens, columns.labels, columns.document, self.document_column, _PROBABILITY)
        sentence_place = self.sentence_place(columns)
        sentence_ids = None if sentence_place is None else self.header[sentence_place]
        return [name for name in self.kinds if name not in (*read, sentence_ids)]

    @property
    def document_column(self) -> str | None:
        """The only column with a usual name of document ids, or None."""
        found = [name for name, kind in self.kinds.items() if kind == _DOCUMENT_IDS_KIND]
        return found[0] if len(found) == 1 else None

    def peek(self) -> list[tuple[Line, list[str]]]:
        """Return the well-formed ones of the first thousand rows, without consuming them."""
        return [(line, cells) for line, cells in self._first_rows() if len(cells) in (0, len(self.header))]

    def rows(self) -> Iterator[tuple[Line, list[str]]]:
        """Yield the line and the cells of each row; no cells for a blank row."""
        yield from self._first_rows()
        yield from self._rows()

    def problem(self, line: Line, cells: Sequence[str]) -> str | None:
        """Return what is wrong with a row that has another number of cells than the header; None if it has as many.

        Args:
            line: number of its first line.
            cells: its cells.

        Raises:
            FormatError: such a row spans several lines: an unclosed quote may have swallowed other rows.
        """
        if len(cells) in (0, len(self.header)):
            return None
        found = (
            f"{self.name}:{line}: expected {len(self.header)} cells as in the header row, found {len(cells)}: "
            f"{excerpt(','.join(cells))}"
        )
        if any("\n" in cell for cell in cells):
            raise FormatError(found)
        return found

    def unread(self, cell: str) -> str | None:
        """Return why an unreadable cell was replaced by an empty one; None for any other cell."""
        return None

    def _first_rows(self) -> list[tuple[Line, list[str]]]:
        if self._probed is None:
            self._probed = list(islice(self._rows(), _PROBED_ROWS))
        return self._probed

    def _delimiter(self, first: str) -> str:
        """Return the delimiter of the header row."""
        counts = {}
        for delimiter in _DELIMITERS:
            try:
                counts[delimiter] = len(next(csv.reader([first], delimiter=delimiter, strict=True), ()))
            except csv.Error:
                counts[delimiter] = 0
        most = max(counts.values())
        best = [delimiter for delimiter, count in counts.items() if count == most]
        if most < 2 or len(best) > 1:
            raise FormatError(
                f"{self.name}:1: expected a header row that names the columns, divided by commas, semicolons or tabs, "
                f"found {excerpt(first.rstrip())}"
            )
        return best[0]

    def _rows(self) -> Iterator[tuple[Line, list[str]]]:
        """Yield the remaining rows, as ``rows`` does."""
        while True:
            line = self._reader.line_num + 1
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                raise FormatError(
                    f"{self.name}:{line}: expected a row of CSV: {error} (line {self._reader.line_num}). "
                    f"{_QUOTE_ADVICE}"
                ) from None
            if cells is None:
                return
            if not "".join(cells).strip():
                cells = []
            yield line, cells

    def places_of_ids(self) -> list[int]:
        """Return the indices of the columns that certainly hold sentence ids."""
        return [place for place, name in enumerate(self.header) if self.kinds.get(name) == _SENTENCE_IDS_KIND]

    @property
    def probability_place(self) -> int | None:
        """The index of the column of label probabilities, or None."""
        return self.header.index(_PROBABILITY) if _PROBABILITY in self.kinds else None

    def sentence_place(self, columns: Columns) -> int | None:
        """Return the index of the column of sentence ids, or None."""
        if self.sentence_column is not None:
            return self.header.index(self.sentence_column)
        chosen = (columns.tokens, columns.labels, columns.document)
        for names in (_SENTENCE_IDS, _PERHAPS_SENTENCE_IDS):
            found = [name for name in self.kinds if name not in chosen and _plain(name) in names]
            if len(found) > 1:
                raise FormatError(
                    f"{self.name}:1: expected one column of sentence ids, found {', '.join(map(repr, found))}. "
                    f"Choose with {argument('data.sentence_column', found[0])}, or call the others something else in "
                    "the header row"
                )
            if found:
                return self.header.index(found[0])
        return None

    def refuse_line_end(self, cell: str, line: Line, column: str) -> None:
        """Refuse a cell with a line end in it: an unclosed quote may have swallowed other rows."""
        raise FormatError(
            f"{self.name}:{line}: column {column!r}: expected a cell on one line, found one on "
            f"{cell.count(chr(10)) + 1}: {excerpt(cell)}. {_QUOTE_ADVICE}"
        )


def has_cell(line: str, value: str) -> bool:
    """Return whether a value is a whole cell of a line, with any delimiter."""
    try:
        return any(value in cells for mark in _DELIMITERS for cells in csv.reader([line], delimiter=mark))
    except csv.Error:
        return False


def _plain(column: str) -> str:
    return "".join(mark for mark in column.lower() if mark not in " _-.")
