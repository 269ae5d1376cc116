"""Reading a column or field of annotated files: a value for each token, or one for a whole sentence or text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from tagger.errors import DataError, FormatError, UsageError
from tagger.formats import Losses, ReadingContext, ReadingOptions, Source, read_examples, read_items
from tagger.formats.annotated import AnnotatedText, Item
from tagger.formats.columns.conll import read_conll, split_cells
from tagger.formats.columns.conllu import FIELDS, read_conllu
from tagger.formats.columns.records import ColumnRecord
from tagger.formats.json_files.jsonl import read_objects
from tagger.formats.json_files.objects import RepeatedKeys, describe, parse_object
from tagger.formats.reading_options import LABELLED_FORMATS
from tagger.formats.tables.csv_lists import is_list, parse_list
from tagger.formats.tables.csv_table import CsvTable

_MISSING: Final = "_"
_COMMENT: Final = re.compile(r"#\s*([^=]*?)\s*=\s*(.*)")
_NEW_DOCUMENT: Final = re.compile(r"#\s*newdoc\b")
_PAIRS: Final = ("misc", "feats")
"""Fields of CoNLL-U that hold key-value pairs."""

Whole: TypeAlias = str | None


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a column for one sentence or text.

    Attributes:
        origin: where it was read, the same as that of the corresponding example.
        of_tokens: the value for each token; None if there is one for all.
        whole: the value for all tokens.
        tokens: the tokens, if they are given beside the values.
    """

    origin: str | None
    of_tokens: tuple[Whole, ...] | None = None
    whole: Whole = None
    tokens: tuple[str, ...] | None = None


def read_column(
    source: Source, name: str, format: str, options: ReadingOptions, column: str
) -> Iterator[Values]:
    """Yield the values of a column of a file, in its order.

    Args:
        source: a path.
        name: its name in messages.
        format: format of the file.
        options: how to read it.
        column: in CoNLL columns, the number, from 0 or from -1 backwards, or the name in the header; in CoNLL-U, a
            field (``xpos``), a key of a field (``misc:KEY``, ``feats:KEY``) or of comments (``# KEY = value``; one next
            to ``# newdoc`` applies to all sentences of the document without their own); in tables, the name; in JSON,
            the key, with dots for nested keys (``meta.genre``).

    Raises:
        DataError: if the file cannot be read, or a value is not a valid value of a token or text.
        UsageError: if there is no such column, or the format has no columns.
    """
    options = replace(options, format=format)
    if format == "parquet":
        yield from _of_parquet(source, name, options, column)
    elif format in _READERS:
        yield from _READERS[format](source, name, options, column)
    elif format in LABELLED_FORMATS:
        examples = read_examples(source, replace(options, label_column=column), name=name, losses=Losses())
        for example in examples:
            yield Values(example.origin, example.labels, tokens=example.tokens)
    else:
        for item in read_items(source, options, Losses(skip_bad=options.skip_bad), name=name, labelled=False):
            if not isinstance(item, AnnotatedText):
                raise UsageError(f"{name}: columns beside the tokens are not read of the format {format}")
            yield Values(
                item.origin, whole=_scalar(value_at(item.fields, column), item.origin or name, column)
            )


def _of_conll(source: Source, name: str, options: ReadingOptions, column: str) -> Iterator[Values]:
    records = read_conll(
        source,
        name=name,
        token_column=0 if options.token_column is None else options.token_column,
        label_column=None,
        comment_prefix=options.comment_prefix,
        header=options.header,
        on_bad=_passing_over(options),
    )
    for record in records:
        if record.sentences:
            place = _place(record, column)
            cells = [split_cells(record.lines[row].rstrip("\r\n"))[place].strip() for row in record.rows]
            values = tuple(cell or None for cell in cells)
            yield Values(record.example.origin, values, tokens=record.example.tokens)


def _place(record: ColumnRecord, column: str) -> int:
    if record.names.count(column) == 1:
        return record.names.index(column)
    number = int(column) if re.fullmatch("-?[0-9]+", column) else None
    if number is None or not -record.num_columns <= number < record.num_columns:
        names = f" ({', '.join(map(repr, record.names))})" if record.names else ""
        raise UsageError(
            f"{record.origin(0)}: expected the number of a column, counted from 0, or its name in the header row, "
            f"found {column!r} and {record.num_columns} columns{names}"
        )
    return number % record.num_columns


def _of_conllu(source: Source, name: str, options: ReadingOptions, column: str) -> Iterator[Values]:
    records = read_conllu(source, name=name, label_field=None, on_bad=_passing_over(options))
    field, _, key = column.partition(":")
    is_field = column in FIELDS or (field in _PAIRS and key != "")
    of_document: Whole = None
    for record in records:
        if not is_field:
            comments = [line.rstrip("\r\n") for line in record.lines if line.startswith("#")]
            found = [match[2] for line in comments if (match := _COMMENT.match(line)) and match[1] == column]
            if any(map(_NEW_DOCUMENT.match, comments)):
                of_document = found[0] if found else None
            if record.sentences:
                yield Values(record.example.origin, whole=found[0] if found else of_document)
        elif record.sentences:
            place = FIELDS.index(field)
            cells = [record.lines[row].rstrip("\r\n").split("\t")[place].strip() for row in record.rows]
            values = [_value_under(cell, key) if key else cell for cell in cells]
            yield Values(
                record.example.origin,
                tuple(None if value in (_MISSING, "") else value for value in values),
                tokens=record.example.tokens,
            )


