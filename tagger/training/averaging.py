"""MovingAverage: an exponential moving average of the weights, used for scoring and saving."""

from __future__ import annotations

from typing import Any, cast

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback
from torch import Tensor

from tagger.training.module import TaggerModule
from tagger.training.rowwise import RowwiseAdam


class MovingAverage(Callback):
    """Averages the weights after every step, and swaps the average into the model while the dev split is scored.

    A checkpoint stores the average as the model's weights, with the current weights beside it. Lightning's
    WeightAveraging would update every row of every embedding table at each step.

    Args:
        decay: per step, after the warm-up.
    """

    def __init__(self, decay: float) -> None:
        self._decay = decay
        self._averages: dict[str, Tensor] = {}
        self._set_aside: dict[str, Tensor] = {}

    def decay_at(self, step: int) -> float:
        """Return the decay of the average at a step, counted from 1.

        At first the decay is lower, so that a short run does not keep its initial weights (the warm-up of TensorFlow's
        ExponentialMovingAverage): after the first step the average equals the weights.
        """
        return 0.0 if step == 1 else min(self._decay, step / (9 + step))

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin with the weights, or continue with the average from a checkpoint."""
        weights = dict(pl_module.named_parameters())
        for name, weight in weights.items():
            average = self._averages.get(name, weight).detach()
            # In half precision, the small updates of an average would be rounded away.
            dtype = torch.float32 if weight.dtype in (torch.half, torch.bfloat16) else weight.dtype
            self._averages[name] = average.to(weight.device, dtype, copy=True)
        averages: dict[Tensor, Tensor] = {weight: self._averages[name] for name, weight in weights.items()}
        optimizer = trainer.optimizers[0]
        if isinstance(optimizer, RowwiseAdam):
            optimizer.keep_averages(averages, self.decay_at)
            for table in optimizer.tables:
                del averages[table]
        self._kept_here = list(averages.items())
        cast(TaggerModule, pl_module).after_step = self.update

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Update the averages that the optimiser does not update, after a step counted from 1."""
        weight_of_new = 1 - self.decay_at(step)
        for weight, average in self._kept_here:
            average.lerp_(weight.to(average.dtype), weight_of_new)

    def on_validation_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Swap the average into the model."""
        for name, weight in pl_module.named_parameters():
            self._set_aside[name] = weight.data
            weight.data = self._averages[name].to(weight.dtype)

    def on_validation_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Restore the model's weights."""
        for name, weight in pl_module.named_parameters():
            weight.data = self._set_aside.pop(name)

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Store the average as the model's weights, and the current weights beside it."""
        checkpoint["current_model_state"] = checkpoint["state_dict"]
        checkpoint["state_dict"] = {**checkpoint["state_dict"], **self._averages}

    def on_load_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Restore the average and the weights."""
        self._averages = {name: checkpoint["state_dict"][name] for name, _ in pl_module.named_parameters()}
        pl_module.load_state_dict(checkpoint["current_model_state"])
