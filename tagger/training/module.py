"""TaggerModule: the bookkeeping that Lightning needs around a finished model: steps, logging, optimiser."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from tagger.batching import EncodedSentences
from tagger.errors import TaggerError
from tagger.model import BatchTensors, TaggerModel
from tagger.options import option
from tagger.training.batches import BatchLoader, SplitBatch, TrainingOrder
from tagger.training.config import OptimizerConfig
from tagger.training.gradients import clip_gradient
from tagger.training.optimization import build_optimizer, learning_rate_factor
from tagger.training.rowwise import RowwiseAdam

DEV_TOKENS: Final = 1024
"""Padded tokens of a dev batch at most on the CPU, where larger ones are no faster and take more memory than training.
"""


def how_to_mend() -> str:
    """Return what helps where training diverges."""
    return (
        f"Lower the learning rate ({option('optimizer.learning_rate')}), "
        f"or clip gradients ({option('optimizer.clip_norm')})."
    )


"""What helps against divergence."""


class DeviceBatch(NamedTuple):
    """A batch on its device.

    Attributes:
        members: index in the split of each of B sentences.
        tensors: the sentences.
        num_tokens: real tokens, known without asking the device.
    """

    members: list[int]
    tensors: BatchTensors
    num_tokens: int


class LoaderModule(pl.LightningDataModule):
    """The loaders of a run; for every epoch a new training loader.

    Args:
        train: the training split.
        order: its batches by epoch.
        dev: the dev split, or None.
        batch_tokens: padded tokens of a dev batch at most; on the CPU it has no more than :data:`DEV_TOKENS`.
    """

    def __init__(
        self,
        train: EncodedSentences,
        order: TrainingOrder,
        dev: EncodedSentences | None,
        *,
        batch_tokens: int,
    ) -> None:
        super().__init__()
        self._train = train
        self._order = order
        self._dev = dev
        self._batch_tokens = batch_tokens

    def train_dataloader(self) -> Any:
        """Return this epoch's batches, on each device its own."""
        if self.trainer is None:
            raise RuntimeError("the loaders belong to a Trainer; call Trainer.fit(module, datamodule)")
        epoch = self.trainer.current_epoch
        batches = self._order.batches(epoch, self.trainer.global_rank)
        return BatchLoader(self._train, batches)

    def val_dataloader(self) -> Any:
        """Return the whole dev split, on every device: its score is then exact without any exchange."""
        if self._dev is None:
            return []
        on_cpu = self.trainer is None or self.trainer.strategy.root_device.type == "cpu"
        batch_tokens = min(self._batch_tokens, DEV_TOKENS) if on_cpu else self._batch_tokens
        return BatchLoader.by_length(self._dev, batch_tokens=batch_tokens)

    def transfer_batch_to_device(
        self, batch: SplitBatch, device: torch.device, dataloader_idx: int
    ) -> DeviceBatch:
        """Return the batch as tensors on the device; Lightning's own way does not know our arrays."""
        return DeviceBatch(
            batch.members, BatchTensors.of(batch.batch, device), int(batch.batch.lengths.sum())
        )


