"""GateCache: what the encoder looks up of the words met in tagging, computed once for the words of a bounded table.

Letters: N directions, H hidden units per direction.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from torch import Tensor

from tagger.features import IntArray
from tagger.modules.looked_up_lstm import Gates
from tagger.modules.recurrent import RecurrentEncoder
from tagger.modules.weight_state import WeightState
from tagger.word_cache import CachedWords


@dataclass
class _Table:
    """What is known.

    Attributes:
        numbering: of which words; see :class:`CachedWords`.
        weights: of which weights it was made.
        gates: ``[N, rows, 4 H]``.
        num_filled: rows that are.
        place: of each word its row, -1 for none yet.
    """

    numbering: object
    weights: WeightState
    gates: Tensor
    num_filled: int = 0
    place: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


class GateCache:
    """What words give to the gates of the encoder's first layer (:meth:`RecurrentEncoder.gates`).

    A word needs far more room here than in :class:`WordCache`, 6 KB with 200 units. So the words that come first, most
    of which are the frequent ones, keep a row until the table is full; those of others are computed again for each
    batch. Threads may share a cache.

    Args:
        encoder: an encoder that can look up.
        max_bytes: size of the table at most; one row it has in any case.
    """

    def __init__(self, encoder: RecurrentEncoder, *, max_bytes: int = 64 * 2**20) -> None:
        self._encoder: Final = encoder
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._table: _Table | None = None

    def look_up(self, words: CachedWords, rows: IntArray) -> tuple[Gates, IntArray]:
        """Return gates, and the number in them of the word of every token.

        What was returned stays right whatever is asked for later.

        Args:
            words: what is known of the words.
            rows: the row in it of every token.
        """
        with self._lock, torch.inference_mode(False), torch.no_grad():
            table = self._table_of(words)
            distinct = np.flatnonzero(np.bincount(rows))
            new = distinct[table.place[distinct] < 0]
            capacity = table.gates.shape[1]
            first, further = np.split(new, [capacity - table.num_filled])
            if len(first):
                filled = slice(table.num_filled, table.num_filled + len(first))
                table.gates[:, filled] = self._compute(words, first)
                table.place[first] = np.arange(filled.start, filled.stop)
                table.num_filled = filled.stop
            places = table.place[rows]
            if not len(further):
                return Gates(table.gates), places
            nowhere = places < 0
            places[nowhere] = capacity + np.searchsorted(further, rows[nowhere])
            return Gates(table.gates, self._compute(words, further)), places

    def _compute(self, words: CachedWords, rows: IntArray) -> Tensor:
        return self._encoder.gates(words.vectors[torch.from_numpy(rows)])

    def _table_of(self, words: CachedWords) -> _Table:
        """Return the table of these words, an empty one if that at hand is of others or of other weights."""
        weights = WeightState(self._encoder.layers[0].parameters())
        table = self._table
        if table is None or table.numbering is not words.numbering or table.weights != weights:
            row = self._encoder.gates(words.vectors[:1])
            # Memory that is not written to yet is not taken from the system either.
            gates = row.new_empty(len(row), max(1, self._max_bytes // row.nbytes), row.shape[2])
            self._table = table = _Table(words.numbering, weights, gates)
        more = len(words.forms) - len(table.place)
        if more > 0:
            table.place = np.concatenate([table.place, np.full(more, -1)])
        return table
