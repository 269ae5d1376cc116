"""The recurrent cells by name: one step of each, written as its equations, with named gates.

Notation: x_t input, h_t hidden state, c_t cell state, σ logistic, ⊙ element-wise product. Each gate and candidate has
weights W and U and a bias b of its own; W, U and b without index are these stacked in the order of ``blocks``. A cell
never multiplies by a large matrix: it is given W x_t + b + U h_{t-1} or, if it is not ``additive``, W x_t + b and
U h_{t-1} separately; each ``[N, B, K]`` with N directions, B sentences and K the total width of the cell's blocks.

With ``cells_per_block`` = S > 1, S neighbouring cells form a memory block and share one set of gates (Gers et al.
2002; Graves & Schmidhuber 2005): gates have H / S units, cells and candidates H.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

import torch
from torch import Tensor
from torch.nn import functional

from tagger.errors import UsageError

State = tuple[Tensor, ...]
"""The hidden state, and for the LSTM family the cell state: each ``[N, B, H]``."""

Products = tuple[Tensor, ...]
"""A step's inputs W x_t + b and U h_{t-1}: their sum, or the two separately; each ``[N, B, K]``."""

Own = Mapping[str, Tensor]
"""A cell's extra parameters by name, each ``[N, 1, width]``."""

Gates = dict[str, Tensor]
"""Activations of a step by name: each gate ``[N, B, H / S]``, the candidate ``[N, B, H]``."""


class Cell(ABC):
    """One step of a recurrence, for all directions and sentences of a batch at once.

    Args:
        hidden_dim: units H.
        cells_per_block: S, cells that share one set of gates.

    Attributes:
        blocks: names of the row blocks of W, U and b, in order.
        num_states: tensors in a state: 1 (hidden) or 2 (hidden and cell).
        additive: whether a step needs only the sum of its two products.
        widths: rows of each block.
        initial_bias: the value a block's bias starts from, where it is not 0.
        extra_parameters: width and initial value of each parameter besides W, U and b.
    """

    blocks: ClassVar[tuple[str, ...]]
    num_states: ClassVar[int] = 1
    additive: ClassVar[bool] = True
    initial_bias: ClassVar[Mapping[str, float]] = MappingProxyType({})

    def __init__(self, hidden_dim: int, *, cells_per_block: int = 1) -> None:
        self.hidden_dim = hidden_dim
        self.cells_per_block = cells_per_block
        gate_dim = hidden_dim // cells_per_block
        self.widths = [hidden_dim if block == "candidate" else gate_dim for block in self.blocks]

    @property
    def extra_parameters(self) -> dict[str, tuple[int, float]]:
        """Return ``{name: (width, initial value)}``; none for most cells."""
        return {}

    def prepare(self, products: Tensor, bias: Tensor, own: Own) -> Tensor:
        """Return the input projection W x_t + b for all steps at once.

        Args:
            products: W x_t, ``[N, T, B, K]``.
            bias: ``[N, 1, 1, K]``.
            own: the cell's extra parameters.
        """
        return products + bias

    @abstractmethod
    def step(self, products: Products, state: State, own: Own) -> tuple[State, Gates]:
        """Return the next state and the gates.

        Args:
            products: W x_t + b + U h_{t-1}; for cells that are not additive, W x_t + b and U h_{t-1}.
            state: the state before the step.
            own: the cell's extra parameters.
        """

    def _activate(self, products: Tensor) -> Gates:
        """Return the activated blocks of ``[N, B, K]`` by name: tanh of the candidate, σ of the gates."""
        return {
            name: torch.tanh(block) if name == "candidate" else torch.sigmoid(block)
            for name, block in zip(self.blocks, torch.split(products, self.widths, dim=2), strict=True)
        }

    def _share(self, gate: Tensor) -> Tensor:
        """Return a gate ``[N, B, H / S]`` expanded to ``[N, B, H]``: every cell of a block gets the block's value."""
        return gate if self.cells_per_block == 1 else gate.repeat_interleave(self.cells_per_block, dim=2)


class RnnCell(Cell):
    """The simple recurrent network (Elman 1990).

    h_t = tanh(W x_t + U h_{t-1} + b)
    """

    blocks = ("candidate",)

    def step(self, products: Products, state: State, own: Own) -> tuple[State, Gates]:
        """Return the next state; there are no gates."""
        return (torch.tanh(products[0]),), {}


