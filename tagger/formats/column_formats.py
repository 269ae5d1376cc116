"""CoNLL columns, CoNLL-U and CSV as formats among others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tagger.errors import UsageError
from tagger.examples import Example
from tagger.formats.annotated import Item
from tagger.formats.column_writing import write_conll, write_conllu, write_csv
from tagger.formats.columns import ColumnRecord
from tagger.formats.conll import read_conll
from tagger.formats.conllu import FIELDS, read_conllu
from tagger.formats.conllu_text import sentence_item
from tagger.formats.csv_examples import read_csv
from tagger.formats.format import Format, Holds, ReadingContext
from tagger.formats.head import Head
from tagger.formats.lines import Source

_CONLLU_ROW: Final = re.compile(r"[0-9]+([-.][0-9]+)?\t(?:[^\t]*\t){8}[^\t]*")


def _read_conll(source: Source, context: ReadingContext) -> Iterator[Example]:
    options = context.options
    records = read_conll(
        source,
        name=context.name,
        token_column=_number("token_column", options.token_column, 0),
        label_column=_number("label_column", options.label_column, -1) if context.labelled else None,
        comment_prefix=options.comment_prefix,
        header=options.header,
    )
    return (example for record in records for example in record.sentences)


def _read_conllu(source: Source, context: ReadingContext) -> Iterator[Item]:
    field = _name("label_column", context.options.label_column)
    records = read_conllu(
        source,
        name=context.name,
        label_field=(field or "upos") if context.labelled else None,
        or_entities=field is None,
    )
    return (_with_text(record) for record in records if record.rows)


def _with_text(record: ColumnRecord) -> Item:
    rows = [
        (cells[0], cells[1], cells[9].rstrip("\r\n"))
        for line in record.lines
        if len(cells := line.split("\t")) == len(FIELDS)
    ]
    return sentence_item(record.example, record.lines, rows)


def _read_csv(source: Source, context: ReadingContext) -> Iterator[Example]:
    options = context.options
    records = read_csv(
        source,
        name=context.name,
        token_column=_name("token_column", options.token_column),
        label_column=_name("label_column", options.label_column),
        document_column=options.document_column,
    )
    return (example for record in records for example in record.sentences)


def _has_columns(head: Head) -> bool:
    rows = [line for line in head.lines if line.strip() and not line.startswith("#")]
    return bool(rows) and ("\t" in rows[0].strip() or " " in rows[0].strip())


def _number(option: str, value: int | str | None, usual: int) -> int | str:
    if isinstance(value, bool):
        raise UsageError(f"{option}: expected the number of a column, counted from 0, found {value!r}")
    return usual if value is None else value


def _name(option: str, value: int | str | None) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise UsageError(
        f"{option}: expected a name, found {value!r}; columns have numbers in the format conll only"
    )


CONLL: Final = Format(
    name="conll",
    title="CoNLL columns",
    read=_read_conll,
    recognises=_has_columns,
    suffixes=(".conll", ".bio", ".iob", ".iob2", ".tsv"),
    write=write_conll,
    holds=Holds(labels=True, parts_of_tokens=False, text=False),
)
CONLLU: Final = Format(
    name="conllu",
    title="CoNLL-U",
    read=_read_conllu,
    recognises=lambda head: any(map(_CONLLU_ROW.fullmatch, head.lines)),
    suffixes=(".conllu",),
    write=write_conllu,
    holds=Holds(labels=True, parts_of_tokens=False, probabilities=True),
)
CSV: Final = Format(
    name="csv",
    title="CSV",
    read=_read_csv,
    recognises=lambda head: False,
    suffixes=(".csv",),
    write=write_csv,
    holds=Holds(labels=True, parts_of_tokens=False, probabilities=True, text=False),
)
