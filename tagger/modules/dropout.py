"""Dropout of whole features: locked, with a mask for each sentence; batchwise, the same features for a whole batch."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tagger.errors import UsageError


class LockedDropout(nn.Module):
    """Dropout that zeroes a feature at every position of a sentence, or at none.

    Also called variational dropout (Gal & Ghahramani 2016). Survivors are scaled by ``1 / (1 - rate)``. Outside
    training the input itself is returned.

    Args:
        rate: probability that a feature is zeroed, ``0 <= rate < 1``.

    Raises:
        UsageError: if the rate lies outside that range.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = checked_rate(rate, name="dropout")

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the inputs ``[B, T, D]`` with one mask ``[B, 1, D]`` applied to all T positions."""
        if not self.training or self.rate == 0.0:
            return inputs
        return inputs * dropout_mask((inputs.shape[0], 1, inputs.shape[2]), rate=self.rate, like=inputs)

    def extra_repr(self) -> str:
        """Return what ``print(model)`` shows between the brackets."""
        return f"rate={self.rate}"


class BatchDropout(nn.Module):
    """Dropout that drops the same features for a whole batch, so that matrix products can skip them.

    After Graham, Reizenstein & Robinson (2015), "Efficient batchwise dropout training using submatrices". Of D
    features it always keeps the same number M, at least one, drawn without replacement. With several devices, each
    draws for its own part of the batch.

    Args:
        rate: share of the features to drop, ``0 <= rate < 1``, rounded to a whole number of features, which may be 0
            if there are few.

    Raises:
        UsageError: if the rate lies outside that range.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = checked_rate(rate, name="dropout")

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the kept columns of the inputs ``[N, D]``, scaled by D / M, ``[N, M]``, and their indices.

        The indices are ascending, ``[M]``, int64; None if all are kept, as always outside training.
        """
        width = inputs.shape[1]
        num_kept = max(1, round(width * (1 - self.rate)))
        if not self.training or num_kept == width:
            return inputs, None
        columns = torch.randperm(width, device=inputs.device)[:num_kept].sort().values
        return inputs.index_select(1, columns) * (width / num_kept), columns

    def extra_repr(self) -> str:
        """Return what ``print(model)`` shows between the brackets."""
        return f"rate={self.rate}"


def dropout_mask(shape: tuple[int, ...], *, rate: float, like: Tensor) -> Tensor:
    """Return a random mask of ``0`` (with probability ``rate``) and ``1 / (1 - rate)``, of the type of ``like``."""
    return torch.empty(shape, dtype=like.dtype, device=like.device).bernoulli_(1.0 - rate).div_(1.0 - rate)


def checked_rate(rate: float, *, name: str) -> float:
    """Return the rate if ``0 <= rate < 1``.

    Raises:
        UsageError: otherwise; the message names the option.
    """
    if not 0.0 <= rate < 1.0:
        raise UsageError(f"{name} must be at least 0 and below 1, found {rate}")
    return rate
