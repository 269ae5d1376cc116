"""One step of each recurrent cell in one direction, in place on NumPy arrays.

The equations are those of :mod:`tagger.modules.recurrent.cells`. The rows of W, U and b are scaled once, when a cell
is created, so that one function serves both gates and candidate (:mod:`tagger.network.activations`). The blocks are
adjacent columns, all gates before the candidate.

Letters: n sentences at a step, D width of the inputs, H hidden units, K total width of the blocks, S cells per block.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

import numpy as np

from tagger.network.activations import CANDIDATE, GATE, activate, tanh
from tagger.network.arrays import FloatArray, Weights, frozen

_EPSILON: Final = np.array(1e-5, dtype=np.float32)


class FrozenCell(ABC):
    """A cell with its weights.

    Args:
        weights: the weights of the layer, stacked over its directions.
        direction: index of the direction.
        hidden_dim: H.
        cells_per_block: S.

    Attributes:
        blocks: names of the row blocks of W, U and b, in the order of the model folder.
        unit_weights: names of the weights besides W, U and b with a number for each unit, ``[H]``.
        row_weights: names of those with a number for each row of W, ``[K]``.
        has_memory: whether there is a cell state besides the hidden state.
        recurrent_weights: U, ``[H, K]``.
        initial_memory: the cell state before the first token, ``[H]``; None for zeros.
        initial_hidden: the hidden state before the first token, ``[H]``; None for zeros.
    """

    blocks: ClassVar[tuple[str, ...]]
    unit_weights: ClassVar[tuple[str, ...]] = ()
    row_weights: ClassVar[tuple[str, ...]] = ()
    has_memory: ClassVar[bool] = False

    def __init__(self, weights: Weights, direction: int, hidden_dim: int, cells_per_block: int) -> None:
        self.hidden_dim: Final = hidden_dim
        self._cells_per_block: Final = cells_per_block
        self._gate_dim: Final = hidden_dim // cells_per_block
        self._num_gated: Final = self._gate_dim * sum(block != "candidate" for block in self.blocks)
        self._candidate: Final = slice(self._num_gated, None)
        self._columns: Final = (*map(self._gate, range(len(self.blocks) - 1)), self._candidate)
        self._input_weights: Final = frozen(self._arranged(weights["input_weights"][direction]).T)
        self.recurrent_weights: Final = frozen(self._arranged(weights["recurrent_weights"][direction]).T)
        self._bias: Final = frozen(self._arranged(weights["bias"][direction]))
        initial = weights["initial_state"][:, direction] if "initial_state" in weights else None
        self.initial_hidden: Final = None if initial is None else frozen(initial[0])
        self.initial_memory: Final = None if initial is None or len(initial) == 1 else frozen(initial[1])

    def project(self, inputs: FloatArray) -> FloatArray:
        """Return the input projection, W x + b for most cells, ``[M, D]`` to ``[M, K]``."""
        projected: FloatArray = inputs @ self._input_weights
        projected += self._bias
        return projected

    @abstractmethod
    def step(
        self, projected: FloatArray, recurrent: FloatArray, memory: FloatArray, hidden: FloatArray
    ) -> None:
        """Write the next hidden state.

        Args:
            projected: input projections of this step, ``[n, K]``; overwritten.
            recurrent: U h of the previous hidden states, ``[n, K]``; may be overwritten.
            memory: cell states, ``[n, H]``, updated in place; ignored by cells that keep no memory.
            hidden: output array of the hidden states, ``[n, H]``.
        """

    def _arranged(self, rows: FloatArray, *, scale: bool = True) -> FloatArray:
        """Return the rows ``[K, ...]`` rearranged to gates before the candidate, and scaled for ``activate``."""
        widths = [self.hidden_dim if block == "candidate" else self._gate_dim for block in self.blocks]
        pieces = dict(zip(self.blocks, np.split(rows, np.cumsum(widths)[:-1]), strict=True))
        candidate = pieces.pop("candidate")
        if not scale:
            return np.concatenate([*pieces.values(), candidate])
        return np.concatenate([*(piece * GATE for piece in pieces.values()), candidate * CANDIDATE])

    def _activate(self, sums: FloatArray) -> list[FloatArray]:
        """Return each gate and the candidate, ``[n, H]`` each, computed in place from their sums."""
        activate(sums, self._num_gated)
        parts = [sums[:, columns] for columns in self._columns]
        if self._cells_per_block > 1:
            parts[:-1] = map(self._share, parts[:-1])
        return parts

    def _gate(self, number: int) -> slice:
        return slice(number * self._gate_dim, (number + 1) * self._gate_dim)

    def _share(self, gate: FloatArray) -> FloatArray:
        """Return a gate ``[n, H / S]`` expanded to ``[n, H]``: every cell of a block gets the block's value."""
        return gate if self._cells_per_block == 1 else np.repeat(gate, self._cells_per_block, axis=1)


