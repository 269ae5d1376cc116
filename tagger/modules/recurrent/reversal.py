"""The order in which the backward direction reads a batch: each sentence reversed within its own length."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class Reversal:
    """Mapping between word positions and the steps of the backward direction.

    Step 0 reads the last word of each sentence. Padding stays where it is, after the words.

    >>> reversal = Reversal(torch.tensor([3, 1]), num_tokens=4)
    >>> words = torch.tensor([[1, 2, 3, 0], [4, 0, 0, 0]]).unsqueeze(2)
    >>> reversal.to_steps(words).squeeze(2).tolist()
    [[3, 4], [2, 0], [1, 0], [0, 0]]
    >>> torch.equal(reversal.to_words(reversal.to_steps(words)), words)
    True

    Args:
        lengths: tokens of each sentence, ``[B]``, int64; from 0 to T.
        num_tokens: T.
        no_padding: whether all sentences are known to have T tokens, which makes reversal a plain flip.

    Attributes:
        no_padding: the same.
    """

    def __init__(self, lengths: Tensor, *, num_tokens: int, no_padding: bool = False) -> None:
        self.no_padding = no_padding
        self._shape = (lengths.shape[0], num_tokens)
        if no_padding:
            return
        sentence = torch.arange(lengths.shape[0], device=lengths.device).unsqueeze(1)
        position = torch.arange(num_tokens, device=lengths.device)
        last = lengths.unsqueeze(1) - 1
        reversed_position = torch.where(position <= last, last - position, position)
        # Row (t, b) of the steps is row (b, reversed t) of the words, and vice versa.
        self._words_of_steps = (sentence * num_tokens + reversed_position).t().flatten()
        self._steps_of_words = (reversed_position * lengths.shape[0] + sentence).flatten()

    def to_steps(self, values: Tensor) -> Tensor:
        """Return ``[B, T, X]`` as ``[T, B, X]`` in reading order."""
        if self.no_padding:
            return values.flip(1).transpose(0, 1)
        rows = _permuted(values.flatten(0, 1), self._words_of_steps, self._steps_of_words)
        return rows.view(self._shape[1], self._shape[0], values.shape[2])

    def to_words(self, values: Tensor) -> Tensor:
        """Return ``[T, B, X]`` in reading order as ``[B, T, X]``."""
        if self.no_padding:
            return values.flip(0).transpose(0, 1)
        rows = _permuted(values.flatten(0, 1), self._steps_of_words, self._words_of_steps)
        return rows.view(*self._shape, values.shape[2])


class _Permuted(torch.autograd.Function):
    """Rows in another order.

    The gradient is a permutation as well, but autograd cannot know this: it would accumulate row by row, far slower.
    """

    @staticmethod
    def forward(ctx: Any, rows: Tensor, order: Tensor, inverse: Tensor) -> Tensor:
        ctx.save_for_backward(order, inverse)
        return rows.index_select(0, order)

    @staticmethod
    def backward(ctx: Any, d_rows: Tensor) -> tuple[Tensor, None, None]:
        order, inverse = ctx.saved_tensors
        return _permuted(d_rows, inverse, order), None, None


def _permuted(rows: Tensor, order: Tensor, inverse: Tensor) -> Tensor:
    """Return the rows permuted by ``order``, whose inverse is ``inverse``."""
    permuted: Tensor = _Permuted.apply(rows, order, inverse)  # type: ignore[no-untyped-call]
    return permuted
