"""Callbacks of a run: dev scores, early stopping, a report of each epoch, a progress bar."""

from __future__ import annotations

import logging
import math
import sys
import time
from contextlib import redirect_stdout
from typing import Any, cast

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback, EarlyStopping, TQDMProgressBar
from pytorch_lightning.callbacks.progress.tqdm_progress import Tqdm
from torch import Tensor

from tagger.errors import TaggerError
from tagger.inference.reported_labels import ReportedLabels
from tagger.metrics import score
from tagger.training.batches import STEPS_AT_ONCE, TrainingLoader, TrainingSteps
from tagger.training.checkpoints import DEV_SCORE, RunCheckpoints
from tagger.training.curves import curves_page
from tagger.training.data import PreparedData
from tagger.training.gradients import norms_summary
from tagger.training.module import DeviceBatch, StepsTaken, how_to_mend
from tagger.training.run_folder import RunFolder

_LOG = logging.getLogger(__name__)


class DevScorer(Callback):
    """Scores the dev split after every epoch and logs the score to Lightning as :data:`DEV_SCORE`.

    Args:
        data: holds the dev split.
        reported_labels: from the model's label ids to reported labels.
    """

    def __init__(self, data: PreparedData, reported_labels: ReportedLabels) -> None:
        self._data = data
        self._reported_labels = reported_labels
        self._predicted: list[list[str]] = []

    def on_validation_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Clear the predictions of the previous epoch."""
        self._predicted = [[] for _ in self._data.dev]

    def on_validation_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: DeviceBatch,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Store the predicted labels of a batch."""
        path: Tensor = outputs
        reported = self._reported_labels.report(path.cpu().numpy())
        names = self._reported_labels.names(reported, batch.tensors.lengths.cpu().numpy())
        for member, labels in zip(batch.members, names, strict=True):
            self._predicted[member] = labels

    def on_validation_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Log the score."""
        data = self._data
        predicted = data.comparable("dev", self._predicted)
        scores = score(data.dev, predicted, data.scheme, predicted_scheme=data.predicted_scheme)
        pl_module.log(DEV_SCORE, scores.value, prog_bar=True, logger=False, batch_size=len(data.dev))


class Patience(EarlyStopping):
    """Early stopping when the dev score has not risen for some epochs, also for a run resumed after its last epoch.

    Args:
        epochs: without a better score.
    """

    def __init__(self, epochs: int) -> None:
        super().__init__(monitor=DEV_SCORE, mode="max", patience=epochs, check_on_train_epoch_end=True)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Stop at once if patience had ended in the checkpoint."""
        trainer.should_stop = self.wait_count >= self.patience

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the state, with the current patience, which may have been raised."""
        super().load_state_dict({**state_dict, "patience": self.patience})


def patience_has_ended(trainer: pl.Trainer) -> bool:
    """Return whether the run has early stopping and its patience has ended."""
    stopping = trainer.early_stopping_callback
    return stopping is not None and stopping.wait_count >= stopping.patience


class EpochReport(Callback):
    """Logs the mean loss, gradient norms and speed of each epoch, prints one line and plots the learning curves.

    Losses and norms stay on the device and are read once per epoch: logging each step would not be worth its cost.

    Args:
        epochs: number of epochs of the whole run.
        metric: name of the dev score.
        clip_norm: the norm that gradients are clipped to; 0 for none.
        checkpoints: provides the best dev score so far.
        folder: the run folder, for the curves.

    Attributes:
        history: a dictionary for each epoch, including those before a resume, as
            :func:`tagger.training.curves.curves_page` takes it.
    """

    def __init__(
        self, epochs: int, metric: str, clip_norm: float, checkpoints: RunCheckpoints, folder: RunFolder
    ) -> None:
        self._epochs = epochs
        self._metric = metric
        self._clip_norm = clip_norm
        self._checkpoints = checkpoints
        self._folder = folder
        self.history: list[dict[str, float]] = []

    def state_dict(self) -> dict[str, Any]:
        """Return the history, for a resumed run."""
        return {"history": self.history}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the history."""
        self.history = state_dict["history"]

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Reset the counts and the clock."""
        self._taken: list[StepsTaken] = []
        self._started = self._ended = time.perf_counter()

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: TrainingSteps,
        batch_idx: int,
    ) -> None:
        """Store the results of the steps; after the last one, check that training has not diverged.

        Raises:
            TaggerError: if the mean loss of the epoch is not finite.
        """
        self._taken.append(outputs["taken"])
        if trainer.is_last_batch:
            self._loss = torch.cat([taken.losses for taken in self._taken]).double().mean().item()
            if not math.isfinite(self._loss):
                raise TaggerError(
                    f"epoch {trainer.current_epoch + 1}: training has diverged: the loss is {self._loss}. "
                    f"{how_to_mend()}"
                )
        # After reading the loss, which waits for the GPU.
        self._ended = time.perf_counter()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Log, print and plot the epoch."""
        seconds = max(self._ended - self._started, 1e-9)
        num_tokens = sum(taken.num_tokens for taken in self._taken)
        loss, speed = _over_devices(trainer, self._loss, num_tokens / seconds)
        # Gradients are averaged over devices, so every device has the same norms.
        norms = torch.cat([taken.norms for taken in self._taken])
        epoch = {
            "epoch": trainer.current_epoch + 1,
            "train_loss": loss,
            "learning_rate": sum(taken.rates for taken in self._taken) / len(norms),
            **norms_summary(norms, self._clip_norm),
        }
        parts = [f"epoch {trainer.current_epoch + 1}/{self._epochs}", f"train loss {loss:.3f}"]
        if DEV_SCORE in trainer.callback_metrics:
            value = float(trainer.callback_metrics[DEV_SCORE])
            best = self._checkpoints.best_score
            is_best = best is None or value > best
            epoch["dev_score"] = value
            parts.append(f"dev {self._metric} {100 * value:.2f} %{' (best so far)' if is_best else ''}")
        parts.append(f"{speed:,.0f} tokens/s")
        _LOG.info(", ".join(parts))
        # Not through Lightning, one of whose steps is several of ours.
        for logger in trainer.loggers:
            logger.log_metrics(
                {**epoch, "epoch": trainer.current_epoch, "tokens_per_second": speed}, trainer.global_step - 1
            )
            logger.save()
        self.history.append(epoch)
        if trainer.is_global_zero:
            # Before the checkpoint: if the run is interrupted between them, the epoch is repeated and plotted again.
            page = curves_page(self.history, metric=self._metric, clip_norm=self._clip_norm)
            self._folder.write_curves(page)


