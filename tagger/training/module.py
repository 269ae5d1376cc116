"""TaggerModule: the training step, and what Lightning needs to run it epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, NamedTuple, cast

import pytorch_lightning as pl
import torch
from pytorch_lightning.core.optimizer import LightningOptimizer
from torch import Tensor, nn

from tagger.batching import EncodedSentences
from tagger.errors import TaggerError
from tagger.model import BatchTensors, TaggerModel
from tagger.options import option
from tagger.training.batches import BatchLoader, SplitBatch, TrainingLoader, TrainingOrder, TrainingSteps
from tagger.training.config import OptimizerConfig
from tagger.training.gradients import clip_gradient
from tagger.training.optimization import build_optimizer, learning_rate_factor
from tagger.training.rowwise import RowwiseAdam

DEV_TOKENS: Final = 1024
"""Maximum padded tokens of a dev batch on the CPU; larger ones are no faster and need more memory than training."""


def how_to_mend() -> str:
    """Return advice for training that diverges."""
    return (
        f"Lower the learning rate ({option('optimizer.learning_rate')}), "
        f"or clip gradients ({option('optimizer.clip_norm')})."
    )


class DeviceBatch(NamedTuple):
    """A dev batch on its device.

    Attributes:
        members: index in the split of each of the B sentences.
        tensors: the sentences.
    """

    members: list[int]
    tensors: BatchTensors


class StepsTaken(NamedTuple):
    """The results of training steps.

    Attributes:
        losses: of each step, in nats per sentence, on its device.
        norms: of each step's gradient before it was clipped, on its device.
        rates: sum of their learning rates.
        num_tokens: total number of tokens.
    """

    losses: Tensor
    norms: Tensor
    rates: float
    num_tokens: int


class LoaderModule(pl.LightningDataModule):
    """The loaders of a run, with a new training loader for every epoch.

    Args:
        train: the training split.
        order: its batches by epoch.
        dev: the dev split, or None.
        batch_tokens: maximum padded tokens of a dev batch; on the CPU, at most :data:`DEV_TOKENS`.
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
        """Return this epoch's batches for this device."""
        if self.trainer is None:
            raise RuntimeError("the loaders belong to a Trainer; call Trainer.fit(module, datamodule)")
        epoch = self.trainer.current_epoch
        return TrainingLoader(self._train, self._order.batches(epoch, self.trainer.global_rank))

    def val_dataloader(self) -> Any:
        """Return the whole dev split, on every device, so that its score is exact without communication."""
        if self._dev is None:
            return []
        on_cpu = self.trainer is None or self.trainer.strategy.root_device.type == "cpu"
        batch_tokens = min(self._batch_tokens, DEV_TOKENS) if on_cpu else self._batch_tokens
        return BatchLoader(self._dev, batch_tokens=batch_tokens)

    def transfer_batch_to_device(
        self, batch: TrainingSteps | SplitBatch, device: torch.device, dataloader_idx: int
    ) -> TrainingSteps | DeviceBatch:
        """Return a dev batch as tensors on the device; Lightning cannot convert our arrays.

        Training batches stay sentence indices until a step assembles them.
        """
        if isinstance(batch, TrainingSteps):
            return batch
        return DeviceBatch(batch.members, BatchTensors.of(batch.batch, device))


