"""FrozenLayer: a cell run over the tokens of a batch, in one or both directions.

Letters: P tokens of a batch, M rows of inputs, D their width, H hidden units per direction, N directions, K total
width of a cell's blocks.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tagger.network.arrays import FloatArray, IntArray, Weights
from tagger.network.cells import CELLS, FrozenCell
from tagger.network.order import ReadingOrder
from tagger.network.products import SPARE_ROWS, multiply


class FrozenLayer:
    """One recurrent layer.

    Args:
        weights: the weights of the layer, as in the model folder.
        cell: name of the cell, one of :data:`tagger.network.cells.CELLS`.
        hidden_dim: H.
        cells_per_block: cells that share one set of gates.
    """

    def __init__(self, weights: Weights, *, cell: str, hidden_dim: int, cells_per_block: int) -> None:
        num_directions = len(weights["bias"])
        self._cells: Final = [
            CELLS[cell](weights, direction, hidden_dim, cells_per_block)
            for direction in range(num_directions)
        ]

    def project(self, inputs: FloatArray) -> FloatArray:
        """Return the input projections, W x + b, of each direction: ``[M, D]`` to ``[N, M, K]``."""
        return np.stack([cell.project(inputs) for cell in self._cells])

    def run(self, projected: FloatArray, rows: IntArray, order: ReadingOrder) -> FloatArray:
        """Return the hidden states of every token in reading order, forward then backward, ``[P, N H]``.

        Args:
            projected: input projections, ``[N, M, K]``.
            rows: the row among them of each token, in reading order, ``[P]``.
            order: the reading order.
        """
        hidden_dim = self._cells[0].hidden_dim
        states = np.empty((len(rows), len(self._cells) * hidden_dim), dtype=np.float32)
        states[:, :hidden_dim] = _read(self._cells[0], projected[0], rows, order.packing.counts)
        if len(self._cells) > 1:
            read = _read(self._cells[1], projected[1], rows[order.reversal], order.packing.counts)
            states[:, hidden_dim:] = read[order.reversal]
        return states


def _read(cell: FrozenCell, projected: FloatArray, rows: IntArray, counts: tuple[int, ...]) -> FloatArray:
    """Return the hidden states in the reading order of one direction, ``[P, H]``.

    Args:
        cell: the cell with the weights of the direction.
        projected: its input projections, ``[M, K]``.
        rows: the row of each token, in its reading order, ``[P]``.
        counts: number of sentences with a token at each step; they are the first of those at the step before.
    """
    num_sentences, hidden_dim = counts[0] if counts else 0, cell.hidden_dim
    states = np.zeros((len(rows) + SPARE_ROWS, hidden_dim), dtype=np.float32)
    inputs = np.empty((num_sentences, projected.shape[1]), dtype=np.float32)
    recurrent = np.zeros((num_sentences + SPARE_ROWS, projected.shape[1]), dtype=np.float32)
    memory = np.zeros((num_sentences, hidden_dim), dtype=np.float32)
    if cell.initial_memory is not None:
        memory += cell.initial_memory
    if cell.initial_hidden is not None:
        hidden = np.tile(cell.initial_hidden, (num_sentences + SPARE_ROWS, 1))
        multiply(hidden, cell.recurrent_weights, num_rows=num_sentences, out=recurrent)
        if not cell.has_memory:
            memory += cell.initial_hidden
    last = start = 0
    with np.errstate(over="ignore"):  # see tagger.network.activations
        for count in counts:
            end = start + count
            at_step = inputs[:count]
            projected.take(rows[start:end], axis=0, out=at_step, mode="clip")
            if start:
                multiply(states[last:], cell.recurrent_weights, num_rows=count, out=recurrent)
            cell.step(at_step, recurrent[:count], memory[:count], states[start:end])
            last, start = start, end
    return states[: len(rows)]
