"""Checkpoints: the state of a run after its last epoch, to resume from, and after its best one, for the model."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Checkpoint
from pytorch_lightning.plugins.io import TorchCheckpointIO

from tagger.errors import TaggerError, UsageError
from tagger.files import replace_file
from tagger.options import option
from tagger.training.run_folder import RunFolder

DEV_SCORE = "dev_score"
"""Name under which the score that chooses the best weights is logged."""


class RunCheckpoints(Checkpoint):
    """Saves a checkpoint after every epoch, and before it a second one if the epoch is the best so far.

    Lightning's ModelCheckpoint writes its last checkpoint only where it also wrote a best one, and forgets the best
    score of a run whose folder was moved.

    Args:
        folder: where they go.
        fingerprint: says which data the run learns from; a resumed run compares it.
        vectors: the same for its pretrained vectors; None without any.

    Attributes:
        best_score: the highest dev score so far; None before there is one.
        epochs: how many epochs are done.
    """

    def __init__(self, folder: RunFolder, fingerprint: str, vectors: str | None = None) -> None:
        self._folder = folder
        self._fingerprint = fingerprint
        self._vectors = vectors
        self._started = time.perf_counter()
        self._earlier_seconds = 0.0
        self.best_score: float | None = None
        self.epochs = 0

    @property
    def seconds(self) -> float:
        """How long the run has taken since this was made, and in its parts before a resume."""
        return self._earlier_seconds + time.perf_counter() - self._started

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Save."""
        self.epochs = trainer.current_epoch + 1
        score = trainer.callback_metrics.get(DEV_SCORE)
        # Whenever this is cut short, the last checkpoint is whole, and the epochs behind it are repeated exactly.
        if score is not None and (self.best_score is None or float(score) > self.best_score):
            self.best_score = float(score)
            trainer.save_checkpoint(self._folder.best_checkpoint)
        trainer.save_checkpoint(self._folder.last_checkpoint)

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run needs."""
        return {"best_score": self.best_score, "epochs": self.epochs, "seconds": self.seconds}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.best_score = state_dict["best_score"]
        self.epochs = state_dict["epochs"]
        self._earlier_seconds = state_dict["seconds"]

    def steps_to_resume_from(self) -> int:
        """Return how many steps the run to be resumed has taken.

        Raises:
            UsageError: if it learned from other data.
            TaggerError: if its checkpoint cannot be read.
        """
        checkpoint = read_checkpoint(self._folder.last_checkpoint)
        if checkpoint.get("fingerprint") != self._fingerprint:
            raise UsageError(
                f"resume: the train or dev split is not the one that the run in {self._folder.path} was begun with. "
                f"Restore the data, or train from scratch with {option('overwrite', True)}."
            )
        if checkpoint.get("vectors") != self._vectors:
            raise UsageError(
                f"resume: the pretrained vectors are not those that the run in {self._folder.path} was begun with. "
                f"Restore their file, or train from scratch with {option('overwrite', True)}."
            )
        return int(checkpoint["global_step"])

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Say in the checkpoint which data and vectors it belongs to."""
        checkpoint["fingerprint"] = self._fingerprint
        checkpoint["vectors"] = self._vectors


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes a checkpoint beside its place, makes it durable, then renames it.

    Lightning stages in the temporary directory and copies: where that is another file system, a run killed while
    saving loses the checkpoint it had.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: Any, storage_options: Any | None = None
    ) -> None:
        """Write the checkpoint; whenever this is interrupted, the old or the new one is there whole.

        Raises:
            TaggerError: if it cannot be written.
        """
        target = Path(path)
        try:
            replace_file(target, lambda file: torch.save(checkpoint, file))
        except (OSError, RuntimeError) as error:  # torch turns a failed write into a RuntimeError
            reason = error.__context__ if isinstance(error.__context__, OSError) else error
            raise TaggerError(
                f"{target}: the checkpoint could not be written: {getattr(reason, 'strerror', None) or reason}. "
                f"{_what_is_left(target)}"
            ) from error


def _what_is_left(checkpoint_path: Path) -> str:
    if (checkpoint_path.parent / "last.ckpt").exists():
        return f"The checkpoints written before are unchanged; go on from them with {option('resume', True)}."
    return "There is none to go on from; train again once it can be written."


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Return a checkpoint, on the CPU.

    Raises:
        TaggerError: if it cannot be read.
    """
    try:
        checkpoint: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise TaggerError(f"{path}: cannot be read: {error.strerror or error}") from error
    except Exception as error:  # a damaged file fails in any way
        raise TaggerError(
            f"{path}: the checkpoint is damaged; train from scratch with {option('overwrite', True)}"
        ) from error
    return checkpoint
