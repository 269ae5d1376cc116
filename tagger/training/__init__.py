"""Training: ``train(config, splits=None) -> Tagger`` and its configuration.

Needs the extra ``train``; the only place in the package where pytorch_lightning and jsonargparse are imported.
"""

from __future__ import annotations

from importlib.util import find_spec

from tagger.errors import MissingExtraError

# Checked up front, so that none is found missing at the end of a long run.
if _missing := [
    m for m in ("pytorch_lightning", "jsonargparse", "yaml", "seqeval", "torch") if find_spec(m) is None
]:
    raise MissingExtraError(_missing[0], "Training")

from tagger.training.lightning_import import import_lightning

import_lightning()  # before anything else imports it

from tagger.training.config import DataConfig, OptimizerConfig, RunConfig, TeacherConfig, VectorsConfig  # noqa: E402
from tagger.training.splits import Splits  # noqa: E402
from tagger.training.train import train  # noqa: E402

__all__ = ["DataConfig", "OptimizerConfig", "RunConfig", "Splits", "TeacherConfig", "VectorsConfig", "train"]
