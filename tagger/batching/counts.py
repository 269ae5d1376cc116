"""ExpectedCounts: a teacher's distribution over labellings, as the expected counts that a CRF learns from.

Letters: N tokens of all sentences, S sentences, B of them in a batch, T tokens of the longest, L labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

_LEAST: Final = 1e-6
_LEAST_SHARE: Final = 1e-3
"""Counts below a millionth are dropped, or with many columns, below a thousandth of their mean."""


class BatchCounts(NamedTuple):
    """The expected counts of a batch, padded with zeros.

    Attributes:
        are_known: whether each sentence has counts, ``[B]``; the counts of others are zero.
        nodes: probability of each label at each token, ``[B, T, L]``.
        pairs: expected number of transitions between each pair of labels, ``[B, L, L]``.
    """

    are_known: NDArray[np.bool_]
    nodes: FloatArray
    pairs: FloatArray


class ExpectedCounts:
    """Sparse label probabilities and expected transition counts of each sentence.

    For a CRF with position-independent transitions these are the sufficient statistics of a distribution over
    labellings (see ``LinearChainCRF.cross_entropy``). Small counts are dropped, and the others scaled up to the same
    sum.

    Args:
        num_labels: L.
        counts: for each of S sentences its ``[T, L]`` and ``[L, L]`` arrays; None for a sentence without counts.
    """

    def __init__(self, num_labels: int, counts: Iterable[tuple[NDArray[Any], NDArray[Any]] | None]) -> None:
        self._num_labels: Final = num_labels
        self._nodes: Final = _SparseRows(num_labels)
        self._pairs: Final = _SparseRows(num_labels**2)
        starts, known = [0], []
        for of_sentence in counts:
            known.append(of_sentence is not None)
            if of_sentence is not None:
                nodes, pairs = of_sentence
                self._nodes.add(nodes)
                self._pairs.add(pairs.reshape(1, -1))
            starts.append(self._nodes.num_rows)
        self._nodes.finish()
        self._pairs.finish()
        self._starts: Final = np.array(starts)
        self._are_known: Final = np.array(known, dtype=np.bool_)
        self._row_of_pairs: Final = np.cumsum(self._are_known) - 1

    def batch(self, members: Sequence[int], length: int) -> BatchCounts | None:
        """Return the counts of some sentences; None if none of them has any.

        Args:
            members: the indices of B sentences.
            length: T.
        """
        numbers = np.asarray(members, dtype=np.int64)
        known = self._are_known[numbers]
        if not known.any():
            return None
        starts, ends = self._starts[numbers], self._starts[numbers + 1]
        nodes = np.zeros((len(numbers), length, self._num_labels), dtype=np.float32)
        filled = np.arange(length) < (ends - starts)[:, None]
        rows = np.concatenate([np.arange(*bounds) for bounds in zip(starts, ends, strict=True)])
        nodes[filled] = self._nodes.dense(rows)
        pairs = np.zeros((len(numbers), self._num_labels**2), dtype=np.float32)
        pairs[known] = self._pairs.dense(self._row_of_pairs[numbers[known]])
        return BatchCounts(known, nodes, pairs.reshape(-1, self._num_labels, self._num_labels))


class _SparseRows:
    """Rows with few nonzero columns.

    Args:
        num_columns: the number of columns.
    """

    def __init__(self, num_columns: int) -> None:
        self._num_columns = num_columns
        self._pieces: list[tuple[NDArray[Any], NDArray[Any], NDArray[Any]]] = []
        self._ends: NDArray[np.int64] = np.zeros(1, dtype=np.int64)
        self._columns: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self._values: FloatArray = np.zeros(0, dtype=np.float32)
        self.num_rows = 0

    def add(self, rows: NDArray[Any]) -> None:
        """Add rows, ``[n, columns]``."""
        kept = rows >= min(_LEAST, _LEAST_SHARE / self._num_columns)
        sums = (rows * kept).sum(axis=1)
        rows = rows * np.divide(rows.sum(axis=1), sums, out=np.ones(len(rows)), where=sums > 0)[:, None]
        self._pieces.append(
            (kept.sum(axis=1), np.nonzero(kept)[1].astype(np.int32), rows[kept].astype(np.float32))
        )
        self.num_rows += len(rows)

    def finish(self) -> None:
        """Concatenate the rows added."""
        if self._pieces:
            sizes, columns, values = (np.concatenate(each) for each in zip(*self._pieces, strict=True))
            self._ends = np.concatenate([[0], np.cumsum(sizes)])
            self._columns, self._values = columns, values
            self._pieces.clear()

    def dense(self, rows: NDArray[np.int64]) -> FloatArray:
        """Return rows by index, ``[n, columns]``."""
        sizes = self._ends[rows + 1] - self._ends[rows]
        # The positions of the entries of these rows, row by row.
        places = np.arange(sizes.sum()) + np.repeat(self._ends[rows] - (np.cumsum(sizes) - sizes), sizes)
        found: FloatArray = np.zeros((len(rows), self._num_columns), dtype=np.float32)
        found[np.repeat(np.arange(len(rows)), sizes), self._columns[places]] = self._values[places]
        return found
