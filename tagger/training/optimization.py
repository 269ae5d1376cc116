"""Optimiser, learning-rate schedule and moving average of the weights, from their configuration."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from tagger.training.config import OptimizerConfig


def build_optimizer(
    config: OptimizerConfig, parameters: list[torch.nn.Parameter], *, fused: bool
) -> torch.optim.Optimizer:
    """Return the configured optimiser over the parameters.

    Args:
        config: which one, with which numbers.
        parameters: what it changes.
        fused: use torch's fused steps where there are any; in mixed precision Lightning cannot clip before them.
    """
    rate, decay = config.learning_rate, config.weight_decay
    if config.name == "adam":
        return torch.optim.Adam(parameters, lr=rate, weight_decay=decay, fused=fused)
    if config.name == "adamw":
        return torch.optim.AdamW(parameters, lr=rate, weight_decay=decay, fused=fused)
    if config.name == "nadam":
        return torch.optim.NAdam(parameters, lr=rate, weight_decay=decay)
    return torch.optim.SGD(parameters, lr=rate, momentum=config.momentum, weight_decay=decay, fused=fused)


def learning_rate_factor(config: OptimizerConfig, *, epoch_starts: Sequence[int]) -> Callable[[int], float]:
    """Return the function from a step, counted from 0, to the factor on the learning rate.

    Args:
        config: the schedule and its warm-up.
        epoch_starts: steps taken when each epoch begins, and at the end of the last one.
    """
    total = epoch_starts[-1]
    # A run shorter than the warm-up still spends most of its steps at a useful rate.
    warmup = min(config.warmup_steps, total // 10)

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        if config.schedule == "linear":
            return max(0.0, (total - step) / max(1, total - warmup))
        if config.schedule == "inverse":
            return 1 / (1 + config.decay * (bisect_right(epoch_starts, step) - 1))
        return 1.0

    return factor


def moving_average(decay: float) -> Callable[[Sequence[Tensor], Sequence[Tensor], Tensor | int], None]:
    """Return the update of an exponential moving average whose memory grows to its full length.

    After n updates the decay is ``min(decay, (1 + n) / (10 + n))``, so that a short run does not average in the weights
    it started from (the warm-up of TensorFlow's ExponentialMovingAverage).

    Args:
        decay: per step, once the warm-up is over.
    """

    @torch.no_grad()
    def update(averages: Sequence[Tensor], currents: Sequence[Tensor], num_averaged: Tensor | int) -> None:
        count = float(num_averaged)
        weight = 1 - min(decay, (1 + count) / (10 + count))
        for average, current in zip(averages, currents, strict=True):
            average.lerp_(current, weight)

    return update
