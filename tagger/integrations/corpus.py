"""A corpus in shares: files of Parquet, JSONL or lines of text, cut into parts that processes tag one by one.

A share is a range of rows of a file. Only its position is passed between processes, and each share becomes one file of
answers, named by its number: even if a share is tagged more than once, its rows appear once and in order.
"""

from __future__ import annotations

import codecs
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from tagger.errors import DataError, MissingExtraError, UsageError
from tagger.formats.columns.records import excerpt
from tagger.formats.json_files.objects import RepeatedKeys, parse_object
from tagger.integrations.json_types import final_type, type_of_values, united_type
from tagger.integrations.tag_batch import RowError, TagBatch
from tagger.options import is_command_line

try:
    import pyarrow
    from pyarrow import parquet
except ModuleNotFoundError:
    raise MissingExtraError("pyarrow", "Tagging a corpus") from None

Kind = Literal["parquet", "jsonl", "lines"]
KINDS: Final[tuple[Kind, ...]] = ("parquet", "jsonl", "lines")
_ENDINGS: Final[dict[str, Kind]] = {
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".txt": "lines",
}
_PACKED: Final = (".gz", ".zst", ".bz2", ".xz", ".zip")
LEAST_BYTES, MOST_BYTES = 1 << 16, 1 << 25
LEAST_ROWS, MOST_ROWS = 500, 200_000


class Share(NamedTuple):
    """A part of a file.

    Attributes:
        file: path of the file.
        kind: kind of the file.
        start: the first byte of lines, the first row of Parquet.
        end: the byte or row after the last one.
        line: number of the first line, from 1; 0 for Parquet.
        schema: the columns found in this share, serialised.
    """

    file: str
    kind: Kind
    start: int
    end: int
    line: int
    schema: bytes


def find_files(paths: Iterable[str | os.PathLike[str]]) -> list[str]:
    """Return the files of paths: for a folder, all files in it, sorted by name, without hidden ones.

    Raises:
        DataError: if a path does not exist, or a folder has no files.
    """
    found: list[str] = []
    for path in map(Path, paths):
        if not path.exists():
            raise DataError(f"{path}: no such file or folder")
        files = sorted(_files_in(path)) if path.is_dir() else [path]
        if not files:
            raise DataError(f"{path}: expected a folder with files, found none")
        found += [str(file.resolve()) for file in files]
    return found


