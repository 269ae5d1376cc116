"""Optimiser and learning-rate schedule, from their configuration."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

import torch

from tagger.training.config import OptimizerConfig
from tagger.training.rowwise import RowwiseAdam


def build_optimizer(
    config: OptimizerConfig,
    parameters: list[torch.nn.Parameter],
    embeddings: Sequence[torch.nn.Embedding],
    *,
    fused: bool,
) -> torch.optim.Optimizer:
    """Return the configured optimiser over the parameters.

    Args:
        config: the optimiser and its settings.
        parameters: the parameters to optimise.
        embeddings: tables whose rows may be updated only when read, with the same result; done for adam without weight
            decay.
        fused: whether to use torch's fused steps if available; they do not work with loss scaling.
    """
    rate, decay = config.learning_rate, config.weight_decay
    if config.name == "adam" and not decay and embeddings:
        return RowwiseAdam(parameters, embeddings, lr=rate)
    if config.name == "adam":
        return torch.optim.Adam(parameters, lr=rate, weight_decay=decay, fused=fused)
    if config.name == "adamw":
        return torch.optim.AdamW(parameters, lr=rate, weight_decay=decay, fused=fused)
    if config.name == "nadam":
        return torch.optim.NAdam(parameters, lr=rate, weight_decay=decay)
    return torch.optim.SGD(parameters, lr=rate, momentum=config.momentum, weight_decay=decay, fused=fused)


def learning_rate_factor(config: OptimizerConfig, *, epoch_starts: Sequence[int]) -> Callable[[int], float]:
    """Return the function from a step, counted from 0, to the factor of the learning rate.

    Args:
        config: the schedule and its warm-up.
        epoch_starts: number of steps before each epoch, and after the last one.
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
