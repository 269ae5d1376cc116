"""TagBatch: a callable that tags batches of rows, for ``datasets``, Ray, Spark, pandas or a loop."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from tagger.api import Tagger
from tagger.documents import CONSISTENCY, DOCUMENT_TOKENS
from tagger.errors import DataError, MissingExtraError, ModelError, UsageError
from tagger.formats.columns.records import excerpt
from tagger.formats_extra.arrow_lists import to_python
from tagger.inference.answers import stream_answers
from tagger.inference.lookahead import BATCH_TOKENS, CACHE_MEGABYTES
from tagger.inference.scores import Decode, checked_decode
from tagger.integrations.arrow import answer_row, null_row, output_schema
from tagger.text import windows

try:
    import pyarrow
except ModuleNotFoundError:
    raise MissingExtraError("pyarrow", "Arrow tables") from None

_taggers: Final[dict[tuple[Any, ...], Tagger]] = {}
_lock: Final = threading.Lock()


class RowError(DataError):
    """A row of a batch cannot be tagged.

    Attributes:
        row: its index, from 0.
        problem: what was expected, and what was found.
    """

    def __init__(self, row: int, problem: str) -> None:
        super().__init__(f"row {row + 1} of the batch: {problem}")
        self.row = row
        self.problem = problem


class TagBatch:
    """A callable that tags a batch of rows: it adds the columns of :func:`tagger.integrations.arrow.output_schema`.

    A batch is an Arrow table or record batch, a pandas data frame, or a mapping of column names to lists; the result
    is of the same kind, with the columns of the batch first. Rows are texts, each a document, or token lists, each a
    sentence on its own. A row's answer depends on nothing else in the batch, except for rounding of probabilities
    (some 2e-6). A row whose text or tokens are null has null as its answer.

    When pickled, it holds the path of the model and the options, not the model: each process loads the model once, with
    the first batch, and refuses one that has changed meanwhile. The path must be the same on all machines.

    Args:
        model: the model folder.
        text_column: name of the text column; ``text`` if neither this nor ``token_column`` is given.
        token_column: name of a column of tokens, lists of strings, to read instead.
        prefix: put before the names of the new columns, in case the batch has columns of these names.
        probabilities: whether to add the probabilities of labels and spans, which cost time.
        thresholds: minimum probability of spans, by type or one for all; less probable spans are withheld.
        decode: as in :meth:`tagger.Tagger.tag`.
        device: as in :class:`tagger.Tagger`.
        batch_tokens: as in :class:`tagger.Tagger`.
        cache_megabytes: as in :class:`tagger.Tagger`, for each process.
        threads: as in :class:`tagger.Tagger`.
        document_consistency: as in :class:`tagger.Tagger`.
        document_tokens: as in :class:`tagger.Tagger`.

    Raises:
        MissingExtraError: if pyarrow is not installed.
        ModelError: if the folder is not a model.
        UsageError: if an option is invalid.
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        text_column: str | None = None,
        token_column: str | None = None,
        prefix: str = "",
        probabilities: bool = False,
        thresholds: Mapping[str, float] | float | None = None,
        decode: Decode = "viterbi",
        device: str = "cpu",
        batch_tokens: int = BATCH_TOKENS,
        cache_megabytes: int = CACHE_MEGABYTES,
        threads: int = 1,
        document_consistency: float = CONSISTENCY,
        document_tokens: int = DOCUMENT_TOKENS,
    ) -> None:
        if text_column is not None and token_column is not None:
            raise UsageError("expected text_column or token_column, found both; rows are texts or sentences")
        for name, value in {
            "text_column": text_column,
            "token_column": token_column,
            "prefix": prefix,
        }.items():
            if not isinstance(value, str | None) or (value is None and name == "prefix"):
                raise UsageError(f"{name}: expected a string, found {value!r}")
        self._folder: Final = os.fspath(Path(model).resolve())
        self._of_tokens: Final = token_column is not None
        names = (name for name in (token_column, text_column) if name is not None)
        self._column: Final = next(names, "text")
        self._prefix: Final = prefix
        self._probabilities: Final = probabilities
        self._thresholds: Final = dict(thresholds) if isinstance(thresholds, Mapping) else thresholds
        self._decode: Final = checked_decode(decode)
        self._options: Final[dict[str, Any]] = {
            "device": device,
            "batch_tokens": batch_tokens,
            "cache_megabytes": cache_megabytes,
            "threads": threads,
            "document_consistency": document_consistency,
            "document_tokens": document_tokens,
        }
        self._digest: str | None = None
        self._digest = self._tagger().parts.digest
        self._tagger().predict([], thresholds=thresholds)  # checks them

    def __call__(self, batch: Any) -> Any:
        """Return the batch with the model's answers in additional columns.

        Raises:
            DataError: if the column is missing or holds something else, or another has the name of an answer column.
            ModelError: if the model folder has changed since this object was created.
            TypeError: if it is not a batch.
        """
        if isinstance(batch, pyarrow.Table):
            return self._with_answers(batch)
        if isinstance(batch, pyarrow.RecordBatch):
            table = self._with_answers(pyarrow.Table.from_batches([batch]))
            return pyarrow.RecordBatch.from_arrays(
                [pyarrow.concat_arrays(column.chunks) if column.num_chunks else pyarrow.array([], column.type)
                 for column in table.columns],
                schema=table.schema,
            )  # fmt: skip
        if isinstance(batch, Mapping):
            answers = self._answers(_listed(self._value_of(batch, batch.keys())))
            return {**self._others(batch), **answers.to_pydict()}
        if hasattr(batch, "columns") and hasattr(batch, "assign"):
            answers = self._answers(_listed(self._value_of(batch, batch.columns)))
            return batch.assign(**answers.to_pydict())
        raise TypeError(
            f"expected a batch as an Arrow table, a data frame or a mapping, found {type(batch).__name__}"
        )

    @property
    def column(self) -> str:
        """The name of the column of texts or tokens."""
        return self._column

    @property
    def of_tokens(self) -> bool:
        """Whether rows hold tokens."""
        return self._of_tokens

    def schema(self, batch_schema: pyarrow.Schema) -> pyarrow.Schema:
        """Return the schema of the results for batches of a given schema, for callers that need it first (Spark).

        Raises:
            DataError: as for a batch of this schema.
        """
        self._check_names(batch_schema.names)
        kept = [field for field in batch_schema if not self._is_replaced(field.name)]
        return pyarrow.schema([*kept, *output_schema(self._prefix)], metadata=batch_schema.metadata)

    def __getstate__(self) -> dict[str, Any]:
        return dict(vars(self))

    def _with_answers(self, table: pyarrow.Table) -> pyarrow.Table:
        schema = self.schema(table.schema)
        try:
            values = to_python(table[self._column])
        except UnicodeDecodeError as error:
            raise DataError(f"column {self._column!r}: expected strings in UTF-8: {error}") from None
        answers = self._answers(values)
        kept = [column for name, column in zip(table.column_names, table.columns, strict=True)
                if not self._is_replaced(name)]  # fmt: skip
        return pyarrow.table([*kept, *answers.columns], schema)

    def _answers(self, values: Sequence[Any]) -> pyarrow.Table:
        """Return the answers to the texts or tokens of all rows."""
        tagger = self._tagger()
        rows = [self._row(value, number, tagger) for number, value in enumerate(values)]
        sentences = [tokens for row in rows for tokens in row.sentences]
        documents = [number for number, row in enumerate(rows) for _ in row.sentences]
        found = stream_answers(
            tagger,
            sentences,
            None if self._of_tokens else documents,
            decode=self._decode,
            probabilities=self._probabilities,
            thresholds=self._thresholds,
        )
        has_spans = tagger.scheme.has_spans
        filled = [
            null_row(self._prefix)
            if row.value is None
            else answer_row(
                row.sentences,
                list(islice(found, len(row.sentences))),
                text=row.value if isinstance(row.value, str) else None,
                ranges=row.ranges,
                has_spans=has_spans,
                with_probabilities=self._probabilities,
                prefix=self._prefix,
            )
            for row in rows
        ]
        return pyarrow.Table.from_pylist(filled, schema=output_schema(self._prefix))

    def _row(self, value: Any, number: int, tagger: Tagger) -> _Row:
        if value is None:
            return _Row(None)
        if self._of_tokens:
            if isinstance(value, str) or not isinstance(value, Iterable):
                raise RowError(
                    number, f"expected a list of tokens in {self._column!r}, found {excerpt(str(value))}"
                )
            tokens = tuple(value)
            if not all(isinstance(token, str) for token in tokens):
                raise RowError(
                    number, f"expected tokens as strings in {self._column!r}, found {excerpt(str(tokens))}"
                )
            for token in tokens:
                _check_encodable(token, number, self._column)
            return _Row(tokens, (tokens,))
        if not isinstance(value, str):
            raise RowError(number, f"expected a text in {self._column!r}, found {excerpt(str(value))}")
        _check_encodable(value, number, self._column)
        ranges = tuple(
            tuple(sentence.spans) for sentence in windows(value, tagger.segmenter) if sentence.spans
        )
        return _Row(
            value, tuple(tuple([value[start:end] for start, end in spans]) for spans in ranges), ranges
        )

    def _value_of(self, batch: Any, names: Iterable[str]) -> Any:
        self._check_names(names)
        values = batch[self._column]
        if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
            raise DataError(
                f"column {self._column!r}: expected the values of all rows, found {excerpt(str(values))}"
            )
        return values

    def _others(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        return {name: values for name, values in batch.items() if not self._is_replaced(name)}

    def _check_names(self, names: Iterable[str]) -> None:
        names = list(names)
        if self._column not in names:
            option = "token_column" if self._of_tokens else "text_column"
            raise DataError(
                f"{option}: expected a column {self._column!r}, found: {', '.join(map(str, names)) or 'none'}"
            )
        if names.count(self._column) > 1:
            raise DataError(f"expected one column {self._column!r}, found {names.count(self._column)}")
        for name in output_schema(self._prefix).names:
            if name in names and not self._is_replaced(name):
                raise DataError(
                    f"expected no column {name!r}, the name of a column of answers, found one; pass prefix='tagger_', "
                    "which stands before the names of these"
                )

    def _is_replaced(self, name: str) -> bool:
        """Return whether a column is that of the tokens, which the answers repeat under the same name."""
        return self._of_tokens and name == self._column == f"{self._prefix}tokens"

    def _tagger(self) -> Tagger:
        """Return the tagger of this process."""
        key = (self._folder, self._digest, *self._options.values())
        with _lock:
            if (tagger := _taggers.get(key)) is None:
                tagger = Tagger.load(self._folder, **self._options)
                digest = tagger.parts.digest
                if self._digest not in (None, digest):
                    raise ModelError(f"{self._folder}: the model has changed since this TagBatch was made")
                for other in [other for other in _taggers if other[0] == self._folder and other[1] != digest]:
                    del _taggers[other]  # a model that the folder no longer holds
                _taggers[(self._folder, digest, *self._options.values())] = tagger
        return tagger


@dataclass(frozen=True, slots=True)
class _Row:
    """A row, None or its text or tokens, cut into sentences; for a text, also the ranges of their tokens."""

    value: str | tuple[str, ...] | None
    sentences: tuple[tuple[str, ...], ...] = ()
    ranges: tuple[tuple[tuple[int, int], ...], ...] = ()


def _listed(values: Any) -> list[Any]:
    """Return the values of a column, with the missing values of pandas, NaN and NA, as None."""
    values = values.tolist() if hasattr(values, "tolist") else list(values)
    return [None if _is_missing(value) else value for value in values]


def _check_encodable(text: str, row: int, column: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RowError(
            row,
            f"expected Unicode text in {column!r}, found half a surrogate pair, {text[error.start]!r}, "
            f"at character {error.start}",
        ) from None


def _is_missing(value: Any) -> bool:
    return (isinstance(value, float) and value != value) or type(value).__name__ in ("NAType", "NaTType")
