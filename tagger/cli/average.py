"""``tagger average``: combine several models into one, on the mean of their scores."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from tagger.cli.program import say
from tagger.errors import UsageError

NAME: Final = "average"
SUMMARY: Final = "combine several models into one, often better than each of them"
DESCRIPTION: Final = """\
Write a model folder whose scores are the means of those of several models, such as the seeds of one configuration: one
CRF, as exact as a single model, and usable wherever a model is. Architectures, vocabularies and vectors may differ;
labels, their scheme and the segmenter may not.

Tagging takes the time and the memory of all members together; so does the folder, except that identical files are
stored once. For most of the gain in a single network, distil it: tagger train --teacher.models FOLDER.

Temperatures and thresholds of the members apply to their own probabilities, so the average has none: calibrate it.
"""
EXAMPLES: Final = """\
examples:
  tagger average runs/a/model runs/b/model runs/c/model -o average
  tagger evaluate average dev.conll --against runs/a/model
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("models", metavar="MODEL", nargs="+", help="a model folder, such as runs/a/model")
    parser.add_argument(
        "-o",
        "--output-folder",
        metavar="FOLDER",
        help="the folder to write (required); an existing model is replaced",
    )


def run(arguments: argparse.Namespace) -> None:
    """Average the models named in the arguments."""
    from tagger.api import Tagger
    from tagger.averages import average_parts
    from tagger.integrations.average_card import average_card
    from tagger.storage import load_model, save_model

    if not arguments.output_folder:
        raise UsageError("--output-folder: expected a folder for the average, found nothing")
    folder = Path(arguments.output_folder)
    for model in arguments.models:
        if Path(model).resolve() == folder.resolve():
            raise UsageError(f"--output-folder: {model} is one of the members; choose another folder")
    members = [load_model(Path(model)) for model in arguments.models]
    parts = average_parts(members, arguments.models)
    for name, member in zip(arguments.models, members, strict=True):
        lost = [*(["temperature"] * (member.temperature != 1)), *(["thresholds"] * bool(member.thresholds))]
        if lost:
            say("tagger", f"note: {name}: not taken over: {' and '.join(lost)}; calibrate the average")
    save_model(parts, folder, card=average_card(Tagger(parts)))
    size = sum(path.stat().st_size for path in folder.iterdir())
    say(
        "tagger",
        f"{folder}: an average of {len(members)}, {parts.num_parameters:,} parameters, {size / 1e6:,.1f} MB; tagging "
        "takes the time of all of them",
    )
