"""Optimiser, learning-rate schedule and moving average of the weights, from their configuration."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tagger.training.config import OptimizerConfig


def build_optimizer(config: OptimizerConfig, parameters: list[torch.nn.Parameter]) -> torch.optim.Optimizer:
    """Return the configured optimiser over the parameters."""
    rate, decay = config.learning_rate, config.weight_decay
    if config.name == "adam":
        return torch.optim.Adam(parameters, lr=rate, weight_decay=decay, fused=True)
    if config.name == "adamw":
        return torch.optim.AdamW(parameters, lr=rate, weight_decay=decay, fused=True)
    if config.name == "nadam":
        return torch.optim.NAdam(parameters, lr=rate, weight_decay=decay)
    return torch.optim.SGD(parameters, lr=rate, momentum=config.momentum, weight_decay=decay, fused=True)


def learning_rate_factor(
    config: OptimizerConfig, *, steps_until: Callable[[int], int], epochs: int
) -> Callable[[int], float]:
    """Return the function from a step, counted from 0, to the factor on the learning rate.

    Args:
        config: the schedule and its warm-up.
        steps_until: how many steps have been taken when an epoch begins.
        epochs: epochs of the whole run.
    """
    total = steps_until(epochs)
    starts = [steps_until(epoch) for epoch in range(epochs)] if config.schedule == "inverse" else []
    # A run shorter than the warm-up still spends most of its steps at a useful rate.
    warmup = min(config.warmup_steps, total // 10)

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        if config.schedule == "linear":
            return max(0.0, (total - step) / max(1, total - warmup))
        if config.schedule == "inverse":
            epoch = sum(step >= start for start in starts) - 1
            return 1 / (1 + config.decay * epoch)
        return 1.0

    return factor


def moving_average(decay: float) -> Callable[[Tensor, Tensor, Tensor | int], Tensor]:
    """Return the update of an exponential moving average whose memory grows to its full length.

    After n updates the decay is ``min(decay, (1 + n) / (10 + n))``, so that a short run does not average in the weights
    it started from (the warm-up of TensorFlow's ExponentialMovingAverage).

    Args:
        decay: per step, once the warm-up is over.
    """

    def update(average: Tensor, current: Tensor, num_averaged: Tensor | int) -> Tensor:
        count = float(num_averaged)
        return average.lerp_(current, 1 - min(decay, (1 + count) / (10 + count)))

    return update
