"""The tables that datasets are stored in, each read as its own file says: Parquet, Arrow, JSON, CSV, saved datasets.

The builders of the ``datasets`` library give all files of a dataset the column types of the first one: class labels
numbered in another order change their names, and JSON strings that look like dates become dates. So a file is read
here by itself, and only what it holds is taken from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from tagger.errors import DataError
from tagger.formats.tables.column_choice import CLASSES, INTEGERS, STRINGS, Columns
from tagger.formats.tables.csv_sentences import read_sentences
from tagger.formats.tables.csv_table import CsvTable
from tagger.sources.json_table import JsonTable

Rows = Mapping[str, Sequence[Any]]
"""Column to its values, row by row; the columns are those that were asked for."""

_READERS: Final = {
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".csv": "csv",
    ".tsv": "csv",
}


class Table(Protocol):
    """One file of a split, or the whole of a saved one.

    Attributes:
        name: what messages call it.
        kinds: column to what it holds, in words; see ``tagger.formats.tables.column_choice``.
        class_names: for each column of class labels, their names in the order of their integers.
    """

    name: str
    kinds: Mapping[str, str]
    class_names: Mapping[str, Sequence[str]]

    def read(self, columns: Columns, also: Sequence[str] = ()) -> Rows:
        """Read the chosen columns and others beside them."""


class FeaturesTable:
    """A table with column types of the ``datasets`` library.

    Args:
        name: what messages call it.
        features: ``datasets.Features``.
        load: reads some columns.
    """

    def __init__(self, name: str, features: Mapping[str, Any], load: Callable[[list[str]], Rows]) -> None:
        self.name = name
        self.kinds: Mapping[str, str] = {
            column: kind_of_feature(feature) for column, feature in features.items()
        }
        self.class_names: Mapping[str, Sequence[str]] = {
            column: tuple(feature.feature.names)
            for column, feature in features.items()
            if self.kinds[column] == CLASSES
        }
        self._load = load

    def read(self, columns: Columns, also: Sequence[str] = ()) -> Rows:
        """Read the chosen columns and others beside them."""
        document = () if columns.document is None else (columns.document,)
        return self._load(list(dict.fromkeys((columns.tokens, columns.labels, *also, *document))))


class CsvDataTable:
    """A CSV file; its rows are the sentences in it."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._table = CsvTable(path)
        self.kinds: Mapping[str, str] = self._table.kinds
        self.class_names: Mapping[str, Sequence[str]] = {}

    def read(self, columns: Columns, also: Sequence[str] = ()) -> Rows:
        """Read the chosen columns; there are no others beside them."""
        assert not also
        sentences = list(read_sentences(self._table, columns))
        rows: dict[str, Sequence[Any]] = {
            columns.tokens: [sentence.tokens for sentence in sentences],
            columns.labels: [sentence.labels for sentence in sentences],
        }
        if columns.document is not None:
            rows[columns.document] = [sentence.document for sentence in sentences]
        return rows


def open_table(path: Path, name: str, declared: Mapping[str, Sequence[str]]) -> Table:
    """Open a file by the end of its name.

    Args:
        path: where it is.
        name: its name in the dataset, for messages.
        declared: names of labels for columns of integers that have none of their own.

    Raises:
        DataError: it is of no kind that is read, or damaged.
    """
    table = _open(path, name)
    named = {
        column: tuple(names) for column, names in declared.items() if table.kinds.get(column) == INTEGERS
    }
    table.kinds = {**table.kinds, **dict.fromkeys(named, CLASSES)}
    table.class_names = {**table.class_names, **named}
    return table


def _open(path: Path, name: str) -> Table:
    reader = _READERS.get(Path(name).suffix.lower())
    if reader == "json":
        return JsonTable(path, name)
    if reader == "csv":
        return CsvDataTable(path, name)
    if reader is None:
        raise DataError(
            f"{name}: expected a file that ends in {', '.join(_READERS)}. "
            "CoNLL files are read by their own reader, not as a dataset"
        )
    return _open_parquet(path, name) if reader == "parquet" else _open_arrow(path, name)


def saved_table(split: Any, name: str) -> Table:
    """Return a ``datasets.Dataset`` as a table."""
    # A saved dataset may carry another format, such as torch.
    plain = split.with_format(None)
    return FeaturesTable(name, split.features, lambda wanted: plain.select_columns(wanted)[:])


def _open_parquet(path: Path, name: str) -> Table:
    import pyarrow
    import pyarrow.parquet

    try:
        # Not read_table: it would add columns that the names of folders spell (lang=de/train.parquet).
        file = pyarrow.parquet.ParquetFile(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise _damaged(name, error) from None
    return _arrow_table(name, file.schema_arrow, lambda wanted: file.read(columns=wanted))


def _open_arrow(path: Path, name: str) -> Table:
    import pyarrow

    try:
        with pyarrow.OSFile(str(path), "rb") as file:
            try:
                table = pyarrow.ipc.open_stream(file).read_all()
            except pyarrow.ArrowInvalid:
                table = pyarrow.ipc.open_file(file).read_all()
        table.validate(full=True)
    except (pyarrow.ArrowException, OSError) as error:
        raise _damaged(name, error) from None
    return _arrow_table(name, table.schema, table.select)


def _arrow_table(name: str, schema: Any, select: Callable[[list[str]], Any]) -> Table:
    import datasets

    if len(set(schema.names)) < len(schema.names):
        raise DataError(f"{name}: expected different names of columns, found {', '.join(schema.names)}")
    # The names of class labels stand in the metadata of the file's own schema.
    try:
        features = datasets.Features.from_arrow_schema(schema)
    except Exception as error:  # whatever the library makes of metadata that are damaged, or newer than it is
        raise _damaged(f"{name}: the column types in its metadata", error) from error
    return FeaturesTable(name, features, partial(_load, name, select))


def _load(name: str, select: Callable[[list[str]], Any], wanted: list[str]) -> Rows:
    import pyarrow

    from tagger.formats_extra.arrow_lists import to_python

    try:
        table = select(wanted)
        rows = {column: to_python(table[column]) for column in wanted}
    except (pyarrow.ArrowException, OSError) as error:
        raise _damaged(name, error) from None
    del table
    pyarrow.default_memory_pool().release_unused()  # it would keep what the table took
    return rows


def _damaged(name: str, error: Exception) -> DataError:
    return DataError(f"{name}: cannot be read: {' '.join(str(error).split())}")


def kind_of_feature(feature: Any) -> str:
    """Return what a column holds, in words."""
    import datasets

    if not isinstance(feature, (datasets.List, datasets.LargeList)):
        return str(getattr(feature, "dtype", type(feature).__name__))
    inner = feature.feature
    if isinstance(inner, datasets.ClassLabel):
        return CLASSES
    dtype = str(getattr(inner, "dtype", type(inner).__name__))
    if "string" in dtype:
        return STRINGS
    return INTEGERS if dtype.lstrip("u").startswith("int") else f"list of {dtype}"
