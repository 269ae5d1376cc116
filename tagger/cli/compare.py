"""``tagger compare``: runs side by side, what differs between them, and whether their scores do."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from typing import Final

from tagger.cli.report_arguments import refuse_one_place
from tagger.cli.streams import STANDARD, output_to
from tagger.errors import UsageError

NAME: Final = "compare"
SUMMARY: Final = "say what differs between runs of tagger train: options, data, scores, courses"
DESCRIPTION: Final = """\
Read the folders of runs, or of many runs such as those of recipes/seeds.py, and put them side by side: what differs in
options and data, dev and test scores, best epochs, model sizes, speed. Runs whose options and data differ in nothing
but the seed are one configuration, with mean, spread and interval; two configurations are tested over the seeds or
folds they have in common.
With --html also the course of all runs in one picture.

Scores are compared on the same gold labels only: runs of other tasks, labels or data are an error that says what
differs. Where dev splits differ and test splits do not, the latter alone are compared. Runs that are not finished are
shown as such; damaged ones are told and left out.
"""
EXAMPLES: Final = """\
examples:
  tagger compare runs/a runs/b
  tagger compare runs/ner_seeds --html runs.html
  tagger compare runs/ner runs/ner_seeds/0123456789ab --json -o compared.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "runs", metavar="RUN", nargs="+", help="the folder of a run, or one with runs below it"
    )
    writing = parser.add_argument_group("writing")
    writing.add_argument("--json", action="store_true", help="print everything as JSON")
    writing.add_argument("--csv", action="store_true", help="print every figure as a row of CSV")
    writing.add_argument("--html", metavar="PAGE", help="write a page as well: courses and all figures")
    writing.add_argument(
        "-o",
        "--output-file",
        default=STANDARD,
        metavar="FILE",
        help="write to a file (default: standard output)",
    )


def run(arguments: argparse.Namespace) -> None:
    """Compare as the arguments say."""
    from tagger.runs.comparison import compare  # and NumPy with it
    from tagger.runs.reading import find_runs

    if arguments.json and arguments.csv:
        raise UsageError("--csv has no effect with --json")
    refuse_one_place(arguments)
    with ExitStack() as outputs:
        # Opened first: what cannot be written is better known before the work than after it.
        write = outputs.enter_context(output_to(arguments.output_file))
        write_page = None if arguments.html is None else outputs.enter_context(output_to(arguments.html))
        found = compare(find_runs(arguments.runs))
        if write_page is not None:
            write_page(found.to_html())
        text = found.to_json() if arguments.json else found.to_csv() if arguments.csv else found.report()
        write(text + "\n")