class GruCell(Cell):
    """The gated recurrent unit (Cho et al. 2014; Chung et al. 2014), in the form of torch and cuDNN.

    r_t = σ(W_r x_t + U_r h_{t-1} + b_r)
    z_t = σ(W_z x_t + U_z h_{t-1} + b_z)
    n_t = tanh(W_n x_t + b_n + r_t ⊙ (U_n h_{t-1}))
    h_t = (1 - z_t) ⊙ n_t + z_t ⊙ h_{t-1}

    The papers use U_n (r_t ⊙ h_{t-1}), and Chung et al. swap z and 1 - z.
    """

    blocks = ("reset", "update", "candidate")
    additive = False

    def step(self, products: Products, state: State, own: Own) -> tuple[State, Gates]:
        """Return the next state, the reset and update gates and the candidate."""
        from_input, from_state = products
        (hidden,) = state
        num_gated = 2 * self.hidden_dim
        gated = torch.sigmoid(from_input[..., :num_gated] + from_state[..., :num_gated])
        reset, update = gated.chunk(2, dim=2)
        candidate = torch.tanh(from_input[..., num_gated:] + reset * from_state[..., num_gated:])
        hidden = candidate + update * (hidden - candidate)
        return (hidden,), {"reset": reset, "update": update, "candidate": candidate}


class LstmCell(Cell):
    """The standard LSTM, with forget gates (Gers et al. 2000).

    i_t = σ(W_i x_t + U_i h_{t-1} + b_i)
    f_t = σ(W_f x_t + U_f h_{t-1} + b_f)
    g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
    o_t = σ(W_o x_t + U_o h_{t-1} + b_o)
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)
    """

    blocks = ("input", "forget", "candidate", "output")
    num_states = 2
    initial_bias = MappingProxyType({"forget": 1.0})

    def step(self, products: Products, state: State, own: Own) -> tuple[State, Gates]:
        """Return the next state, the input, forget and output gates and the candidate."""
        gates = self._activate(products[0])
        cell = self._share(gates["forget"]) * state[1] + self._share(gates["input"]) * gates["candidate"]
        return (self._share(gates["output"]) * torch.tanh(cell), cell), gates


class NoForgetLstmCell(Cell):
    """The original LSTM (Hochreiter & Schmidhuber 1997), without forget gates: a constant error carousel.

    i_t = σ(W_i x_t + U_i h_{t-1} + b_i)
    g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
    o_t = σ(W_o x_t + U_o h_{t-1} + b_o)
    c_t = c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

    The paper uses scaled logistic functions instead of tanh and truncates the gradient; here the gradient is full.
    """

    blocks = ("input", "candidate", "output")
    num_states = 2

    def step(self, products: Products, state: State, own: Own) -> tuple[State, Gates]:
        """Return the next state, the input and output gates and the candidate."""
        gates = self._activate(products[0])
        cell = state[1] + self._share(gates["input"]) * gates["candidate"]
        return (self._share(gates["output"]) * torch.tanh(cell), cell), gates


class CoupledLstmCell(Cell):
    """The LSTM whose input and forget gates sum to one (Greff et al. 2017; with peepholes, Lample et al. 2016).

    i_t = σ(W_i x_t + U_i h_{t-1} + b_i)
    g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
    o_t = σ(W_o x_t + U_o h_{t-1} + b_o)
    f_t = 1 - i_t
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

    The input gate's bias starts at -1, equivalent to a forget gate's bias of 1.
    """

    blocks = ("input", "candidate", "output")
    num_states = 2
    initial_bias = MappingProxyType({"input": -1.0})

    def step(self, products: Products, state: State, own: Own) -> tuple[State, Gates]:
        """Return the next state, the input, forget and output gates and the candidate."""
        gates = self._activate(products[0])
        cell = state[1] + self._share(gates["input"]) * (gates["candidate"] - state[1])
        gates["forget"] = 1.0 - gates["input"]
        return (self._share(gates["output"]) * torch.tanh(cell), cell), gates


class PeepholeLstmCell(Cell):
    """The LSTM with peephole connections from the cell state to the gates (Gers et al. 2002).

    i_t = σ(W_i x_t + U_i h_{t-1} + p_i ⊙ c_{t-1} + b_i)
    f_t = σ(W_f x_t + U_f h_{t-1} + p_f ⊙ c_{t-1} + b_f)
    g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    o_t = σ(W_o x_t + U_o h_{t-1} + p_o ⊙ c_t + b_o)
    h_t = o_t ⊙ tanh(c_t)

    The peephole weights p, ``[N, H]``, start at 0. A block's gates read the sum over its cells.
    """

    blocks = ("input", "forget", "candidate", "output")
    num_states = 2
    initial_bias = MappingProxyType({"forget": 1.0})

    @property
    def extra_parameters(self) -> dict[str, tuple[int, float]]:
        """Return the three peephole vectors."""
        return {f"{gate}_peephole": (self.hidden_dim, 0.0) for gate in ("input", "forget", "output")}

    def step(self, products: Products, state: State, own: Own) -> tuple[State, Gates]:
        """Return the next state, the input, forget and output gates and the candidate."""
        before = state[1]
        for_input, for_forget, for_candidate, for_output = torch.split(products[0], self.widths, dim=2)
        input_gate = torch.sigmoid(for_input + self._per_block(own["input_peephole"] * before))
        forget_gate = torch.sigmoid(for_forget + self._per_block(own["forget_peephole"] * before))
        candidate = torch.tanh(for_candidate)
        cell = self._share(forget_gate) * before + self._share(input_gate) * candidate
        output_gate = torch.sigmoid(for_output + self._per_block(own["output_peephole"] * cell))
        gates = {"input": input_gate, "forget": forget_gate, "candidate": candidate, "output": output_gate}
        return (self._share(output_gate) * torch.tanh(cell), cell), gates

    def _per_block(self, seen: Tensor) -> Tensor:
        """Return ``[N, B, H]`` summed over the cells of each block, ``[N, B, H / S]``."""
        if self.cells_per_block == 1:
            return seen
        return torch.unflatten(seen, 2, (-1, self.cells_per_block)).sum(dim=3)


