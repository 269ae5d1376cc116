"""The loggers of a run: a CSV file and TensorBoard events in RUN/logs."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from pytorch_lightning.loggers import CSVLogger, Logger

from tagger.errors import MissingExtraError
from tagger.training.config import RunConfig
from tagger.training.run_folder import RunFolder, is_main_process


def make_loggers(config: RunConfig, folder: RunFolder, *, steps: int) -> list[Logger]:
    """Return the configured loggers.

    Args:
        config: the run.
        folder: its folder.
        steps: how many steps a run to be resumed has taken; 0 for a new one.

    Raises:
        MissingExtraError: if TensorBoard is asked for and not installed.
    """
    loggers: list[Logger] = []
    if "tensorboard" in config.loggers:
        try:
            import tensorboard as _tensorboard  # noqa: F401
        except ModuleNotFoundError:
            raise MissingExtraError("tensorboard", "The TensorBoard logger") from None
        from pytorch_lightning.loggers import TensorBoardLogger

        loggers.append(TensorBoardLogger(folder.path, name=folder.logs.name, version=""))
    if "csv" in config.loggers:
        # Written row by row: a killed run keeps its log.
        logger = CSVLogger(folder.path, name=folder.logs.name, version="", flush_logs_every_n_steps=1)
        if config.resume and is_main_process():
            # Lightning deletes the file as it opens the log.
            earlier = _rows_before(folder.logs / "metrics.csv", steps)
            logger.experiment.metrics.extend(earlier)
        loggers.append(logger)
    return loggers


def _rows_before(path: Path, steps: int) -> list[dict[str, Any]]:
    """Return the rows of a CSV log up to a step; those behind it will be written again."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows = [{key: value for key, value in row.items() if value} for row in csv.DictReader(file)]
    return [row for row in rows if int(row["step"]) < steps]