def _value_under(cell: str, key: str) -> str:
    """Return the value of a key in a cell of key-value pairs; several values are joined with bars."""
    pairs = (pair.split("=", 1) for pair in cell.split("|") if "=" in pair)
    return "|".join(pair[1] for pair in pairs if pair[0] == key)


def _of_jsonl(source: Source, name: str, options: ReadingOptions, column: str) -> Iterator[Values]:
    token_key = str(options.token_column or "tokens")
    for value, where in read_objects(source, name, Losses(skip_bad=options.skip_bad)):
        try:
            fields = parse_object(value, where) if isinstance(value, str) else value
        except FormatError:
            if options.skip_bad:
                continue
            raise
        if isinstance(fields, RepeatedKeys) and column.partition(".")[0] in fields.repeated:
            raise FormatError(f"{where}: expected the key {column!r} once, found it several times")
        yield _of_object(value_at(fields, column), fields.get(token_key), where, column)


def _of_parquet(source: Source, name: str, options: ReadingOptions, column: str) -> Iterator[Values]:
    from tagger.formats_extra.parquet import read_parquet_column

    context = ReadingContext(name, options, Losses(skip_bad=options.skip_bad), labelled=False)
    for where, value in read_parquet_column(source, context, column):
        yield _of_object(value, None, where, column)


def _of_object(value: Any, tokens: Any, where: str, column: str) -> Values:
    """Return the values of a list with an item for each token, or else one value for all."""
    if not isinstance(value, list):
        return Values(where, whole=_scalar(value, where, column))
    if isinstance(tokens, list) and len(tokens) != len(value):
        raise DataError(
            f"{where}: expected a value per token under {column!r}, found {len(value)} for {len(tokens)} tokens"
        )
    return Values(where, tuple(_scalar(item, where, column) for item in value))


def _of_csv(source: Source, name: str, options: ReadingOptions, column: str) -> Iterator[Values]:
    table = CsvTable(source, name=name, sentence_column=options.sentence_column)
    if column not in table.kinds:
        raise UsageError(f"{name}: {column!r}: no such column; found: {', '.join(map(repr, table.kinds))}")
    place = table.header.index(column)
    rows = [(line, cells) for line, cells in table.rows() if cells]
    numbers = {f"{name}:{line}": number for number, (line, _) in enumerate(rows)}
    found = []
    # Read again in the same way as the examples, to know where sentences begin
    for item in read_items(source, options, Losses(skip_bad=options.skip_bad), name=name):
        tokens, number = _tokens_of(item), numbers[item.origin or ""]
        own = [cells for _, cells in rows[number : number + len(tokens)]]
        cell = rows[number][1][place].strip()
        if _hold(own, tokens):
            values = tuple(cells[place].strip() or None for cells in own)
            found.append(Values(item.origin, values, tokens=tokens))
        elif tokens and is_list(cell):
            found.append(
                _of_object(list(map(str, parse_list(cell))), list(tokens), item.origin or name, column)
            )
        else:
            are_spaced = any(other.split() == list(tokens) for other in own[0]) if own else False
            found.append(Values(item.origin, whole=cell or None, tokens=tokens if are_spaced else None))
    yield from _divided(found)


def _hold(rows: Sequence[Sequence[str]], tokens: Sequence[str]) -> bool:
    """Return whether the rows contain the tokens, one per row, in one column."""
    if not rows or len(rows) < len(tokens):
        return False
    columns = range(min(map(len, rows)))
    return any(all(row[place] == token for row, token in zip(rows, tokens, strict=True)) for place in columns)


def _divided(found: Sequence[Values]) -> Iterator[Values]:
    """Yield the values, with cells split at spaces if tokens are given so and each cell has as many items as tokens."""
    wholes = [one for one in found if one.of_tokens is None]
    items = [(one.whole or "").split() for one in wholes]
    are_lists = any(len(cells) > 1 for cells in items) and all(
        len(cells) == len(one.tokens or ()) for cells, one in zip(items, wholes, strict=True)
    )
    for one in found:
        is_list_of = are_lists and one.of_tokens is None
        yield replace(one, of_tokens=tuple((one.whole or "").split()), whole=None) if is_list_of else one


def _tokens_of(item: Item) -> tuple[str, ...]:
    if isinstance(item, AnnotatedText):
        return tuple(item.text[start:end] for start, end in item.tokens or ())
    return item.tokens


def value_at(fields: Mapping[str, Any], column: str) -> Any:
    """Return the value under a key, or under nested keys joined by dots; None if there is none.

    >>> value_at({"meta": {"genre": "news"}, "a.b": 1}, "meta.genre"), value_at({"a.b": 1}, "a.b")
    ('news', 1)
    """
    if column in fields:
        return fields[column]
    head, _, rest = column.partition(".")
    inner = fields.get(head)
    return value_at(inner, rest) if rest and isinstance(inner, Mapping) else None


def _scalar(value: Any, where: str, column: str) -> Whole:
    """Return a value as text, with numbers and booleans as in JSON; None if it is missing.

    Raises:
        DataError: if it is a list or an object.
    """
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    raise DataError(
        f"{where}: expected a string or number, or a list of one for each token, under {column!r}, found "
        f"{describe(value)}"
    )


def _passing_over(options: ReadingOptions) -> Callable[[str], None] | None:
    """Return a callback that skips unreadable sentences, which were counted before; None to refuse them."""
    return (lambda _: None) if options.skip_bad else None


_READERS: Final[Mapping[str, Callable[[Source, str, ReadingOptions, str], Iterator[Values]]]] = {
    "conll": _of_conll,
    "conllu": _of_conllu,
    "jsonl": _of_jsonl,
    "csv": _of_csv,
}