class TaggerModule(pl.LightningModule):
    """Trains a :class:`tagger.model.TaggerModel`.

    One Lightning step consists of several of ours, each with its gradient, clipping and update ("manual optimization"),
    which makes Lightning's overhead per step negligible.

    Args:
        model: the network.
        optimizer: configuration of the optimiser.
        seed: of the run; seed and step determine all dropout, so that a resumed run repeats it.
        epoch_starts: number of steps before each epoch, and after the last one.
        decode: decoding for dev scores, ``viterbi`` or ``posterior``.

    Attributes:
        after_step: called after each step with its number, counted from 1.
    """

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
        self.automatic_optimization = False
        self.model = model
        self.after_step: Callable[[int], None] = lambda step: None
        self._optimizer = optimizer
        self._seed = seed
        self._epoch_starts = epoch_starts
        self._rate_factor = learning_rate_factor(optimizer, epoch_starts=epoch_starts)
        self._decode = decode
        self._norm = torch.zeros(())

    def training_step(self, batch: TrainingSteps, batch_idx: int) -> dict[str, Any]:
        """Take several steps, and return their :class:`StepsTaken` as ``taken``.

        Raises:
            TaggerError: if training has diverged.
        """
        optimizer = cast(LightningOptimizer, self.optimizers())
        losses, norms, rates = [], [], 0.0
        for members in batch.batches:
            step = self.global_step
            rate = self._optimizer.learning_rate * self._rate_factor(step)
            for group in optimizer.param_groups:
                group["lr"] = rate
            with self._finite():
                losses.append(self._compute_gradient(batch.split, members, step))
            optimizer.step()
            self.after_step(step + 1)
            norms.append(self._norm)
            rates += rate
        return {"taken": StepsTaken(torch.stack(losses), torch.stack(norms), rates, batch.num_tokens)}

    def _compute_gradient(self, split: EncodedSentences, members: list[int], step: int) -> Tensor:
        """Compute the gradient of a batch; return its loss, in nats per sentence."""
        seed = (self._seed * 1_000_003 + step) * 1_009 + self.trainer.global_rank
        if self.device.type == "cpu":
            # torch.manual_seed would also record a stack trace for each kind of device at every step.
            torch.default_generator.manual_seed(seed)
        else:
            torch.manual_seed(seed)
        with self._without_cache():
            loss = self.model.loss(BatchTensors.of(split.batch(members), self.device))
        self.trainer.optimizers[0].zero_grad()
        with torch.autocast(self.device.type, enabled=False):
            self.manual_backward(loss)
        return loss.detach()

    def _without_cache(self) -> AbstractContextManager[Any]:
        """Return Lightning's autocast settings without the cache of weights, since these change at every step."""
        kind = self.device.type
        return torch.autocast(
            kind,
            dtype=torch.get_autocast_dtype(kind),
            enabled=torch.is_autocast_enabled(kind),
            cache_enabled=False,
        )

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
        """Add advice to the decoder's error about non-finite scores, the only ValueError that can occur here."""
        try:
            yield
        except ValueError as error:
            raise TaggerError(
                f"epoch {self.current_epoch + 1}: training has diverged: {error}. {how_to_mend()}"
            ) from error

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Clip the gradient and record its norm; with loss scaling, the gradient is already unscaled."""
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        if isinstance(optimizer, RowwiseAdam):
            parameters += optimizer.rows_read
        self._norm = clip_gradient(parameters, self._optimizer.clip_norm)

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Bring all rows of the embeddings up to date at the end of an epoch, before scoring and saving."""
        optimizer = self.trainer.optimizers[0]
        if self.trainer.is_last_batch and isinstance(optimizer, RowwiseAdam):
            optimizer.catch_up()

    def teardown(self, stage: str) -> None:
        """Restore the model except for its weights, even if no epoch was left or training was interrupted."""
        for optimizer in self.trainer.optimizers:
            if isinstance(optimizer, RowwiseAdam):
                optimizer.release()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return the optimiser; each step sets its own learning rate."""
        return build_optimizer(
            self._optimizer,
            [parameter for parameter in self.model.parameters() if parameter.requires_grad],
            self._row_tables(),
            fused=self.trainer.precision != "16-mixed",
        )

    def _row_tables(self) -> list[nn.Embedding]:
        """Return the embedding tables whose rows are updated only when a batch reads them, if that pays off.

        Several devices would have to exchange sparse gradients; a GPU updates a whole table quickly; low-precision
        weights would round several small steps and their sum differently.
        """
        trainer = self.trainer
        if self.device.type != "cpu" or trainer.world_size > 1 or trainer.precision.endswith("16-true"):
            return []
        features = self.model.word_features
        tables = (
            features.word_embedding,
            features.vectors.changes if features.vectors else None,
            features.affix_embedding,
            self.model.wide.weights if self.model.wide else None,
        )
        return [table for table in tables if table is not None and table.weight.requires_grad]