class FrozenRnnCell(FrozenCell):
    """h_t = tanh(W x_t + U h_{t-1})."""

    blocks = ("candidate",)

    def step(
        self, projected: FloatArray, recurrent: FloatArray, memory: FloatArray, hidden: FloatArray
    ) -> None:
        """Write the next hidden state."""
        projected += recurrent
        activate(projected, 0)
        hidden[...] = projected


class FrozenGruCell(FrozenCell):
    """r, z = σ(W x_t + U h_{t-1}); n = tanh(W x_t + r ⊙ U h_{t-1}); h_t = n + z ⊙ (h_{t-1} - n).

    The previous hidden state is kept in ``memory``, so that ``hidden`` can be another array at each step.
    """

    blocks = ("reset", "update", "candidate")

    def step(
        self, projected: FloatArray, recurrent: FloatArray, memory: FloatArray, hidden: FloatArray
    ) -> None:
        """Write the next hidden state."""
        gates, candidate = projected[:, : self._num_gated], projected[:, self._candidate]
        gates += recurrent[:, : self._num_gated]
        activate(gates, self._num_gated)
        reset, update = gates[:, self._gate(0)], gates[:, self._gate(1)]
        candidate += reset * recurrent[:, self._candidate]
        activate(candidate, 0)
        np.subtract(memory, candidate, out=hidden)
        hidden *= update
        hidden += candidate
        memory[...] = hidden


class FrozenLstmCell(FrozenCell):
    """i, f, o = σ(W x_t + U h_{t-1}); g = tanh(...); c_t = f ⊙ c_{t-1} + i ⊙ g; h_t = o ⊙ tanh(c_t)."""

    blocks = ("input", "forget", "candidate", "output")
    has_memory = True

    def step(
        self, projected: FloatArray, recurrent: FloatArray, memory: FloatArray, hidden: FloatArray
    ) -> None:
        """Write the next hidden and cell state."""
        projected += recurrent
        input_gate, forget_gate, output_gate, candidate = self._activate(projected)
        memory *= forget_gate
        candidate *= input_gate
        memory += candidate
        tanh(memory, out=hidden)
        hidden *= output_gate


class FrozenNoForgetLstmCell(FrozenCell):
    """i, o = σ(W x_t + U h_{t-1}); g = tanh(...); c_t = c_{t-1} + i ⊙ g; h_t = o ⊙ tanh(c_t)."""

    blocks = ("input", "candidate", "output")
    has_memory = True

    def step(
        self, projected: FloatArray, recurrent: FloatArray, memory: FloatArray, hidden: FloatArray
    ) -> None:
        """Write the next hidden and cell state."""
        projected += recurrent
        input_gate, output_gate, candidate = self._activate(projected)
        candidate *= input_gate
        memory += candidate
        tanh(memory, out=hidden)
        hidden *= output_gate


class FrozenCoupledLstmCell(FrozenCell):
    """i, o = σ(W x_t + U h_{t-1}); g = tanh(...); c_t = c_{t-1} + i ⊙ (g - c_{t-1}); h_t = o ⊙ tanh(c_t)."""

    blocks = ("input", "candidate", "output")
    has_memory = True

    def step(
        self, projected: FloatArray, recurrent: FloatArray, memory: FloatArray, hidden: FloatArray
    ) -> None:
        """Write the next hidden and cell state."""
        projected += recurrent
        input_gate, output_gate, candidate = self._activate(projected)
        candidate -= memory
        candidate *= input_gate
        memory += candidate
        tanh(memory, out=hidden)
        hidden *= output_gate


