"""The program ``tagger``: sub-commands, exit status, and errors as one line.

Results go to standard output, messages to standard error. The exit status is 0 on success, 1 for a problem with data,
model or output, 2 for wrong usage, 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP and 141 if the output pipe was
closed. NumPy is imported only when a model is loaded, so ``--help`` is quick; torch only by ``train``, ``inspect`` and
for devices other than the CPU.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

import tagger
from tagger.cli import agree, average, calibrate, check, compare, convert, evaluate, inspect, tag, train
from tagger.cli.parser import CommandParser, ProgramParser
from tagger.cli.program import MessageHandler, run_program
from tagger.options import options_of_command_line

_DESCRIPTION = "Label sequences: named entities, parts of speech, chunks."


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status.

    Args:
        argv: the arguments, without the program name; those of the process if left out.
    """
    given = sys.argv[1:] if argv is None else argv
    if given and given[0] == train.NAME:
        return train.main(given[1:])  # it has its own parser and messages
    return run_program("tagger", lambda: _run(given), debug="--debug" in given)


def _run(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    logging.basicConfig(handlers=[MessageHandler("tagger: ")], level=logging.WARNING)
    with options_of_command_line("commands"):
        arguments.run(arguments)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = ProgramParser(prog="tagger", description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"tagger {tagger.__version__}")
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=CommandParser
    )
    listed = commands.add_parser(
        train.NAME, help=train.SUMMARY, add_help=False
    )  # if it comes first, ``main`` runs it
    listed.set_defaults(run=lambda _: parser.error(f"expected {train.NAME} as the first argument"))
    for command in (check, tag, evaluate, agree, compare, average, calibrate, inspect, convert):
        own = commands.add_parser(
            command.NAME,
            help=command.SUMMARY,
            description=command.DESCRIPTION,
            epilog=command.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.add_arguments(own)
        own.add_argument("--debug", action="store_true", help="show the traceback of an error")
        own.set_defaults(run=command.run)
    return parser
