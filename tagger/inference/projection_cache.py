"""ProjectionCache: a bounded table of the LSTM input projections of words, each computed once.

Letters: N directions, K total width of a cell's blocks (4 H for an LSTM).
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
        numbering: version of the row numbers; see :class:`CachedWords`.
        projected: ``[N, any number, K]``, of which the first ``num_filled`` are filled.
        capacity: maximum number of projections.
        num_filled: number of projections.
        place_of_row: index of the projection of each word, -1 if it has none.
    """

    numbering: int
    projected: FloatArray
    capacity: int
    num_filled: int = 0
    place_of_row: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


class ProjectionCache(SharedCache):
    """Input projections of the encoder's first layer, W x + b, by word.

    A word takes far more room here than in :class:`WordCache`: 4 KB with 128 units. So words are added as they come,
    frequent ones mostly first, until the table is full; the projections of other words are recomputed for each
    batch. Threads may share a cache.

    Args:
        network: computes the projections.
        max_bytes: maximum size of the table; there is always room for one word.
    """

    def __init__(self, network: Network, *, max_bytes: int) -> None:
        super().__init__()
        self._network: Final = network
        self._max_bytes: Final = max_bytes
        self._table: _Table | None = None

    def _clear(self) -> None:
        self._table = None

    def look_up(self, words: CachedWords, rows: IntArray) -> tuple[FloatArray, IntArray]:
        """Return input projections, ``[N, any number, K]``, and the index among them of every token's, ``[P]``.

        Later calls do not invalidate the result.

        Args:
            words: the cached words.
            rows: the row among them of every token, ``[P]``.
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
        # Some words have no room: build a separate table of all words of this batch.
        further = self._project(words, distinct[~known])
        projected = np.empty((len(further), len(distinct), further.shape[2]), dtype=np.float32)
        projected[:, known] = table.projected.take(places[known], axis=1)
        projected[:, ~known] = further
        return projected, np.searchsorted(distinct, rows)

    def fill(self, words: CachedWords, rows: IntArray) -> None:
        """Compute the projections of as many words as there is room for, the most frequent ones first.

        The order of batches then cannot change a single bit of the results.

        Args:
            words: the cached words.
            rows: the row among them of every token that will be looked up, ``[P]``.
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
        """Add new words as long as there is room."""
        start = table.num_filled
        added = new[: table.capacity - start]
        if len(added):
            end = start + len(added)
            size = table.projected.shape[1]
            if end > size:
                # Doubling keeps the cost of growing constant per word. Earlier callers keep the smaller array.
                larger = np.empty(
                    (len(table.projected), min(table.capacity, max(end, 2 * size)), table.projected.shape[2]),
                    dtype=np.float32,
                )
                larger[:, :start] = table.projected[:, :start]
                table.projected = larger
            table.projected[:, start:end] = self._project(words, added)
            # In this order, so that an interruption cannot leave places that would be assigned twice.
            table.num_filled = end
            table.place_of_row[added] = np.arange(start, end)

    def _table_of(self, words: CachedWords) -> _Table | None:
        """Return the table of these words; None if another thread has since replaced it with one of newer words."""
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
