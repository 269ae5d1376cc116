"""What happens around the steps of a run: dev scores, reports, a progress bar, safe checkpoints."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback, TQDMProgressBar
from pytorch_lightning.callbacks.progress.tqdm_progress import Tqdm
from pytorch_lightning.plugins.io import TorchCheckpointIO
from torch import Tensor

from tagger.examples import Example
from tagger.metrics import score
from tagger.projection import LabelProjection
from tagger.schemes import LabelScheme
from tagger.training.module import DeviceBatch

_LOG = logging.getLogger(__name__)

DEV_SCORE = "dev_score"
"""Name under which the score that chooses the best weights is logged."""


class DevScorer(Callback):
    """Scores the dev split after every epoch and logs it as :data:`DEV_SCORE`.

    Args:
        examples: the dev split, labels in the scheme of the data.
        scheme: the scheme of the data.
        projection: from the model's label ids to reported labels.
    """

    def __init__(self, examples: Sequence[Example], scheme: LabelScheme, projection: LabelProjection) -> None:
        self._examples = examples
        self._scheme = scheme
        self._projection = projection
        self._predicted: list[list[str]] = []

    def on_validation_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Forget the epoch before."""
        self._predicted = [[] for _ in self._examples]

    def on_validation_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: DeviceBatch,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Keep the labels of a batch."""
        path: Tensor = outputs
        reported = self._projection.report(path.cpu().numpy())
        names = self._projection.names(reported, batch.tensors.lengths.cpu().numpy())
        for member, labels in zip(batch.members, names, strict=True):
            self._predicted[member] = labels

    def on_validation_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Log the score."""
        scores = score(
            self._examples, self._predicted, self._scheme, predicted_scheme=self._projection.scheme
        )
        pl_module.log(DEV_SCORE, scores.value, prog_bar=True, batch_size=len(self._examples))


class EpochReport(Callback):
    """Logs each epoch's mean loss and speed, and reports the epoch in one line.

    Losses are summed on the device and read once an epoch: logging each step would cost more than it tells.

    Args:
        epochs: epochs of the whole run.
        metric: what the dev score is called.
    """

    def __init__(self, epochs: int, metric: str) -> None:
        self._epochs = epochs
        self._metric = metric
        self._best = -1.0
        self._start_epoch()

    def _start_epoch(self) -> None:
        self._losses: Tensor | None = None
        self._num_steps = 0
        self._num_tokens = 0
        self._started = self._ended = time.perf_counter()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the sums."""
        self._start_epoch()

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: DeviceBatch,
        batch_idx: int,
    ) -> None:
        """Add a step to the sums."""
        loss: Tensor = outputs["loss"].detach()
        self._losses = loss if self._losses is None else self._losses + loss
        self._num_steps += 1
        self._num_tokens += batch.num_tokens
        self._ended = time.perf_counter()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Log and report the epoch."""
        if self._losses is None:
            return
        loss = float(self._losses) / self._num_steps
        speed = self._num_tokens / max(self._ended - self._started, 1e-9)
        pl_module.log("train_loss", loss)
        pl_module.log("tokens_per_second", speed)
        parts = [f"epoch {trainer.current_epoch + 1}/{self._epochs}", f"train loss {loss:.3f}"]
        if DEV_SCORE in trainer.callback_metrics:
            value = float(trainer.callback_metrics[DEV_SCORE])
            parts.append(
                f"dev {self._metric} {100 * value:.2f} %{' (best so far)' if value > self._best else ''}"
            )
            self._best = max(self._best, value)
        parts.append(f"{speed:,.0f} tokens/s")
        if trainer.is_global_zero:
            _LOG.info(", ".join(parts))

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run needs."""
        return {"best": self._best}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self._best = state_dict["best"]


class StderrProgressBar(TQDMProgressBar):
    """Lightning's progress bar, on standard error, where messages belong."""

    def _moved(self, bar: Tqdm) -> Tqdm:
        bar.fp = sys.stderr
        return bar

    def init_train_tqdm(self) -> Tqdm:
        """Return the bar of the training steps."""
        return self._moved(super().init_train_tqdm())

    def init_validation_tqdm(self) -> Tqdm:
        """Return the bar of the dev batches."""
        return self._moved(super().init_validation_tqdm())


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes a checkpoint beside its place, makes it durable, then renames it.

    Lightning stages in the temporary directory and copies: where that is another file system, a run killed while
    saving loses the checkpoint it had.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: Any, storage_options: Any | None = None
    ) -> None:
        """Write the checkpoint; whenever this is interrupted, the old or the new one is there whole."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with temporary.open("wb") as file:
                torch.save(checkpoint, file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
