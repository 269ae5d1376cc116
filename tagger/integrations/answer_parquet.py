"""Writing answers as Parquet: after columns that locate each row, or beside the columns of the input.

Rows are written a group at a time. A file appears whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from tagger.errors import DataError, MissingExtraError
from tagger.files import name_as_text, replace_file
from tagger.formats_extra.arrow_lists import to_python
from tagger.integrations.arrow import Range, answer_row, null_row, output_schema
from tagger.options import argument
from tagger.prediction import Answer

try:
    import pyarrow
    from pyarrow import parquet, types
except ModuleNotFoundError:
    raise MissingExtraError("pyarrow", "Parquet") from None

PLACES: Final = pyarrow.schema(
    [
        ("file", pyarrow.string()),
        ("document", pyarrow.string()),
        ("offset", pyarrow.int64()),
        ("text", pyarrow.string()),
    ]
)
"""The origin of a row: the name of the file, the id of the document, the offset in the file of a sentence of running
text (null for others), and the text (null for tokens)."""

_ROWS: Final = 1000
"""Rows built at once, or fewer if they have this many tokens:"""
_TOKENS: Final = 50_000
_GROUP_ROWS: Final = 10_000
_GROUP_BYTES: Final = 2**26
_FILE: Final = "file"


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """A text, or a sentence of tokens, with the answers to its sentences.

    Attributes:
        file: the name of the file.
        sentences: the tokens of each sentence.
        answers: one for each sentence.
        text: the text; None if there are only tokens.
        ranges: for a text, the character range of each token of each sentence.
        document: id of its document.
        offset: for a sentence of running text, where it begins in the file.
        number: number of its row in a Parquet file, from 1.
    """

    file: str
    sentences: Sequence[Sequence[str]]
    answers: Sequence[Answer]
    text: str | None = None
    ranges: Sequence[Sequence[Range]] = ()
    document: str | None = None
    offset: int | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Filling:
    """How the columns of answers are filled.

    Attributes:
        has_spans: whether labels have spans.
        with_probabilities: whether answers have probabilities.
        prefix: put before the name of each column.
    """

    has_spans: bool
    with_probabilities: bool
    prefix: str = ""

    def values(self, row: AnsweredRow) -> dict[str, Any]:
        """Return the values of these columns for a row."""
        return answer_row(
            row.sentences,
            row.answers,
            text=row.text,
            ranges=row.ranges,
            has_spans=self.has_spans,
            with_probabilities=self.with_probabilities,
            prefix=self.prefix,
        )


def save_answers(rows: Iterable[AnsweredRow], path: Path, filling: Filling) -> None:
    """Write answers with the columns :data:`PLACES` before them.

    Args:
        rows: in their order.
        path: the file.
        filling: how its columns are filled.

    Raises:
        DataError: the file cannot be written, or a text cannot be encoded in UTF-8.
        UsageError: two columns have the same name.
    """
    schema = pyarrow.schema([*PLACES, *output_schema(filling.prefix)])
    iterator = iter(rows)

    def tables() -> Iterator[pyarrow.Table]:
        while taken := list(_some(iterator)):
            values = [
                {name: getattr(row, name) for name in PLACES.names} | filling.values(row) for row in taken
            ]
            yield pyarrow.Table.from_pylist(values, schema=schema)

    _save(path, schema, tables())


def save_beside(
    rows: Callable[[], Iterable[tuple[str, Iterator[AnsweredRow]]]],
    inputs: Sequence[str],
    path: Path,
    filling: Filling,
) -> None:
    """Copy the rows of Parquet files, with all their columns, and add the columns of answers.

    A column of the tagged tokens is not written twice. Rows without an answer get null. The schema's metadata
    (class labels of ``datasets``, the index of pandas) is kept.

    Args:
        rows: returns the name and the rows of each input, in order; called once the inputs are known to fit together.
        inputs: their paths, all of one schema. If there are several, their names go into a column ``file``, unless
            they already have one.
        path: the output file.
        filling: how the columns of answers are filled.

    Raises:
        DataError: an input has columns of these names, or other columns than the first input; an input cannot be read,
            or the output written.
    """
    first, *others = [_schema_of(name) for name in inputs]
    for name, schema in zip(inputs[1:], others, strict=True):
        if not schema.equals(first):
            raise DataError(
                f"{name}: expected the columns of {inputs[0]}, {_listed(first)}, found {_listed(schema)}. Tag files "
                "with different columns one by one"
            )
    is_named = len(inputs) > 1 and _FILE not in first.names
    added = output_schema(filling.prefix)
    shared = _shared_name(first, added, inputs[0])
    added = pyarrow.schema([field for field in added if field.name != shared])
    named = [pyarrow.field(_FILE, pyarrow.string())] if is_named else []
    schema = pyarrow.schema([*first, *named, *added], metadata=_metadata(first.metadata, len(inputs)))

    def tables() -> Iterator[pyarrow.Table]:
        for name, of_file in rows():
            for batch, values in _beside(name, of_file, filling, shared):
                columns = [
                    *batch.columns,
                    *(pyarrow.array([name_as_text(name)] * batch.num_rows, field.type) for field in named),
                    *pyarrow.Table.from_pylist(values, schema=added).columns,
                ]
                yield pyarrow.table(columns, schema=schema)

    _save(path, schema, tables())


def _beside(
    name: str, rows: Iterator[AnsweredRow], filling: Filling, shared: str | None
) -> Iterator[tuple[pyarrow.RecordBatch, list[Mapping[str, Any]]]]:
    """Yield the rows of a file, some at a time, with the values of their answers.

    Args:
        name: name of the file.
        rows: the answered rows; bad rows are left out.
        filling: as in :func:`save_beside`.
        shared: name of the column of tokens that the answers share.
    """
    waiting = next(rows, None)
    number = 0
    with parquet.ParquetFile(name) as file:
        for batch in file.iter_batches(batch_size=_ROWS):
            own = to_python(batch.column(shared)) if shared else []
            values: list[Mapping[str, Any]] = []
            for place in range(batch.num_rows):
                number += 1
                if waiting is None or waiting.number != number:
                    values.append(null_row(filling.prefix))
                    continue
                values.append(filling.values(waiting))
                if shared and own[place] != values[-1][shared]:
                    raise DataError(f"{name}: row {number}: {_advice(shared, 'other tokens than those')}")
                waiting = next(rows, None)
            yield batch, values
    if waiting is not None:
        raise DataError(f"{name}: expected {number} rows, found more before: it has changed meanwhile")


def _some(rows: Iterator[AnsweredRow]) -> Iterator[AnsweredRow]:
    num_tokens = 0
    for row in islice(rows, _ROWS):
        yield row
        num_tokens += sum(map(len, row.sentences))
        if num_tokens >= _TOKENS:
            return


def _save(path: Path, schema: pyarrow.Schema, tables: Iterator[pyarrow.Table]) -> None:
    """Write tables as a file, gathered into row groups."""

    def write(stream: Any) -> None:
        with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
            held: list[pyarrow.Table] = []
            for table in tables:
                held.append(table)
                if (
                    sum(each.num_rows for each in held) >= _GROUP_ROWS
                    or sum(each.nbytes for each in held) >= _GROUP_BYTES
                ):
                    writer.write_table(pyarrow.concat_tables(held))
                    held.clear()
            if held:
                writer.write_table(pyarrow.concat_tables(held))

    try:
        replace_file(path, write)
    except UnicodeEncodeError as error:
        around = error.object[max(error.start - 20, 0) : error.end + 20]
        raise DataError(
            f"{path}: cannot be written: the surrogate {error.object[error.start]!r} in {around!r} cannot be "
            "encoded in UTF-8. Correct it in the input."
        ) from None
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or error}") from None


def _schema_of(name: str) -> pyarrow.Schema:
    try:
        return parquet.read_schema(name)
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(
            f"{name}: expected a whole Parquet file, found a damaged one: {str(error).splitlines()[0]}"
        ) from None


def _shared_name(own: pyarrow.Schema, added: pyarrow.Schema, name: str) -> str | None:
    """Return the name of the token column if the answers can share it; refuse other columns of the same name."""
    repeated = [column for column in added.names if column in own.names]
    if not repeated:
        return None
    type_ = own.field(repeated[0]).type
    is_of_strings = (types.is_list(type_) or types.is_large_list(type_)) and (
        types.is_string(type_.value_type) or types.is_large_string(type_.value_type)
    )
    if repeated == [added.names[0]] and is_of_strings:
        return str(repeated[0])
    first = repeated[0] if not is_of_strings or len(repeated) == 1 else repeated[1]
    raise DataError(f"{name}: {_advice(first, 'another column of this name')}")


def _advice(column: str, found: str) -> str:
    return (
        f"expected no column {column!r}, the name of a column of answers, found {found}. Give these "
        f"other names: {argument('column_prefix', 'tagger_')}"
    )


def _metadata(metadata: Mapping[bytes, bytes] | None, num_inputs: int) -> dict[bytes, bytes]:
    """Return the metadata that holds for all inputs together: the pandas index is only valid for a single file."""
    kept = dict(metadata or {})
    if num_inputs > 1:
        kept.pop(b"pandas", None)
    return kept


def _listed(schema: pyarrow.Schema) -> str:
    return ", ".join(f"{field.name} ({field.type})" for field in schema)
