"""Reader of texts with spans in a CSV file: one text per row, with a list of its spans in another cell.

Lists are JSON or as printed by Python: ``[(0, 4, 'PER')]``, ``[[0, 4, "PER"]]``, ``[{"start": 0, "end": 4, "label":
"PER"}]`` and the dictionary ``{'entities': [(0, 4, 'PER')]}``. An empty list means no spans, an empty cell a text that
is not annotated.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, NamedTuple

from tagger.errors import FormatError, UsageError
from tagger.formats.annotated import AnnotatedText
from tagger.formats.claims import ClaimChecker
from tagger.formats.columns.records import excerpt
from tagger.formats.format import ReadingContext
from tagger.formats.tables.csv_table import CsvTable
from tagger.formats.tables.label_names import read_label_names
from tagger.formats.tables.span_values import claim_of, span_values
from tagger.options import argument

_TEXT_NAMES: Final = ("text", "texts", "sentence", "content", "body")
_TOKEN_NAMES: Final = {"tokens", "words", "token", "word", "forms", "form"}
_SPAN_NAMES: Final = ("spans", "entities", "labels", "label", "annotations", "annotation", "ner", "ents")


class TextColumns(NamedTuple):
    """The names of the columns of texts and of lists of spans; None for the latter if only texts are read."""

    text: str
    spans: str | None


def find_text_columns(table: CsvTable, text: str | None, spans: str | None) -> TextColumns | None:
    """Return the columns of texts and of their spans; None if the file holds no lists of spans.

    Args:
        table: the table, whose first rows are examined.
        text: name of the column of texts; detected by its usual names if left out.
        spans: name of the column of spans; detected by its content if left out.

    Raises:
        UsageError: the column of texts is missing, or several columns of spans could be meant.
    """
    if text is not None and text not in table.kinds:
        listed = ", ".join(map(repr, table.kinds))
        raise UsageError(
            f"{table.name}: {argument('data.text_column', text)}: no such column; found: {listed}"
        )
    candidates = [name for name in table.kinds if name != text and spans in (None, name)]
    holding = [name for name in candidates if _holds_spans(table, name)]
    if not holding:
        return None
    if len(holding) > 1:
        choices = " or ".join(argument("data.label_column", name) for name in holding)
        raise UsageError(f"{table.name}: several columns of spans could be meant; choose with {choices}")
    if text is None:
        usual = [name for wanted in _TEXT_NAMES for name in table.kinds if name.lower() == wanted]
        others = [name for name in usual if name != holding[0]]
        if not others:
            raise UsageError(
                f"{table.name}: expected a column of texts beside the spans in {holding[0]!r}; name it with "
                f"{argument('data.text_column')}"
            )
        text = others[0]
    return TextColumns(text, holding[0])


def find_bare_texts(table: CsvTable, text: str | None) -> TextColumns | None:
    """Return the column of texts of a file without spans; None if it holds tokens.

    Args:
        table: the file.
        text: name of the column; detected by its usual names if left out.
    """
    if text is not None:
        return TextColumns(text, None)
    names = {name.lower(): name for name in table.kinds}
    usual = [name for name in _TEXT_NAMES if name in names]
    return TextColumns(names[usual[0]], None) if usual and not names.keys() & _TOKEN_NAMES else None


def _holds_spans(table: CsvTable, name: str) -> bool:
    """Return whether the first nonempty list in a column holds spans; if all are empty, decide by its name."""
    place = table.header.index(name)
    empty = False
    for cell in (row[place] for _, row in table.peek() if row and row[place].strip()):
        try:
            values = _values(cell)
        except ValueError:
            return False
        if values:
            return all(
                isinstance(value, dict) or (isinstance(value, (list, tuple)) and len(value) >= 3)
                for value in values
            )
        empty = True
    return empty and name.lower() in _SPAN_NAMES


def read_csv_texts(table: CsvTable, columns: TextColumns, context: ReadingContext) -> Iterator[AnnotatedText]:
    """Yield the texts of a CSV file, in constant memory.

    Args:
        table: the table, not yet read.
        columns: the columns of texts and spans.
        context: how to read it.

    Raises:
        FormatError: a row is not CSV; or a cell does not hold a list of spans, or a span is wrong, and bad data are not
            skipped.
    """
    losses = context.losses
    names = read_label_names(context.options.label_names) if context.labelled else None
    offsets = context.options.offsets or "auto"
    checker = ClaimChecker(context.name, offsets, "codepoint", losses, is_certain=False)
    text_place = table.header.index(columns.text)
    span_place = 0 if columns.spans is None else table.header.index(columns.spans)
    document_place = _document_place(table, context.options.document_column)
    read = (text_place, None if columns.spans is None else span_place, document_place)
    others = [(place, name) for place, name in enumerate(table.header) if name and place not in read]
    for line, cells in table.rows():
        if not cells:
            continue
        where = f"{table.name}:{line}"
        if problem := table.problem(line, cells):
            losses.bad("rows that cannot be read", problem)
            continue
        text = cells[text_place]
        document = None if document_place is None else cells[document_place].strip() or None
        fields = {name: cells[place] for place, name in others if cells[place]}
        item = AnnotatedText(text, document=document, is_document=True, origin=where, fields=fields)
        if not context.labelled:
            yield item
            continue
        if not cells[span_place].strip():
            losses.add("texts without annotations, left out", where)
            continue
        try:
            claims = [claim_of(value, names, where) for value in _values(cells[span_place])]
        except (FormatError, ValueError) as error:
            losses.bad(
                "cells that do not hold a list of spans",
                f"{where}: column {columns.spans!r}: expected a list of spans, as in [(0, 4, 'PER')], found "
                f"{excerpt(cells[span_place])}: {error}",
            )
            continue
        yield replace(item, spans=checker.spans(text, claims, where))


def _document_place(table: CsvTable, name: str | None) -> int | None:
    name = name or table.document_column
    if name is None:
        return None
    if name not in table.kinds:
        raise UsageError(
            f"{table.name}: {argument('data.document_column', name)}: no such column; found: "
            f"{', '.join(map(repr, table.kinds))}"
        )
    return table.header.index(name)


def _values(cell: str) -> list[Any]:
    """Parse the list of spans in a cell.

    Raises:
        ValueError: it is not a list.
    """
    try:
        value = json.loads(cell)
    except ValueError:
        try:
            value = ast.literal_eval(cell.strip())
        except (SyntaxError, MemoryError, RecursionError, TypeError):
            raise ValueError("it is neither JSON nor a list of Python") from None
    return span_values(value)
