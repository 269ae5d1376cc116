"""Reader of the sentences of a CSV file: one token per row, or one sentence per row with lists in its cells.

The rules follow existing files:

- One token per row: a sentence ends at a blank row, or where the column of sentence ids (``Sentence #``,
  ``sentence_id``) changes. An empty cell there, and in the document column, repeats the one above, as in the Kaggle set
  "Annotated Corpus for NER".
- One sentence per row: the label cell holds a list, ``['B-ORG', 'O']``, or contains spaces.
- When bad data are skipped, an unreadable row costs its whole sentence. A row with another number of cells than the
  header may have lost a cell before its id: if the id is new, the row costs the previous sentence, too.
- An unclosed quote may have swallowed any number of rows, and is never skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from tagger.documents import SeenDocuments
from tagger.errors import FormatError, UsageError
from tagger.formats.columns.records import excerpt
from tagger.formats.losses import Losses
from tagger.formats.tables.column_choice import Columns
from tagger.formats.tables.csv_lists import is_list, parse_list
from tagger.formats.tables.csv_table import CsvTable, Line
from tagger.options import argument

BAD_ROWS: Final = "rows that cannot be read, with their whole sentences"


@dataclass(frozen=True, slots=True)
class CsvSentence:
    """A sentence of a CSV file.

    Attributes:
        tokens: as written.
        labels: one per token, strings or integers, as written.
        document: the value of the document column, or None.
        line: number of its first line in the file, counted from 1, or the row label of a data frame.
        probabilities: the label probabilities, as written; None without such a column.
    """

    tokens: Sequence[str]
    labels: Sequence[str] | Sequence[int]
    document: str | None
    line: Line
    probabilities: Sequence[str] | None = None


def read_sentences(
    table: CsvTable, columns: Columns, losses: Losses | None = None, *, labelled: bool = True
) -> Iterator[CsvSentence]:
    """Yield the sentences, in constant memory.

    Args:
        table: the table, not yet read.
        columns: the columns of tokens, labels and documents.
        losses: counts unreadable rows; if left out, they are errors.
        labelled: whether labels are read; if not, tokens take their place.

    Raises:
        FormatError: a row is not CSV or has another number of cells than the header, a cell is empty, tokens and labels
            differ in number, or the ends of sentences are not marked.
        UsageError: a column of sentence ids is named, but rows are sentences.
    """
    if columns.document is None:
        # Sentence ids often start again in each document.
        columns = replace(columns, document=table.document_column)
    refuse = _raise if losses is None else partial(losses.bad, BAD_ROWS)
    wanted = columns if labelled else replace(columns, labels=columns.tokens)
    if not _has_whole_sentences(table, columns):
        return _TokenRows(table, wanted, refuse).sentences()
    if table.sentence_column is not None:
        raise UsageError(
            f"{table.name}: {argument('data.sentence_column', table.sentence_column)}: has no effect where a row is a "
            f"sentence, as the labels in column {columns.labels!r} say"
        )
    return _sentence_rows(table, wanted, refuse)


def _raise(message: str) -> None:
    raise FormatError(message)


def _has_whole_sentences(table: CsvTable, columns: Columns) -> bool:
    """Return whether a row is a sentence."""
    probed = [row for _, row in table.peek() if row]
    ids = table.places_of_ids()
    if any(not row[place].strip() for row in probed for place in ids):
        return False  # empty cells repeat the one above only where rows are tokens
    place = table.header.index(columns.labels)
    cells = [row[place].strip() for row in probed]
    if any(cells) and all(is_list(cell) for cell in cells if cell):
        return True
    return table.sentence_column is None and any(len(cell.split()) > 1 for cell in cells)


def _sentence_rows(table: CsvTable, columns: Columns, refuse: Callable[[str], None]) -> Iterator[CsvSentence]:
    for line, cells in table.rows():
        if not cells:
            continue
        if problem := table.problem(line, cells):
            refuse(problem)
            continue
        for column in (columns.tokens, columns.labels):
            cell = cells[table.header.index(column)]
            if "\n" in cell and not is_list(cell):
                table.refuse_line_end(cell, line, column)
        try:
            sentence = _sentence_of(cells, line, table, columns)
        except FormatError as error:
            refuse(str(error))
            continue
        yield sentence


def _sentence_of(cells: Sequence[str], line: Line, table: CsvTable, columns: Columns) -> CsvSentence:
    """Return the sentence of a row."""

    def parse(column: str) -> list[str] | list[int]:
        cell = cells[table.header.index(column)]
        if problem := table.unread(cell):
            raise FormatError(problem)
        try:
            return parse_list(cell)
        except ValueError as error:
            raise FormatError(
                f"{table.name}:{line}: column {column!r}: expected a list of strings, found {excerpt(cell)}: {error}"
            ) from None

    tokens, labels = parse(columns.tokens), parse(columns.labels)
    if any(isinstance(token, int) for token in tokens):
        raise FormatError(
            f"{table.name}:{line}: column {columns.tokens!r}: expected a list of strings, found one of integers: "
            f"{excerpt(cells[table.header.index(columns.tokens)])}"
        )
    if len(tokens) != len(labels):
        raise FormatError(
            f"{table.name}:{line}: expected one label per token, found {len(tokens)} tokens in column "
            f"{columns.tokens!r} and {len(labels)} labels in column {columns.labels!r}"
        )
    document = None if columns.document is None else cells[table.header.index(columns.document)] or None
    return CsvSentence(tokens, labels, document, line)  # type: ignore[arg-type]


class _TokenRows:
    """Collects token rows into sentences; the arguments are those of ``read_sentences``."""

    def __init__(self, table: CsvTable, columns: Columns, refuse: Callable[[str], None]) -> None:
        self._table = table
        self._refuse = refuse
        self._token_place = table.header.index(columns.tokens)
        self._label_place = table.header.index(columns.labels)
        self._id_place = table.sentence_place(columns)
        self._document_place = None if columns.document is None else table.header.index(columns.document)
        self._seen = SeenDocuments()
        self._tokens: list[str] = []
        self._labels: list[str] = []
        self._probability_place = table.probability_place
        self._probabilities: list[str] = []
        self._id = self._document = ""
        self._first_line: Line = 0
        self._num_rows = self._num_sentences = 0
        self._is_open = False
        """Whether a sentence has begun."""
        self._is_bad = False
        """Whether the sentence has an unreadable row."""
        self._next_is_bad = False
        """Whether the last row was unreadable and may have begun the next sentence."""
        self._lost: tuple[str, str] | None = None
        """The id and document that this row seems to have."""

    def sentences(self) -> Iterator[CsvSentence]:
        """Yield the sentences."""
        table = self._table
        ends = self._id_place is not None
        for line, cells in table.rows():
            if not cells:
                ends = True
                yield from self._taken()
                self._id, self._next_is_bad, self._lost = "", False, None
            elif problem := table.problem(line, cells):
                self._refuse(problem)
                self._lose()
                self._lost = self._begun_by(cells)
                self._next_is_bad = self._lost is not None
            else:
                for place, cell in enumerate(cells):
                    if "\n" in cell:
                        table.refuse_line_end(cell, line, table.header[place])
                yield from self._add(line, cells)
        if not ends and self._num_sentences == 1 and self._num_rows > 1:
            raise FormatError(
                f"{table.name}: the ends of sentences are not marked. Leave a row between them blank, or name the "
                f"column of their ids with {argument('data.sentence_column')}, or call it 'sentence_id' in the "
                "header row"
            )
        yield from self._taken()

    def _add(self, line: Line, cells: Sequence[str]) -> Iterator[CsvSentence]:
        """Add a row; yield the sentence before it if it begins one."""
        id = self._id if self._id_place is None else cells[self._id_place].strip() or self._id
        document = self._document
        lacks_document = False
        if self._document_place is not None:
            cell = cells[self._document_place].strip()
            begins = not self._is_open or id != self._id
            lacks_document = not cell and begins and document != "" and not self._table.repeats_documents
            document = cell or document
        if self._id_place is not None and not id:
            if not self._is_bad:
                self._refuse(
                    f"{self._table.name}:{line}: expected the id of a sentence in column "
                    f"{self._table.header[self._id_place]!r}, found nothing and no row above to take it from"
                )
            self._lose()
            self._next_is_bad = False
            return
        if not self._is_open or id != self._id or document != self._document:
            yield from self._taken()
            if id and self._seen.comes_again(f"{document}\t{id}"):
                raise FormatError(
                    f"{self._table.name}:{line}: sentence {id!r} comes again, after other sentences; expected its rows "
                    "side by side. If the ids begin again in each document, name the column of documents with "
                    f"{argument('data.document_column')}; otherwise sort the rows, or give each sentence an id of its "
                    "own"
                )
            self._open()
            self._id, self._document, self._first_line = id, document, line
            self._is_bad = self._next_is_bad or (id, document) == self._lost
            self._lost = None
        self._next_is_bad = False
        self._num_rows += 1
        if lacks_document and self._document_place is not None:
            self._refuse(
                f"{self._table.name}:{line}: column {self._table.header[self._document_place]!r}: expected the "
                "document of a sentence, found a missing value. If it is that of the row above, fill it in: "
                "frame[column] = frame[column].ffill()"
            )
            self._is_bad = True
        elif problem := self._problem(line, cells):
            self._refuse(problem)
            self._is_bad = True
        elif not self._is_bad:
            self._tokens.append(cells[self._token_place])
            self._labels.append(cells[self._label_place])
            if self._probability_place is not None:
                self._probabilities.append(cells[self._probability_place])

    def _open(self) -> None:
        self._is_open = True
        self._num_rows = 0
        self._num_sentences += 1

    def _lose(self) -> None:
        """Mark the sentence as bad because of a row that is not added to it."""
        if not self._is_open:
            self._open()
        self._num_rows += 1
        self._is_bad = True

    def _taken(self) -> Iterator[CsvSentence]:
        """Yield the sentence unless it is empty or bad, and end it."""
        if self._tokens and not self._is_bad:
            said = None if self._probability_place is None else tuple(self._probabilities)
            yield CsvSentence(
                tuple(self._tokens), tuple(self._labels), self._document or None, self._first_line, said
            )
        self._tokens.clear()
        self._labels.clear()
        self._probabilities.clear()
        self._is_open = self._is_bad = False

    def _begun_by(self, cells: Sequence[str]) -> tuple[str, str] | None:
        """Return the id and document of a sentence that a row with the wrong number of cells may begin, or None."""
        current = self._id, self._document
        places = self._id_place, self._document_place
        found = tuple(
            value if place is None else cells[place].strip() or value if place < len(cells) else None
            for place, value in zip(places, current, strict=True)
        )
        return None if found == current else (found[0] or "", found[1] or "")

    def _problem(self, line: Line, cells: Sequence[str]) -> str | None:
        """Return what is wrong with the token or the label of a row, or None."""
        where = f"{self._table.name}:{line}"
        for place in (self._token_place, self._label_place):
            if not cells[place].strip():
                return self._table.unread(cells[place]) or (
                    f"{where}: expected something in column {self._table.header[place]!r}, found {cells[place]!r}: "
                    f"{excerpt(','.join(cells))}"
                )
        token, label = cells[self._token_place], cells[self._label_place]
        if self._label_place != self._token_place and len(label.split()) > 1:
            column = self._table.header[self._label_place]
            return f"{where}: column {column!r}: expected one label for the token {token!r}, found {label!r}"
        return None
