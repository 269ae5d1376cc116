"""Training: ``train(config, splits=None) -> Tagger`` and the configuration it takes.

Needs the extra ``train``; the one place of the package where pytorch_lightning and jsonargparse are imported.
"""

from __future__ import annotations

from tagger.errors import MissingExtraError

try:
    import pytorch_lightning as _lightning  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "pytorch_lightning":
        raise
    raise MissingExtraError("pytorch_lightning", "Training") from error

from tagger.training.config import DataConfig, OptimizerConfig, RunConfig
from tagger.training.splits import Splits
from tagger.training.train import train

__all__ = ["DataConfig", "OptimizerConfig", "RunConfig", "Splits", "train"]