class TaggerModule(pl.LightningModule):
    """Trains a :class:`tagger.model.TaggerModel`.

    Args:
        model: the network.
        optimizer: how it is learned.
        seed: of the run; with the step it decides all dropout, so that a resumed run repeats it.
        epoch_starts: steps taken when each epoch begins, and at the end of the last one.
        decode: gives a batch's label ids from its emissions.

    Attributes:
        gradient_norm: norm of the last step's gradient before it was clipped, on its device.
    """

    gradient_norm: Tensor

    def __init__(
        self,
        model: TaggerModel,
        optimizer: OptimizerConfig,
        *,
        seed: int,
        epoch_starts: Sequence[int],
        decode: str,
    ) -> None:
        super().__init__()
        self.model = model
        self._optimizer = optimizer
        self._seed = seed
        self._epoch_starts = epoch_starts
        self._decode = decode

    def on_train_start(self) -> None:
        """Set the learning rate of the first step; a checkpoint has that of the schedule it was written under.

        A run that is resumed with more epochs has another one: its rate had come to its end.
        """
        optimizer, factor = self.trainer.optimizers[0], self._factor()
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * factor(self.global_step)

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """Seed what this step draws by run, step and device."""
        rank = self.trainer.global_rank
        seed = (self._seed * 1_000_003 + self.global_step) * 1_009 + rank
        if self.device.type == "cpu":
            # torch.manual_seed would also note down a stack trace for each kind of device, step by step.
            torch.default_generator.manual_seed(seed)
        else:
            torch.manual_seed(seed)

    def training_step(self, batch: DeviceBatch, batch_idx: int) -> Tensor:
        """Return the loss of a batch, in nats per sentence.

        Raises:
            TaggerError: if training has diverged.
        """
        with self._finite():
            return self.model.loss(batch.tensors)

    def validation_step(self, batch: DeviceBatch, batch_idx: int) -> Tensor:
        """Return the inner label ids of B sentences, ``[B, T]``.

        Raises:
            TaggerError: if training has diverged.
        """
        with self._finite():
            emissions = self.model.emissions(batch.tensors)
            return self.model.decoder.best_labels(emissions, batch.tensors.mask, decode=self._decode)

    @contextmanager
    def _finite(self) -> Iterator[None]:
        """Say what to do where the decoder refuses scores that are not finite, the only ValueError it has for us."""
        try:
            yield
        except ValueError as error:
            raise TaggerError(
                f"epoch {self.current_epoch + 1}: training has diverged: {error}. {how_to_mend()}"
            ) from error

    def configure_gradient_clipping(
        self,
        optimizer: torch.optim.Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clip the gradient and note its norm; where the loss was scaled up, the gradient is scaled down by now."""
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        if isinstance(optimizer, RowwiseAdam):
            parameters += optimizer.rows_read
        self.gradient_norm = clip_gradient(parameters, self._optimizer.clip_norm)

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Bring all rows of the embeddings up to date at the end of an epoch, before they are scored and saved."""
        optimizer = self.trainer.optimizers[0]
        if self.trainer.is_last_batch and isinstance(optimizer, RowwiseAdam):
            optimizer.catch_up()

    def teardown(self, stage: str) -> None:
        """Leave the model as it was but for its weights, also where no epoch was left or training broke off."""
        for optimizer in self.trainer.optimizers:
            if isinstance(optimizer, RowwiseAdam):
                optimizer.release()

    def configure_optimizers(self) -> Any:
        """Return the optimiser and its schedule by step."""
        optimizer = build_optimizer(
            self._optimizer,
            [parameter for parameter in self.model.parameters() if parameter.requires_grad],
            self._row_tables(),
            fused=self.trainer.precision != "16-mixed",
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {
                "scheduler": LambdaLR(optimizer, self._factor()),
                "interval": "step",
                "name": "learning_rate",
            },
        }

    def _factor(self) -> Callable[[int], float]:
        """Return the function from a step to the factor on the learning rate."""
        return learning_rate_factor(self._optimizer, epoch_starts=self._epoch_starts)

    def _row_tables(self) -> list[nn.Embedding]:
        """Return the tables with a row for each word or wide feature, where it pays to compute only those of a batch.

        Several devices would have to exchange sparse gradients; a GPU passes over a table in no time; weights of low
        precision would round several small steps and their sum differently.
        """
        trainer = self.trainer
        if self.device.type != "cpu" or trainer.world_size > 1 or trainer.precision.endswith("16-true"):
            return []
        features = self.model.word_features
        tables = (
            features.word_embedding,
            features.vectors.changes if features.vectors else None,
            self.model.wide.weights if self.model.wide else None,
        )
        return [table for table in tables if table is not None and table.weight.requires_grad]
