"""The formats CoNLL columns, CoNLL-U and CSV."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import takewhile
from typing import Final

from tagger.errors import UsageError
from tagger.examples import Example
from tagger.formats.annotated import Item
from tagger.formats.columns.conll import read_conll, starts_document
from tagger.formats.columns.conllu import FIELDS, read_conllu
from tagger.formats.columns.conllu_text import sentence_item
from tagger.formats.columns.conllu_unread import count_unread
from tagger.formats.columns.records import ColumnRecord
from tagger.formats.columns.writing import write_conll, write_conllu, write_csv
from tagger.formats.format import Format, Holds, ReadingContext
from tagger.formats.head import Head
from tagger.formats.lines import Source
from tagger.formats.losses import Losses
from tagger.formats.probabilities import read_probability, with_probabilities
from tagger.formats.tables.csv_examples import read_csv
from tagger.formats.tables.csv_table import CsvTable
from tagger.formats.tables.csv_texts import find_bare_texts, find_text_columns, read_csv_texts
from tagger.formats.tables.label_names import read_label_names
from tagger.options import argument

_BAD_SENTENCES: Final = "sentences that cannot be read"
_PROBED_ROWS: Final = 50
_LIKE_LABEL: Final = re.compile(r"[A-Z_0*()-][A-Za-z0-9_*()-]*|[a-z][-_].+|\W+")
_CONLLU_ROW: Final = re.compile(r"[0-9]+([-.][0-9]+)?\t(?:[^\t]*\t){8}[^\t]*")


def _read_conll(source: Source, context: ReadingContext) -> Iterator[Example]:
    return (example for record in read_conll_records(source, context) for example in record.sentences)


def read_conll_records(source: Source, context: ReadingContext) -> Iterator[ColumnRecord]:
    """Return the records of a file of CoNLL columns; some have no sentence."""
    options = context.options
    token_column = _number("token_column", options.token_column, 0)
    label_column = _number("label_column", options.label_column, -1) if context.labelled else None
    records = read_conll(
        source,
        name=context.name,
        token_column=token_column,
        label_column=label_column,
        comment_prefix=options.comment_prefix,
        header=options.header,
        on_bad=partial(context.losses.bad, _BAD_SENTENCES),
    )
    if context.whole:
        records = _counting_columns(records, (token_column, label_column), context.losses)
    return records


def _counting_columns(
    records: Iterable[ColumnRecord], read: Sequence[int | str | None], losses: Losses
) -> Iterator[ColumnRecord]:
    """Yield records, counting cells and comments that are not read."""
    for record in records:
        known = {
            record.names.index(column) if isinstance(column, str) else column % record.num_columns
            for column in read
            if column is not None and record.sentences
        }
        for number in range(record.num_columns if record.sentences else 0):
            if number not in known:
                column = repr(record.names[number]) if record.names else str(number)
                losses.add(
                    f"cells of the column {column}, not read", record.origin(0), times=len(record.rows)
                )
        kept = set(record.rows) | {record.header}
        for index, line in enumerate(record.lines):
            if index not in kept and line.strip() and not starts_document(line):
                losses.add("comments, not read", f"{record.name}:{record.first_line + index}")
        yield record


def _read_conllu(source: Source, context: ReadingContext) -> Iterator[Item]:
    return (item for item, _ in read_conllu_records(source, context))


def read_conllu_records(source: Source, context: ReadingContext) -> Iterator[tuple[Item, ColumnRecord]]:
    """Return the sentences of a CoNLL-U file, each with its record."""
    field = _name("label_column", context.options.label_column)
    records = read_conllu(
        source,
        name=context.name,
        label_field=(field or "upos") if context.labelled else None,
        or_entities=field is None,
        on_bad=partial(context.losses.bad, _BAD_SENTENCES),
        on_absent=lambda field, place: context.losses.add(f"words without {field}, read as O", place),
    )
    return ((_with_text(record, context), record) for record in records if record.rows)


def _with_text(record: ColumnRecord, context: ReadingContext) -> Item:
    losses = context.losses
    if context.whole:
        count_unread(record, losses)
    rows = [
        (cells[0], cells[1], cells[9].rstrip("\r\n"))
        for line in record.lines
        if len(cells := line.split("\t")) == len(FIELDS)
    ]
    item = sentence_item(record.example, record.lines, rows)
    if item.labels is None or not any("Prob=" in misc for _, _, misc in rows):
        return item
    notes = [
        dict(pair.split("=", 1) for pair in misc.split("|") if "=" in pair) for _, _, misc in _words(rows)
    ]
    entities = [note.get("NE") for note in notes]
    if any(entities) and [entity or "O" for entity in entities] != list(item.labels):
        losses.add(
            "probabilities of other labels than those that are read, not read", item.origin or "a sentence"
        )
        return item
    return with_probabilities(item, [read_probability(note.get("Prob", "")) for note in notes])


def _words(rows: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Return the rows of words, without multiword tokens and empty nodes."""
    return [row for row in rows if row[0].isdecimal()]


def _read_csv(source: Source, context: ReadingContext) -> Iterator[Item]:
    options = context.options
    named = {name: _name(name, getattr(options, name)) for name in ("token_column", "label_column")}
    return _csv_items(source, context, **named)


def _csv_items(
    source: Source, context: ReadingContext, token_column: str | None, label_column: str | None
) -> Iterator[Item]:
    table = CsvTable(source, name=context.name, sentence_column=context.options.sentence_column)
    options = context.options
    if token_column is None and options.sentence_column is None:
        columns = find_text_columns(table, options.text_column, label_column)
        if columns is None and not context.labelled:
            columns = find_bare_texts(table, options.text_column)
        if columns is not None:
            yield from read_csv_texts(table, columns, context)
            return
    if options.text_column is not None:
        raise UsageError(
            f"{context.name}: {argument('data.text_column', options.text_column)}: expected a column of texts beside "
            f"one of lists of spans; found: {', '.join(map(repr, table.kinds))}"
        )
    records = read_csv(
        table,
        context.losses,
        token_column=token_column,
        label_column=label_column,
        document_column=options.document_column,
        names=read_label_names(options.label_names) if context.labelled else None,
        labelled=context.labelled,
        unread=context.losses if context.whole else None,
    )
    for record in records:
        yield from record.sentences


def _has_columns(head: Head) -> bool:
    """Return whether the first rows are columns: divided by tabs, or by blanks with a label-like last column."""
    rows = [line for line in head.lines if line.strip() and not line.startswith("#")]
    if not rows or "\t" in rows[0].strip():
        return bool(rows)
    cells = [row.split() for row in list(takewhile(lambda row: "\t" not in row, rows))[:_PROBED_ROWS]]
    like_labels = sum(_LIKE_LABEL.fullmatch(row[-1]) is not None for row in cells)
    return min(map(len, cells)) > 1 and 2 * like_labels >= len(cells)


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
    holds=Holds(labels=True, parts_of_tokens=False, text=False, documents=True),
)
CONLLU: Final = Format(
    name="conllu",
    title="CoNLL-U",
    read=_read_conllu,
    recognises=lambda head: any(map(_CONLLU_ROW.fullmatch, head.lines)),
    suffixes=(".conllu",),
    write=write_conllu,
    holds=Holds(labels=True, parts_of_tokens=False, probabilities=True, documents=True),
)
CSV: Final = Format(
    name="csv",
    title="CSV",
    read=_read_csv,
    recognises=lambda head: False,
    suffixes=(".csv",),
    write=write_csv,
    holds=Holds(labels=True, parts_of_tokens=False, probabilities=True, text=False, documents=True),
)
