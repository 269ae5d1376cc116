"""CoNLL column files: a token a line, columns divided by tabs or spaces, a blank line behind a sentence.

What real files hold decides the details:

- A line with a tab in it is split at tabs, any other at runs of spaces; nothing else divides columns.
- A line of nothing but spaces and tabs ends the sentence (WNUT 2017 writes a lone tab); several end it once.
- A row whose first column is ``-DOCSTART-`` starts a document, counted from "1"; before it there is none.
- ``#`` starts a token like any other, unless a ``comment_prefix`` is named; comments stand before sentences.
- All rows have as many columns as the first one: another number is an error, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tagger.errors import FormatError, UsageError
from tagger.formats.columns import (
    MAX_SEPARATORS,
    ColumnRecord,
    RecordBuilder,
    check_cell,
    check_cells,
    excerpt,
    split_end,
)
from tagger.formats.lines import Source, read_lines, source_name

_DOCUMENT_START: Final = "-DOCSTART-"


def read_conll(
    source: Source,
    *,
    name: str | None = None,
    token_column: int = 0,
    label_column: int | None = -1,
    comment_prefix: str | None = None,
) -> Iterator[ColumnRecord]:
    """Return the sentences of a column file, in constant memory.

    Args:
        source: a path or an open stream; an empty one yields nothing.
        name: what messages call the source.
        token_column: column of the token, counted from 0, or from -1 at the last column backwards.
        label_column: column of the label, counted likewise; None if there is none or it is not wanted.
        comment_prefix: a line before a sentence that starts with it is a comment; None if there are none.

    Raises:
        DataError: the source cannot be read.
        FormatError: a row has too few or too many columns, or nothing in the column of the token or label.
        UsageError: the comment prefix is empty.
    """
    if comment_prefix == "":
        raise UsageError("comment_prefix must not be empty: every line would be a comment")
    return _read(source, source_name(source, name), token_column, label_column, comment_prefix)


def _read(
    source: Source, name: str, token_column: int, label_column: int | None, comment_prefix: str | None
) -> Iterator[ColumnRecord]:
    num_columns = num_documents = 0
    first_row = ""
    record = RecordBuilder(name, labelled=label_column is not None)
    for number, line in enumerate(read_lines(source, name=name), start=1):
        text = line.rstrip("\r\n")
        starts_document = _starts_document(text)
        if (starts_document and record.tokens) or (not record.tokens and len(record.lines) == MAX_SEPARATORS):
            yield record.take()
        record.lines.append(line)
        if starts_document:
            num_documents += 1
            record.document = str(num_documents)
        elif not text.strip(" \t"):
            if record.tokens:
                yield record.take()
        elif comment_prefix is None or record.tokens or not text.startswith(comment_prefix):
            cells = _split(text)
            if not num_columns:
                _check_columns(text, token_column, label_column, f"{name}:{number}")
                num_columns = len(cells)
                first_row = text
            if len(cells) != num_columns:
                raise FormatError(
                    f"{name}:{number}: expected {num_columns} columns, found {len(cells)}: {excerpt(text)}"
                    f"{_comment_advice(first_row, text)}"
                )
            token = cells[token_column]
            label = None if label_column is None else cells[label_column]
            if token == "" or label == "":
                kind, column = ("token", token_column) if token == "" else ("label", label_column)
                raise FormatError(
                    f"{name}:{number}: expected a {kind} in column {column}, found nothing: {excerpt(text)}"
                )
            record.add_token(token, label)
    if record.lines:
        yield record.take()


def restore_conll(
    record: ColumnRecord,
    *,
    replace: Mapping[int, Sequence[str]] | None = None,
    append: Sequence[Sequence[str]] = (),
) -> str:
    """Return the lines of a record as they were, with new values in some columns and new columns at the end.

    A ``-DOCSTART-`` row of several columns gets its last one again for every column appended, so that all
    rows still have equally many (conlleval insists on it).

    Args:
        record: a sentence from ``read_conll``.
        replace: the new values of a column, one per token, by its number as in ``read_conll``.
        append: columns to put behind the last, each with one value per token.

    Raises:
        DataError: a value cannot stand in a column: it is empty, or holds a tab, a line end, or, in a line
            whose columns are divided by spaces, a space.
        UsageError: there is no such column.
    """
    replace = replace or {}
    for values in (*replace.values(), *append):
        check_cells(values, record.origin, spaces_allowed=True)
    lines = list(record.lines)
    for index, row in enumerate(record.rows):
        text, end = split_end(lines[row])
        by_tabs = "\t" in text
        body = text if by_tabs else text.rstrip(" ")
        after = text[len(body) :]
        if replace:
            new = {column: values[index] for column, values in replace.items()}
            body = _with_cells(body, new, record.origin(index))
        divider = "\t" if by_tabs or " " not in body.lstrip(" ") else " "
        for values in append:
            if divider == " " and " " in values[index]:
                check_cell(values[index], record.origin(index), spaces_allowed=False)
            body += divider + values[index]
        lines[row] = body + after + end
    if append:
        lines = [_append_again(line, len(append)) if _starts_document(line) else line for line in lines]
    return "".join(lines)


def format_conll(tokens: Sequence[str], *columns: Sequence[str]) -> str:
    r"""Return a sentence as rows of tab-divided columns, the token first, with a blank line behind.

    >>> format_conll(["EU", "rejects"], ["B-ORG", "O"])
    'EU\tB-ORG\nrejects\tO\n\n'

    Raises:
        DataError: a token or value is empty, or holds a tab or a line end.
    """
    for column in (tokens, *columns):
        check_cells(column, lambda index: f"token {index}", spaces_allowed=True)
    rows = ["\t".join(row) for row in zip(tokens, *columns, strict=True)]
    return "".join([f"{row}\n" for row in [*rows, ""]])


def _starts_document(text: str) -> bool:
    # The first test is there for speed: it decides for nearly every line.
    return text.startswith(_DOCUMENT_START) and text.split(maxsplit=1)[0] == _DOCUMENT_START


def _split(text: str) -> list[str]:
    if "\t" in text:
        return text.split("\t")
    cells = text.split(" ")
    return [cell for cell in cells if cell] if "" in cells else cells


def _with_cells(row: str, new: Mapping[int, str], where: str) -> str:
    """Return a row with new values in some columns."""
    by_tabs = "\t" in row
    body = row if by_tabs else row.lstrip(" ")
    # Even places hold columns, odd ones what divides them.
    pieces = re.split("(\t)" if by_tabs else "( +)", body)
    for column, value in new.items():
        place = 2 * column if column >= 0 else 2 * column + 1
        if not -len(pieces) <= place < len(pieces):
            raise UsageError(
                f"{where}: there is no column {column} to replace (counted from 0): {excerpt(row)}"
            )
        check_cell(value, where, spaces_allowed=by_tabs)
        pieces[place] = value
    return "".join([row[: len(row) - len(body)], *pieces])


def _append_again(line: str, times: int) -> str:
    """Repeat the last column of a -DOCSTART- row, unless it is the only one."""
    text, end = split_end(line)
    cells = _split(text)
    divider = "\t" if "\t" in text else " "
    return text + f"{divider}{cells[-1]}" * times + end if len(cells) > 1 else line


def _comment_advice(*rows: str) -> str:
    """Return what to do if one of the rows, which differ in their columns, looks like a comment."""
    if not any(row.startswith("#") for row in rows):
        return ""
    return ". If lines that start with # are comments, name their prefix (comment_prefix)"


def _check_columns(text: str, token_column: int, label_column: int | None, where: str) -> None:
    """Refuse columns that the first row does not have, and one column for both token and label."""
    cells = _split(text)
    found = f"found {len(cells)} {'column' if len(cells) == 1 else 'columns'}: {excerpt(text)}"
    for kind, column in (("token", token_column), ("label", label_column)):
        if column is not None and not -len(cells) <= column < len(cells):
            raise FormatError(f"{where}: expected the {kind} in column {column} (counted from 0), {found}")
    if label_column is not None and token_column % len(cells) == label_column % len(cells):
        raise FormatError(
            f"{where}: expected token and label in different columns, "
            f"not in {token_column} and {label_column} (counted from 0), {found}"
        )
