"""``tagger check``: find problems in a corpus before training on it."""

from __future__ import annotations

import argparse
from typing import Final

from tagger.cli.arguments import add_conversion_reading, add_format_argument
from tagger.cli.streams import STANDARD
from tagger.formats import FORMATS
from tagger.schemes import LabelScheme

NAME: Final = "check"
SUMMARY: Final = "find what is wrong with a corpus: files, tokens, labels, copies, leaks, conflicts"
_SCHEMES: Final = ("auto", *(scheme.value for scheme in LabelScheme))
DESCRIPTION: Final = """\
Read annotated files and report actual and possible problems: unreadable files, labels that violate their scheme, test
sentences that are in train, the same sentence labelled differently, odd characters, and more (--list shows all
checks). Statistics follow. A problem in one file does not keep the others from being checked.

DATA are files of any supported format, folders (their files are grouped into splits by name), ids of datasets on the
Hugging Face Hub, or - for standard input. NAME=DATA names a part of the corpus: train=a.conll test=b.conll. Whether a
part is for training, development or test follows from its name, or else from that of its file.

Findings are errors, which mean that the corpus is not what was intended; warnings, which should be looked at, since
they cost accuracy or make scores misleading; and notes, worth knowing and often intended. The exit status is 1 if there
is a finding of the severity of --fail-on or above, 0 if there is none, 2 for wrong usage.
"""
EXAMPLES: Final = """\
examples:
  tagger check train.conll dev.conll test.conll
  tagger check corpus/ --html report.html
  tagger check train=a.conll test=b.conll --label-column 1 --ignore trailing-white-space,rare-label
  tagger check train.conll --only illegal-label --all
  tagger check train.conll --fix repaired
  tagger check corpus/ --json --fail-on error -o report.json
  tagger check wikiann --dataset-name de
  tagger check --list
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "data",
        metavar="DATA",
        nargs="*",
        help="files, folders, ids of datasets on the Hub; - for standard input",
    )
    checks = parser.add_argument_group("checks")
    checks.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="ID",
        help="leave out a check; separate several by commas, or repeat the option",
    )
    checks.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="ID",
        help="run only this check; several as for --ignore",
    )
    checks.add_argument(
        "--fail-on",
        choices=("error", "warning", "note", "never"),
        default="warning",
        help="lowest severity of a finding for exit status 1 (default: warning)",
    )
    checks.add_argument("--list", action="store_true", help="list all checks and exit")
    checks.add_argument(
        "--fix",
        metavar="FOLDER",
        help="write a copy of each file to a folder, with safe repairs only (marked by --list), and list every "
        "change; input files are never overwritten",
    )
    reading = parser.add_argument_group("reading")
    add_format_argument(reading, ("auto", *FORMATS))
    add_conversion_reading(reading, without=("skip_bad",))
    reading.add_argument(
        "--scheme",
        choices=_SCHEMES,
        default="auto",
        metavar="SCHEME",
        help=f"scheme of the labels of tokens: {', '.join(_SCHEMES)} (default: auto, detected)",
    )
    reading.add_argument(
        "--dataset-name",
        metavar="NAME",
        help="configuration of a dataset that has several, such as a language",
    )
    reading.add_argument(
        "--revision", metavar="REVISION", help="branch, tag or commit of a dataset on the Hub (default: main)"
    )
    writing = parser.add_argument_group("writing")
    writing.add_argument(
        "--all", action="store_true", help="show all findings, rather than the first 5 of each check"
    )
    writing.add_argument("--json", action="store_true", help="print everything as JSON")
    writing.add_argument(
        "--html",
        metavar="PAGE",
        help="write a page as well: all findings in their sentences, figures with pictures",
    )
    writing.add_argument(
        "-o",
        "--output-file",
        default=STANDARD,
        metavar="FILE",
        help="write to a file (default: standard output)",
    )


def run(arguments: argparse.Namespace) -> None:
    """Check the corpus as specified by the arguments.

    Raises:
        SystemExit: with status 1, if there is a finding of the severity of ``--fail-on`` or above.
    """
    from tagger.cli.checking import run_check  # and NumPy with it

    if run_check(arguments):
        raise SystemExit(1)
