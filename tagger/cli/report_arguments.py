"""Arguments of the sub-commands that report scores: resampling, schemes of labels, outputs."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tagger.cli.arguments import parse_seed, positive_number
from tagger.cli.streams import STANDARD
from tagger.errors import UsageError
from tagger.evaluation.drawing import DRAWS, MOST_DRAWS, SEED, UNITS
from tagger.inference.lookahead import BATCH_TOKENS, CACHE_MEGABYTES
from tagger.schemes import LabelScheme

MODEL_OPTIONS: Final = {
    "decode": "viterbi",
    "device": "cpu",
    "threads": 1,
    "batch_tokens": BATCH_TOKENS,
    "cache_megabytes": CACHE_MEGABYTES,
    "document_consistency": None,
    "document_tokens": None,
}
"""Options that apply only to models, and their defaults."""

_SCHEMES: Final = ("auto", *(scheme.value for scheme in LabelScheme))


def refuse_one_place(arguments: argparse.Namespace) -> None:
    """Raise an error if page and report have the same destination.

    Raises:
        UsageError: names the destination.
    """
    page, report = arguments.html, arguments.output_file
    if page is None:
        return
    if page == report or (STANDARD not in {page, report} and Path(page).resolve() == Path(report).resolve()):
        place = "standard output" if page == STANDARD else page
        raise UsageError(
            f"expected two places for page and report, found {place} for both. Write one of them elsewhere, with "
            "--html or --output-file."
        )


def refuse_without_effect(arguments: argparse.Namespace, usual: Mapping[str, object], when: str) -> None:
    """Raise an error for options that have no effect.

    Args:
        arguments: of the command.
        usual: the options, and their defaults.
        when: why they have no effect, for the message.

    Raises:
        UsageError: names the first option given.
    """
    for name, value in usual.items():
        if getattr(arguments, name) != value:
            raise UsageError(f"--{name.replace('_', '-')} has no effect {when}")


def add_certainty_arguments(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the options for resampling, which measures the uncertainty of scores.

    Args:
        parser: of the command.
        what: what the draws are for, for the help.
    """
    certainty = parser.add_argument_group(f"certainty ({what})")
    certainty.add_argument(
        "--by",
        choices=UNITS,
        default="sentence",
        help="resampling unit: sentences (default), or whole documents, which is right if sentences of a document "
        "resemble each other and there are many documents",
    )
    certainty.add_argument(
        "--draws",
        type=_number_of_draws,
        default=DRAWS,
        metavar="N",
        help=f"number of draws (default: {DRAWS})",
    )
    certainty.add_argument(
        "--seed",
        type=parse_seed,
        default=SEED,
        metavar="N",
        help=f"random seed of the draws (default: {SEED})",
    )


def add_scheme_argument(group: argparse._ArgumentGroup, option: str, kind: str) -> None:
    """Add the scheme of labels.

    Args:
        group: of the arguments about reading.
        option: name of the option.
        kind: of labels, such as ``gold``, for the help.
    """
    group.add_argument(
        option,
        choices=_SCHEMES,
        default="auto",
        metavar="SCHEME",
        help=f"scheme of the {kind} labels: {', '.join(_SCHEMES)} (default: auto, detected)",
    )


def add_lenient_argument(group: argparse._ArgumentGroup, kind: str) -> None:
    """Add ``--lenient``, which allows labels that violate their scheme; arguments as for the scheme."""
    group.add_argument(
        "--lenient",
        action="store_true",
        help=f"accept {kind} labels that violate their scheme, read them as conlleval does, and report how many there "
        "are; without it the first one is an error",
    )


def add_form_arguments(writing: argparse._ArgumentGroup) -> None:
    """Add the report formats other than text."""
    writing.add_argument("--json", action="store_true", help="print everything as JSON")
    writing.add_argument("--csv", action="store_true", help="print every figure as a row of CSV")


def add_output_arguments(writing: argparse._ArgumentGroup) -> None:
    """Add the options for the output file and progress."""
    writing.add_argument(
        "-o",
        "--output-file",
        default=STANDARD,
        metavar="FILE",
        help="write to a file (default: standard output)",
    )
    writing.add_argument(
        "--progress",
        action=argparse.BooleanOptionalAction,
        help="show progress on standard error (default: if it is a terminal)",
    )


def _number_of_draws(text: str) -> int:
    number = positive_number(text)
    if number > MOST_DRAWS:
        raise argparse.ArgumentTypeError(f"expected {MOST_DRAWS:,} at most, found {text}")
    return number
