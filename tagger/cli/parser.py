"""Argument parsers of the program and its sub-commands, which accept options and positional arguments in any order."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from tagger.cli.streams import STANDARD, output_to
from tagger.text.printable import excerpt, printable

_POSITIONALS_END: Final = "--"


class ProgramParser(argparse.ArgumentParser):
    """A parser whose errors can safely quote any argument, and whose help fails if it cannot be written."""

    def print_help(self, file: Any = None) -> None:
        """Print the help to standard output; argparse's own method ignores write errors."""
        with output_to(STANDARD) as write:
            write(self.format_help())

    def error(self, message: str) -> NoReturn:
        """Print the usage and the message, and exit with status 2."""
        super().error(printable(excerpt(message)))


class CommandParser(ProgramParser):
    """Parses the options first, wherever they are, and then the rest as positional arguments; errors are one line.

    By itself, ``argparse`` gives optional positional arguments their defaults as soon as an option precedes them. Its
    ``parse_intermixed_args`` does not work with sub-parsers, and ignores ``--``.
    """

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Return the values of the arguments, and no unknown arguments: these are an error of this command."""
        words = list(sys.argv[1:] if args is None else args)
        end = words.index(_POSITIONALS_END) if _POSITIONALS_END in words else len(words)
        usage, self.usage = self.usage, self.format_usage().removeprefix("usage: ")
        positionals = [(action, action.nargs, action.default) for action in self._get_positional_actions()]
        try:
            for action, _, _ in positionals:
                action.nargs, action.default = argparse.SUPPRESS, argparse.SUPPRESS
            namespace, left = super().parse_known_args(words[:end], namespace)
        finally:
            for action, nargs, default in positionals:
                action.nargs, action.default = nargs, default
            self.usage = usage
        values, unknown = super().parse_known_args([*left, *words[end:]], namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return values, []

    def error(self, message: str) -> NoReturn:
        """Print the message, without the usage, and exit with status 2."""
        self.exit(2, f"{self.prog}: error: {printable(excerpt(message))}; see {self.prog} --help\n")

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """Return the value of an option; Python 3.11 drops the value of ``--option=--``."""
        if action.option_strings and arg_strings == [_POSITIONALS_END]:
            value = self._get_value(action, _POSITIONALS_END)
            self._check_value(action, value)
            return value
        return super()._get_values(action, arg_strings)
