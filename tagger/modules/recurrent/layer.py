"""One recurrent layer: a cell run over a batch of sentences in one or both directions.

Letters: B sentences, T tokens of the longest, D width of the inputs, H hidden units per direction, N directions,
K rows of a cell's weights (4 H for the LSTM), S cells per memory block.

No packed sequences: sentences are right-padded, and the backward direction reads each one reversed within its own
length. Padding then lies after the words in both directions and never reaches them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor, nn

from tagger.modules.dropout import checked_rate, dropout_mask
from tagger.modules.recurrent.cells import State, build_cell
from tagger.modules.recurrent.reversal import Reversal
from tagger.modules.recurrent.scan import scan, steps
from tagger.modules.recurrent.side_by_side import side_by_side

DIRECTIONS: Final = ("forward", "backward")


class RecurrentLayer(nn.Module):
    """One recurrent layer over right-padded sentences, in one or both directions.

    Its weights have one row block per gate and candidate, in the order of :attr:`Cell.blocks` (i, f, g, o for the
    LSTM, as in torch), and are stacked over the directions, forward first:
        input_weights: W, ``[N, K, D]``; each block drawn by Glorot's uniform rule.
        recurrent_weights: U, ``[N, K, H]``; each block orthogonal.
        bias: b, ``[N, K]``, one vector where torch's own modules add two; 0, and 1 for forget gates.
        own.<name>: the cell's extra parameters, ``[N, width]``; most cells have none.
        initial_state: with ``learned_initial_state`` only, the hidden (and cell) state before the first token,
            ``[1 or 2, N, H]``; initially 0.

    The cells ``lstm``, ``gru`` and ``rnn`` run on torch's own kernels where these support the options; the loop of
    :mod:`tagger.modules.recurrent.scan` does everything else, with equal results.

    Args:
        input_dim: D.
        hidden_dim: H.
        cell: name of the cell.
        bidirectional: whether a second direction reads each sentence from its end.
        recurrent_dropout: rate of dropout on the hidden state where U reads it, with one mask per sentence and
            direction for all its steps (Gal & Ghahramani 2016).
        cells_per_block: S.
        learned_initial_state: learn the state before the first token instead of using 0.

    Raises:
        UsageError: for an invalid option.
    """

    def __init__(
        self,
        input_dim: int,
        hidden_dim: int,
        *,
        cell: str = "lstm",
        bidirectional: bool = True,
        recurrent_dropout: float = 0.0,
        cells_per_block: int = 1,
        learned_initial_state: bool = False,
    ) -> None:
        super().__init__()
        self.cell = build_cell(cell, hidden_dim, cells_per_block=cells_per_block)
        self.cell_name = cell
        self.input_dim = input_dim
        self.hidden_dim = hidden_dim
        self.directions = DIRECTIONS if bidirectional else DIRECTIONS[:1]
        self.output_dim = len(self.directions) * hidden_dim
        self.recurrent_dropout = checked_rate(recurrent_dropout, name="recurrent_dropout")
        num_directions, num_rows = len(self.directions), sum(self.cell.widths)
        self.input_weights = nn.Parameter(torch.empty(num_directions, num_rows, input_dim))
        self.recurrent_weights = nn.Parameter(torch.empty(num_directions, num_rows, hidden_dim))
        self.bias = nn.Parameter(torch.empty(num_directions, num_rows))
        self.own = nn.ParameterDict(
            {
                name: nn.Parameter(torch.empty(num_directions, width))
                for name, (width, _) in self.cell.extra_parameters.items()
            }
        )
        state_shape = (self.cell.num_states, num_directions, hidden_dim)
        self.initial_state = nn.Parameter(torch.empty(state_shape)) if learned_initial_state else None
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Draw all weights from scratch."""
        for direction in range(len(self.directions)):
            for block in torch.split(self.input_weights[direction], self.cell.widths):
                nn.init.xavier_uniform_(block)
            for block in torch.split(self.recurrent_weights[direction], self.cell.widths):
                nn.init.orthogonal_(block)
        for name, bias in zip(self.cell.blocks, torch.split(self.bias, self.cell.widths, dim=1), strict=True):
            bias.fill_(self.cell.initial_bias.get(name, 0.0))
        for name, (_, value) in self.cell.extra_parameters.items():
            self.own[name].fill_(value)
        if self.initial_state is not None:
            self.initial_state.zero_()

    @property
    def has_kernel(self) -> bool:
        """Whether torch has a kernel of its own for this layer without recurrent dropout."""
        return self.cell_name in _KERNELS and self.cell.cells_per_block == 1

    def forward(self, inputs: Tensor, reversal: Reversal, columns: Tensor | None = None) -> Tensor:
        """Return the hidden states ``[B, T, N H]``, forward then backward; undefined at padding.

        Args:
            inputs: ``[B, T, D]``, B and T at least 1; finite at padding too if gradients are enabled.
            reversal: the order in which the backward direction reads.
            columns: indices of the columns that the inputs hold, ``[M]``, if not all D.
        """
        weights = self.input_weights if columns is None else self.input_weights.index_select(2, columns)
        masked = self.training and self.recurrent_dropout > 0.0
        lacks_kernel = self.cell_name == "lstm" and _lacks_kernel(inputs)
        if self.has_kernel and not masked and not lacks_kernel:
            if reversal.no_padding and not self._has_threads(inputs):
                return self._run_kernel_once(inputs, weights)
            outputs = self._run_kernel(inputs, reversal, weights)
        else:
            outputs = self._run_loop(inputs, reversal, weights)
            if lacks_kernel:  # in the precision that the kernel would have returned
                outputs = [output.to(torch.get_autocast_dtype(inputs.device.type)) for output in outputs]
        return torch.cat(self._in_sentence_order(outputs, reversal), dim=2)

    @torch.no_grad()
    def trace(self, inputs: Tensor, reversal: Reversal) -> dict[str, dict[str, Tensor]]:
        """Return the states and gates of all steps, without dropout: see :meth:`RecurrentEncoder.trace`."""
        arguments = self._loop_arguments(inputs, reversal, self.input_weights)
        recorded: dict[str, list[Tensor]] = {}
        for _, state, gates in steps(self.cell, *arguments):
            for name, values in {**gates, **dict(zip(("hidden", "cell"), state, strict=False))}.items():
                recorded.setdefault(name, []).append(values)
        traces: dict[str, dict[str, Tensor]] = {direction: {} for direction in self.directions}
        for name, values_of_steps in recorded.items():
            by_direction = self._in_sentence_order(list(torch.stack(values_of_steps, dim=1)), reversal)
            for direction, values in zip(self.directions, by_direction, strict=True):
                traces[direction][name] = values
        return traces

    def _streams(self, inputs: Tensor, reversal: Reversal) -> list[Tensor]:
        """Return the inputs as each direction reads them, ``[T, B, D]``."""
        forward = inputs.transpose(0, 1)
        return [forward] if len(self.directions) == 1 else [forward, reversal.to_steps(inputs)]

    def _in_sentence_order(self, outputs: list[Tensor], reversal: Reversal) -> list[Tensor]:
        """Return each direction's output, ``[T, B, X]`` in reading order, as ``[B, T, X]`` in word order."""
        return [outputs[0].transpose(0, 1), *(reversal.to_words(output) for output in outputs[1:])]

    def _initial_state(self, num_sentences: int) -> Tensor:
        """Return the state before the first token, ``[1 or 2, N, B, H]``."""
        shape = (self.cell.num_states, len(self.directions), num_sentences, self.hidden_dim)
        if self.initial_state is None:
            return self.bias.new_zeros(shape)
        return self.initial_state.unsqueeze(2).expand(shape).contiguous()

    def _has_threads(self, inputs: Tensor) -> bool:
        """Return whether two threads may compute the two directions."""
        return len(self.directions) == 2 and inputs.device.type == "cpu"

    def _run_kernel(self, inputs: Tensor, reversal: Reversal, input_weights: Tensor) -> list[Tensor]:
        """Return the hidden states of each direction from torch's kernels, ``[T, B, H]`` in reading order."""
        streams, initial = self._streams(inputs, reversal), self._initial_state(inputs.shape[0])
        states = initial.unsqueeze(2).unbind(dim=1)  # of each direction [1 or 2, 1, B, H]
        arguments = [
            (stream, state, *weights)
            for stream, state, weights in zip(
                streams, states, self._kernel_weights(input_weights), strict=True
            )
        ]
        if self._has_threads(inputs):
            return side_by_side(self._call_kernel, *arguments)
        return [self._call_kernel(*each) for each in arguments]

    def _run_kernel_once(self, inputs: Tensor, input_weights: Tensor) -> Tensor:
        """Return the result of :meth:`forward` for sentences without padding, which the kernel itself can reverse."""
        stream, initial = inputs.transpose(0, 1), self._initial_state(inputs.shape[0])
        weights = [each for of_direction in self._kernel_weights(input_weights) for each in of_direction]
        return self._call_kernel(stream, initial, *weights).transpose(0, 1)

    def _call_kernel(self, stream: Tensor, initial: Tensor, *weights: Tensor) -> Tensor:
        """Return the hidden states, ``[T, B, N H]``.

        Args:
            stream: ``[T, B, D]``.
            initial: ``[1 or 2, N, B, H]``.
            weights: four for each of N directions.
        """
        # has_biases, num_layers, dropout, train, bidirectional, batch_first. Without "train", cuDNN keeps nothing for
        # a backward pass, and gradients are also inspected in models that are not in training mode.
        options = (True, 1, 0.0, torch.is_grad_enabled(), len(weights) > 4, False)
        state = list(initial) if self.cell.num_states > 1 else initial[0]
        return _KERNELS[self.cell_name](stream, state, list(weights), *options)[0]

    def _kernel_weights(self, input_weights: Tensor) -> list[list[Tensor]]:
        """Return the weights of each direction as torch's kernels expect them, with a second, zero bias."""
        no_bias = torch.zeros_like(self.bias[0])
        return [
            [w, u, b, no_bias]
            for w, u, b in zip(input_weights, self.recurrent_weights, self.bias, strict=True)
        ]

    def _run_loop(self, inputs: Tensor, reversal: Reversal, input_weights: Tensor) -> list[Tensor]:
        """Return the result of :meth:`_run_kernel`, for every cell and with recurrent dropout in training."""
        arguments = self._loop_arguments(inputs, reversal, input_weights)
        # In the precision of the weights: a lower one would round the state at every step.
        with torch.autocast(inputs.device.type, enabled=False):
            mask = None
            if self.training and self.recurrent_dropout > 0.0:
                shape = (len(self.directions), inputs.shape[0], self.hidden_dim)
                mask = dropout_mask(shape, rate=self.recurrent_dropout, like=self.bias)
            return list(scan(self.cell, *arguments, mask=mask).unbind())

    def _loop_arguments(
        self, inputs: Tensor, reversal: Reversal, input_weights: Tensor
    ) -> tuple[Tensor, Tensor, State, dict[str, Tensor]]:
        """Return the arguments of :func:`scan` that follow the cell."""
        own = {name: parameter.unsqueeze(1) for name, parameter in self.own.items()}
        streams = torch.stack(self._streams(inputs, reversal)).to(self.bias.dtype)
        # The only product that autocast may compute in a lower precision.
        products = torch.bmm(streams.flatten(1, 2), input_weights.transpose(1, 2)).to(self.bias.dtype)
        products = torch.unflatten(products, 1, streams.shape[1:3])
        from_input = self.cell.prepare(products, self.bias[:, None, None, :], own)
        return from_input, self.recurrent_weights, self._initial_state(inputs.shape[0]).unbind(), own


def _lacks_kernel(inputs: Tensor) -> bool:
    """Return whether torch.lstm fails: under autocast, on a processor without low-precision instructions."""
    kind = inputs.device.type
    if kind != "cpu" or not torch.is_autocast_enabled(kind):
        return False
    if torch.get_autocast_dtype(kind) == torch.bfloat16:
        return not torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return not torch.ops.mkldnn._is_mkldnn_fp16_supported()


_KERNELS: Final[Mapping[str, Callable[..., tuple[Tensor, ...]]]] = MappingProxyType(
    {"lstm": torch.lstm, "gru": torch.gru, "rnn": torch.rnn_tanh}
)
