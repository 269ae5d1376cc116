"""GateCache: what the encoder looks up of the words met in tagging, computed once for the words of a bounded table.

Letters: N directions, U words, H hidden units per direction.
"""

from __future__ import annotations

import threading
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagger.features import IntArray
from tagger.modules.recurrent import RecurrentEncoder
from tagger.modules.weight_state import WeightState, state_of
from tagger.word_cache import CachedWords


class _Table(NamedTuple):
    """What is known.

    Attributes:
        numbering: of which words; see :class:`CachedWords`.
        weights: state of the weights of which it was made.
        gates: a row for each of the first words, ``[N, rows, 4 H]``.
        filled: which rows are, ``[rows]``.
    """

    numbering: object
    weights: WeightState
    gates: Tensor
    filled: NDArray[np.bool_]


class GateCache:
    """What words give to the gates of the encoder's first layer (:meth:`RecurrentEncoder.gates`).

    A word needs far more room here than in :class:`WordCache`, 6 KB with 200 units. So the first words alone, which
    are the frequent ones of most texts, keep a row; those of others are computed again for each batch. Threads may
    share a cache.

    Args:
        encoder: an encoder that can look up.
        max_bytes: size of the table at most.
    """

    def __init__(self, encoder: RecurrentEncoder, *, max_bytes: int = 64 * 2**20) -> None:
        self._encoder: Final = encoder
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._table: _Table | None = None

    def look_up(self, words: CachedWords, rows: IntArray) -> tuple[Tensor, IntArray]:
        """Return gates ``[N, U, 4 H]``, and the row in them of every token.

        What was returned stays right whatever is asked for later.

        Args:
            words: what is known of the words.
            rows: the row of every token in it.
        """
        with self._lock, torch.inference_mode(False), torch.no_grad():
            table = self._table_of(words)
            distinct = np.flatnonzero(np.bincount(rows))
            first = distinct[: np.searchsorted(distinct, len(table.filled))]
            new = first[~table.filled[first]]
            if len(new):
                table.gates[:, torch.from_numpy(new)] = self._compute(words, new)
                table.filled[new] = True
            if len(first) == len(distinct):
                return table.gates, rows
            gates = torch.cat(
                [table.gates[:, torch.from_numpy(first)], self._compute(words, distinct[len(first) :])], dim=1
            )
            return gates, np.searchsorted(distinct, rows)

    def _compute(self, words: CachedWords, rows: IntArray) -> Tensor:
        return self._encoder.gates(words.vectors[torch.from_numpy(rows)])

    def _table_of(self, words: CachedWords) -> _Table:
        """Return the table of these words, an empty one if that at hand is of others or of other weights."""
        weights = state_of(self._encoder.layers[0].parameters())
        table = self._table
        if table is None or table.numbering is not words.numbering or table.weights != weights:
            row = self._encoder.gates(words.vectors[:1])
            num_rows = max(1, self._max_bytes // row.nbytes)
            # Memory that is not written to yet is not taken from the system either.
            gates = row.new_empty(len(row), num_rows, row.shape[2])
            self._table = table = _Table(words.numbering, weights, gates, np.zeros(num_rows, dtype=np.bool_))
        return table
