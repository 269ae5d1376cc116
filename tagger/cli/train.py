"""``tagger train``: passes its arguments unchanged to the training program, imported on first use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from tagger.cli.program import run_program
from tagger.errors import MissingExtraError

NAME: Final = "train"
SUMMARY: Final = "train a model on annotated files or a dataset"

_PROGRAM: Final = "tagger train"


def main(arguments: Sequence[str]) -> int:
    """Train as specified by the arguments, and return the exit status.

    Args:
        arguments: those after the name of the command.
    """
    return run_program(
        _PROGRAM, lambda: _program()(arguments, program=_PROGRAM), debug="--debug" in arguments
    )


def prepare() -> None:
    """Import the modules for training while signals still end the program at once; missing ones are reported later."""
    with suppress(MissingExtraError):
        _program()


def _program() -> Callable[..., int]:
    from tagger.training.command import main

    return main
