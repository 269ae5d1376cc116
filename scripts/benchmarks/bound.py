"""The bound: how long the matrix products of a BiLSTM take by themselves, in single precision.

Letters: D width of the inputs, H hidden units per direction, B sentences that are read in one step.
"""

from __future__ import annotations

import time
from typing import Final

import torch
from devices import wait_for

_TOKENS_AT_ONCE: Final = 2048


class Products:
    """The products of one BiLSTM layer, at the shapes of its steps; no padding, and nothing kept from word to word.

    Reading takes, for each direction, one product with the input weights for many tokens and one with the recurrent
    weights for every step: 4 H (D + H) multiplications a token. Training takes three times that: the gradients of
    inputs and states, step by step, and those of the weights.

    Args:
        input_dim: D.
        hidden_dim: H.
        num_sentences: B.
        training: whether the products of the backward pass are done as well.
        device: where they are done, cpu or cuda.
    """

    def __init__(
        self, input_dim: int, hidden_dim: int, *, num_sentences: int, training: bool, device: str = "cpu"
    ) -> None:
        rows = 4 * hidden_dim
        self._steps = max(1, _TOKENS_AT_ONCE // num_sentences)
        self._tokens = self._steps * num_sentences
        self.flop: Final = 2 * 2 * rows * (input_dim + hidden_dim) * (3 if training else 1)
        """Floating-point operations for a token, in both directions."""
        once = [(self._tokens, input_dim, rows)]
        each_step = [(num_sentences, hidden_dim, rows)]
        if training:
            once += [(self._tokens, rows, input_dim), (rows, self._tokens, input_dim)]
            once += [(rows, self._tokens, hidden_dim)]
            each_step += [(num_sentences, rows, hidden_dim)]
        self._device = device
        self._once = [_operands(*shape, device) for shape in once]
        self._each_step = [_operands(*shape, device) for shape in each_step]

    def seconds(self, num_tokens: int) -> float:
        """Return how long the products take for so many tokens."""
        wait_for(self._device)
        begin = time.perf_counter()
        blocks = max(1, round(num_tokens / self._tokens))
        for _ in range(2 * blocks):  # two directions
            for left, right, out in self._once:
                torch.mm(left, right, out=out)
            for _ in range(self._steps):
                for left, right, out in self._each_step:
                    torch.mm(left, right, out=out)
        wait_for(self._device)
        return (time.perf_counter() - begin) * num_tokens / (blocks * self._tokens)


def _operands(
    rows: int, inner: int, columns: int, device: str
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    left, right = torch.randn(rows, inner, device=device), torch.randn(inner, columns, device=device)
    return left, right, torch.empty(rows, columns, device=device)
