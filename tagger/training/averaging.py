"""MovingAverage: an exponential moving average of the weights, which is what is scored and saved."""

from __future__ import annotations

from typing import Any, cast

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback
from torch import Tensor

from tagger.training.module import TaggerModule
from tagger.training.rowwise import RowwiseAdam


class MovingAverage(Callback):
    """Averages the weights after every step, and lends the average to the model while the dev split is scored.

    A checkpoint holds the average as the model's weights, and the weights that are learned beside it. Lightning's
    WeightAveraging would pass over every row of every table at each step.

    Args:
        decay: per step, once the warm-up is over.
    """

    def __init__(self, decay: float) -> None:
        self._decay = decay
        self._averages: dict[str, Tensor] = {}
        self._set_aside: dict[str, Tensor] = {}

    def decay_at(self, step: int) -> float:
        """Return the decay of the average at a step, counted from 1.

        At first the average forgets faster, so that a short run does not keep the weights it started from (the warm-up
        of TensorFlow's ExponentialMovingAverage): after the first step it is the weights.
        """
        return 0.0 if step == 1 else min(self._decay, step / (9 + step))

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin with the weights, or go on with the average that a checkpoint held."""
        weights = dict(pl_module.named_parameters())
        for name, weight in weights.items():
            average = self._averages.get(name, weight).detach()
            # In half precision, steps as small as those of an average would all be rounded away.
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
        """Average in the weights of a step, counted from 1, where the optimiser does not do it."""
        weight_of_new = 1 - self.decay_at(step)
        for weight, average in self._kept_here:
            average.lerp_(weight.to(average.dtype), weight_of_new)

    def on_validation_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Lend the model the average."""
        for name, weight in pl_module.named_parameters():
            self._set_aside[name] = weight.data
            weight.data = self._averages[name].to(weight.dtype)

    def on_validation_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Give the model its weights back."""
        for name, weight in pl_module.named_parameters():
            weight.data = self._set_aside.pop(name)

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Put the average in the place of the weights."""
        checkpoint["current_model_state"] = checkpoint["state_dict"]
        checkpoint["state_dict"] = {**checkpoint["state_dict"], **self._averages}

    def on_load_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Go on from a checkpoint."""
        self._averages = {name: checkpoint["state_dict"][name] for name, _ in pl_module.named_parameters()}
        pl_module.load_state_dict(checkpoint["current_model_state"])
