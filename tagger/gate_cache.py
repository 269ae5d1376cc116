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
    """The gates of some words.

    Attributes:
        numbering: which words rows are numbers of; see :class:`CachedWords`.
        weights: of which weights they were computed.
        gates: ``[N, capacity, 4 H]``, of which the first ``num_filled`` are known.
        num_filled: how many.
        place_of_row: where the gates of each word are, -1 for nowhere.
    """

    numbering: int
    weights: WeightState
    gates: Tensor
    num_filled: int = 0
    place_of_row: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


class GateCache:
    """What words give to the gates of the encoder's first layer (:meth:`RecurrentEncoder.gates`).

    A word needs far more room here than in :class:`WordCache`, 6 KB with 200 units. So the words that are asked for
    first, frequent ones mostly, keep their gates until the table is full; those of others are computed again for each
    batch. Threads may share a cache.

    Args:
        encoder: an encoder that can look up.
        max_bytes: size of the table at most; one word has room in any case.
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
        distinct = np.flatnonzero(np.bincount(rows))
        # Kept gates must serve callers in any mode: inference tensors could not be added to, rounded ones are others.
        device = self._encoder.gate_weights[0].device.type
        with torch.inference_mode(False), torch.no_grad(), torch.autocast(device, enabled=False):
            with self._lock:
                table = self._table_of(words)
                if table is None:
                    return Gates(self._compute(words, distinct)), np.searchsorted(distinct, rows)
                further = self._add(table, words, distinct[table.place_of_row[distinct] < 0])
                places = table.place_of_row[rows]
            if not len(further):
                return Gates(table.gates), places
            nowhere = places < 0
            places[nowhere] = table.gates.shape[1] + np.searchsorted(further, rows[nowhere])
            return Gates(table.gates, self._compute(words, further)), places

    def _add(self, table: _Table, words: CachedWords, new: IntArray) -> IntArray:
        """Give places to new words; return those for which none is left."""
        start = table.num_filled
        added, further = np.split(new, [table.gates.shape[1] - start])
        if len(added):
            end = start + len(added)
            table.gates[:, start:end] = self._compute(words, added)
            # In this order, lest an interruption leave places that are given away again.
            table.num_filled = end
            table.place_of_row[added] = np.arange(start, end)
        return further

    def _compute(self, words: CachedWords, rows: IntArray) -> Tensor:
        return self._encoder.gates(words.vectors[torch.from_numpy(rows)])

    def _table_of(self, words: CachedWords) -> _Table | None:
        """Return the table of these words; None if that at hand is of words that have come since, in another thread."""
        weights = WeightState(self._encoder.gate_weights)
        table = self._table
        if table is not None and words.numbering < table.numbering:
            return None
        if table is None or table.numbering != words.numbering or table.weights != weights:
            row = self._encoder.gates(words.vectors[:1])
            # Most of it takes no memory before it is written to.
            gates = row.new_empty(len(row), max(1, self._max_bytes // row.nbytes), row.shape[2])
            self._table = table = _Table(words.numbering, weights, gates)
        more = len(words.forms) - len(table.place_of_row)
        if more > 0:
            table.place_of_row = np.concatenate([table.place_of_row, np.full(more, -1)])
        return table
