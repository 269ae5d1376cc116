"""Reader of tables of answers, as written by :mod:`tagger.integrations.arrow` and recognised by their column names.

A row is a text with entities, tokens and sentences, or with a label for each token; or it is a sentence of labelled
tokens. Rows without an answer are left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from tagger.errors import DataError
from tagger.examples import Example
from tagger.formats.annotated import AnnotatedText, Item, Range
from tagger.formats.claims import ClaimChecker
from tagger.formats.format import ReadingContext
from tagger.formats.json_files.answers import with_answers
from tagger.formats.tables.column_choice import CLASSES, INTEGERS, STRINGS
from tagger.formats.tables.span_columns import SPANS, STRING
from tagger.formats.tables.span_values import claim_of
from tagger.options import argument

_TEXT: Final = "text"
_DOCUMENT: Final = "document"
_TOKENS: Final = "tokens"
_LABELS: Final = "labels"
_SENTENCES: Final = "sentences"
_ENTITIES: Final = "entities"
_SPANS: Final = "spans"
_PROBABILITIES: Final = "probabilities"
_ANSWERS: Final = (_TOKENS, _LABELS, _PROBABILITIES, _SENTENCES, _SPANS, _ENTITIES)
_LABELLED: Final = (STRINGS, CLASSES, INTEGERS, SPANS)
_BAD: Final = "rows that cannot be read"


def answer_columns(kinds: Mapping[str, str], context: ReadingContext) -> list[str | None] | None:
    """Return the columns of a table of answers, with None for a missing one; None if it is not such a table.

    Args:
        kinds: column to its kind, in words.
        context: how the table is read.

    Raises:
        DataError: it has other labels too, and predictions are not asked for.
    """
    options = context.options
    chosen = (options.token_column, options.label_column, options.text_column)
    is_one = all(name in kinds for name in _ANSWERS) and kinds[_TOKENS] == kinds[_LABELS] == STRINGS
    if not is_one or any(option is not None for option in chosen):
        return None
    others = [name for name, kind in kinds.items() if name not in _ANSWERS and kind in _LABELLED]
    if context.labelled and not context.predicted and others:
        choices = " or ".join(argument("data.label_column", name) for name in (*others, _LABELS))
        raise DataError(
            f"{context.name}: predictions and other labels could both be meant; choose with {choices}"
        )
    text = _TEXT if kinds.get(_TEXT) == STRING else None
    document = options.document_column or (_DOCUMENT if _DOCUMENT in kinds else None)
    return [text, document, *_ANSWERS]


def read_answers(rows: Iterable[tuple[str, Sequence[Any]]], context: ReadingContext) -> Iterator[Item]:
    """Yield the text of each row that has one, and the sentences of other rows.

    Args:
        rows: the place of each row, for messages, and its values in :func:`answer_columns`.
        context: how to read them.

    Raises:
        FormatError: a row is wrong, and bad data are not skipped.
    """
    checker = ClaimChecker(context.name, context.options.offsets or "codepoint", "codepoint", context.losses)
    for where, (text, document, *values) in rows:
        row = dict(zip(_ANSWERS, values, strict=True))
        id = None if document is None else str(document)
        if not context.labelled and text is not None:
            yield AnnotatedText(text, document=id, is_document=True, origin=where)
            continue
        if row[_TOKENS] is None:
            if text is None or context.labelled:
                context.losses.add("rows without an answer, left out", where)
            continue
        try:
            items = list(_items(row, text, id, where, context, checker))
        except DataError as error:
            context.losses.bad(_BAD, str(error))
            continue
        yield from items


def _items(
    row: Mapping[str, Any],
    text: str | None,
    document: str | None,
    where: str,
    context: ReadingContext,
    checker: ClaimChecker,
) -> Iterator[Item]:
    tokens, labels, borders = row[_TOKENS], row[_LABELS], row[_SENTENCES]
    if labels is None or len(labels) != len(tokens) or None in tokens or None in labels:
        raise DataError(f"{where}: expected a label for each of the {len(tokens)} tokens, found others")
    bounds = [(border["start"], border["end"]) for border in borders or ()] or [(0, len(tokens))]
    if [start for start, _ in bounds] != [0, *(end for _, end in bounds[:-1])] or bounds[-1][1] != len(
        tokens
    ):
        raise DataError(
            f"{where}: expected sentences that are all of the {len(tokens)} tokens, found {bounds}"
        )
    ranges = None if text is None else _ranges(text, tokens)
    if text is not None and (row[_ENTITIES] is not None or ranges is not None):
        item = AnnotatedText(
            text,
            tokens=ranges,
            sentence_starts=tuple(start for start, end in bounds if start < end) if ranges else None,
            probabilities=None if row[_PROBABILITIES] is None else tuple(row[_PROBABILITIES]),
            document=document,
            is_document=True,
            origin=where,
        )
        if row[_ENTITIES] is None:
            yield replace(item, labels=tuple(labels))
            return
        claims = [claim_of(value, None, f"{where}: {_ENTITIES!r}") for value in row[_ENTITIES]]
        yield replace(item, spans=checker.spans(text, claims, where))
        return
    for start, end in bounds:
        sentence = Example(tuple(tokens[start:end]), tuple(labels[start:end]), document, where)
        if not context.labelled:
            yield replace(sentence, labels=None)
            continue
        said: dict[str, Any] = {}
        if row[_PROBABILITIES] is not None:
            said[_PROBABILITIES] = row[_PROBABILITIES][start:end]
        if row[_SPANS] is not None:
            said[_SPANS] = [
                {**span, "start": span["start"] - start, "end": span["end"] - start}
                for span in row[_SPANS]
                if start <= span["start"] < end
            ]
        yield with_answers(sentence, said, _LABELS, context.losses)


def _ranges(text: str, tokens: Sequence[str]) -> tuple[Range, ...] | None:
    """Return the ranges of consecutive tokens in their text; None unless only white space is between them."""
    ranges = []
    place = 0
    for token in tokens:
        start = text.find(token, place)
        if start < 0 or text[place:start].strip():
            return None
        place = start + len(token)
        ranges.append((start, place))
    return tuple(ranges)
