"""``tagger compare``: runs side by side, with the differences between their options, data and scores."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from typing import Final

from tagger.cli.report_arguments import refuse_one_place
from tagger.cli.streams import STANDARD, output_to
from tagger.errors import UsageError

NAME: Final = "compare"
SUMMARY: Final = "compare runs of tagger train: options, data, scores, learning curves"
DESCRIPTION: Final = """\
Read the folders of runs, or folders of many runs such as those of recipes/seeds.py, and put them side by side:
differences in options and data, dev and test scores, best epochs, model sizes, speed. Runs that differ only in their
seeds are one configuration, with mean, spread and interval; two configurations are tested over the seeds or folds they
have in common. With --html also the learning curves of all runs in one picture.

Scores are compared on the same gold labels only: runs on other tasks, labels or data are an error that names the
difference. If dev splits differ and test splits do not, only the latter are compared. Unfinished runs are shown as
such; damaged ones are reported and left out.
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
    writing.add_argument(
        "--html", metavar="PAGE", help="write a page as well: learning curves and all figures"
    )
    writing.add_argument(
        "-o",
        "--output-file",
        default=STANDARD,
        metavar="FILE",
        help="write to a file (default: standard output)",
    )


def run(arguments: argparse.Namespace) -> None:
    """Compare runs as specified by the arguments."""
    from tagger.runs.comparison import compare  # and NumPy with it
    from tagger.runs.reading import find_runs

    if arguments.json and arguments.csv:
        raise UsageError("--csv has no effect with --json")
    refuse_one_place(arguments)
    with ExitStack() as outputs:
        # Opened first, so that unwritable outputs are reported before the work.
        write = outputs.enter_context(output_to(arguments.output_file))
        write_page = None if arguments.html is None else outputs.enter_context(output_to(arguments.html))
        found = compare(find_runs(arguments.runs))
        if write_page is not None:
            write_page(found.to_html())
        text = found.to_json() if arguments.json else found.to_csv() if arguments.csv else found.report()
        write(text + "\n")