def _files_in(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        hidden = any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
        if file.is_file() and not hidden:
            yield file


def kind_of_files(files: Sequence[str]) -> Kind:
    """Return the kind that all files share, by their names.

    Raises:
        UsageError: if a name has no known ending, or the files are of several kinds.
    """
    kinds: dict[Kind, str] = {}
    for file in files:
        if (ending := Path(file).suffix.lower()) not in _ENDINGS:
            raise UsageError(
                f"{file}: expected a name that ends in {', '.join(_ENDINGS)}; otherwise name the kind of the files: "
                f"{'--input' if is_command_line() else 'kind=...'}"
            )
        kinds.setdefault(_ENDINGS[ending], file)
    if len(kinds) > 1:
        raise UsageError(f"expected files of one kind, found {' and '.join(kinds.values())}")
    return next(iter(kinds))


def cut_file(file: str, kind: Kind, *, size: int, column: str, of_tokens: bool = False) -> list[Share]:
    """Cut a file into shares.

    Args:
        file: path of the file.
        kind: kind of the file.
        size: minimum bytes of a share of lines, which extends to the end of a line; maximum rows of a Parquet share.
        column: for lines, the column that they become; for JSONL, the key that every object must have.
        of_tokens: whether the column holds tokens rather than text.

    Raises:
        DataError: if it cannot be read; names the line.
    """
    try:
        if kind == "parquet":
            with parquet.ParquetFile(file) as opened:
                schema, num_rows = opened.schema_arrow, opened.metadata.num_rows
            starts = range(0, num_rows, size)
            packed = schema.serialize().to_pybytes()
            return [Share(file, kind, start, min(start + size, num_rows), 0, packed) for start in starts] or [
                Share(file, kind, 0, 0, 0, packed)
            ]
        if file.lower().endswith(_PACKED):
            raise DataError(f"{file}: expected an uncompressed file, found a compressed one; decompress it")
        return list(_line_shares(file, kind, size, column, of_tokens=of_tokens))
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _line_shares(file: str, kind: Kind, size: int, column: str, *, of_tokens: bool) -> Iterator[Share]:
    start, line = 0, 1
    with Path(file).open("rb") as stream:
        while chunk := stream.read(size):
            chunk += stream.readline()
            rows = _rows(file, kind, chunk, line, is_first=start == 0, column=column)
            schema = _schema_of_lines(column)
            if kind == "jsonl":
                _check_rows(file, rows, column, of_tokens=of_tokens)
                schema = _inferred([row for _, row in rows])
            yield Share(file, kind, start, start + len(chunk), line, schema.serialize().to_pybytes())
            start += len(chunk)
            line += chunk.count(b"\n")
    if start == 0:
        schema = pyarrow.schema([]) if kind == "jsonl" else _schema_of_lines(column)
        yield Share(file, kind, 0, 0, 1, schema.serialize().to_pybytes())


def _schema_of_lines(column: str) -> pyarrow.Schema:
    return pyarrow.schema([(column, pyarrow.string()), ("file", pyarrow.string()), ("line", pyarrow.int64())])


def _rows(
    file: str, kind: Kind, content: bytes, line: int, *, is_first: bool, column: str
) -> list[tuple[int, dict[str, Any]]]:
    """Return the rows of whole lines, with their line numbers."""
    lines = content.removeprefix(codecs.BOM_UTF8 if is_first else b"").split(b"\n")
    if not lines[-1]:
        lines.pop()
    rows = []
    for number, encoded in enumerate(lines, line):
        where = f"{file}:{number}"
        try:
            text = encoded.removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError as error:
            raise DataError(f"{where}: expected UTF-8, found the byte 0x{encoded[error.start]:02x}") from None
        if kind == "lines":
            rows.append((number, {column: text, "file": file, "line": number}))
        elif text.strip():
            rows.append((number, _object(text, where)))
    return rows


def _check_rows(
    file: str, rows: Iterable[tuple[int, Mapping[str, Any]]], column: str, *, of_tokens: bool
) -> None:
    for number, row in rows:
        if column not in row:
            found = excerpt(", ".join(row)) if row else "none"
            raise DataError(
                f"{file}:{number}: expected a key {column!r}, found {found}; null if there is none"
            )
        value = row[column]
        are_tokens = isinstance(value, list) and all(isinstance(token, str) for token in value)
        if value is not None and not (are_tokens if of_tokens else isinstance(value, str)):
            expected = "tokens, a list of strings," if of_tokens else "a text"
            found = excerpt(json.dumps(value, ensure_ascii=False))
            raise DataError(f"{file}:{number}: expected {expected} in {column!r}, found {found}")


def _object(text: str, where: str) -> dict[str, Any]:
    value = parse_object(text, where)
    if isinstance(value, RepeatedKeys):
        raise DataError(f"{where}: expected every key once, found several of {value.repeated[0]!r}")
    return value


def _inferred(rows: Sequence[dict[str, Any]]) -> pyarrow.Schema:
    """Return types that hold the values of JSON objects."""
    names = dict.fromkeys(name for row in rows for name in row)
    return pyarrow.schema([(name, type_of_values([row.get(name) for row in rows])) for name in names])


def schema_of(shares: Sequence[Share]) -> pyarrow.Schema:
    """Return the columns of the corpus.

    A JSONL column with values of several types holds strings unchanged, and everything else as JSON.

    Raises:
        DataError: if a Parquet file has other columns than the first, other names for numbered labels, or two columns
            of the same name.
    """
    schemas = {share.schema: share for share in shares}
    first, *others = [pyarrow.ipc.read_schema(pyarrow.py_buffer(schema)) for schema in schemas]
    if shares[0].kind == "parquet":
        for name in first.names:
            if first.names.count(name) > 1:
                raise DataError(f"{shares[0].file}: expected each column once, found several called {name!r}")
        for share, other in zip(list(schemas.values())[1:], others, strict=True):
            if not other.equals(first):
                raise DataError(f"{share.file}: expected the columns of {shares[0].file}, found others")
            if _features(other) != _features(first):
                raise DataError(
                    f"{share.file}: expected the features of {shares[0].file} in its metadata, found others, by which "
                    "numbered labels have other names; tag these files one by one"
                )
        return first
    types: dict[str, pyarrow.DataType] = {}
    for schema in (first, *others):
        for field in schema:
            types[field.name] = united_type(types.get(field.name, field.type), field.type)
    return pyarrow.schema([(name, final_type(type_)) for name, type_ in types.items()])


def _features(schema: pyarrow.Schema) -> bytes | None:
    """Return the metadata of ``datasets`` about the columns, which includes the names of numbered labels."""
    return (schema.metadata or {}).get(b"huggingface")


def read_share(
    share: Share, schema: pyarrow.Schema, *, batch_rows: int, column: str
) -> Iterator[pyarrow.Table]:
    """Yield the rows of a share in batches, with the columns of the corpus; one empty table if it has no rows.

    Raises:
        DataError: if the file cannot be read or has changed since it was cut.
    """
    if share.kind == "parquet":
        try:
            yield from _read_parquet(share, schema, batch_rows)
        except (pyarrow.ArrowException, OSError) as error:
            raise DataError(f"{share.file}: cannot be read: {error}") from None
        return
    with Path(share.file).open("rb") as stream:
        stream.seek(share.start)
        content = stream.read(share.end - share.start)
    if len(content) != share.end - share.start:
        raise DataError(f"{share.file}: has changed meanwhile")
    rows = _rows(share.file, share.kind, content, share.line, is_first=share.start == 0, column=column)
    for start in range(0, len(rows), batch_rows) or (0,):
        some = [row for _, row in rows[start : start + batch_rows]]
        columns = [_column([row.get(field.name) for row in some], field.type) for field in schema]
        yield pyarrow.table(columns, schema)


def _column(values: Sequence[Any], type_: pyarrow.DataType) -> pyarrow.Array:
    if pyarrow.types.is_string(type_) and not all(isinstance(value, str | None) for value in values):
        values = [
            value if isinstance(value, str | None) else json.dumps(value, ensure_ascii=False)
            for value in values
        ]
    return pyarrow.array(values, type_)


def _read_parquet(share: Share, schema: pyarrow.Schema, batch_rows: int) -> Iterator[pyarrow.Table]:
    with parquet.ParquetFile(share.file) as file:
        groups: list[int] = []
        first = position = 0
        for group in range(file.metadata.num_row_groups):
            after = position + file.metadata.row_group(group).num_rows
            if position < share.end and after > share.start:
                first = first if groups else position
                groups.append(group)
            position = after
        found = 0
        for batch in file.iter_batches(batch_rows, row_groups=groups) if groups else ():
            part = batch.slice(max(share.start - first, 0), max(share.end - max(first, share.start), 0))
            first += batch.num_rows
            if part.num_rows:
                found += part.num_rows
                yield pyarrow.Table.from_batches([part]).cast(schema)
        if found != share.end - share.start:
            raise DataError(f"{share.file}: has changed meanwhile")
        if not found:
            yield schema.empty_table()


def tag_share(share: Share, tag: TagBatch, schema: pyarrow.Schema, output: Path, *, batch_rows: int) -> int:
    """Write the answers to a share as a Parquet file, which appears whole or not at all; return its number of rows."""
    beside = output.with_name(f".{output.name}.{os.uname().nodename}.{os.getpid()}")
    num_rows = 0
    try:
        with parquet.ParquetWriter(beside, tag.schema(schema)) as writer:
            for table in read_share(share, schema, batch_rows=batch_rows, column=tag.column):
                writer.write_table(tag(table))
                num_rows += table.num_rows
        beside.replace(output)
    except RowError as error:
        raise DataError(
            f"{share.file}: row {share.start + num_rows + error.row + 1}: {error.problem}"
        ) from None
    except (DataError, pyarrow.ArrowException) as error:
        raise DataError(f"{share.file}: {error}" if share.file not in str(error) else str(error)) from None
    finally:
        beside.unlink(missing_ok=True)
    return num_rows
