"""Streams of rows that are read once: an ``IterableDataset`` of the library datasets, or any iterator.

Whether they end is not known beforehand, even after ``take``: so rows and tokens are limited, with a warning long
before the limits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final, TypeVar

from tagger.errors import DataError
from tagger.formats.tables.column_choice import STRINGS
from tagger.sources.shapes import columns_in, shape_of_feature, value_at
from tagger.sources.value_shapes import shape_of_values
from tagger.sources.values_table import Rows, TypedTable

MOST_ROWS: Final = 5_000_000
"""The limit of rows: more would not fit in memory, or never end."""
MOST_TOKENS: Final = 50_000_000
"""The limit of tokens; this many take a few GB of memory."""
_EVERY: Final = 100_000
"""The interval of rows at which the count is logged, first as a warning."""
_JUDGED: Final = 1_000
"""The number of first rows from which the kinds of undeclared columns are inferred."""

_ADVICE: Final = "Pass the first rows, such as take(n) of an IterableDataset, or a Dataset"

_LOG = logging.getLogger(__name__)
_Row = TypeVar("_Row")


class StreamTable(TypedTable):
    """The rows of an ``IterableDataset``; its features may be unknown.

    Args:
        name: what messages call it.
        stream: the dataset, which is iterated over once.

    Raises:
        DataError: it has neither rows nor features.

    Attributes:
        num_rows: the number of rows read.
    """

    def __init__(self, name: str, stream: Any) -> None:
        features = stream.features
        self._rows = iter(stream.with_format(None))
        self._first: list[Mapping[str, Any]] = []
        self._is_declared = bool(features)
        self.num_rows = 0
        if features:
            shapes = {top: shape_of_feature(feature) for top, feature in features.items()}
        else:
            self._first = list(islice(self._rows, _JUDGED))
            if not self._first:
                raise DataError(f"{name}: expected rows, found none")
            names = dict.fromkeys(name for row in self._first for name in row)
            shapes = {top: shape_of_values(row.get(top) for row in self._first) for top in names}
        super().__init__(name, columns_in(shapes))

    def values(self, wanted: Sequence[str]) -> Rows:
        """Return the values of some columns; the others are not kept."""
        paths = {name: self.columns[name].path for name in wanted}
        found: dict[str, list[Any]] = {name: [] for name in wanted}
        first, *inner = paths[wanted[0]]  # the column of tokens or texts
        rows = chain(self._first, self._rows)
        for row in counted(rows, self.name, lambda row: _num_tokens(value_at(row.get(first), inner))):
            self.num_rows += 1
            for name, (top, *keys) in paths.items():
                found[name].append(value_at(row.get(top), keys))
        for name, values in found.items():
            self._check(name, values)
        return found

    def _check(self, name: str, values: Sequence[Any]) -> None:
        """Refuse values of a column that differ in kind from its features or first rows."""
        column = self.columns[name]
        if self._is_declared and column.kind != STRINGS:
            return
        own = column.path[-1]
        found = columns_in({own: shape_of_values(values)}).get(own)
        if found is not None and found.kind not in (column.kind, "nothing"):
            source = "its features" if self._is_declared else "the first rows"
            raise DataError(
                f"{self.name}: column {name!r}: expected {column.whole_kind}, as in {source}, found {found.kind}"
            )


def counted(rows: Iterable[_Row], where: str, num_tokens: Callable[[_Row], int]) -> Iterator[_Row]:
    """Yield rows, logging their count every 100,000, the first time with a warning that there may be no end.

    Args:
        rows: the rows.
        where: what messages call them.
        num_tokens: returns the approximate number of tokens of a row.

    Raises:
        DataError: there are more rows than :data:`MOST_ROWS`, or more tokens than :data:`MOST_TOKENS`.
    """
    tokens = 0
    for number, row in enumerate(rows, start=1):
        tokens += num_tokens(row)
        for found, most, what in ((number, MOST_ROWS, "rows"), (tokens, MOST_TOKENS, "tokens")):
            if found > most:
                raise DataError(f"{where}: expected at most {most:,} {what}, found more. {_ADVICE}")
        if number == _EVERY:
            _LOG.warning(
                "%s: %s rows read, with an unknown number to come; all are read before training begins. %s",
                where,
                f"{number:,}",
                _ADVICE,
            )
        elif number % _EVERY == 0:
            _LOG.info("%s: %s rows read", where, f"{number:,}")
        yield row


def _num_tokens(value: Any) -> int:
    """Return the number of tokens of a row: those of its sentences, or the words of its text."""
    if isinstance(value, str):
        return value.count(" ") + 1
    if not isinstance(value, list):
        return 0
    return sum(map(_num_tokens, value)) if value and isinstance(value[0], list) else len(value)
