"""The recurrent encoder: layers that read a batch of sentences in one or both directions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tagger.errors import UsageError
from tagger.modules.dropout import LockedDropout, checked_rate


class RecurrentLayer(nn.Module):
    """One recurrent layer over right-padded sentences, in one or both directions.

    Parameters, stacked over the N directions (forward, then backward); the gates are in the order i, f, g, o:
        input_weights: ``[N, 4 H, D]``.
        recurrent_weights: ``[N, 4 H, H]``.
        bias: ``[N, 4 H]``; one vector, where torch's own modules add two.

    Args:
        input_dim: width D of the inputs.
        hidden_dim: units H per direction.
        bidirectional: whether a second direction reads each sentence from its end.
    """

    def __init__(self, input_dim: int, hidden_dim: int, *, bidirectional: bool = True) -> None:
        super().__init__()
        self.hidden_dim = hidden_dim
        self.num_directions = 2 if bidirectional else 1
        self.output_dim = self.num_directions * hidden_dim
        self.input_weights = nn.Parameter(torch.empty(self.num_directions, 4 * hidden_dim, input_dim))
        self.recurrent_weights = nn.Parameter(torch.empty(self.num_directions, 4 * hidden_dim, hidden_dim))
        self.bias = nn.Parameter(torch.empty(self.num_directions, 4 * hidden_dim))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights: orthogonal recurrent and Glorot input matrices per gate, bias 0, forget bias 1."""
        with torch.no_grad():
            for direction in range(self.num_directions):
                for matrix in self.input_weights[direction].chunk(4):
                    nn.init.xavier_uniform_(matrix)
                for matrix in self.recurrent_weights[direction].chunk(4):
                    nn.init.orthogonal_(matrix)
            self.bias.zero_()
            self.bias[:, self.hidden_dim : 2 * self.hidden_dim] = 1.0

    def forward(self, inputs: Tensor, reversal: Tensor) -> Tensor:
        """Return the hidden states ``[B, T, N H]`` of the inputs ``[B, T, D]``; those at padding mean nothing.

        Args:
            inputs: finite everywhere, padding included.
            reversal: from :func:`reversal_index`.
        """
        streams = [inputs, inputs.gather(1, reversal.expand(-1, -1, inputs.shape[2]))][: self.num_directions]
        outputs = [self._fused(stream, direction) for direction, stream in enumerate(streams)]
        if self.num_directions == 1:
            return outputs[0]
        backward = outputs[1].gather(1, reversal.expand(-1, -1, self.hidden_dim))
        return torch.cat([outputs[0], backward], dim=2)

    def _fused(self, stream: Tensor, direction: int) -> Tensor:
        """Run torch's kernel over a stream ``[B, T, D]`` already in reading order; return ``[B, T, H]``."""
        start = stream.new_zeros(1, stream.shape[0], self.hidden_dim)
        bias = self.bias[direction]
        weights = [
            self.input_weights[direction],
            self.recurrent_weights[direction],
            bias,
            torch.zeros_like(bias),
        ]
        outputs, _, _ = torch.lstm(
            stream.transpose(0, 1), [start, start], weights, True, 1, 0.0, self.training, False, False
        )
        return outputs.transpose(0, 1)


class RecurrentEncoder(nn.Module):
    """A stack of recurrent layers over right-padded sentences.

    No packed sequences: the backward direction reads each sentence reversed within its own length, so that padding
    lies behind the words in both directions and never reaches them. What stands in the padding of the inputs is
    never read; the outputs there are exactly zero.

    Args:
        input_dim: width D of the inputs.
        hidden_dim: units H per layer and direction.
        cell: name of the cell.
        num_layers: layers, at least 1.
        bidirectional: whether each layer also reads from the end.
        connections: how the layers are joined.
        dropout: rate of locked dropout between layers (with a single layer there is nothing between).
        recurrent_dropout: rate of dropout on the hidden state that a step reads, the same mask at every step.
        cells_per_block: cells that share one set of gates.
        learned_initial_state: learn the state before the first token, instead of zero.

    Attributes:
        output_dim: width of the outputs.

    Raises:
        UsageError: for an option that has no meaning here.
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
        options = (
            cell,
            connections,
            checked_rate(recurrent_dropout, name="recurrent_dropout"),
            cells_per_block,
        )
        if options != ("lstm", "plain", 0.0, 1) or learned_initial_state:
            raise UsageError("only plain stacks of the cell 'lstm' exist so far")
        if num_layers < 1:
            raise UsageError(f"num_layers must be at least 1, found {num_layers}")
        num_directions = 2 if bidirectional else 1
        widths = [input_dim] + [num_directions * hidden_dim] * (num_layers - 1)
        self.layers = nn.ModuleList(
            RecurrentLayer(width, hidden_dim, bidirectional=bidirectional) for width in widths
        )
        self.dropout = LockedDropout(dropout)
        self.output_dim = num_directions * hidden_dim

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """Return the outputs ``[B, T, output_dim]``, zero at padding.

        Args:
            inputs: ``[B, T, D]``, right-padded.
            lengths: tokens of each sentence, ``[B]``, int64; from 0 to T.
        """
        if inputs.shape[0] == 0 or inputs.shape[1] == 0:
            return inputs.new_zeros(inputs.shape[0], inputs.shape[1], self.output_dim)
        padding = torch.arange(inputs.shape[1], device=inputs.device) >= lengths[:, None]
        padding = padding[:, :, None]
        reversal = reversal_index(lengths, inputs.shape[1])
        # Zero times NaN is NaN: garbage in the padding would reach the weights' gradients.
        hidden = inputs.masked_fill(padding, 0.0)
        for number, layer in enumerate(self.layers):
            hidden = layer(hidden if number == 0 else self.dropout(hidden), reversal)
        return hidden.masked_fill(padding, 0.0)


def reversal_index(lengths: Tensor, num_tokens: int) -> Tensor:
    """Return the index ``[B, T, 1]`` that reverses each sentence within its own length and leaves padding in place.

    >>> reversal_index(torch.tensor([3, 1]), 4).squeeze(2).tolist()
    [[2, 1, 0, 3], [0, 1, 2, 3]]
    """
    position = torch.arange(num_tokens, device=lengths.device)
    last = lengths[:, None] - 1
    return torch.where(position <= last, last - position, position).unsqueeze(2)
