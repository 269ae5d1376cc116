"""Arguments of the sub-commands that report scores: how sure they are, how labels are read, where reports go."""

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
"""Options that only models have a use for, and their defaults."""

_SCHEMES: Final = ("auto", *(scheme.value for scheme in LabelScheme))


def refuse_one_place(arguments: argparse.Namespace) -> None:
    """Refuse to write the page and the report to one place.

    Raises:
        UsageError: names the place.
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
    """Refuse options that have no effect.

    Args:
        arguments: of the command.
        usual: the options, and their defaults.
        when: why they have none, for the message.

    Raises:
        UsageError: names the first one that is given.
    """
    for name, value in usual.items():
        if getattr(arguments, name) != value:
            raise UsageError(f"--{name.replace('_', '-')} has no effect {when}")


def add_certainty_arguments(parser: argparse.ArgumentParser, what: str) -> None:
    """Add what is drawn at random to say how sure a score is.

    Args:
        parser: of the command.
        what: what is drawn for, for people.
    """
    certainty = parser.add_argument_group(f"certainty ({what})")
    certainty.add_argument(
        "--by",
        choices=UNITS,
        default="sentence",
        help="what is drawn at random: sentences (default), or whole documents, which is right where sentences of one "
        "resemble each other and there are many of them",
    )
    certainty.add_argument(
        "--draws", type=_number_of_draws, default=DRAWS, metavar="N", help=f"how often (default: {DRAWS})"
    )
    certainty.add_argument(
        "--seed",
        type=parse_seed,
        default=SEED,
        metavar="N",
        help=f"where the draws begin; the same seed draws the same (default: {SEED})",
    )


def add_scheme_argument(group: argparse._ArgumentGroup, option: str, kind: str) -> None:
    """Add the scheme of labels.

    Args:
        group: of the arguments about reading.
        option: what it is called.
        kind: of labels, such as ``gold``, for people.
    """
    group.add_argument(
        option,
        choices=_SCHEMES,
        default="auto",
        metavar="SCHEME",
        help=f"scheme of the {kind} labels: {', '.join(_SCHEMES)} (default: auto, detected)",
    )


def add_lenient_argument(group: argparse._ArgumentGroup, kind: str) -> None:
    """Add whether labels may break the rules of their scheme; arguments as for the scheme."""
    group.add_argument(
        "--lenient",
        action="store_true",
        help=f"take {kind} labels that break the rules of their scheme, read them as conlleval reads them, and say how "
        "many there are; without it the first one is an error",
    )


def add_form_arguments(writing: argparse._ArgumentGroup) -> None:
    """Add the forms of a report other than text."""
    writing.add_argument("--json", action="store_true", help="print everything as JSON")
    writing.add_argument("--csv", action="store_true", help="print every figure as a row of CSV")


def add_output_arguments(writing: argparse._ArgumentGroup) -> None:
    """Add where a report goes, and whether progress is shown."""
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
