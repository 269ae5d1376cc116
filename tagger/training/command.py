"""The command line of a training run: YAML files and options to a RunConfig, errors to one line."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence

from jsonargparse import ArgumentParser

from tagger.errors import TaggerError, UsageError
from tagger.training.config import RunConfig
from tagger.training.run_folder import RunFolder
from tagger.training.train import TrainingInterrupted, train

_PROGRAM = "recipes/train.py"


def parse_run_config(arguments: Sequence[str] | None = None) -> RunConfig:
    """Return the configuration that YAML files and options describe.

    A misspelt option, or a value that is not allowed, ends the process with status 2 and names the option.

    Args:
        arguments: of the command line; those of the process if left out.
    """
    parser = _parser()
    values = parser.parse_args(arguments)
    try:
        sections = parser.instantiate_classes(values)
        return RunConfig(**{name: value for name, value in vars(sections).items() if name != "config"})
    except UsageError as error:
        parser.error(str(error))


def main(arguments: Sequence[str] | None = None) -> int:
    """Train as the command line says, print the scores, and return the exit status."""
    config = parse_run_config(arguments)
    _log_to_stderr()
    try:
        train(config)
    except TrainingInterrupted as error:
        return _failed(error, 130)
    except KeyboardInterrupt:
        return _failed("interrupted before training began", 130)
    except UsageError as error:
        return _failed(error, 2)
    except TaggerError as error:
        return _failed(error, 1)
    print(_summary(RunFolder(config.output)))
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog=_PROGRAM,
        description="Train a tagger. Options come from YAML files and the command line; the last one counts.",
        allow_abbrev=False,
    )
    parser.add_argument("--config", action="config", help="YAML file with options; see recipes/configs")
    parser.add_class_arguments(RunConfig)
    return parser


def _log_to_stderr() -> None:
    """Show the library's messages as plain lines on standard error."""
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.WARNING)
    logging.getLogger("tagger").setLevel(logging.INFO)
    # Lightning reports which devices it does not use, and tips.
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)


def _failed(error: object, status: int) -> int:
    print(f"{_PROGRAM}: {'' if status == 130 else 'error: '}{error}", file=sys.stderr)
    return status


def _summary(folder: RunFolder) -> str:
    """Return the reports of the dev and test split, as text."""
    metrics = json.loads(folder.metrics.read_text(encoding="utf-8"))
    blocks = [
        f"{split}: {metrics['metric']} {100 * metrics[split]['value']:.2f} %\n\n{metrics[split]['report'].rstrip()}\n"
        for split in ("dev", "test")
        if split in metrics
    ]
    return "\n".join([*blocks, f"model: {folder.model}"])
