"""What recipes that train again and again share: options they refuse, runs that are kept once finished, and tables."""

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
"""What metrics.json says of a run."""


def read_configuration(arguments: Sequence[str], *, program: str) -> RunConfig:
    """Return what YAML files and options describe, as a run that does not score the test split.

    Raises:
        UsageError: for an option that has no effect where runs are repeated.
    """
    run = parse_run_config(arguments, program=program)
    if run.resume or run.overwrite:
        raise UsageError(
            "resume, overwrite: have no effect here: what is finished is kept, what is unfinished goes on. "
            "Remove a run's folder to train it again"
        )
    if not run.score_test:
        raise UsageError("score_test: has no effect here: the test split is never scored")
    if run.devices > 1:
        raise UsageError(f"devices: expected 1, found {run.devices}; tagger train trains on several")
    return replace(run, score_test=False)


def experiment(run: RunConfig) -> dict[str, Any]:
    """Return the options that the numbers depend on, as JSON-like values."""
    values: dict[str, Any] = json.loads(json.dumps(asdict(run)))
    left_out = set(NOT_PART_OF_THE_EXPERIMENT).difference(MADE_FROM)
    return {name: value for name, value in values.items() if name not in left_out}


def whatever_the_seed(run: RunConfig) -> dict[str, Any]:
    """Return the options that the numbers depend on, the seed aside."""
    return {name: value for name, value in experiment(run).items() if name != "seed"}


def digest(options: Mapping[str, Any]) -> str:
    """Return what stands for options in the name of a folder."""
    return hashlib.sha256(json.dumps(options, sort_keys=True).encode()).hexdigest()[:12]


def finished(run: RunConfig, splits: Splits | None = None) -> Metrics:
    """Return what metrics.json says of a run, after training it, or the rest of it, unless that was done before.

    Raises:
        TaggerError: if it cannot be trained, or what is there cannot be read.
        TrainingInterrupted: on Ctrl-C or SIGTERM; the last checkpoint is kept.
    """
    folder = RunFolder(run.output)
    if not folder.metrics.exists():
        train(replace(run, resume=folder.last_checkpoint.exists()), splits=splits)
    metrics = read_metrics(folder.metrics)
    # They are for resuming alone, and far bigger than all the rest.
    shutil.rmtree(folder.checkpoints, ignore_errors=True)
    return metrics


def data_of(metrics: Metrics) -> dict[str, Any]:
    """Return what a run was made from, whatever its dev split is."""
    data = {**metrics["data"], "dev": None, "train_and_dev_sha256": None}
    if "started_from" in data:
        data["started_from"] = {**data["started_from"], "dev": None}  # its score there
    return data


def differ(values: Sequence[object]) -> bool:
    """Return whether not all values are the same."""
    return any(value != values[0] for value in values[1:])


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table: the first column set to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows
    ]


def percent(share: float | None) -> str:
    """Return a share as percent with two digits, and a dash for none."""
    return "–" if share is None else f"{100 * share:.2f}"


def write_text(path: Path, text: str) -> None:
    """Write a file so that, whenever this is interrupted, the old or the new one is there whole.

    Raises:
        TaggerError: if it cannot be written.
    """
    try:
        replace_file(path, lambda file: file.write(text.encode("utf-8")))
    except OSError as error:
        raise TaggerError(f"{path}: cannot be written: {error.strerror or error}") from error
