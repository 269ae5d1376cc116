"""Tables with one text per row and its spans in another column: choice of columns, and rows as texts.

The reader of the table (Parquet, a dataset, a data frame) provides the kinds of its columns and the values of its rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from tagger.errors import DataError, UsageError
from tagger.formats.annotated import AnnotatedText
from tagger.formats.claims import ClaimChecker
from tagger.formats.columns.records import excerpt
from tagger.formats.format import ReadingContext
from tagger.formats.reading_options import ReadingOptions
from tagger.formats.tables.label_names import read_label_names
from tagger.formats.tables.span_values import are_span_keys, claim_of, span_values, text_of_passages
from tagger.options import argument

STRING: Final = "string"
SPANS: Final = "list of spans"
PASSAGES: Final = "list of passages"
"""Pieces of a text, each with its offsets in it."""
DOCUMENT_NAMES: Final = ("document", "doc_id", "document_id")
_TEXT_NAMES: Final = ("text", "source_text", "sentence", "content", "texts", "body")
_TOKENS: Final = {"tokens", "words", "token", "word", "forms", "form"}


class SpanColumns(NamedTuple):
    """The names of the columns of texts, of their spans and of document ids; None for a missing one."""

    text: str
    spans: str | None
    document: str | None


def kind_of_structs(column: str, keys: Collection[str]) -> str | None:
    """Return the kind of a list of structs, SPANS or PASSAGES; None if neither.

    >>> kind_of_structs("entities", {"start", "end", "tag"}), kind_of_structs("tokens", {"start", "end", "tag"})
    ('list of spans', None)
    """
    if column.lower() in _TOKENS:
        return None
    if column.lower() == "passages" and {"text", "offsets"} <= set(keys):
        return PASSAGES
    return SPANS if are_span_keys(keys) else None


def find_span_columns(kinds: Mapping[str, str], options: ReadingOptions, name: str) -> SpanColumns | None:
    """Return the columns of texts and spans; None if there are none, or the options name others.

    Args:
        kinds: column to its kind, in words.
        options: how the table is read.
        name: what messages call it.

    Raises:
        DataError: several columns could be meant.
        UsageError: a named column does not exist or is of another kind.
    """
    texts = [column for column, kind in kinds.items() if kind == STRING]
    passages = [column for column, kind in kinds.items() if kind == PASSAGES]
    spans = [column for column, kind in kinds.items() if kind == SPANS]
    chosen = options.text_column
    if options.label_column is not None:
        spans = [column for column in spans if column == options.label_column]
    if options.token_column is not None or not spans or not (texts or passages):
        if chosen is not None:
            raise UsageError(
                f"{name}: {argument('data.text_column', chosen)}: expected a column of texts beside one of lists of "
                f"spans; found: {listed(kinds)}"
            )
        return None
    if chosen is not None and chosen not in (*texts, *passages):
        raise UsageError(
            f"{name}: {argument('data.text_column', chosen)}: expected a column of strings; found: {listed(kinds)}"
        )
    by_name = {column.lower(): column for column in texts}
    usual = [by_name[wanted] for wanted in _TEXT_NAMES if wanted in by_name][:1]
    return SpanColumns(
        chosen or _the_one(usual or passages or texts, "text_column", name),
        _the_one(spans, "label_column", name),
        find_document_column(kinds, options.document_column, name),
    )


def find_bare_texts(kinds: Mapping[str, str], options: ReadingOptions, name: str) -> SpanColumns | None:
    """Return the column of texts to be tagged; None if the table has spans, or tokens, or no texts.

    Args:
        kinds: column to its kind, in words.
        options: how the table is read.
        name: what messages call it.

    Raises:
        UsageError: a named column does not exist.
    """
    by_name = {column.lower(): column for column, kind in kinds.items() if kind == STRING}
    usual = next((by_name[wanted] for wanted in _TEXT_NAMES if wanted in by_name), None)
    if options.text_column is not None:
        usual = options.text_column if kinds.get(options.text_column) == STRING else None
    elif SPANS in kinds.values() or any(column.lower() in _TOKENS for column in kinds):
        return None
    if options.token_column is not None:
        return None
    if usual is None:
        return None
    return SpanColumns(usual, None, find_document_column(kinds, options.document_column, name))


def find_document_column(kinds: Mapping[str, str], chosen: str | None, name: str) -> str | None:
    """Return the column of document ids: the named one, or one with a usual name, or None.

    Raises:
        UsageError: there is no column of this name.
    """
    if chosen is not None and chosen not in kinds:
        raise UsageError(
            f"{name}: {argument('data.document_column', chosen)}: no such column; found: {listed(kinds)}"
        )
    usual = [
        column for column in DOCUMENT_NAMES if kinds.get(column) in (STRING, "int64", "int32", "integer")
    ]
    return chosen or next(iter(usual), None)


def read_span_rows(
    rows: Iterable[tuple[str, Sequence[Any]]],
    columns: SpanColumns,
    class_names: Mapping[int, str] | None,
    context: ReadingContext,
) -> Iterator[AnnotatedText]:
    """Yield a text for each row.

    Args:
        rows: the place of each row, for messages, and its text, spans and document as Python values.
        columns: the names of these columns, for messages.
        class_names: the table's own names of integer labels; those of the options take precedence.
        context: how to read them.

    Raises:
        FormatError: a row is wrong, and bad data are not skipped.
    """
    losses = context.losses
    names = read_label_names(context.options.label_names) or class_names
    checker = ClaimChecker(context.name, context.options.offsets or "auto", "codepoint", losses)
    for where, (given, values, document) in rows:
        if given is None:
            losses.bad("rows without a text", f"{where}: expected a text in {columns.text!r}, found null")
            continue
        try:
            text = given if isinstance(given, str) else text_of_passages(given)
        except (ValueError, TypeError, KeyError) as error:
            losses.bad(
                "rows without a text",
                f"{where}: expected passages with their offsets in {columns.text!r}, found {excerpt(repr(given))}: "
                f"{error}",
            )
            continue
        id = None if document is None else str(document)
        item = AnnotatedText(text, document=id, is_document=True, origin=where)
        if not context.labelled:
            yield item
            continue
        if values is None:
            losses.add("texts without annotations, left out", where)
            continue
        place = f"{where}: {columns.spans!r}"
        try:
            claims = [claim_of(value, names, place) for value in span_values(values) if value is not None]
        except DataError as error:
            losses.bad("rows that cannot be read", str(error))
            continue
        except ValueError as error:
            losses.bad(
                "rows that cannot be read", f"{place}: expected a list of spans, found another: {error}"
            )
            continue
        yield replace(item, spans=checker.spans(text, claims, where))


def listed(kinds: Mapping[str, str]) -> str:
    """List columns with their kinds, for messages."""
    return ", ".join(f"{column} ({kind})" for column, kind in kinds.items())


def _the_one(columns: Sequence[str], option: str, name: str) -> str:
    if len(columns) > 1:
        choices = " or ".join(argument(f"data.{option}", column) for column in columns)
        raise DataError(f"{name}: several columns could be meant; choose with {choices}")
    return columns[0]
