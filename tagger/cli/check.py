"""``tagger check``: what is wrong with a corpus, before anything is trained on it."""

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
Read annotated files and say what is wrong with them, or may be: files that cannot be read, labels that break their
scheme, sentences of test that are in train, the same sentence labelled differently, odd characters, and more (--list
names all checks). Statistics follow. Whatever is wrong with one file, the others are checked.

DATA are files of any format that is read, folders (their files are grouped by what their names say they are for), ids
of datasets on the Hugging Face Hub, or - for standard input. NAME=DATA names a part of the corpus: train=a.conll
test=b.conll. A part is for training, development or test as its name, or else that of its file, says.

Findings are errors, which make a corpus another one than is meant; warnings, to be looked at, since they cost accuracy
or make scores misleading; and notes, worth knowing, and often meant so. The exit status is 1 if there is a finding of
the severity of --fail-on or a graver one, 0 if there is none, 2 for wrong usage.
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
        help="leave out a check; several with commas, or again",
    )
    checks.add_argument(
        "--only", action="append", default=[], metavar="ID", help="leave out all other checks; likewise"
    )
    checks.add_argument(
        "--fail-on",
        choices=("error", "warning", "note", "never"),
        default="warning",
        help="how grave a finding must be for the exit status 1 (default: warning)",
    )
    checks.add_argument("--list", action="store_true", help="list all checks, and leave it at that")
    checks.add_argument(
        "--fix",
        metavar="FOLDER",
        help="write a copy of each file to a folder, repaired of what is safe alone (--list marks it), and list every "
        "change; never over a file that is read",
    )
    reading = parser.add_argument_group("reading")
    add_format_argument(reading, ("auto", *FORMATS))
    add_conversion_reading(reading, without=("skip_bad",))
    reading.add_argument(
        "--scheme",
        choices=_SCHEMES,
        default="auto",
        metavar="SCHEME",
        help=f"scheme of the labels of tokens: {', '.join(_SCHEMES)} (default: auto, found out)",
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
    """Check as the arguments say.

    Raises:
        SystemExit: with status 1, if something is found that is grave enough.
    """
    from tagger.cli.checking import run_check  # and NumPy with it

    if run_check(arguments):
        raise SystemExit(1)
