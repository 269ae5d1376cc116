"""The steps of one unit: the pre-activations of its gates at every word, and the changes of its memory.

The terms are those of common explanations: each gate multiplies [x, h], the input concatenated with the short-term
output, by its own weights and adds its bias; squashed to between 0 and 1, the result is a selector. The forget gate
selects how much of the long-term output is kept, the input gate how much of the candidate is added, and the output gate
how much of the result, squashed by tanh, is read out.

Letters: T tokens, D width of the layer's inputs, H hidden units, S cells per memory block, K rows of the weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from tagger.api import Tagger
from tagger.inspection.gates import KEEP_GATE, gate_trace
from tagger.inspection.gradients import layer_inputs
from tagger.inspection.passes import checked_sentence
from tagger.inspection.unit_names import UnitName
from tagger.modules.recurrent.layer import RecurrentLayer

FloatArray = NDArray[np.floating]

_EPSILON = 1e-5
"""Epsilon of layer normalisation, as in the cell."""


@dataclass(frozen=True)
class Preactivation:
    """The terms of a gate or candidate of one unit before squashing, each ``[T]`` at the word positions.

    Attributes:
        from_input: w · x_t; normalised and scaled in a cell with layer normalisation.
        from_hidden: u · h_{t-1}; normalised and scaled in the same way, and times the reset gate in a GRU's candidate.
        from_cell: the peephole term; None without peepholes.
        bias: the bias, the same at each word.
        total: the sum of all four.
        value: the gate or candidate: σ or tanh of the sum.
    """

    from_input: FloatArray
    from_hidden: FloatArray
    from_cell: FloatArray | None
    bias: float
    total: FloatArray
    value: FloatArray


@dataclass(frozen=True)
class UnitSteps:
    """The values of one unit at each word of a sentence, arrays ``[T]`` at the word positions.

    Attributes:
        tokens: the words.
        cell: name of the cell.
        unit: the unit.
        order: the positions of the words in the reading order of the unit's direction.
        parts: the terms by the name of the gate; ``candidate`` for the candidate, or for the hidden state of the plain
            ``rnn``, which has nothing else.
        keep: the share of the state that is kept: the forget or update gate, 1 for a cell without one; None for
            ``rnn``.
        cell_before: c_{t-1}; None for cells without a cell state, like the next two.
        cell_after: c_t.
        shown: tanh of c_t; with layer normalisation, of c_t normalised, scaled and shifted.
        hidden_before: h_{t-1}.
        hidden: h_t.
    """

    tokens: tuple[str, ...]
    cell: str
    unit: UnitName
    order: tuple[int, ...]
    parts: Mapping[str, Preactivation]
    keep: FloatArray | None
    cell_before: FloatArray | None
    cell_after: FloatArray | None
    shown: FloatArray | None
    hidden_before: FloatArray
    hidden: FloatArray

    @property
    def state(self) -> tuple[FloatArray, FloatArray]:
        """The memory before and after each word: the cell state, or the hidden state of cells without one."""
        if self.cell_before is None or self.cell_after is None:
            return self.hidden_before, self.hidden
        return self.cell_before, self.cell_after

    @property
    def changes(self) -> FloatArray:
        """The absolute change of the memory at each word, ``[T]``."""
        before, after = self.state
        return np.abs(after - before)


def unit_steps(tagger: Tagger, tokens: Sequence[str], unit: UnitName) -> UnitSteps:
    """Return the steps of one unit while a sentence is read.

    Raises:
        UsageError: if the sentence has no token, or the model no such unit.
    """
    words = checked_sentence(tokens)
    encoder = tagger.parts.model.encoder
    unit.check(encoder)
    layer: RecurrentLayer = encoder.layers[unit.layer]
    named = gate_trace(tagger, words).layers[unit.layer][unit.direction]
    order = tuple(range(len(words))) if unit.direction == "forward" else tuple(range(len(words))[::-1])
    read = _Reading(
        layer,
        layer.directions.index(unit.direction),
        layer_inputs(tagger, words, unit.layer).double().cpu().numpy(),
        {name: values.astype(np.float64) for name, values in named.items()},
        order,
    )
    cell_before: FloatArray | None = None
    cell_after: FloatArray | None = None
    shown: FloatArray | None = None
    if read.cells_before is not None:
        cell_before = read.cells_before[:, unit.number]
        cell_after = read.trace["cell"][:, unit.number]
        shown = np.tanh(read.read_out())[:, unit.number]
    keep: FloatArray | None = None if layer.cell_name == "rnn" else np.ones(len(words))
    if layer.cell_name in KEEP_GATE:
        keep = read.trace[KEEP_GATE[layer.cell_name]][:, unit.number // layer.cell.cells_per_block]
    return UnitSteps(
        words,
        layer.cell_name,
        unit,
        order,
        read.preactivations(unit.number),
        keep,
        cell_before,
        cell_after,
        shown,
        read.hidden_before[:, unit.number],
        read.trace["hidden"][:, unit.number],
    )


class _Reading:
    """One direction of a layer that has read a sentence.

    Args:
        layer: the layer.
        which: index of the direction.
        inputs: inputs of the layer, ``[T, D]``.
        trace: gates and states by name, ``[T, X]``.
        order: the positions of the words in reading order.
    """

    def __init__(
        self,
        layer: RecurrentLayer,
        which: int,
        inputs: FloatArray,
        trace: Mapping[str, FloatArray],
        order: Sequence[int],
    ) -> None:
        self._layer = layer
        self._which = which
        self._inputs = inputs
        self.trace = trace
        self._own = {name: self._values(values) for name, values in layer.own.items()}
        first = np.zeros((layer.cell.num_states, layer.hidden_dim))
        if layer.initial_state is not None:
            first = layer.initial_state.detach()[:, which].double().cpu().numpy()
        self.hidden_before = _before(trace["hidden"], order, first[0])
        self.cells_before = _before(trace["cell"], order, first[1]) if "cell" in trace else None

    def preactivations(self, number: int) -> dict[str, Preactivation]:
        """Return the terms of the gates and the candidate of a unit."""
        cell = self._layer.cell
        bias = self._values(self._layer.bias)
        from_input = self._inputs @ self._values(self._layer.input_weights).T  # [T, K]
        from_hidden = self.hidden_before @ self._values(self._layer.recurrent_weights).T
        if "input_gain" in self._own:
            from_input = self._own["input_gain"] * _normalised(from_input)
            from_hidden = self._own["recurrent_gain"] * _normalised(from_hidden)
        parts = {}
        start = 0
        for name, width in zip(cell.blocks, cell.widths, strict=True):
            is_candidate = name == "candidate"
            row = start + (number if is_candidate else number // cell.cells_per_block)
            start += width
            hidden = from_hidden[:, row]
            if is_candidate and "reset" in self.trace:
                hidden = self.trace["reset"][:, number] * hidden
            from_cell = self._through_peepholes(name, number)
            total = from_input[:, row] + hidden + bias[row] + (0.0 if from_cell is None else from_cell)
            value = np.tanh(total) if is_candidate else (1 + np.tanh(total / 2)) / 2
            parts[name] = Preactivation(from_input[:, row], hidden, from_cell, float(bias[row]), total, value)
        return parts

    def _through_peepholes(self, gate: str, number: int) -> FloatArray | None:
        """Return the peephole term of a gate, from the cell states of the unit's block, ``[T]``; None if none."""
        weights = self._own.get(f"{gate}_peephole")
        if weights is None or self.cells_before is None:
            return None
        size = self._layer.cell.cells_per_block
        first = number // size * size
        seen = self.trace["cell"] if gate == "output" else self.cells_before
        through: FloatArray = (weights * seen)[:, first : first + size].sum(axis=1)
        return through

    def read_out(self) -> FloatArray:
        """Return the values whose tanh is read out by the output gate, ``[T, H]``."""
        cells = self.trace["cell"]
        if "cell_gain" not in self._own:
            return cells
        read_out: FloatArray = self._own["cell_shift"] + self._own["cell_gain"] * _normalised(cells)
        return read_out

    def _values(self, parameter: Tensor) -> FloatArray:
        values: FloatArray = parameter.detach()[self._which].double().cpu().numpy()
        return values


def _before(states: FloatArray, order: Sequence[int], first: FloatArray) -> FloatArray:
    """Return the states before each word, given those after it, ``[T, H]``."""
    before = np.empty_like(states)
    before[order[0]] = first
    before[list(order[1:])] = states[list(order[:-1])]
    return before


def _normalised(values: FloatArray) -> FloatArray:
    """Return values ``[T, K]`` with each row normalised to mean 0 and standard deviation 1."""
    centred = values - values.mean(axis=1, keepdims=True)
    normalised: FloatArray = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + _EPSILON)
    return normalised
