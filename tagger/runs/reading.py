"""Read the runs in folders from their files: recipe.yaml, metrics.json, logs/metrics.csv."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tagger.errors import MissingExtraError, TaggerError, UsageError
from tagger.files.opening import open_file
from tagger.runs.experiment import flat

RECIPE: Final = "recipe.yaml"
METRICS: Final = "metrics.json"
_LOG: Final = Path("logs", "metrics.csv")
_MODEL: Final = "model"
_SPLITS: Final = ("dev", "test")
_MOST_BYTES: Final = 64 * 2**20
_MOST_VALUES: Final = 10_000
_MOST_EPOCHS: Final = 100_000
_LARGEST: Final = 1e100


@dataclass(frozen=True)
class Epoch:
    """An epoch of a run; unknown values are None."""

    number: int
    train_loss: float | None
    dev_score: float | None


@dataclass(frozen=True)
class Run:
    """A run, as read from its files.

    Attributes:
        folder: its folder.
        options: all options, flat.
        metrics: the content of metrics.json; None for an unfinished run.
        history: its epochs.
        tokens_per_second: training speed, mean over the epochs; None if not logged.
        model_bytes: size of the model folder; None without one.
        damage: why the run cannot be used; None if it can.
    """

    folder: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] | None = None
    history: tuple[Epoch, ...] = ()
    tokens_per_second: float | None = None
    model_bytes: int | None = None
    damage: str | None = None

    @property
    def state(self) -> str:
        """finished, unfinished or damaged."""
        return "damaged" if self.damage else "unfinished" if self.metrics is None else "finished"

    @property
    def name(self) -> str:
        """The folder as a string."""
        return str(self.folder)

    @property
    def seed(self) -> int:
        """The seed."""
        return int(self.options.get("seed", 1))

    @property
    def data(self) -> Mapping[str, Any]:
        """The description of its data; empty for an unfinished run."""
        return self.metrics["data"] if self.metrics is not None else {}

    @property
    def best(self) -> int | None:
        """The index in the history of the epoch with the best dev score; None without scores."""
        scores = [-math.inf if epoch.dev_score is None else epoch.dev_score for epoch in self.history]
        return scores.index(max(scores)) if scores and max(scores) > -math.inf else None

    def score(self, split: str) -> float | None:
        """Return the score on dev or test; None if it was not scored."""
        scores = (self.metrics or {}).get(split)
        return None if scores is None else float(scores["value"])


def find_runs(paths: Sequence[str]) -> list[Run]:
    """Return the runs in folders and their subfolders, each once, in the order of paths and names.

    Raises:
        UsageError: a path is not a folder, or contains no run.
        MissingExtraError: if PyYAML is not installed.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        folder = Path(path)
        if not folder.is_dir():
            raise UsageError(f"{path}: expected the folder of a run, found {_what_is_there(folder)}")
        own = list(_below(folder))
        if not own:
            raise UsageError(
                f"{path}: expected the folder of a run ({RECIPE}, {METRICS}), or one with runs below it, found none"
            )
        for each in own:
            found.setdefault(each.resolve(), each)
    return [read_run(folder) for folder in found.values()]


def _what_is_there(path: Path) -> str:
    return "a file" if path.exists() else "nothing"


def _below(folder: Path) -> Iterator[Path]:
    for path, folders, files in os.walk(folder):
        if RECIPE in files or METRICS in files:
            folders.clear()  # subfolders of a run are part of it
            yield Path(path)
        folders.sort(key=_natural)


def _natural(name: str) -> tuple[str, float, str]:
    """Order seed_10 after seed_9 and share_0.5 after share_0.25."""
    stem = name.rstrip("0123456789.")
    number = name[len(stem) :]
    try:
        return stem, float(number or -1), name
    except ValueError:
        return name, -1, name


def read_run(folder: Path) -> Run:
    """Return the run in a folder; if its files cannot be read, a damaged run with the reason.

    Raises:
        MissingExtraError: if PyYAML is not installed.
    """
    try:
        options = flat(_recipe(folder / RECIPE))
        metrics = read_metrics(folder / METRICS) if (folder / METRICS).exists() else None
        logged, speed = _logged(folder / _LOG)
        history = logged if metrics is None else _history(metrics.get("history"), folder / METRICS)
        return Run(folder, options, metrics, history, speed, _size(folder / _MODEL))
    except MissingExtraError:
        raise
    except (OSError, TaggerError) as error:
        return Run(folder, damage=str(error))


