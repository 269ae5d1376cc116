"""The command line of a training run: YAML files and options to a RunConfig, errors to one line."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NoReturn

from jsonargparse import ArgumentParser, Namespace, set_parsing_settings

from tagger.config import TaggerConfig
from tagger.errors import TaggerError, UsageError
from tagger.options import options_of_command_line
from tagger.training.config import DataConfig, OptimizerConfig, RunConfig, VectorsConfig
from tagger.training.run_folder import RunFolder, is_main_process
from tagger.training.texts import PARSER_MODE, unwrap, unwrap_message, wrap_arguments
from tagger.training.train import INTERRUPTED, train

_PROGRAM: Final = "recipes/train.py"


def main(arguments: Sequence[str] | None = None) -> int:
    """Train as the command line says, print the scores, and return the exit status.

    A misspelt option, or a value that is not allowed, ends the process with status 2 and names the option.

    Args:
        arguments: of the command line; those of the process if left out.
    """
    parser = _parser(_PROGRAM)
    options = _parse(parser, arguments)
    config = _run_config(parser, options)
    log_to_stderr()
    try:
        with options_of_command_line():
            train(config)
    except KeyboardInterrupt as error:
        status = getattr(error, "status", INTERRUPTED)
        return _failed(str(error) or "interrupted", status, debug=options.debug)
    except TaggerError as error:
        return _failed(f"error: {error}", 2 if isinstance(error, UsageError) else 1, debug=options.debug)
    if is_main_process():
        print(_summary(RunFolder(config.output)))
    return 0


def parse_run_config(arguments: Sequence[str] | None = None, *, program: str = _PROGRAM) -> RunConfig:
    """Return the configuration that YAML files and options describe, as :func:`main` reads them.

    Args:
        arguments: of the command line; those of the process if left out.
        program: whose errors they are.
    """
    parser = _parser(program)
    return _run_config(parser, _parse(parser, arguments))


class _Parser(ArgumentParser):
    """A parser whose errors are one line: the usage of this program alone is forty."""

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """Print the message and end the process with status 2."""
        one_line = " ".join(unwrap_message(message).split())
        print(f"{self.prog}: error: {one_line} (--help lists the options)", file=sys.stderr)
        sys.exit(2)


@cache
def _parser(program: str) -> ArgumentParser:
    # The sentences under the fields of our dataclasses are the help of the options.
    set_parsing_settings(docstring_parse_attribute_docstrings=True)
    parser = _Parser(
        prog=program,
        description="Train a tagger. Options come from YAML files and the command line; the last one counts.",
        allow_abbrev=False,
        parser_mode=PARSER_MODE,
    )
    parser.add_argument("--config", action="config", help="YAML file with options; see recipes/configs")
    parser.add_argument("--debug", action="store_true", help="show where in the program an error arose")
    parser.add_class_arguments(RunConfig)
    return parser


def _parse(parser: ArgumentParser, arguments: Sequence[str] | None) -> Namespace:
    return parser.parse_args(wrap_arguments(sys.argv[1:] if arguments is None else arguments))


def _run_config(parser: ArgumentParser, options: Namespace) -> RunConfig:
    """Return the checked configuration; a value error becomes a usage error."""
    values = unwrap(options.as_dict())
    try:
        return RunConfig(
            **{
                **{name: value for name, value in values.items() if name not in ("config", "debug")},
                "data": DataConfig(**values["data"]),
                "model": _model_config(values["model"]),
                "vectors": VectorsConfig(**values["vectors"]),
                "optimizer": OptimizerConfig(**values["optimizer"]),
            }
        )
    except UsageError as error:
        parser.error(str(error))


def _model_config(values: dict[str, Any]) -> TaggerConfig:
    try:
        return TaggerConfig(**values)
    except UsageError as error:
        raise UsageError(f"model.{error}") from None


def log_to_stderr() -> None:
    """Show the library's messages as plain lines on standard error, of the main process alone."""
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.WARNING)
    logging.getLogger("tagger").setLevel(logging.INFO if is_main_process() else logging.WARNING)


def _failed(message: str, status: int, *, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    print(f"{_PROGRAM}: {message}", file=sys.stderr)
    return status


def _summary(folder: RunFolder) -> str:
    """Return the reports of the dev and test split, as text."""
    metrics = json.loads(folder.metrics.read_text(encoding="utf-8"))
    blocks = [
        f"{split}: {metrics['metric']} {_values(metrics[split])}\n\n{metrics[split]['report']}\n"
        for split in ("dev", "test")
        if split in metrics
    ]
    return "\n".join([*blocks, f"model: {folder.model}"])


def _values(scores: dict[str, Any]) -> str:
    """Return the score of a split, and where documents are read the one without them."""
    value = f"{100 * scores['value']:.2f} %"
    if "sentences_alone" not in scores:
        return value
    return f"{value}, sentences read alone {100 * scores['sentences_alone']['value']:.2f} %"
