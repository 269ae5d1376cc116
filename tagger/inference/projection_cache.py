"""ProjectionCache: LSTM input projections of the words met in tagging, computed once for those of a bounded table.

Letters: N directions, K summed width of a cell's blocks (4 H for an LSTM).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tagger.features import IntArray
from tagger.inference.shared_cache import SharedCache
from tagger.inference.word_cache import CachedWords
from tagger.network import FloatArray, Network


@dataclass
class _Table:
    """The input projections of some words.

    Attributes:
        numbering: which words rows are numbers of; see :class:`CachedWords`.
        projected: ``[N, any number, K]``, of which the first ``num_filled`` are known.
        capacity: for how many it may have room.
        num_filled: how many.
        place_of_row: where the projection of each word is, -1 for nowhere.
    """

    numbering: int
    projected: FloatArray
    capacity: int
    num_filled: int = 0
    place_of_row: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


class ProjectionCache(SharedCache):
    """Input projections of the encoder's first layer, W x + b, by word.

    A word needs far more room here than in :class:`WordCache`, 4 KB with 128 units. So the words that are asked for
    first, frequent ones mostly, keep their projections until the table is full; those of others are computed again
    for each batch. Threads may share a cache.

    Args:
        network: computes them.
        max_bytes: size of the table at most; one word has room in any case.
    """

    def __init__(self, network: Network, *, max_bytes: int) -> None:
        super().__init__()
        self._network: Final = network
        self._max_bytes: Final = max_bytes
        self._table: _Table | None = None

    def _clear(self) -> None:
        self._table = None

    def look_up(self, words: CachedWords, rows: IntArray) -> tuple[FloatArray, IntArray]:
        """Return input projections, ``[N, any number, K]``, and which of them is that of every token, ``[P]``.

        What was returned stays right whatever is asked for later.

        Args:
            words: what is known of the words.
            rows: the row in it of every token, ``[P]``.
        """
        distinct = np.flatnonzero(np.bincount(rows))
        with self._lock:
            table = self._table_of(words)
            if table is None:
                return self._project(words, distinct), np.searchsorted(distinct, rows)
            self._add(table, words, distinct[table.place_of_row[distinct] < 0])
            places = table.place_of_row[distinct]
        known = places >= 0
        if known.all():
            return table.projected, table.place_of_row.take(rows)
        # Some words have no room: all words of this batch get a table of their own.
        further = self._project(words, distinct[~known])
        projected = np.empty((len(further), len(distinct), further.shape[2]), dtype=np.float32)
        projected[:, known] = table.projected.take(places[known], axis=1)
        projected[:, ~known] = further
        return projected, np.searchsorted(distinct, rows)

    def fill(self, words: CachedWords, rows: IntArray) -> None:
        """Compute the projections of the words that have room at once, the most frequent ones first.

        Which batch asks first is then of no concern to what is computed, not by a bit.

        Args:
            words: what is known of the words.
            rows: the row in it of every token that will be asked for, ``[P]``.
        """
        counts = np.bincount(rows)
        distinct = np.flatnonzero(counts)
        by_frequency = distinct[np.argsort(-counts[distinct], kind="stable")]
        with self._lock:
            if (table := self._table_of(words)) is not None:
                self._add(table, words, by_frequency[table.place_of_row[by_frequency] < 0])

    def _project(self, words: CachedWords, rows: IntArray) -> FloatArray:
        return self._network.project(words.vectors.take(rows, axis=0))

    def _add(self, table: _Table, words: CachedWords, new: IntArray) -> None:
        """Give places to new words as long as there are some."""
        start = table.num_filled
        added = new[: table.capacity - start]
        if len(added):
            end = start + len(added)
            size = table.projected.shape[1]
            if end > size:
                # Twice as large keeps the cost of growing constant per word. Whoever was given the smaller one has it.
                larger = np.empty(
                    (len(table.projected), min(table.capacity, max(end, 2 * size)), table.projected.shape[2]),
                    dtype=np.float32,
                )
                larger[:, :start] = table.projected[:, :start]
                table.projected = larger
            table.projected[:, start:end] = self._project(words, added)
            # In this order, lest an interruption leave places that are given away again.
            table.num_filled = end
            table.place_of_row[added] = np.arange(start, end)

    def _table_of(self, words: CachedWords) -> _Table | None:
        """Return the table of these words; None if that at hand is of words that have come since, in another thread."""
        table = self._table
        if table is not None and words.numbering < table.numbering:
            return None
        if table is None or table.numbering != words.numbering:
            row = self._network.project(words.vectors[:1])
            capacity = max(1, self._max_bytes // row.nbytes)
            self._table = table = _Table(words.numbering, row[:, :0], capacity)
        more = len(words.vectors) - len(table.place_of_row)
        if more > 0:
            table.place_of_row = np.concatenate([table.place_of_row, np.full(more, -1)])
        return table
