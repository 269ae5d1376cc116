"""The tables in which datasets are stored, each read by its own types: Parquet, Arrow, JSON, CSV, saved datasets.

The builders of the ``datasets`` library give all files of a dataset the column types of the first: class labels
numbered in another order would change their names, and JSON strings that look like dates would become dates. Therefore
each file is read separately here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tagger.errors import DataError
from tagger.formats.format import ReadingContext
from tagger.formats.losses import Losses
from tagger.formats.tables.column_choice import CLASSES, INTEGERS, Columns
from tagger.formats.tables.csv_sentences import read_sentences
from tagger.formats.tables.csv_table import CsvTable
from tagger.formats.tables.csv_texts import find_text_columns, read_csv_texts
from tagger.sources.json_table import read_json_table
from tagger.sources.shapes import Column, columns_in, shape_of_feature, value_at
from tagger.sources.values_table import PLACES, Rows, Table, Texts, TypedTable

_READERS: Final = {
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".csv": "csv",
    ".tsv": "csv",
}


class FeaturesTable(TypedTable):
    """A table with column types of the ``datasets`` library.

    Args:
        name: what messages call it.
        features: ``datasets.Features``.
        select: reads some columns as a pyarrow table.
    """

    def __init__(self, name: str, features: Mapping[str, Any], select: Callable[[list[str]], Any]) -> None:
        super().__init__(
            name, columns_in({top: shape_of_feature(feature) for top, feature in features.items()})
        )
        self._select = select

    def values(self, wanted: Sequence[str]) -> Rows:
        """Return the values of some columns."""
        import pyarrow

        paths = {name: self.columns[name].path for name in wanted}
        try:
            table = self._select(list(dict.fromkeys(top for top, *_ in paths.values())))
            rows = {name: _values(table[top], keys) for name, (top, *keys) in paths.items()}
            del table
            pyarrow.default_memory_pool().release_unused()  # otherwise it keeps the memory of the table
            return rows
        except (pyarrow.ArrowException, OSError) as error:
            raise _damaged(self.name, error) from None


class CsvDataTable(TypedTable):
    """A CSV file; its rows are the sentences in it.

    Args:
        csv: the file, not yet read.
    """

    def __init__(self, csv: CsvTable) -> None:
        super().__init__(csv.name, {name: Column(kind) for name, kind in csv.kinds.items()})
        self._csv = csv
        self._losses: Losses | None = None

    def prepare(self, sentence_column: str | None, losses: Losses) -> None:
        """Set how to read it.

        Args:
            sentence_column: the column of sentence ids; detected by its usual names if None.
            losses: counts unreadable rows if bad data are skipped; otherwise they are errors.

        Raises:
            UsageError: there is no such column.
        """
        self._losses = losses if losses.skip_bad else None
        if sentence_column is not None:
            self._csv.name_sentence_column(sentence_column)
            self.columns = {column: Column(kind) for column, kind in self._csv.kinds.items()}

    def read(self, columns: Columns, also: Sequence[str] = ()) -> Rows:
        """Read the chosen columns; there are no others beside them."""
        assert not also
        sentences = list(read_sentences(self._csv, columns, self._losses))
        rows: dict[str, Sequence[Any]] = {
            columns.tokens: [sentence.tokens for sentence in sentences],
            columns.labels: [sentence.labels for sentence in sentences],
        }
        if columns.document is not None:
            rows[columns.document] = [sentence.document for sentence in sentences]
        if any(isinstance(sentence.line, str) for sentence in sentences[:1]):
            rows[PLACES] = [str(sentence.line) for sentence in sentences]
        return rows

    def texts(self, context: ReadingContext) -> Texts | None:
        """Return the texts with spans in the rows; None if there are none."""
        label_column = context.options.label_column
        assert not isinstance(label_column, int), "refused before"
        columns = find_text_columns(self._csv, context.options.text_column, label_column)
        if columns is None or columns.spans is None:
            return None
        return Texts(columns.text, columns.spans, read_csv_texts(self._csv, columns, context))


def open_table(path: Path, name: str, declared: Mapping[str, Sequence[str]]) -> Table:
    """Open a file as the format of its name's suffix.

    Args:
        path: the file.
        name: its name in the dataset, for messages.
        declared: label names for integer columns without names of their own.

    Raises:
        DataError: its format is not supported, or it is damaged.
    """
    table = _open(path, name)
    table.columns = {
        name: replace(column, kind=CLASSES, names=tuple(declared[name]))
        if column.kind == INTEGERS and name in declared
        else column
        for name, column in table.columns.items()
    }
    return table


def _open(path: Path, name: str) -> Table:
    reader = _READERS.get(Path(name).suffix.lower())
    if reader == "json":
        return read_json_table(path, name)
    if reader == "csv":
        return CsvDataTable(CsvTable(path))
    if reader is None:
        raise DataError(
            f"{name}: expected a file that ends in {', '.join(_READERS)}. "
            "CoNLL files are read by their own reader, not as a dataset"
        )
    return _open_parquet(path, name) if reader == "parquet" else _open_arrow(path, name)


def saved_table(split: Any, name: str) -> Table:
    """Return a ``datasets.Dataset`` as a table.

    Raises:
        DataError: it has a transform that changes its rows on access.
    """
    if split.format["type"] == "custom":
        raise DataError(
            f"{name}: the transform of set_transform or with_transform would not be applied. Apply it with "
            "map(...), or take it off with with_format(None)"
        )
    # A saved dataset may carry another format, such as torch.
    plain = split.with_format(None)
    return FeaturesTable(
        name, split.features, lambda wanted: plain.select_columns(wanted).with_format("arrow")[:]
    )


def _open_parquet(path: Path, name: str) -> Table:
    import pyarrow
    import pyarrow.parquet

    try:
        # Not read_table: it would add columns from folder names (lang=de/train.parquet).
        file = pyarrow.parquet.ParquetFile(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise _damaged(name, error) from None
    return arrow_table(name, file.schema_arrow, lambda wanted: file.read(columns=wanted))


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
    return arrow_table(name, table.schema, table.select)


def arrow_table(name: str, schema: Any, select: Callable[[list[str]], Any]) -> Table:
    """Return Arrow data as a table.

    Args:
        name: what messages call it.
        schema: its pyarrow schema, with the names of class labels in its metadata if the ``datasets`` library wrote it.
        select: reads some columns as a pyarrow table.

    Raises:
        DataError: a column name is repeated, or the metadata are unreadable.
    """
    import datasets

    if len(set(schema.names)) < len(schema.names):
        raise DataError(f"{name}: expected different names of columns, found {', '.join(schema.names)}")
    # The names of class labels are in the metadata of the file's own schema.
    try:
        features = datasets.Features.from_arrow_schema(schema)
    except Exception as error:  # damaged or newer metadata may raise anything
        raise _damaged(f"{name}: the column types in its metadata", error) from error
    return FeaturesTable(name, features, select)


def _values(column: Any, keys: Sequence[str]) -> list[Any]:
    """Return the values of a pyarrow column, or those under a path of keys in it."""
    import pyarrow

    from tagger.formats_extra.arrow_lists import to_python

    if not keys:
        return to_python(column)
    # Drop other struct keys, which may hold much data, before converting to Python.
    with suppress(pyarrow.ArrowNotImplementedError):
        column = column.cast(_pruned(column.type, keys))
    return [value_at(value, keys) for value in column.to_pylist()]


def _pruned(type_: Any, keys: Sequence[str]) -> Any:
    """Return a pyarrow type whose structs have only these keys."""
    import pyarrow

    if not keys:
        return type_
    if pyarrow.types.is_struct(type_):
        return pyarrow.struct([(keys[0], _pruned(type_.field(keys[0]).type, keys[1:]))])
    make = pyarrow.large_list if pyarrow.types.is_large_list(type_) else pyarrow.list_
    return make(_pruned(type_.value_type, keys))


def _damaged(name: str, error: Exception) -> DataError:
    return DataError(f"{name}: cannot be read: {' '.join(str(error).split())}")
