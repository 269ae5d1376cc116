"""Checkpoints: the state of a run after its last epoch, to resume from, and after its best epoch, for the model."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import time
from pathlib import Path
from typing import IO, Any, Final

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Checkpoint
from pytorch_lightning.plugins.io import TorchCheckpointIO
from torch import Tensor, nn

from tagger.errors import TaggerError, UsageError
from tagger.files import open_file, replace_file, replace_with_link
from tagger.options import option
from tagger.training.run_folder import RunFolder

_END: Final = struct.Struct("<4s4H2LH")  # the last record of a zip archive, before its comment
_END_MAGIC: Final = b"PK\x05\x06"
_COMMENT: Final = b"sha256 "
_COMMENT_LENGTH: Final = len(_COMMENT) + 64
_ENTRIES: Final = {
    **{"state_dict": dict, "callbacks": dict, "loops": dict, "epoch": int, "global_step": int},
    **{"optimizer_states": list, "lr_schedulers": list},
}
_DRAWS: Final = 2
"""Version of the random draws of a step: a run can be resumed only with its own."""
_SOURCES: Final = {
    "start": ("the model to start from is not the one", "Restore its folder"),
    "fingerprint": ("the train, dev or replayed sentences are not those", "Restore the data"),
    "vectors": ("the pretrained vectors are not those", "Restore their file"),
    "teacher": ("the teacher is not the one", "Restore its folder"),
}
"""Message and remedy for each source of a run that has changed."""

DEV_SCORE = "dev_score"
"""Name under which the score that chooses the best weights is logged."""


class RunCheckpoints(Checkpoint):
    """Saves a checkpoint after every epoch; if it is the best so far, it has both names.

    Lightning's ModelCheckpoint writes its last checkpoint only together with a best one, and loses the best score of a
    run whose folder was moved.

    Args:
        folder: the run folder.
        fingerprint: identifies the training data; compared when a run is resumed.
        vectors: the same for its pretrained vectors; None without any.
        start: the same for the model that it started from; None for a run from scratch.
        teacher: the same for its teacher models; None without any.
        epochs: planned number of epochs.

    Attributes:
        best_score: the highest dev score so far; None before there is one.
        epochs: number of finished epochs.
        planned: planned number of epochs, at first and after each resume that raised it.
    """

    def __init__(
        self,
        folder: RunFolder,
        fingerprint: str,
        *,
        epochs: int,
        vectors: str | None = None,
        start: str | None = None,
        teacher: str | None = None,
    ) -> None:
        self._folder = folder
        self._learns_from = {
            "start": start,
            "fingerprint": fingerprint,
            "vectors": vectors,
            "teacher": teacher,
        }
        self._started = time.perf_counter()
        self._earlier_seconds = 0.0
        self.best_score: float | None = None
        self.epochs = 0
        self.planned = [epochs]

    @property
    def seconds(self) -> float:
        """The duration of the run so far, including its parts before a resume."""
        return self._earlier_seconds + time.perf_counter() - self._started

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Save the checkpoint of the epoch."""
        self.epochs = trainer.current_epoch + 1
        score = trainer.callback_metrics.get(DEV_SCORE)
        # If this is interrupted, the last checkpoint is intact, and the epochs after it are repeated exactly.
        if score is not None and (self.best_score is None or float(score) > self.best_score):
            self.best_score = float(score)
            trainer.save_checkpoint(self._folder.best_checkpoint)
            if trainer.is_global_zero:
                replace_with_link(self._folder.last_checkpoint, self._folder.best_checkpoint)
        else:
            trainer.save_checkpoint(self._folder.last_checkpoint)

    def state_dict(self) -> dict[str, Any]:
        """Return the state for a resumed run."""
        return {
            "best_score": self.best_score,
            "epochs": self.epochs,
            "seconds": self.seconds,
            "planned": self.planned,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the state."""
        self.best_score = state_dict["best_score"]
        self.epochs = state_dict["epochs"]
        self._earlier_seconds = state_dict["seconds"]
        self.planned = list(dict.fromkeys((*state_dict.get("planned", ()), *self.planned)))

    def epochs_planned_first(self) -> int:
        """Return the number of epochs planned when the run to be resumed was begun.

        Raises:
            TaggerError: if its last checkpoint cannot be read.
        """
        state = read_checkpoint(self._folder.last_checkpoint)["callbacks"].get(self.state_key, {})
        return int(state.get("planned", self.planned)[0])

    def steps_to_resume_from(self, module: nn.Module) -> int:
        """Return the number of steps taken by the run to be resumed.

        Args:
            module: the module to train; its state must have the checkpoints' names and shapes.

        Raises:
            UsageError: if it learned from other data.
            TaggerError: if a required checkpoint cannot be read, or does not belong to this run.
        """
        last = self._read(self._folder.last_checkpoint, module)
        # The best checkpoint is needed only at the end, but a missing one should be noticed now.
        if last["callbacks"][self.state_key].get("best_score") is not None:
            self._read(self._folder.best_checkpoint, module)
        return int(last["global_step"])

    def _read(self, path: Path, module: nn.Module) -> dict[str, Any]:
        checkpoint = read_checkpoint(path)
        if self.state_key not in checkpoint["callbacks"]:
            raise _damaged(path, f"expected the state of {self.state_key}, found none")
        # With a stored scheduler, Lightning would count steps from 0.
        if checkpoint.get("lr_schedulers") or checkpoint.get("draws") != _DRAWS:
            raise UsageError(
                f"resume: the run in {self._folder.path} was begun by an earlier version, which took steps in "
                f"another way. Finish it with that version, or train from scratch with {option('overwrite', True)}."
            )
        for name, digest in self._learns_from.items():
            if checkpoint.get(name) != digest:
                what, remedy = _SOURCES[name]
                raise UsageError(
                    f"resume: {what} that the run in {self._folder.path} was begun with. {remedy}, or train from "
                    f"scratch with {option('overwrite', True)}."
                )
        _check_state(path, checkpoint["state_dict"], module.state_dict())
        return checkpoint

    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Record in the checkpoint the data, vectors, initial model and teacher that it belongs to."""
        checkpoint.update(self._learns_from, draws=_DRAWS)


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes a checkpoint to a temporary file next to its destination, syncs it to disk, then renames it.

    Lightning writes to the temporary directory and copies: if that is another file system, a run killed while saving
    loses its previous checkpoint.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: Any, storage_options: Any | None = None
    ) -> None:
        """Write the checkpoint; if this is interrupted, either the old or the new one is intact.

        Raises:
            TaggerError: if it cannot be written.
        """
        target = Path(path)
        try:
            replace_file(target, lambda file: _write(checkpoint, file))
        except (
            OSError,
            RuntimeError,
        ) as error:  # torch turns any exception during a write into a RuntimeError
            if isinstance(error.__context__, KeyboardInterrupt):
                raise error.__context__ from None
            reason = error.__context__ if isinstance(error.__context__, OSError) else error
            raise TaggerError(
                f"{target}: the checkpoint could not be written: {getattr(reason, 'strerror', None) or reason}. "
                f"{_what_is_left(target)}"
            ) from error

    def load_checkpoint(
        self,
        path: Any,
        map_location: Any | None = lambda storage, loc: storage,
        weights_only: bool | None = None,
    ) -> dict[str, Any]:
        """Return a checkpoint, on the CPU, as :func:`read_checkpoint` does."""
        return read_checkpoint(Path(path))


