"""Reader of Parquet: tables of texts with lists of spans, or of lists of tokens and labels, a few rows at a time.

Integer labels have their names in the file itself, if the ``datasets`` library wrote it, or are given names. Each file
is read by its own names; that library reads several files by those of the first. A row whose labels or spans are null,
or whose labels are all -1, is not annotated.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from tagger.errors import DataError, FormatError, MissingExtraError, UsageError
from tagger.examples import Example
from tagger.formats.annotated import Item
from tagger.formats.format import ReadingContext
from tagger.formats.lines import Source, open_source
from tagger.formats.probabilities import with_probabilities
from tagger.formats.tables.column_choice import (
    CLASSES,
    INTEGERS,
    STRINGS,
    WITHIN_OTHERS,
    Columns,
    choose_columns,
)
from tagger.formats.tables.label_names import named, read_label_names
from tagger.formats.tables.span_columns import (
    STRING,
    find_bare_texts,
    find_document_column,
    find_span_columns,
    kind_of_structs,
    listed,
    read_span_rows,
)
from tagger.formats.tables.span_values import LABEL_KEYS
from tagger.formats.white_space import refuse_blank_tokens
from tagger.formats_extra.parquet_answers import answer_columns, read_answers
from tagger.formats_extra.parquet_values import Unreadable, read_values
from tagger.options import argument, option

try:
    import pyarrow
    from pyarrow import parquet, types
except ModuleNotFoundError:
    raise MissingExtraError("pyarrow", "The format parquet") from None

_PROBABILITIES: Final = "probabilities"
_SOFT: Final = "soft_labels"
"""The columns of label probabilities, as we write them."""
_ROW: Final = ": row "
_ROWS: Final = 1000
"""The number of rows in memory at once."""
_UNKNOWN: Final = (None, -1)
"""The values that ``datasets`` writes for an unknown class label."""


def read_parquet(source: Source, context: ReadingContext) -> Iterator[Item]:
    """Yield the texts or sentences of a table, in constant memory.

    Args:
        source: a path or an open binary stream, which is read as a whole.
        context: how to read it.

    Raises:
        DataError: it cannot be read, or several columns could be meant.
        FormatError: it is not Parquet, or a row is wrong, and bad data are not skipped.
        UsageError: a named column does not exist or is of the wrong kind.
    """
    with _opened(source, context.name) as file:
        yield from _Table(file, context).items()


@contextmanager
def _opened(source: Source, name: str) -> Iterator[Any]:
    """Open a file with pyarrow, with its errors translated."""
    try:
        if isinstance(source, (str, os.PathLike)):
            with open_source(source, name):
                pass  # raises the error if it cannot be read
            file = parquet.ParquetFile(source)
        else:
            file = parquet.ParquetFile(pyarrow.BufferReader(source.read()))
        with file:
            yield file
    except (pyarrow.ArrowException, UnicodeDecodeError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise FormatError(f"{name}: expected a whole Parquet file, found a damaged one: {reason}") from None


def read_parquet_column(source: Source, context: ReadingContext, column: str) -> Iterator[tuple[str, Any]]:
    """Yield the place of each row, for messages, and its value in a column, with the names of class labels.

    Args:
        source: as in :func:`read_parquet`.
        context: as in :func:`read_parquet`.
        column: its name, dotted for a nested column.

    Raises:
        FormatError: it is not Parquet, or a row is wrong, and bad data are not skipped.
        UsageError: there is no such column.
    """
    with _opened(source, context.name) as file:
        yield from _Table(file, context).values(column)


def row_number(origin: str) -> int:
    """Return the number of a row, from 1, from its place in messages."""
    return int(origin.rpartition(_ROW)[2])


class _Table:
    """One file.

    Args:
        file: the open file.
        context: how to read it.
    """

    def __init__(self, file: Any, context: ReadingContext) -> None:
        self._file = file
        self._context = context
        self._kinds = {field.name: _kind(field.type, field.name) for field in file.schema_arrow}
        self._features = _features(file.schema_arrow.metadata)
        for name in self._kinds:
            if self._kinds[name] == INTEGERS and _class_names(self._features.get(name)):
                self._kinds[name] = CLASSES
        for field in ("token_column", "label_column"):
            value = getattr(context.options, field)
            if value is not None and not isinstance(value, str):
                raise UsageError(
                    f"{field}: expected a name, found {value!r}; columns have numbers in the format conll only"
                )

    def items(self) -> Iterator[Item]:
        """Yield texts if there are columns of strings and of spans, else sentences."""
        options = self._context.options
        if self._context.taught and _SOFT in self._kinds:
            raise FormatError(
                f"{self._context.name}: found probabilities of labels in the column {_SOFT!r}, which are read of JSON "
                f"Lines, and of Parquet as a dataset ({argument('data.dataset', '.')})"
            )
        answers = answer_columns(self._kinds, self._context)
        if answers is not None:
            return read_answers(self._rows(answers), self._context)
        has_tokens = any(kind == STRINGS for kind in self._kinds.values())
        columns = None
        if not self._context.labelled:
            columns = find_bare_texts(self._kinds, options, self._context.name)
        columns = columns or find_span_columns(self._kinds, options, self._context.name)
        if columns is None:
            return self._sentences()
        is_doubtful = has_tokens and columns.spans is not None
        if is_doubtful and options.label_column is None and options.text_column is None:
            raise DataError(
                f"{self._context.name}: texts with spans and tokens with labels could both be meant; choose with "
                f"{argument('data.label_column', columns.spans)}; found: {listed(self._kinds)}"
            )
        spans = columns.spans if self._context.labelled else None
        rows = self._rows([columns.text, spans, columns.document])
        names = _class_names(self._features.get(columns.spans or ""), *LABEL_KEYS)
        return read_span_rows(rows, columns, names, self._context)

    def values(self, column: str) -> Iterator[tuple[str, Any]]:
        """Yield the place of each row and its value in a column."""
        head, *within = [column] if column in self._kinds else column.split(".")
        if head not in self._kinds:
            raise UsageError(
                f"{self._context.name}: {column!r}: no such column; found: {listed(self._kinds)}"
            )
        names = None if within else _class_names(self._features.get(head))
        for where, (value,) in self._rows([head]):
            for key in within:
                value = value.get(key) if isinstance(value, dict) else None
            yield where, value if names is None else _by_name(value, names)

    def _rows(self, columns: Sequence[str | None]) -> Iterator[tuple[str, list[Any]]]:
        """Yield the place of each row, for messages, and its values in some columns; None for no column."""
        names = list(dict.fromkeys(name for name in columns if name is not None))
        others = [name for name in self._kinds if name not in names] if self._context.whole else []
        number = 0
        words: dict[str, str] = {}
        for batch in self._file.iter_batches(batch_size=_ROWS, columns=names):
            values = {name: read_values(batch.column(name), words) for name in names}
            for name in others:
                where = f"{self._context.name}: row {number + 1}"
                self._context.losses.add(
                    f"cells of the column {name!r}, not read", where, times=batch.num_rows
                )
            for row in range(batch.num_rows):
                number += 1
                where = f"{self._context.name}{_ROW}{number}"
                for name in names:
                    if isinstance(error := values[name][row], Unreadable):
                        self._context.losses.bad(
                            "rows that cannot be read", f"{where}: expected {error} in {name!r}"
                        )
                        break
                else:
                    yield where, [None if name is None else values[name][row] for name in columns]

    def _sentences(self) -> Iterator[Item]:
        context, options = self._context, self._context.options
        try:
            columns = choose_columns(
                self._kinds,
                where=context.name,
                tokens=_as_name(options.token_column),
                labels=_as_name(options.label_column),
                document=find_document_column(self._kinds, options.document_column, context.name),
                labelled=context.labelled,
            )
        except (DataError, UsageError) as error:
            raise type(error)(f"{error}{self._advice()}") from None
        names = None
        if context.labelled:
            names = _class_names(self._features.get(columns.labels))
            names = names or read_label_names(options.label_names)
        are_there = columns.labels == "labels" and self._kinds.get(_PROBABILITIES) == "list of double"
        probabilities = _PROBABILITIES if context.labelled and are_there else None
        for where, (tokens, values, document, said) in self._rows(
            [columns.tokens, columns.labels if context.labelled else None, columns.document, probabilities]
        ):
            try:
                example = self._sentence(tokens, values, names, columns, where)
            except DataError as error:
                context.losses.bad("rows that cannot be read", str(error))
                continue
            if context.labelled and example.labels is None:
                context.losses.add("sentences without annotations, left out", where)
                continue
            id = None if document is None else str(document)
            example = Example(example.tokens, example.labels, id, where)
            yield example if said is None else with_probabilities(example, said)

    def _advice(self) -> str:
        """Return advice on reading nested columns, if the table has any."""
        for field in self._file.schema_arrow:
            inner = field.type.value_type if _is_list(field.type) else None
            if types.is_struct(field.type) or (
                inner is not None and (types.is_struct(inner) or _is_list(inner))
            ):
                return f". {WITHIN_OTHERS}: {option('data.dataset', self._context.name, of_training=True)}"
        return ""

    def _sentence(
        self, tokens: Any, values: Any, names: Mapping[int, str] | None, columns: Columns, where: str
    ) -> Example:
        if tokens is None or None in tokens:
            raise FormatError(f"{where}: expected strings in {columns.tokens!r}, found null")
        refuse_blank_tokens(tokens, where)
        if (
            not self._context.labelled
            or values is None
            or (tokens and all(value in _UNKNOWN for value in values))
        ):
            return Example(tuple(tokens))
        if len(values) != len(tokens):
            raise FormatError(
                f"{where}: expected one label per token, found {len(tokens)} in {columns.tokens!r} and {len(values)} "
                f"in {columns.labels!r}"
            )
        if self._kinds[columns.labels] != STRINGS:
            return Example(tuple(tokens), named(values, names, f"{where}: {columns.labels!r}"))
        labels = tuple([(value or "").strip() for value in values])
        if "" in labels:
            raise FormatError(
                f"{where}: expected a label at place {labels.index('')} in {columns.labels!r}, found nothing"
            )
        return Example(tuple(tokens), labels)


def _kind(type_: Any, column: str = "") -> str:
    """Return the kind of a column of a type, in words."""
    if types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_):
        return STRING
    if types.is_dictionary(type_):
        return _kind(type_.value_type)
    is_list = _is_list(type_)
    inner = type_.value_type if is_list else type_
    if types.is_struct(inner) and (is_list or all(types.is_list(field.type) for field in inner)):
        found = kind_of_structs(column, {field.name for field in inner})
        if found is not None:
            return found
    if not is_list:
        return str(type_)
    if _kind(inner) == STRING:
        return STRINGS
    return INTEGERS if types.is_integer(inner) else f"list of {inner}"


def _is_list(type_: Any) -> bool:
    return bool(types.is_list(type_) or types.is_large_list(type_) or types.is_fixed_size_list(type_))


def _features(metadata: Mapping[bytes, bytes] | None) -> Mapping[str, Any]:
    """Return the ``datasets`` library's description of the columns; empty if it did not write the file."""
    try:
        features = json.loads((metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, ValueError, TypeError, RecursionError):
        return {}
    return features if isinstance(features, dict) else {}


def _class_names(feature: Any, *keys: str) -> dict[int, str] | None:
    """Return the names of the class labels in a list, or under one of some keys in a list of structs.

    The lists may also be in a struct.
    """
    inner = feature
    if isinstance(feature, list):
        inner = feature[0]
    elif isinstance(feature, dict) and "feature" in feature:
        inner = feature["feature"]
    if keys and isinstance(inner, dict):
        inner = next((inner[key] for key in keys if key in inner), None)
        if isinstance(inner, dict) and "feature" in inner:
            inner = inner["feature"]
    if (
        isinstance(inner, dict)
        and inner.get("_type") == "ClassLabel"
        and isinstance(inner.get("names"), list)
    ):
        return {integer: str(name) for integer, name in enumerate(inner["names"])}
    return None


def _by_name(value: Any, names: Mapping[int, str]) -> Any:
    """Return a class label, or a list of them, by name; None where unknown."""
    if isinstance(value, list):
        return [_by_name(item, names) for item in value]
    return names.get(value)


def _as_name(value: int | str | None) -> str | None:
    assert not isinstance(value, int), "refused before"
    return value
