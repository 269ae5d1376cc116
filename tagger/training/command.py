"""The command line of a training run: YAML files and options to a RunConfig, errors to one line."""

from __future__ import annotations

import json
import logging
import sys
from argparse import HelpFormatter
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NoReturn

from jsonargparse import ArgumentParser, set_parsing_settings

from tagger.cli.program import MessageHandler, run_program, say
from tagger.cli.streams import STANDARD, output_to
from tagger.config import TaggerConfig
from tagger.errors import UsageError
from tagger.options import options_of_command_line
from tagger.text.printable import printable, printable_lines
from tagger.training.config import DataConfig, OptimizerConfig, RunConfig, TeacherConfig, VectorsConfig
from tagger.training.machines import is_main_process
from tagger.training.run_folder import RunFolder
from tagger.training.texts import PARSER_MODE, unwrap, unwrap_message, wrap_arguments
from tagger.training.train import train
from tagger.training.usage import check_arguments, explained, placed

_PROGRAM: Final = "recipes/train.py"


def main(arguments: Sequence[str] | None = None, *, program: str = _PROGRAM) -> int:
    """Train as the command line says, print the scores, and return the exit status.

    It is 2 for a misspelt option, or a value that is not allowed, which is named.

    Args:
        arguments: of the command line; those of the process if left out.
        program: what messages call the program.
    """
    given = sys.argv[1:] if arguments is None else arguments
    return run_program(program, lambda: _run(given, program), debug="--debug" in given)


def _run(arguments: Sequence[str], program: str) -> int:
    parser = _parser(program)
    config = _run_config(parser, arguments)
    log_to_stderr()
    with options_of_command_line():
        train(config)
    if is_main_process():
        with output_to(STANDARD) as write:
            write(_summary(RunFolder(config.output)) + "\n")
    return 0


def parse_run_config(arguments: Sequence[str] | None = None, *, program: str = _PROGRAM) -> RunConfig:
    """Return the configuration that YAML files and options describe, as :func:`main` reads them.

    Args:
        arguments: of the command line; those of the process if left out.
        program: whose errors they are.
    """
    parser = _parser(program)
    return _run_config(parser, sys.argv[1:] if arguments is None else arguments)


class _Parser(ArgumentParser):
    """A parser whose errors are one line: the usage of this program alone is forty."""

    given: Sequence[str] = ()
    """The command line that is being read."""

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """Print the message and end the process with status 2."""
        one_line = " ".join(explained(unwrap_message(message), self.given).split())
        say(self.prog, f"error: {one_line} (--help lists the options)")
        sys.exit(2)

    def print_help(self, file: Any = None) -> None:
        """Print the help to standard output; argparse's own method hides that this is full or closed."""
        with output_to(STANDARD) as write:
            write(self.format_help())

    def format_help(self, formatter: HelpFormatter | None = None) -> str:
        """Return the help, which repeats values of YAML files given before ``--help``."""
        # jsonargparse takes a space back by a backspace, which only a terminal obeys.
        return printable_lines(super().format_help(formatter).replace(" \b", ""))


@cache
def _parser(program: str) -> _Parser:
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


def _run_config(parser: _Parser, arguments: Sequence[str]) -> RunConfig:
    """Return the checked configuration; a value error becomes a usage error."""
    parser.given = arguments
    try:
        check_arguments(arguments)
        values = unwrap(parser.parse_args(wrap_arguments(arguments)).as_dict())
    except UsageError as error:
        parser.error(str(error))
    except RecursionError:
        parser.error("expected options of one value or list each, found some nested too deeply to be read")
    try:
        return RunConfig(
            **{
                **{name: value for name, value in values.items() if name not in ("config", "debug")},
                "data": DataConfig(**_section(values["data"])),
                "model": _model_config(_section(values["model"])),
                "vectors": VectorsConfig(**_section(values["vectors"])),
                "optimizer": OptimizerConfig(**_section(values["optimizer"])),
                "teacher": TeacherConfig(**_section(values["teacher"])),
            }
        )
    except UsageError as error:
        parser.error(placed(str(error), arguments))


def _section(values: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a section alone: where it is a file of its own, jsonargparse adds the path."""
    return {name: value for name, value in values.items() if name != "__path__"}


def _model_config(values: dict[str, Any]) -> TaggerConfig:
    try:
        return TaggerConfig(**values)
    except UsageError as error:
        raise UsageError(f"model.{error}") from None


def log_to_stderr() -> None:
    """Show the library's messages as plain lines on standard error, of the main process alone."""
    logging.basicConfig(handlers=[MessageHandler()], level=logging.WARNING)
    logging.getLogger("tagger").setLevel(logging.INFO if is_main_process() else logging.WARNING)


def _summary(folder: RunFolder) -> str:
    """Return the reports of the dev and test split, as text."""
    metrics = json.loads(folder.metrics.read_text(encoding="utf-8"))
    blocks = [
        f"{split}: {metrics['metric']} {_values(metrics[split])}\n\n{metrics[split]['report']}\n"
        for split in ("dev", "test")
        if split in metrics
    ]
    return "\n".join([*blocks, f"model: {printable(str(folder.model))}"])


def _values(scores: dict[str, Any]) -> str:
    """Return the score of a split, and where there are documents the one without them."""
    value = f"{100 * scores['value']:.2f} %"
    if "sentences_alone" not in scores:
        return value
    return f"{value}, each sentence alone {100 * scores['sentences_alone']['value']:.2f} %"
