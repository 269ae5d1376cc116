"""The loggers of a run: a CSV file and TensorBoard events in RUN/logs."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pytorch_lightning.loggers import Logger
from pytorch_lightning.utilities import rank_zero_only

from tagger.errors import MissingExtraError
from tagger.files.replacing import replace_file
from tagger.training.config import RunConfig
from tagger.training.run_folder import RunFolder

_LOG: Final = logging.getLogger(__name__)
_STEP: Final = "step"


class CSVLog(Logger):
    """RUN/logs/metrics.csv: a row for each call, a column for each name, in alphabetical order.

    All rows are kept in memory. A row is appended to the file as it comes, and the whole file is replaced in one step
    for a new column and at the end. So wherever a run is interrupted, each value is in its column. (Lightning's own log
    marks a column as written too early: interrupted in between, it writes the next rows under the wrong columns.)
    """

    def __init__(self, folder: RunFolder) -> None:
        super().__init__()
        self._path = folder.logs / "metrics.csv"
        self._rows: list[dict[str, Any]] = []
        self._columns: list[str] = []
        self._num_written = 0

    @property
    def name(self) -> str:
        """The name of the file."""
        return self._path.name

    @property
    def version(self) -> None:
        """None: a run has one log."""
        return None

    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the options are in RUN/recipe.yaml."""

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Add a row."""
        self._rows.append({**metrics, _STEP: step})
        self._write()

    @rank_zero_only
    def finalize(self, status: str) -> None:
        """Write the whole file again, in case the last row is incomplete."""
        if self._rows:
            self._replace()

    @rank_zero_only
    def go_on(self, *, steps: int) -> None:
        """Keep the rows of a resumed run up to the checkpoint; later ones will be logged again.

        Args:
            steps: number of steps of the checkpoint.
        """
        if not self._path.exists():
            return
        with self._path.open(newline="", encoding="utf-8", errors="replace") as file:
            rows = [
                {name: value for name, value in row.items() if name and value} for row in csv.DictReader(file)
            ]
        readable = [row for row in rows if str(row.get(_STEP, "")).isdecimal()]
        if len(readable) < len(rows):
            _LOG.warning("%s: %d rows cannot be read and are left out", self._path, len(rows) - len(readable))
        self._rows = [{**row, _STEP: int(row[_STEP])} for row in readable if int(row[_STEP]) < steps]
        self._replace()

    def _write(self) -> None:
        if any(name not in self._columns for row in self._rows[self._num_written :] for name in row):
            self._replace()
            return
        with self._path.open("ab") as file:
            file.write(_lines(self._columns, self._rows[self._num_written :]))
        self._num_written = len(self._rows)

    def _replace(self) -> None:
        columns = sorted({name for row in self._rows for name in row})
        self._path.parent.mkdir(parents=True, exist_ok=True)
        header = dict(zip(columns, columns, strict=True))
        replace_file(self._path, lambda file: file.write(_lines(columns, [header, *self._rows])))
        self._columns, self._num_written = columns, len(self._rows)


def _lines(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.DictWriter(text, columns).writerows(rows)
    return text.getvalue().encode()


def make_loggers(config: RunConfig, folder: RunFolder) -> list[Logger]:
    """Return the configured loggers.

    Raises:
        MissingExtraError: if TensorBoard is asked for and not installed.
    """
    loggers: list[Logger] = []
    if "csv" in config.loggers:
        loggers.append(CSVLog(folder))
    if "tensorboard" in config.loggers:
        try:
            import tensorboard as _tensorboard  # noqa: F401
        except ModuleNotFoundError:
            raise MissingExtraError("tensorboard", "The TensorBoard logger") from None
        from pytorch_lightning.loggers import TensorBoardLogger

        loggers.append(TensorBoardLogger(folder.path, name=folder.logs.name, version=""))
    return loggers


def continue_logs(loggers: list[Logger], *, steps: int) -> None:
    """Keep the rows of a CSV log from before a resume: see :meth:`CSVLog.go_on`."""
    for logger in loggers:
        if isinstance(logger, CSVLog):
            logger.go_on(steps=steps)