class LayerNormLstmCell(Cell):
    """The LSTM with layer normalisation (Ba et al. 2016, equations 20 to 22).

    i_t, f_t, o_t = σ(γ_x ⊙ LN(W x_t) + γ_h ⊙ LN(U h_{t-1}) + b), each with its own rows of W, U, γ and b
    g_t = tanh(γ_x ⊙ LN(W x_t) + γ_h ⊙ LN(U h_{t-1}) + b), in the same way
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(γ_c ⊙ LN(c_t) + β_c)
    LN(v) = (v - mean(v)) / sqrt(variance(v) + 1e-5), over the rows of all gates and the candidate together

    The gains γ start at 1, β_c at 0. The paper's shifts of the first two LN are part of the bias b.
    """

    blocks = ("input", "forget", "candidate", "output")
    num_states = 2
    additive = False
    initial_bias = MappingProxyType({"forget": 1.0})

    @property
    def extra_parameters(self) -> dict[str, tuple[int, float]]:
        """Return the three gains and the cell's shift."""
        num_rows = sum(self.widths)
        return {
            "input_gain": (num_rows, 1.0),
            "recurrent_gain": (num_rows, 1.0),
            "cell_gain": (self.hidden_dim, 1.0),
            "cell_shift": (self.hidden_dim, 0.0),
        }

    def prepare(self, products: Tensor, bias: Tensor, own: Own) -> Tensor:
        """Return the normalised input projection plus bias, which does not depend on the state."""
        return _normalised(products) * own["input_gain"].unsqueeze(1) + bias

    def step(self, products: Products, state: State, own: Own) -> tuple[State, Gates]:
        """Return the next state, the input, forget and output gates and the candidate."""
        from_input, from_state = products
        gates = self._activate(torch.addcmul(from_input, own["recurrent_gain"], _normalised(from_state)))
        cell = self._share(gates["forget"]) * state[1] + self._share(gates["input"]) * gates["candidate"]
        shown = torch.tanh(torch.addcmul(own["cell_shift"], own["cell_gain"], _normalised(cell)))
        return (self._share(gates["output"]) * shown, cell), gates


def _normalised(values: Tensor) -> Tensor:
    """Return LN over the last dimension."""
    return functional.layer_norm(values, values.shape[-1:], eps=1e-5)


CELLS: Final[Mapping[str, type[Cell]]] = MappingProxyType(
    {
        "rnn": RnnCell,
        "lstm": LstmCell,
        "lstm_no_forget": NoForgetLstmCell,
        "lstm_peephole": PeepholeLstmCell,
        "lstm_coupled": CoupledLstmCell,
        "lstm_layer_norm": LayerNormLstmCell,
        "gru": GruCell,
    }
)
"""The cells by the name that options use."""


def build_cell(name: str, hidden_dim: int, *, cells_per_block: int = 1) -> Cell:
    """Return a new cell of the given name.

    Raises:
        UsageError: if there is no such cell, or it cannot have these sizes.
    """
    if name not in CELLS:
        raise UsageError(f"unknown cell {name!r}; the cells are: {', '.join(CELLS)}")
    if hidden_dim < 1:
        raise UsageError(f"hidden_dim must be at least 1, found {hidden_dim}")
    if cells_per_block < 1:
        raise UsageError(f"cells_per_block must be at least 1, found {cells_per_block}")
    if cells_per_block > 1 and CELLS[name].num_states == 1:
        family = ", ".join(other for other, cell in CELLS.items() if cell.num_states == 2)
        raise UsageError(
            f"cells_per_block={cells_per_block} does not apply to the cell {name!r}, which has no memory blocks. "
            f"Leave it at 1, or choose one of: {family}"
        )
    if hidden_dim % cells_per_block:
        raise UsageError(f"hidden_dim={hidden_dim} is not divisible by cells_per_block={cells_per_block}")
    return CELLS[name](hidden_dim, cells_per_block=cells_per_block)
