"""Writer of sentences as columns: into the lines from which they were read, or as new rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from tagger.errors import DataError, UsageError
from tagger.formats.columns.conll import split_cells, starts_document
from tagger.formats.columns.records import ColumnRecord, check_cell, check_cells, excerpt, split_end

_NEW_NAMES: Final = ("PREDICTED", "PROBABILITY")
"""The names of appended columns in a header row."""


def restore_conll(
    record: ColumnRecord,
    *,
    replace: Mapping[int | str, Sequence[str]] | None = None,
    append: Sequence[Sequence[str]] = (),
    token_column: int | str | None = None,
) -> str:
    """Return the lines of a record unchanged except for new values in some columns and new columns at the end.

    A ``-DOCSTART-`` row of several columns repeats its last one for every column appended, so that all rows have the
    same number of columns (required by conlleval); a header row gets the names PREDICTED and PROBABILITY. Surplus empty
    cells at the end of a row stay at its end.

    Args:
        record: a sentence from ``read_conll``.
        replace: the new values of a column, one per token, by its number or name as in ``read_conll``.
        append: columns to add after the last, each with one value per token; at most two under a header row.
        token_column: the number or name of the token column, which must not be replaced.

    Raises:
        DataError: a column cannot hold a value: it is empty, has blanks around it, or contains a tab, a line end, or,
            in a line whose columns are divided by spaces, a space; or the row would start a document.
        UsageError: there is no such column, or it is that of the tokens.
    """
    for values in (*(replace or {}).values(), *append):
        check_cells(values, record.origin, spaces_allowed=True)
    new = (
        {_place(column, record): values for column, values in (replace or {}).items()} if record.rows else {}
    )
    if new and token_column is not None and _place(token_column, record) in new:
        raise UsageError(
            f"{record.origin(0)}: the column of the tokens cannot be that of the labels; choose another"
        )
    lines = list(record.lines)
    for index, row in enumerate(record.rows):
        body, after = parted_row(lines[row], record.num_columns)
        if new:
            body = with_cells(
                body, {column: values[index] for column, values in new.items()}, record.origin(index)
            )
            if starts_document(body):
                raise _document_start(record.origin(index))
        divider = "\t" if "\t" in body or " " not in body else " "
        for values in append:
            if divider == " " and " " in values[index]:
                check_cell(values[index], record.origin(index), spaces_allowed=False)
            body += divider + values[index]
        lines[row] = body + after
    if append:
        lines = [_append_again(line, len(append)) if starts_document(line) else line for line in lines]
        if record.header is not None:
            body, after = parted_row(lines[record.header], len(record.names))
            divider = "\t" if "\t" in body or " " not in body else " "
            names = _NEW_NAMES[: len(append)]
            lines[record.header] = divider.join([body, *names]) + after
    return "".join(lines)


def format_conll(tokens: Sequence[str], *columns: Sequence[str]) -> str:
    r"""Format a sentence as rows of tab-separated columns, the token first, with a blank line after it.

    >>> format_conll(["EU", "rejects"], ["B-ORG", "O"])
    'EU\tB-ORG\nrejects\tO\n\n'

    Raises:
        DataError: the output would be read back differently: a token or value is empty, or contains a tab or a line
            end; a value has blanks around it; a token is -DOCSTART-.
    """
    check_cells(tokens, _token_number, spaces_allowed=bool(columns), tokens=True)
    for column in columns:
        check_cells(column, _token_number, spaces_allowed=True)
    rows = ["\t".join(row) for row in zip(tokens, *columns, strict=True)]
    text = "\n".join(["", *rows, "", ""])
    if "\n-DOCSTART-" in text:
        for index, row in enumerate(rows):
            if starts_document(row):
                raise _document_start(_token_number(index))
    return text[1:]


def _token_number(index: int) -> str:
    return f"token {index}"


def _document_start(where: str) -> DataError:
    return DataError(
        f"{where}: a first column cannot hold '-DOCSTART-', which would start a document; write JSON Lines instead"
    )


def _place(column: int | str, record: ColumnRecord) -> int:
    """Return the index of a column, from 0, by its number from either end or its name."""
    if isinstance(column, str):
        if record.names.count(column) != 1:
            raise UsageError(
                f"{record.origin(0)}: expected one column {column!r} to replace, found "
                f"{', '.join(map(repr, record.names)) or 'no names, since there is no header row'}"
            )
        return record.names.index(column)
    if not -record.num_columns <= column < record.num_columns:
        raise UsageError(
            f"{record.origin(0)}: there is no column {column} to replace (counted from 0): "
            f"{excerpt(split_end(record.lines[record.rows[0]])[0])}"
        )
    return column % record.num_columns


def parted_row(line: str, num_columns: int) -> tuple[str, str]:
    """Split a row into its columns and the rest: surplus empty cells, trailing spaces and the line end."""
    text, end = split_end(line)
    if "\t" not in text:
        body = text.rstrip(" ")
    else:
        surplus = text.count("\t") + 1 - num_columns
        body = text.rsplit("\t", surplus)[0] if surplus > 0 else text
    return body, text[len(body) :] + end


def with_cells(row: str, new: Mapping[int, str], where: str) -> str:
    """Return a row without its line end, with new values in some columns.

    Args:
        row: the columns of a row, from :func:`parted_row`.
        new: the values, by the indices of their columns from 0.
        where: ``file:line``.

    Raises:
        DataError: a column cannot hold a value.
    """
    by_tabs = "\t" in row
    body = row if by_tabs else row.lstrip(" ")
    # Even indices hold columns, odd ones separators.
    pieces = re.split("(\t)" if by_tabs else "( +)", body)
    for column, value in new.items():
        check_cell(value, where, spaces_allowed=by_tabs)
        pieces[2 * column] = value
    return "".join([row[: len(row) - len(body)], *pieces])


def _append_again(line: str, times: int) -> str:
    """Repeat the last column of a -DOCSTART- row, unless it is the only one."""
    text, end = split_end(line)
    cells = split_cells(text)
    divider = "\t" if "\t" in text else " "
    return text + f"{divider}{cells[-1]}" * times + end if len(cells) > 1 else line
