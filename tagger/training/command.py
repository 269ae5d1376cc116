"""The command line of a training run: parses YAML files and options into a RunConfig; errors are one line."""

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
    """Train as specified by the command line, print the scores, and return the exit status.

    The status is 2 for an unknown option or an invalid value.

    Args:
        arguments: of the command line; those of the process if left out.
        program: name of the program in messages.
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
    """Return the configuration given by YAML files and options, parsed as by :func:`main`.

    Args:
        arguments: of the command line; those of the process if left out.
        program: name of the program in messages.
    """
    parser = _parser(program)
    return _run_config(parser, sys.argv[1:] if arguments is None else arguments)


class _Parser(ArgumentParser):
    """A parser whose errors are one line, without the usage, which has forty."""

    given: Sequence[str] = ()
    """The command line being parsed."""

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """Print the message and exit with status 2."""
        one_line = " ".join(explained(unwrap_message(message), self.given).split())
        say(self.prog, f"error: {one_line} (--help lists the options)")
        sys.exit(2)

    def print_help(self, file: Any = None) -> None:
        """Print the help to standard output; argparse's own method ignores write errors."""
        with output_to(STANDARD) as write:
            write(self.format_help())

    def format_help(self, formatter: HelpFormatter | None = None) -> str:
        """Return the help, which includes values of YAML files given before ``--help``."""
        # jsonargparse deletes a space with a backspace, which only works in a terminal.
        return printable_lines(super().format_help(formatter).replace(" \b", ""))


@cache
def _parser(program: str) -> _Parser:
    # The docstrings of dataclass fields are the help of the options.
    set_parsing_settings(docstring_parse_attribute_docstrings=True)
    parser = _Parser(
        prog=program,
        description="Train a tagger. Options come from YAML files and the command line; the last one counts.",
        allow_abbrev=False,
        parser_mode=PARSER_MODE,
    )
    parser.add_argument("--config", action="config", help="YAML file with options; see recipes/configs")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser.add_class_arguments(RunConfig)
    return parser


def _run_config(parser: _Parser, arguments: Sequence[str]) -> RunConfig:
    """Return the checked configuration; an invalid value ends the program."""
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
    """Return the options of a section, without the path that jsonargparse adds if it is a separate file."""
    return {name: value for name, value in values.items() if name != "__path__"}


def _model_config(values: dict[str, Any]) -> TaggerConfig:
    try:
        return TaggerConfig(**values)
    except UsageError as error:
        raise UsageError(f"model.{error}") from None


def log_to_stderr() -> None:
    """Print the library's messages as plain lines on standard error, only from the main process."""
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
    """Return the score of a split and, if there are documents, the score without them."""
    value = f"{100 * scores['value']:.2f} %"
    if "sentences_alone" not in scores:
        return value
    return f"{value}, each sentence alone {100 * scores['sentences_alone']['value']:.2f} %"