def _recipe(path: Path) -> Mapping[str, Any]:
    try:
        import yaml
    except ModuleNotFoundError:
        raise MissingExtraError("yaml", "Reading the options of a run") from None
    try:
        options = yaml.safe_load(_bytes(path))
        _check_size(options)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise TaggerError(f"{path}: expected the options of a run: {reason}") from error
    if not isinstance(options, dict):
        raise TaggerError(f"{path}: expected the options of a run, found something else")
    seed = options.get("seed", 1)
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise TaggerError(f"{path}: expected a whole number as seed, found {seed!r}")
    return {str(name): value for name, value in options.items()}


def _bytes(path: Path) -> bytes:
    with open_file(path, most_bytes=_MOST_BYTES) as file:
        return file.read()


def _check_size(value: Any) -> None:
    """Raise an error for far too many values, such as a list that contains itself, which is possible in YAML.

    Raises:
        ValueError: if there are too many.
    """
    waiting, count = [value], 0
    while waiting:
        one = waiting.pop()
        count += 1
        if count > _MOST_VALUES:
            raise ValueError(f"found more than {_MOST_VALUES:,} values")
        if isinstance(one, (Mapping, list)):
            waiting += one.values() if isinstance(one, Mapping) else one


def read_metrics(path: Path) -> dict[str, Any]:
    """Return the content of metrics.json of a finished run, after checking its structure.

    Raises:
        TaggerError: if it cannot be read, or a value is missing or not a number: names it.
    """
    try:
        metrics = json.loads(_bytes(path).decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise TaggerError(f"{path}: expected the metrics of a run: {reason}") from error
    problem = _problem(metrics)
    if problem:
        raise TaggerError(f"{path}: expected the metrics of a run, found {problem}")
    return dict(metrics)


def _problem(metrics: Any) -> str | None:
    """Return the first problem of metrics, or None."""
    if not isinstance(metrics, dict):
        return "something else"
    if not isinstance(metrics.get("metric"), str):
        return "no name of the metric"
    for name in ("data", "sentences"):
        if not isinstance(metrics.get(name), dict):
            return f"nothing of its {name}"
    for split in _SPLITS:
        scores = metrics.get(split)
        if scores is not None and not (isinstance(scores, dict) and _share(scores.get("value")) is not None):
            return f"no score from 0 to 1 of the {split} split"
        if any(not isinstance((scores or {}).get(name, {}), dict) for name in ("types", "labels")):
            return f"no scores by label of the {split} split"
    if not isinstance(metrics["data"].get("files", {}), dict):
        return "no files of its data"
    for name in ("parameters", "seconds", "epochs_trained"):
        if _finite(metrics.get(name, 0)) is None:
            return f"no number as its {name}"
    return None


def _history(history: Any, path: Path) -> tuple[Epoch, ...]:
    try:
        return tuple(
            _epoch(int(each["epoch"]), each.get("train_loss"), each.get("dev_score"))
            for each in history or ()
        )
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as error:
        raise TaggerError(f"{path}: expected the epochs of a run as history: {error!r}") from error


def _logged(path: Path) -> tuple[tuple[Epoch, ...], float | None]:
    """Return the epochs and the mean speed in a log; empty and None if there is none."""
    if not path.exists():
        return (), None
    epochs: dict[int, dict[str, float]] = {}
    try:
        for row in csv.DictReader(io.StringIO(_bytes(path).decode("utf-8"), newline="")):
            if row.get("epoch"):
                own = epochs.setdefault(int(row["epoch"]) + 1, {})
                own.update(
                    {
                        name: float(row[name])
                        for name in ("train_loss", "dev_score", "tokens_per_second")
                        if row.get(name)
                    }
                )
        history = tuple(
            _epoch(number, own.get("train_loss"), own.get("dev_score"))
            for number, own in sorted(epochs.items())
        )
    except (OSError, ValueError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise TaggerError(f"{path}: expected the log of a run: {reason}") from error
    speeds = [own["tokens_per_second"] for own in epochs.values() if "tokens_per_second" in own]
    return history, sum(speeds) / len(speeds) if speeds else None


def _size(folder: Path) -> int | None:
    """Return the total size of the files of a model, in bytes."""
    if not folder.is_dir():
        return None
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())


def _epoch(number: int, train_loss: Any, dev_score: Any) -> Epoch:
    if not 1 <= number <= _MOST_EPOCHS:
        raise ValueError(f"expected epochs from 1 to {_MOST_EPOCHS:,}, found {number}")
    return Epoch(number, _finite(train_loss), _share(dev_score))


def _finite(value: Any) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < _LARGEST else None


def _share(value: Any) -> float | None:
    number = _finite(value)
    return number if number is not None and 0 <= number <= 1 else None
