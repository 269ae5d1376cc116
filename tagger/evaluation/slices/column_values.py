"""Values of a column of annotated files for each gold token, for scores by slices."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from tagger.errors import DataError, UsageError
from tagger.evaluation.slices.column_reading import Values, Whole, read_column
from tagger.examples import Example
from tagger.formats import ReadingOptions, Source, find_format
from tagger.formats.lines import source_name


def column_values(
    sources: Iterable[tuple[Source, str | None]],
    options: ReadingOptions,
    column: str,
    examples: Sequence[Example],
) -> list[Whole]:
    """Return the value of a column for each of the N gold tokens, None for missing values.

    A value for a whole sentence or text applies to each of its tokens.

    Args:
        sources: the files from which the examples were read, as for :func:`tagger.formats.read_gold`. They are read
            again.
        options: how they were read.
        column: the column, see :func:`read_column`.
        examples: the gold sentences, with their origins.

    Raises:
        DataError: if a file cannot be read, differs from the examples, or has values that do not match them.
        UsageError: if there is no such column, or it is empty, or a source is a stream, which can be read only once.
    """
    found: list[Values] = []
    names = []
    for source, name in sources:
        name = source_name(source, name)
        if not isinstance(source, (str, os.PathLike)):
            raise UsageError(
                f"{name}: the column {column!r} is read apart, and a stream can be read once; pass a file"
            )
        format = find_format(source, options.format).name
        found += read_column(source, name, format, options, column)
        names.append(name)
    places: dict[str | None, int] = {}
    for place, one in enumerate(found):
        places.setdefault(one.origin, place)
    values: list[Whole] = []
    for number, example in enumerate(examples, start=1):
        if example.tokens:
            if example.origin not in places:
                raise DataError(
                    f"{example.origin or f'sentence {number}'}: expected the sentence again when the column {column!r} "
                    f"is read, found none in {', '.join(names)}. Has the file changed?"
                )
            values += _values_of(example, found, places[example.origin], column)
    if values and all(value is None for value in values):
        raise UsageError(f"{', '.join(names)}: expected values of {column!r}, found none")
    return values


def _values_of(example: Example, found: Sequence[Values], place: int, column: str) -> list[Whole]:
    """Return the values of the tokens of a sentence, from ``place`` on; it may consist of several joined ones."""
    own = found[place]
    if own.of_tokens is None:
        return [own.whole] * len(example.tokens)
    values: list[Whole] = []
    tokens: list[str] = []
    while len(values) < len(example.tokens) and place < len(found):
        own = found[place]
        if own.of_tokens is None:
            break
        values += own.of_tokens
        tokens += own.tokens or ()
        place += 1
    if len(values) != len(example.tokens):
        raise DataError(
            f"{example.origin}: expected a value of {column!r} per token, found {len(values)} for "
            f"{len(example.tokens)} tokens"
        )
    if len(tokens) == len(values) and tuple(tokens) != example.tokens:
        index = next(
            index
            for index, pair in enumerate(zip(tokens, example.tokens, strict=False))
            if pair[0] != pair[1]
        )
        raise DataError(
            f"{example.origin}: expected the tokens of the gold sentence beside the column {column!r}, found "
            f"{tokens[index]!r} for {example.tokens[index]!r} as token {index + 1}"
        )
    return values