def _write(checkpoint: dict[str, Any], file: IO[bytes]) -> None:
    torch.save(checkpoint, file)
    _add_checksum(file)


def _add_checksum(file: IO[bytes]) -> None:
    """Append the checksum of an archive as the comment that the zip format allows at its end.

    The archive can still be read as before, such as by ``torch.load``, and is replaced together with its checksum.
    """
    file.seek(-_END.size, os.SEEK_END)
    *fields, comment_length = _END.unpack(file.read(_END.size))
    if fields[0] != _END_MAGIC or comment_length:
        raise RuntimeError("torch.save wrote no zip archive, or one with a comment")
    file.seek(-_END.size, os.SEEK_END)
    file.write(_END.pack(*fields, _COMMENT_LENGTH))
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.write(_COMMENT + digest.encode("ascii"))


def _check_checksum(file: io.BufferedReader, path: Path) -> None:
    size = os.fstat(file.fileno()).st_size
    file.seek(max(0, size - _COMMENT_LENGTH))
    comment = file.read(_COMMENT_LENGTH)
    if not comment.startswith(_COMMENT):
        raise _damaged(path, "it is cut off, or has no checksum")
    digest = hashlib.sha256()
    file.seek(0)
    left = size - _COMMENT_LENGTH
    while left and (piece := file.read(min(left, 2**22))):
        digest.update(piece)
        left -= len(piece)
    expected = comment.removeprefix(_COMMENT).decode("ascii", "replace")
    if left or digest.hexdigest() != expected:
        raise _damaged(path, f"expected sha256 {expected}, found {digest.hexdigest()}")
    file.seek(0)


