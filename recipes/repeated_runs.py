"""Helpers of recipes that train repeatedly: checks of options, finished runs that are kept, tables."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tagger.errors import TaggerError, UsageError
from tagger.files import replace_file
from tagger.runs.experiment import MADE_FROM, NOT_PART_OF_THE_EXPERIMENT
from tagger.runs.reading import read_metrics
from tagger.training import RunConfig, Splits, train
from tagger.training.command import parse_run_config
from tagger.training.run_folder import RunFolder

Metrics = dict[str, Any]
"""The content of metrics.json."""


def read_configuration(arguments: Sequence[str], *, program: str) -> RunConfig:
    """Return the configuration given by YAML files and options, without scoring of the test split.

    Raises:
        UsageError: for an option that has no effect with repeated runs.
    """
    run = parse_run_config(arguments, program=program)
    if run.resume or run.overwrite:
        raise UsageError(
            "resume, overwrite: have no effect here: finished runs are kept, unfinished ones are resumed. "
            "Remove a run's folder to train it again"
        )
    if not run.score_test:
        raise UsageError("score_test: has no effect here: the test split is never scored")
    if run.devices > 1:
        raise UsageError(f"devices: expected 1, found {run.devices}; tagger train trains on several")
    return replace(run, score_test=False)


def experiment(run: RunConfig) -> dict[str, Any]:
    """Return the options that results depend on, as JSON-like values."""
    values: dict[str, Any] = json.loads(json.dumps(asdict(run)))
    left_out = set(NOT_PART_OF_THE_EXPERIMENT).difference(MADE_FROM)
    return {name: value for name, value in values.items() if name not in left_out}


def whatever_the_seed(run: RunConfig) -> dict[str, Any]:
    """Return the options that results depend on, except the seed."""
    return {name: value for name, value in experiment(run).items() if name != "seed"}


def digest(options: Mapping[str, Any]) -> str:
    """Return a digest of options for the name of a folder."""
    return hashlib.sha256(json.dumps(options, sort_keys=True).encode()).hexdigest()[:12]


def finished(run: RunConfig, splits: Splits | None = None) -> Metrics:
    """Return the metrics of a run, after training it, or resuming it, if necessary.

    Raises:
        TaggerError: if it cannot be trained, or existing results cannot be read.
        TrainingInterrupted: on Ctrl-C or SIGTERM; the last checkpoint is kept.
    """
    folder = RunFolder(run.output)
    if not folder.metrics.exists():
        train(replace(run, resume=folder.last_checkpoint.exists()), splits=splits)
    metrics = read_metrics(folder.metrics)
    # Needed only for resuming, and much larger than everything else.
    shutil.rmtree(folder.checkpoints, ignore_errors=True)
    return metrics


def data_of(metrics: Metrics) -> dict[str, Any]:
    """Return the description of a run's data without its dev split."""
    data = {**metrics["data"], "dev": None, "train_and_dev_sha256": None}
    if "started_from" in data:
        data["started_from"] = {**data["started_from"], "dev": None}  # the score on dev
    return data


def differ(values: Sequence[object]) -> bool:
    """Return whether not all values are the same."""
    return any(value != values[0] for value in values[1:])


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table, with the first column left-aligned and the others right-aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows
    ]


def percent(share: float | None) -> str:
    """Return a share in percent with two decimals, or a dash for None."""
    return "–" if share is None else f"{100 * share:.2f}"


def write_text(path: Path, text: str) -> None:
    """Write a file atomically: if interrupted, either the old or the new one is intact.

    Raises:
        TaggerError: if it cannot be written.
    """
    try:
        replace_file(path, lambda file: file.write(text.encode("utf-8")))
    except OSError as error:
        raise TaggerError(f"{path}: cannot be written: {error.strerror or error}") from error
