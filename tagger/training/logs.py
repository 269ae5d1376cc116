"""The loggers of a run: a CSV file and TensorBoard events in RUN/logs."""

from __future__ import annotations

import csv
import warnings

from pytorch_lightning.loggers import CSVLogger, Logger

from tagger.errors import MissingExtraError
from tagger.training.config import RunConfig
from tagger.training.run_folder import RunFolder


def make_loggers(config: RunConfig, folder: RunFolder) -> list[Logger]:
    """Return the configured loggers.

    Raises:
        MissingExtraError: if TensorBoard is asked for and not installed.
    """
    loggers: list[Logger] = []
    if "csv" in config.loggers:
        # Written row by row: a killed run keeps its log.
        loggers.append(CSVLogger(folder.path, name=folder.logs.name, version="", flush_logs_every_n_steps=1))
    if "tensorboard" in config.loggers:
        try:
            import tensorboard as _tensorboard  # noqa: F401
        except ModuleNotFoundError:
            raise MissingExtraError("tensorboard", "The TensorBoard logger") from None
        from pytorch_lightning.loggers import TensorBoardLogger

        loggers.append(TensorBoardLogger(folder.path, name=folder.logs.name, version=""))
    return loggers


def continue_logs(loggers: list[Logger], folder: RunFolder, *, steps: int) -> None:
    """Keep what a CSV log says of the steps before a resume; Lightning deletes the file as it opens the log.

    Args:
        loggers: of the resumed run, not yet used.
        folder: where the interrupted run logged.
        steps: how many steps the checkpoint had taken; what was logged after it will be logged again.
    """
    path = folder.logs / "metrics.csv"
    for logger in loggers:
        if isinstance(logger, CSVLogger) and path.exists():
            with path.open(newline="", encoding="utf-8") as file:
                rows = [{name: value for name, value in row.items() if value} for row in csv.DictReader(file)]
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message=".*exists and is not empty.*")
                writer = logger.experiment
            writer.metrics.extend(row for row in rows if int(row["step"]) < steps)
            writer.save()