class FrozenPeepholeLstmCell(FrozenCell):
    """The LSTM with peephole connections: p ⊙ c_{t-1} is added inside i and f, p ⊙ c_t inside o."""

    blocks = ("input", "forget", "candidate", "output")
    unit_weights = ("input_peephole", "forget_peephole", "output_peephole")
    has_memory = True

    def __init__(self, weights: Weights, direction: int, hidden_dim: int, cells_per_block: int) -> None:
        super().__init__(weights, direction, hidden_dim, cells_per_block)
        own = weights.part("own")
        self._for_input, self._for_forget, self._for_output = (
            frozen(own[name][direction] * GATE) for name in self.unit_weights
        )

    def step(
        self, projected: FloatArray, recurrent: FloatArray, memory: FloatArray, hidden: FloatArray
    ) -> None:
        """Write the next hidden and cell state."""
        projected += recurrent
        projected[:, self._gate(0)] += self._per_block(self._for_input * memory)
        projected[:, self._gate(1)] += self._per_block(self._for_forget * memory)
        output_sums = projected[:, self._gate(2)].copy()
        input_gate, forget_gate, _, candidate = self._activate(projected)
        memory *= forget_gate
        candidate *= input_gate
        memory += candidate
        output_sums += self._per_block(self._for_output * memory)
        activate(output_sums, self._gate_dim)
        tanh(memory, out=hidden)
        hidden *= self._share(output_sums)

    def _per_block(self, seen: FloatArray) -> FloatArray:
        """Return ``[n, H]`` summed over the cells of each block, ``[n, H / S]``."""
        if self._cells_per_block == 1:
            return seen
        summed: FloatArray = seen.reshape(len(seen), -1, self._cells_per_block).sum(axis=2)
        return summed


class FrozenLayerNormLstmCell(FrozenCell):
    """The LSTM with layer normalisation of W x, of U h and of the cell state before the output gate.

    Only the gains and the bias, which come after the normalisation, are scaled for ``activate``; W and U are not.
    """

    blocks = ("input", "forget", "candidate", "output")
    row_weights = ("input_gain", "recurrent_gain")
    unit_weights = ("cell_gain", "cell_shift")
    has_memory = True

    def __init__(self, weights: Weights, direction: int, hidden_dim: int, cells_per_block: int) -> None:
        super().__init__(weights, direction, hidden_dim, cells_per_block)
        own = weights.part("own")
        self._input_gain = frozen(self._arranged(own["input_gain"][direction]))
        self._recurrent_gain = frozen(self._arranged(own["recurrent_gain"][direction]))
        self._cell_gain, self._cell_shift = (
            frozen(own["cell_gain"][direction]),
            frozen(own["cell_shift"][direction]),
        )

    def _arranged(self, rows: FloatArray, *, scale: bool = True) -> FloatArray:
        """Return the rows rearranged as in other cells, but those of the matrices W and U unscaled."""
        return super()._arranged(rows, scale=scale and rows.ndim == 1)

    def project(self, inputs: FloatArray) -> FloatArray:
        """Return the normalised W x times its gain, plus b."""
        projected = _normalised(inputs @ self._input_weights)
        projected *= self._input_gain
        projected += self._bias
        return projected

    def step(
        self, projected: FloatArray, recurrent: FloatArray, memory: FloatArray, hidden: FloatArray
    ) -> None:
        """Write the next hidden and cell state."""
        projected += _normalised(recurrent) * self._recurrent_gain
        input_gate, forget_gate, output_gate, candidate = self._activate(projected)
        memory *= forget_gate
        candidate *= input_gate
        memory += candidate
        shown = _normalised(memory)
        shown *= self._cell_gain
        shown += self._cell_shift
        tanh(shown, out=hidden)
        hidden *= output_gate


def _normalised(values: FloatArray) -> FloatArray:
    """Return (v - mean) / sqrt(variance + 1e-5) of each row, as a new array."""
    centred: FloatArray = values - values.mean(axis=1, keepdims=True)
    variance = (centred * centred).mean(axis=1, keepdims=True)
    variance += _EPSILON
    centred /= np.sqrt(variance)
    return centred


CELLS: Final[Mapping[str, type[FrozenCell]]] = MappingProxyType(
    {
        "rnn": FrozenRnnCell,
        "lstm": FrozenLstmCell,
        "lstm_no_forget": FrozenNoForgetLstmCell,
        "lstm_peephole": FrozenPeepholeLstmCell,
        "lstm_coupled": FrozenCoupledLstmCell,
        "lstm_layer_norm": FrozenLayerNormLstmCell,
        "gru": FrozenGruCell,
    }
)
"""The cells by the name that configurations use."""