def _over_devices(trainer: pl.Trainer, loss: float, speed: float) -> tuple[float, float]:
    """Return the mean of the devices' losses (they take equally many steps) and the sum of their speeds."""
    if trainer.world_size == 1:
        return loss, speed
    own = torch.tensor([loss, speed], device=trainer.strategy.root_device)
    total = trainer.strategy.reduce(own, reduce_op="sum")
    return float(total[0]) / trainer.world_size, float(total[1])


class StderrProgressBar(TQDMProgressBar):
    """Lightning's progress bar on standard error; it counts our steps, not Lightning's."""

    @property
    def total_train_batches(self) -> int:
        """The number of steps in an epoch."""
        loader = cast(TrainingLoader, self.trainer.train_dataloader)
        return loader.num_steps

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: TrainingSteps,
        batch_idx: int,
    ) -> None:
        """Advance by several steps."""
        last = batch_idx * STEPS_AT_ONCE + len(batch.batches) - 1
        super().on_train_batch_end(trainer, pl_module, outputs, batch, last)

    def init_train_tqdm(self) -> Tqdm:
        """Return the bar of the training steps."""
        with redirect_stdout(sys.stderr):
            return super().init_train_tqdm()

    def init_validation_tqdm(self) -> Tqdm:
        """Return the bar of the dev batches."""
        with redirect_stdout(sys.stderr):
            return super().init_validation_tqdm()
