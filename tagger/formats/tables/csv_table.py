r"""CSV files with a header row: a token a row, or a sentence a row with lists in its cells.

What such files hold decides the details:

- Columns are divided by commas, semicolons or tabs, whichever the header row has most of.
- A token a row: a sentence ends at a blank row, or where the column of sentence ids (``Sentence #``,
  ``sentence_id``) has another value. An empty cell there, and in the document column, repeats the one above, as in the
  Kaggle set "Annotated Corpus for NER".
- A sentence a row: the cell of the labels holds a list, ``['B-ORG', 'O']``, or has spaces in it.
- Cells are text: ``NA``, ``null`` and ``1.0`` are tokens like any other. A quote in a cell is doubled.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final

from tagger.documents import SeenDocuments
from tagger.errors import FormatError, UsageError
from tagger.formats.columns.records import excerpt
from tagger.formats.lines import Source, read_lines, source_name
from tagger.formats.tables.column_choice import TEXT, Columns
from tagger.formats.tables.csv_lists import is_list, parse_list
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


@dataclass(frozen=True, slots=True)
class CsvSentence:
    """A sentence of a CSV file.

    Attributes:
        tokens: as they are written.
        labels: one per token, strings or integers, as they are written.
        document: what the document column says, or None.
        probabilities: of the labels, as a column of this name says; None without one.
        line: number of its first line in the file, counted from 1.
    """

    tokens: Sequence[str]
    labels: Sequence[str] | Sequence[int]
    document: str | None
    line: int
    probabilities: Sequence[str] | None = None


class CsvTable:
    """A CSV file whose header row is read, and whose rows can be read once.

    Args:
        source: a path or an open stream.
        name: what messages call the source.
        sentence_column: name of the column of sentence ids; found by its usual names if left out.

    Raises:
        DataError: the source cannot be read.
        FormatError: there is no header row that names at least two columns.
        UsageError: there is no column of sentence ids of this name.
    """

    def __init__(
        self, source: Source, *, name: str | None = None, sentence_column: str | None = None
    ) -> None:
        self.name = source_name(source, name)
        lines = read_lines(source, name=name)
        first = next(lines, "")
        delimiter = self._delimiter(first)
        self._reader = csv.reader(chain([first], lines), delimiter=delimiter, strict=True)
        self._probed: list[tuple[int, list[str]]] | None = None
        self.header = [cell.strip() for cell in next(self._reader)]
        names = [cell for cell in self.header if cell]
        for column in names:
            if names.count(column) > 1:
                raise FormatError(
                    f"{self.name}:1: expected different names of columns, found {column!r} twice"
                )
        self.kinds = {
            column: _SENTENCE_IDS_KIND
            if column == sentence_column or _plain(column) in _SENTENCE_IDS
            else _DOCUMENT_IDS_KIND
            if _plain(column) in _DOCUMENT_IDS
            else TEXT
            for column in names
        }
        if sentence_column is not None and sentence_column not in names:
            raise UsageError(
                f"{self.name}: {argument('data.sentence_column', sentence_column)}: no such column; found: "
                f"{', '.join(map(repr, names))}"
            )
        self._sentence_column = sentence_column

    def sentences(self, columns: Columns) -> Iterator[CsvSentence]:
        """Yield the sentences, in constant memory.

        Raises:
            FormatError: a row is no CSV or has another number of cells than the header, a cell is empty, tokens and
                labels differ in number, or nothing tells where sentences end.
        """
        if columns.document is None:
            # Ids of sentences often begin again in each document.
            columns = replace(columns, document=self.document_column)
        probed = self.peek()
        rows = self.rows()
        place = self.header.index(columns.labels)
        cells = [row[place].strip() for _, row in probed if row]
        whole = any(cells) and all(is_list(cell) for cell in cells if cell)
        whole = whole or any(len(cell.split()) > 1 for cell in cells)
        ids = [place for place, name in enumerate(self.header) if self.kinds.get(name) == _SENTENCE_IDS_KIND]
        if any(not row[place].strip() for _, row in probed if row for place in ids):
            whole = False  # only where a row is a token do empty cells repeat the one above
        if whole and self._sentence_column is not None:
            raise UsageError(
                f"{self.name}: {argument('data.sentence_column', self._sentence_column)}: has no effect where a row is "
                f"a sentence, as the labels in column {columns.labels!r} say"
            )
        return self._of_single_rows(rows, columns) if whole else self._of_many_rows(rows, columns)

    def others(self, columns: Columns) -> list[str]:
        """Return the names of the columns that hold neither tokens, labels, probabilities nor ids."""
        read = (columns.tokens, columns.labels, columns.document, self.document_column, _PROBABILITY)
        sentence_place = self._sentence_place(columns)
        sentence_ids = None if sentence_place is None else self.header[sentence_place]
        return [name for name in self.kinds if name not in (*read, sentence_ids)]

    @property
    def document_column(self) -> str | None:
        """The only column with a usual name of documents."""
        found = [name for name, kind in self.kinds.items() if kind == _DOCUMENT_IDS_KIND]
        return found[0] if len(found) == 1 else None

    def peek(self) -> list[tuple[int, list[str]]]:
        """Return the first rows, up to a thousand of them, which are read again."""
        if self._probed is None:
            self._probed = list(islice(self._rows(), _PROBED_ROWS))
        return self._probed

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the number of the first line of each row, and its cells; no cells for a blank row."""
        yield from self.peek()
        yield from self._rows()

    def _delimiter(self, first: str) -> str:
        """Return what divides the columns of the header row."""
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

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows after those that were looked at, as ``rows`` does."""
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
            elif len(cells) != len(self.header):
                raise FormatError(
                    f"{self.name}:{line}: expected {len(self.header)} cells as in the header row, found {len(cells)}: "
                    f"{excerpt(','.join(cells))}"
                )
            yield line, cells

    def _of_single_rows(
        self, rows: Iterator[tuple[int, list[str]]], columns: Columns
    ) -> Iterator[CsvSentence]:
        places = [self.header.index(name) for name in (columns.tokens, columns.labels)]
        document = None if columns.document is None else self.header.index(columns.document)
        for line, cells in rows:
            if not cells:
                continue
            tokens, labels = (self._parse(cells[place], line, self.header[place]) for place in places)
            if any(isinstance(token, int) for token in tokens):
                raise FormatError(
                    f"{self.name}:{line}: column {columns.tokens!r}: expected a list of strings, found one of "
                    f"integers: {excerpt(cells[places[0]])}"
                )
            if len(tokens) != len(labels):
                raise FormatError(
                    f"{self.name}:{line}: expected one label per token, found {len(tokens)} tokens in column "
                    f"{columns.tokens!r} and {len(labels)} labels in column {columns.labels!r}"
                )
            yield CsvSentence(tokens, labels, None if document is None else cells[document] or None, line)  # type: ignore[arg-type]

    def _parse(self, cell: str, line: int, column: str) -> list[str] | list[int]:
        if "\n" in cell and not is_list(cell):
            self._refuse_line_end(cell, line, column)
        try:
            return parse_list(cell)
        except ValueError as error:
            raise FormatError(
                f"{self.name}:{line}: column {column!r}: expected a list of strings, found {excerpt(cell)}: {error}"
            ) from None

    def _of_many_rows(self, rows: Iterator[tuple[int, list[str]]], columns: Columns) -> Iterator[CsvSentence]:
        sentence_place = self._sentence_place(columns)
        token_place, label_place = self.header.index(columns.tokens), self.header.index(columns.labels)
        document_place = None if columns.document is None else self.header.index(columns.document)
        probability_place = self.header.index(_PROBABILITY) if _PROBABILITY in self.kinds else None
        probabilities: list[str] = []
        seen = SeenDocuments()
        tokens: list[str] = []
        labels: list[str] = []
        first_line = number = 0
        current = document = ""
        ended = sentence_place is not None

        def sentence() -> CsvSentence:
            said = None if probability_place is None else tuple(probabilities)
            taken = CsvSentence(tuple(tokens), tuple(labels), document or None, first_line, said)
            probabilities.clear()
            tokens.clear()
            labels.clear()
            return taken

        for line, cells in rows:
            if not cells:
                ended = True
                if tokens:
                    yield sentence()
                    current = ""
                continue
            if "\n" in "".join(cells):
                column = next(index for index, cell in enumerate(cells) if "\n" in cell)
                self._refuse_line_end(cells[column], line, self.header[column])
            new_document = document if document_place is None else cells[document_place].strip() or document
            found = current if sentence_place is None else cells[sentence_place].strip() or current
            if sentence_place is not None and not found:
                raise FormatError(
                    f"{self.name}:{line}: expected the id of a sentence in column {self.header[sentence_place]!r}, "
                    f"found nothing and no row above to take it from"
                )
            if not tokens or found != current or new_document != document:
                if tokens:
                    yield sentence()
                number += 1
                if found and seen.comes_again(f"{new_document}\t{found}"):
                    raise FormatError(
                        f"{self.name}:{line}: sentence {found!r} comes again, after other sentences; expected its "
                        "rows side by side. If the ids begin again in each document, name the column of documents with "
                        f"{argument('data.document_column')}; otherwise sort the rows, or give each sentence an id of "
                        "its own"
                    )
                current, document, first_line = found, new_document, line
            tokens.append(self._value(cells, token_place, line))
            labels.append(self._value(cells, label_place, line))
            if probability_place is not None:
                probabilities.append(cells[probability_place])
            if len(labels[-1].split()) > 1:
                raise FormatError(
                    f"{self.name}:{line}: column {columns.labels!r}: expected one label for the token "
                    f"{cells[token_place]!r}, found {labels[-1]!r}"
                )
        if tokens:
            if not ended and number == 1 and len(tokens) > 1:
                raise FormatError(
                    f"{self.name}: nothing tells where sentences end. Leave a row between them blank, or name the "
                    f"column of their ids with {argument('data.sentence_column')}, or call it 'sentence_id' in the "
                    "header row"
                )
            yield sentence()

    def _sentence_place(self, columns: Columns) -> int | None:
        """Return the place of the column of sentence ids, or None if there is none."""
        if self._sentence_column is not None:
            return self.header.index(self._sentence_column)
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

    def _value(self, cells: Sequence[str], place: int, line: int) -> str:
        if not cells[place].strip():
            raise FormatError(
                f"{self.name}:{line}: expected something in column {self.header[place]!r}, found "
                f"{cells[place]!r}: {excerpt(','.join(cells))}"
            )
        return cells[place]

    def _refuse_line_end(self, cell: str, line: int, column: str) -> None:
        raise FormatError(
            f"{self.name}:{line}: column {column!r}: expected a cell on one line, found one on "
            f"{cell.count(chr(10)) + 1}: {excerpt(cell)}. {_QUOTE_ADVICE}"
        )


def has_cell(line: str, value: str) -> bool:
    """Return whether a value is the whole of a cell of the line, whatever divides the cells."""
    try:
        return any(value in cells for mark in _DELIMITERS for cells in csv.reader([line], delimiter=mark))
    except csv.Error:
        return False


def _plain(column: str) -> str:
    return "".join(mark for mark in column.lower() if mark not in " _-.")