def _check_state(path: Path, state: dict[str, Any], expected: dict[str, Tensor]) -> None:
    """Raise an error for weights with other names, types or shapes, non-finite weights, or other constraints."""
    for name in sorted(state.keys() ^ expected.keys()):
        raise _damaged(path, f"{'no' if name in expected else 'unknown'} weights {name!r}")
    for name, own in expected.items():
        stored = state[name]
        if not isinstance(stored, Tensor) or stored.shape != own.shape:
            raise _damaged(path, f"{name!r} is no tensor of the shape {tuple(own.shape)}")
        if stored.is_floating_point() != own.is_floating_point():
            raise _damaged(path, f"{name!r} is of the type {stored.dtype}, expected {own.dtype}")
        if own.dtype == torch.bool:
            if not torch.equal(stored, own.cpu()):
                raise _damaged(path, f"{name!r} differs from what the labels and their scheme allow")
        elif not stored.isfinite().all():
            raise _damaged(path, f"{name!r} holds NaN or infinity")


def _damaged(path: Path, reason: str) -> TaggerError:
    again = option("overwrite", True)
    return TaggerError(f"{path}: the checkpoint is damaged; train from scratch with {again} ({reason})")


def _what_is_left(checkpoint_path: Path) -> str:
    if (checkpoint_path.parent / "last.ckpt").exists():
        return f"Earlier checkpoints are unchanged; continue from them with {option('resume', True)}."
    return "There is none to continue from; train again once it can be written."


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Return a checkpoint, on the CPU, after checking its checksum and structure.

    Raises:
        TaggerError: if it cannot be read, is damaged, or is not the checkpoint of a run.
    """
    try:
        with open_file(path, most_bytes=None) as file:
            _check_checksum(file, path)
            checkpoint = torch.load(file, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        again = option("overwrite", True)
        raise TaggerError(f"{path}: the checkpoint is missing; train from scratch with {again}") from error
    except OSError as error:
        raise TaggerError(f"{path}: cannot be read: {error.strerror or error}") from error
    except TaggerError:
        raise
    except Exception as error:  # a damaged file can raise anything
        raise _damaged(path, type(error).__name__) from error
    if not isinstance(checkpoint, dict):
        raise _damaged(path, f"expected the state of a run, found {type(checkpoint).__name__}")
    for name, kind in _ENTRIES.items():
        found = checkpoint.get(name)
        if not isinstance(found, kind):
            raise _damaged(path, f"expected {name!r} as {kind.__name__}, found {type(found).__name__}")
    if any(not isinstance(state, dict) for state in checkpoint["callbacks"].values()):
        raise _damaged(path, "the state of a callback is no dictionary")
    return checkpoint
