"""Reader of CoNLL column files: one token per line, columns divided by tabs or spaces, a blank line after a sentence.

The rules follow existing files:

- A line with a tab in it is split at tabs, any other at runs of spaces; nothing else divides columns.
- Blanks around a label are stripped; a token is kept with its blanks (a warning counts such tokens).
- A line of spaces and tabs only ends the sentence (WNUT 2017 writes a lone tab), as do several.
- A row whose first column is ``-DOCSTART-`` starts a document; ids count from "1". Sentences before it have none.
- The rows of a sentence have the same number of columns; surplus empty cells at the end of a row do not count.
  Sentences may differ (CoNLL-2012): a column counted from the end is counted in each sentence separately, with a
  warning.
- ``#`` starts a token like any other, unless a ``comment_prefix`` is given. Then a line that starts with the prefix is
  a comment anywhere. It is an error if it could also be a row: if it has the columns of its sentence's rows, divided in
  the same way, and either a label that occurs, or a one-character prefix with columns divided by tabs or a single
  column, as with hashtags.
- With ``header``, the first row holds the names of the columns, by which they can then be chosen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Final

from tagger.errors import FormatError, UsageError
from tagger.formats.columns.records import MAX_SEPARATORS, ColumnRecord, RecordBuilder, excerpt
from tagger.formats.lines import Source, read_lines, source_name
from tagger.formats.plausibility import read_head, refuse_other_formats
from tagger.options import argument

_LOG: Final = logging.getLogger(__name__)
_DOCUMENT_START: Final = "-DOCSTART-"


def read_conll(
    source: Source,
    *,
    name: str | None = None,
    token_column: int | str = 0,
    label_column: int | str | None = -1,
    comment_prefix: str | None = None,
    header: bool = False,
    on_bad: Callable[[str], None] | None = None,
) -> Iterator[ColumnRecord]:
    """Return the sentences of a column file, in constant memory.

    Args:
        source: a path or an open stream; an empty one yields nothing.
        name: what messages call the source.
        token_column: column of the token, counted from 0, or backwards from -1 at the last column; or its name in the
            header row.
        label_column: column of the label, given in the same way; None to read no labels.
        comment_prefix: the prefix of comment lines; None if there are none.
        header: whether the first row holds the names of the columns.
        on_bad: called with what is wrong with a sentence, whose record then has no tokens; if left out, it is raised as
            an error.

    Raises:
        DataError: the source cannot be read.
        FormatError: a row has too few or too many columns, or an empty token or label; a comment could be a row; the
            header lacks a name; the file is certainly of another format.
        UsageError: the comment prefix is empty, or a column is given by name but there is no header row.
    """
    if comment_prefix == "":
        raise UsageError("comment_prefix must not be empty: every line would be a comment")
    for option, column in (("token_column", token_column), ("label_column", label_column)):
        if isinstance(column, str) and not header:
            raise UsageError(
                f"{option}: expected the number of a column, counted from 0, found {column!r}. "
                f"If the first row holds the names of the columns, say so: {argument('data.header', True)}"
            )
    name = source_name(source, name)
    return _Reader(name, token_column, label_column, comment_prefix, on_bad, has_header=header).records(
        source
    )


class _Reader:
    """Reads one source; the arguments are those of ``read_conll``."""

    def __init__(
        self,
        name: str,
        token_column: int | str,
        label_column: int | str | None,
        comment_prefix: str | None,
        on_bad: Callable[[str], None] | None,
        *,
        has_header: bool,
    ) -> None:
        self._name = name
        self._token_column = token_column
        self._label_column = label_column
        self._prefix = comment_prefix
        self._on_bad = on_bad
        self._has_header = has_header
        self._record = RecordBuilder(name, labelled=label_column is not None)
        self._cells: list[list[str]] = []
        """The cells of the rows of the sentence."""
        self._comments: list[int] = []
        """The indices of the comments in the lines of the record."""
        self._first: tuple[int, str, int] | None = None
        """The number of columns, first row, and line number of the first sentence."""
        self._places: dict[int, tuple[int, int | None]] = {}
        """The columns of token and label, counted from 0, by the number of columns."""
        self._compared_column = 0
        """The column in which comments are compared with rows: that of the label, else the last."""
        self._labels_seen: set[str] = set()
        """The values of rows in that column so far."""
        self._by_tabs = False
        """Whether tabs divide the rows of the last sentence."""
        self._num_sentences = self._num_differing = 0
        self._differing = ""

    def records(self, source: Source) -> Iterator[ColumnRecord]:
        record, cells, prefix = self._record, self._cells, self._prefix
        kept, rows = record.lines, record.rows
        num_documents = 0
        needs_header = self._has_header
        lines = read_lines(source, name=self._name)
        head = read_head(lines)
        refuse_other_formats(head, self._name)
        for line in chain(head, lines):
            text = line.rstrip("\r\n")
            # Testing the first character is a fast path that decides nearly every line.
            first = text[:1]
            is_border = first == "-" and starts_document(text)
            if (is_border and cells) or (not cells and len(kept) == MAX_SEPARATORS):
                yield self._take()
            kept.append(line)
            if is_border:
                num_documents += 1
                record.document = str(num_documents)
            elif first in " \t" and not text.strip(" \t"):
                if cells:
                    yield self._take()
            elif prefix is not None and text.startswith(prefix):
                self._comments.append(len(kept) - 1)
            elif needs_header:
                self._read_header(text)
                needs_header = False
            else:
                rows.append(len(kept) - 1)
                cells.append(text.split("\t") if "\t" in text else _split_at_spaces(text))
        if kept:
            yield self._take()
        columns = (self._token_column, self._label_column)
        if self._num_differing and any(isinstance(column, int) and column < 0 for column in columns):
            _LOG.warning(
                "%s. %d of %d sentences differ from it, and a column counted from the end is another one there. "
                "If that is not meant, count from 0 (token_column, label_column)",
                self._differing,
                self._num_differing,
                self._num_sentences,
            )

    def _take(self) -> ColumnRecord:
        if self._cells:
            try:
                self._read_rows()
            except FormatError as error:
                if self._on_bad is None:
                    raise
                self._on_bad(str(error))
                self._record.forget()
                self._cells.clear()
        if self._prefix is not None:
            self._check_comments()
        self._cells.clear()
        self._comments.clear()
        return self._record.take()

    def _read_rows(self) -> None:
        """Extract tokens and labels from the rows of the sentence."""
        record, cells = self._record, self._cells
        num_columns = self._num_columns()
        self._compare_with_first(num_columns)
        if num_columns not in self._places:
            self._places[num_columns] = self._find_columns(num_columns)
        token_column, label_column = self._places[num_columns]
        record.num_columns = num_columns
        record.tokens[:] = [row[token_column] for row in cells]
        self._refuse_empty("token", record.tokens, self._token_column)
        if label_column is not None:
            labels = [row[label_column] for row in cells]
            if any(label != label.strip() for label in set(labels)):  # distinct labels are few
                labels = [label.strip() for label in labels]
            record.labels = labels
            self._refuse_empty("label", record.labels, self._label_column)

    def _where(self, row: int) -> str:
        return self._record.where(self._record.rows[row])

    def _row(self, row: int) -> str:
        return self._record.lines[self._record.rows[row]].rstrip("\r\n")

    def _read_header(self, text: str) -> None:
        record = self._record
        record.names = tuple(name.strip() for name in split_cells(text))
        record.header = len(record.lines) - 1
        columns: list[int | None] = []
        for kind, column in (("token", self._token_column), ("label", self._label_column)):
            if isinstance(column, str):
                if record.names.count(column) != 1:
                    found = "several" if column in record.names else "none"
                    raise FormatError(
                        f"{record.where(record.header)}: expected one column {column!r} for the {kind}, found {found} "
                        f"in the header row: {', '.join(map(repr, record.names))}"
                    )
                columns.append(record.names.index(column))
            else:
                columns.append(column)
        self._token_column, self._label_column = columns[0] or 0, columns[1]

    def _num_columns(self) -> int:
        """Return the number of columns of the sentence; surplus empty cells at the end of a row do not count."""
        names, cells = self._record.names, self._cells
        lengths = set(map(len, cells))
        num_columns = len(names) or min(lengths)
        if len(lengths) == 1 and num_columns in lengths:
            return num_columns
        for index, row in enumerate(cells):
            if len(row) != num_columns and (len(row) < num_columns or any(row[num_columns:])):
                if names or index > 0:
                    raise self._ragged(num_columns, index)
                shorter = next(other for other, cut in enumerate(cells) if any(row[len(cut) :]))
                raise self._ragged(len(row), shorter)
        return num_columns

    def _compare_with_first(self, num_columns: int) -> None:
        """Record a sentence with another number of columns than the first one; refuse what looks like a comment."""
        self._num_sentences += 1
        if self._first is None:
            self._first = num_columns, self._row(0), self._record.number(self._record.rows[0])
        elif num_columns != self._first[0]:
            expected, first_row, first_number = self._first
            if self._prefix is None and (first_row.startswith("#") or self._row(0).startswith("#")):
                raise self._ragged(expected, 0)
            self._differing = self._differing or (
                f"{self._where(0)}: the rows of this sentence have {num_columns} columns, those of the first one "
                f"(line {first_number}) {expected}: {excerpt(self._row(0))}"
            )
            self._num_differing += 1

    def _find_columns(self, num_columns: int) -> tuple[int, int | None]:
        """Return the columns of token and label counted from 0; refuse missing or equal ones."""
        found = f"found {num_columns} {'column' if num_columns == 1 else 'columns'}: {excerpt(self._row(0))}"
        columns: list[int | None] = []
        for kind, column in (("token", self._token_column), ("label", self._label_column)):
            assert not isinstance(column, str), "resolved with the header row"
            if column is not None and not -num_columns <= column < num_columns:
                raise FormatError(
                    f"{self._where(0)}: expected the {kind} in column {column} (counted from 0), {found}"
                )
            columns.append(None if column is None else column % num_columns)
        token, label = columns
        if token is None or token == label:
            raise FormatError(
                f"{self._where(0)}: expected token and label in different columns, "
                f"not in {self._token_column} and {self._label_column} (counted from 0), {found}"
            )
        return token, label

    def _refuse_empty(self, kind: str, values: Sequence[str], column: int | str | None) -> None:
        if "" in values:
            row = values.index("")
            advice = ""
            if isinstance(column, int) and column < 0:
                advice = f". Count columns from the left with {argument(f'data.{kind}_column')}"
            raise FormatError(
                f"{self._where(row)}: expected a {kind} in column {column}, found nothing: "
                f"{excerpt(self._row(row))}{advice}"
            )

    def _check_comments(self) -> None:
        """Refuse a comment that could also be a row of the sentence in, before or (at the end of the file) after it."""
        record = self._record
        num_columns = record.num_columns
        if self._cells:
            _, label_column = self._places[num_columns]
            self._compared_column = num_columns - 1 if label_column is None else label_column
            self._by_tabs = "\t" in self._row(0)
            self._labels_seen.update([row[self._compared_column].strip() for row in self._cells])
        for index in self._comments:
            text = record.lines[index].rstrip("\r\n")
            row = split_cells(text)
            if not num_columns or len(row) < num_columns or any(row[num_columns:]):
                continue
            is_short = len(self._prefix or "") == 1 and (self._by_tabs or num_columns == 1)
            has_label = num_columns > 1 and row[self._compared_column].strip() in self._labels_seen
            if ("\t" in text) == self._by_tabs and (is_short or has_label):
                columns = "1 column" if num_columns == 1 else f"{num_columns} columns"
                raise FormatError(
                    f"{record.where(index)}: starts with {self._prefix!r}, so it should be a comment, but it could be "
                    f"a token: it has {columns}, as the rows of its sentence have: {excerpt(text)}. "
                    f"Name more of what comments start with ({argument('data.comment_prefix')}), or none if no "
                    "line is one"
                )

    def _ragged(self, expected: int, row: int) -> FormatError:
        text = self._row(row)
        first_row = self._first[1] if self._first else ""
        like_comment = self._prefix is None and any(
            line.startswith("#") for line in (first_row, self._row(0), text)
        )
        prefix = argument("data.comment_prefix", "#")
        advice = f". If lines that start with # are comments, name their prefix: {prefix}"
        return FormatError(
            f"{self._where(row)}: expected {expected} columns, found {len(self._cells[row])}: {excerpt(text)}"
            f"{advice if like_comment else ''}"
        )


def starts_document(text: str) -> bool:
    """Return whether a row starts a document."""
    return text.startswith(_DOCUMENT_START) and split_cells(text)[0].rstrip(" ") == _DOCUMENT_START


def split_cells(text: str) -> list[str]:
    """Split a row without its line end into cells."""
    return text.split("\t") if "\t" in text else _split_at_spaces(text)


def _split_at_spaces(text: str) -> list[str]:
    cells = text.split(" ")
    return [cell for cell in cells if cell] if "" in cells else cells
