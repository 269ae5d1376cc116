"""The recurrent encoder: recurrent layers stacked with plain, residual, highway or skip connections.

Letters: B sentences, T tokens of the longest, D width of the inputs, H hidden units per direction, N directions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from tagger.errors import UsageError
from tagger.modules.dropout import LockedDropout
from tagger.modules.recurrent.layer import RecurrentLayer
from tagger.modules.recurrent.reversal import Reversal

CONNECTIONS: Final = ("plain", "residual", "highway", "skip")

Trace = dict[str, dict[str, Tensor]]
"""Direction to name to values ``[B, T, X]``."""


class RecurrentEncoder(nn.Module):
    """A stack of recurrent layers over right-padded sentences.

    With y_0 the inputs and F_l the layer l, ``connections`` joins the layers as follows:
        plain: y_l = F_l(y_{l-1}).
        residual: y_l = F_l(y_{l-1}) + y_{l-1} from the second layer on (He et al. 2016).
        highway: y_l = t ⊙ F_l(y_{l-1}) + (1 - t) ⊙ y_{l-1}, t = σ(A y_{l-1} + a), from the second layer on
            (Srivastava et al. 2015); A starts orthogonal, a at -1.
        skip: y_l = F_l([y_0, y_{l-1}]) from the second layer on, and the output is [y_1, ..., y_L] (Graves 2013).

    Inputs at padding are never read; the outputs there are exactly zero.

    Args:
        input_dim: width D of the inputs.
        hidden_dim: units H per layer and direction.
        cell: name of the cell, one of :data:`tagger.modules.recurrent.cells.CELLS`.
        num_layers: layers, at least 1.
        bidirectional: whether each layer also reads sentences from the end.
        connections: one of plain, residual, highway, skip.
        dropout: rate of locked dropout between layers.
        recurrent_dropout: see :class:`RecurrentLayer`.
        cells_per_block: cells that share one set of gates; for the LSTM family.
        learned_initial_state: learn the state before the first token, instead of zero.

    Attributes:
        layers: the :class:`RecurrentLayer` modules.
        transform_gates: A and a of highway connections, as ``nn.Linear``; empty otherwise.
        output_dim: width of the outputs: N H, and with skip connections N H for each layer.

    Raises:
        UsageError: for an invalid option.
    """

    def __init__(
        self,
        input_dim: int,
        hidden_dim: int,
        *,
        cell: str = "lstm",
        num_layers: int = 1,
        bidirectional: bool = True,
        connections: str = "plain",
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        cells_per_block: int = 1,
        learned_initial_state: bool = False,
    ) -> None:
        super().__init__()
        if input_dim < 1:
            raise UsageError(f"input_dim must be at least 1, found {input_dim}")
        if num_layers < 1:
            raise UsageError(f"num_layers must be at least 1, found {num_layers}")
        if connections not in CONNECTIONS:
            raise UsageError(f"unknown connections {connections!r}; choose one of: {', '.join(CONNECTIONS)}")
        if connections != "plain" and num_layers == 1:
            raise UsageError(f"connections={connections!r} join layers, but num_layers is 1")
        self.input_dim = input_dim
        self.connections = connections
        width = hidden_dim * (2 if bidirectional else 1)
        inner_dim = input_dim + width if connections == "skip" else width
        layers = [
            RecurrentLayer(
                input_dim if number == 0 else inner_dim,
                hidden_dim,
                cell=cell,
                bidirectional=bidirectional,
                recurrent_dropout=recurrent_dropout,
                cells_per_block=cells_per_block,
                learned_initial_state=learned_initial_state,
            )
            for number in range(num_layers)
        ]
        transform_gates = [nn.Linear(width, width) for _ in layers[1:] if connections == "highway"]
        for gate in transform_gates:
            nn.init.orthogonal_(gate.weight)
            nn.init.constant_(gate.bias, -1.0)
        # Typed as lists: to type checkers, the items of nn.ModuleList are plain Modules.
        self.layers = cast(list[RecurrentLayer], nn.ModuleList(layers))
        self.transform_gates = cast(list[nn.Linear], nn.ModuleList(transform_gates))
        self.dropout = LockedDropout(dropout)
        self.output_dim = width * num_layers if connections == "skip" else width

    def forward(self, inputs: Tensor, lengths: Tensor, columns: Tensor | None = None) -> Tensor:
        """Return the outputs ``[B, T, output_dim]``, zero at padding.

        Args:
            inputs: ``[B, T, D]``, right-padded; B and T may be 0.
            lengths: tokens of each sentence, ``[B]``, int64; from 0 to T.
            columns: ascending indices of the columns that the inputs hold, ``[M]``, if not all D; the inputs are then
                ``[B, T, M]``. The other columns count as zero and are left out of the products.

        Raises:
            ValueError: for a wrong shape; on the CPU also for a length outside 0 to T.
        """
        no_padding = self._check(inputs, lengths, self.input_dim if columns is None else len(columns))
        if inputs.shape[0] == 0 or inputs.shape[1] == 0:
            return inputs.new_zeros(*inputs.shape[:2], self.output_dim)
        reversal = Reversal(lengths, num_tokens=inputs.shape[1], no_padding=no_padding)
        return self._read(inputs, lengths, reversal, columns=columns, run=_run, dropout=self.dropout)

    def trace(self, inputs: Tensor, lengths: Tensor) -> list[Trace]:
        """Return the states and gates of each layer and direction while it reads the inputs.

        Args:
            inputs: as for :meth:`forward`, all D columns.
            lengths: as for :meth:`forward`.

        Returns:
            One dict per layer: direction (``forward``, ``backward``) to name to values ``[B, T, X]`` at the word
            positions, zero at padding. The names are ``hidden``; ``cell`` for the LSTM family; the gates
            (``input``, ``forget``, ``output``; ``reset``, ``update``), one value per memory block; ``candidate``.
            Without dropout and gradients.

        Raises:
            ValueError: as for :meth:`forward`.
        """
        self._check(inputs, lengths, self.input_dim)
        num_tokens = inputs.shape[1]
        if num_tokens == 0:
            inputs = functional.pad(inputs, (0, 0, 0, 1))  # one step, so that the names exist
        padding = _padding(lengths, inputs.shape[1])
        traces: list[Trace] = []

        def run(layer: RecurrentLayer, below: Tensor, reversal: Reversal, columns: Tensor | None) -> Tensor:
            inside = layer.trace(below, reversal)
            traces.append(
                {
                    direction: {
                        name: values.masked_fill(padding, 0.0)[:, :num_tokens]
                        for name, values in named.items()
                    }
                    for direction, named in inside.items()
                }
            )
            return torch.cat([named["hidden"] for named in inside.values()], dim=2)

        with torch.no_grad():
            reversal = Reversal(lengths, num_tokens=inputs.shape[1])
            self._read(inputs, lengths, reversal, columns=None, run=run, dropout=nn.Identity())
        return traces

    def _read(
        self,
        inputs: Tensor,
        lengths: Tensor,
        reversal: Reversal,
        *,
        columns: Tensor | None,
        run: Callable[[RecurrentLayer, Tensor, Reversal, Tensor | None], Tensor],
        dropout: nn.Module,
    ) -> Tensor:
        """Return the outputs; ``run(layer, inputs, reversal, columns)`` runs each layer."""
        first = inputs
        if torch.is_grad_enabled() and not reversal.no_padding:
            # Padding lies after the words in both directions, but zero times NaN is NaN: NaN at padding would reach
            # the gradients of the weights.
            first = torch.where(_padding(lengths, inputs.shape[1]), 0.0, inputs)
        outputs = [run(self.layers[0], first, reversal, columns)]
        inner_columns = None
        if columns is not None and self.connections == "skip":
            of_below = torch.arange(self.input_dim, self.layers[-1].input_dim, device=columns.device)
            inner_columns = torch.cat([columns, of_below])
        for number, layer in enumerate(self.layers[1:]):
            below = outputs[-1]
            handed = dropout(below)
            if self.connections == "skip":
                handed = torch.cat([first, handed], dim=2)
            above = run(layer, handed, reversal, inner_columns)
            if self.connections == "residual":
                above = above + below
            elif self.connections == "highway":
                above = torch.lerp(below, above, torch.sigmoid(self.transform_gates[number](below)))
            outputs.append(above)
        output = torch.cat(outputs, dim=2) if self.connections == "skip" else outputs[-1]
        return output if reversal.no_padding else output.masked_fill(_padding(lengths, output.shape[1]), 0.0)

    def _check(self, inputs: Tensor, lengths: Tensor, width: int) -> bool:
        """Check the arguments of :meth:`forward`; return whether there is known to be no padding."""
        if inputs.ndim != 3 or inputs.shape[2] != width:
            raise ValueError(f"inputs: expected shape (B, T, {width}), found {tuple(inputs.shape)}")
        if lengths.shape != inputs.shape[:1]:
            raise ValueError(
                f"lengths: expected shape {tuple(inputs.shape[:1])}, found {tuple(lengths.shape)}"
            )
        # On an accelerator, reading the values would force a synchronisation.
        if lengths.device.type == "cpu" and lengths.numel():
            values = lengths.tolist()
            shortest, longest = min(values), max(values)
            if shortest < 0 or longest > inputs.shape[1]:
                raise ValueError(
                    f"lengths: expected values from 0 to {inputs.shape[1]}, found {shortest} to {longest}"
                )
            return bool(shortest == inputs.shape[1])
        return False


def _run(layer: RecurrentLayer, inputs: Tensor, reversal: Reversal, columns: Tensor | None) -> Tensor:
    output: Tensor = layer(inputs, reversal, columns)
    return output


def _padding(lengths: Tensor, num_tokens: int) -> Tensor:
    """Return a mask that is True at padding, ``[B, T, 1]``."""
    return (torch.arange(num_tokens, device=lengths.device) >= lengths[:, None]).unsqueeze(2)
