"""``tagger agree``: how far annotators of the same text agree, and where they do not."""

from __future__ import annotations

import argparse
from typing import Final

from tagger.cli.arguments import (
    add_document_arguments,
    add_format_argument,
    add_model_arguments,
    add_reading_arguments,
)
from tagger.cli.report_arguments import (
    add_certainty_arguments,
    add_form_arguments,
    add_lenient_argument,
    add_output_arguments,
    add_scheme_argument,
)
from tagger.formats import FORMATS

NAME: Final = "agree"
SUMMARY: Final = "measure how far annotators agree, and show where they do not"
DESCRIPTION: Final = """\
Compare annotations of the same text by several annotators. An annotator is an annotated file of any supported format; a
model folder, whose model labels the sentences of the files; or one of several people in one file (Label Studio,
Prodigy, CAS), all of whom are compared unless --annotator names one. None of them is assumed to be right.

For spans: F1 of each pair, by type, and of boundaries only; kinds of disagreement. For plain labels: accuracy. For
both: Cohen's kappa of each pair, Krippendorff's alpha of all, confusions, and how far each annotator agrees with the
majority of the others, if there are three or more. With 95 % intervals. Undefined figures, such as kappa if all labels
are O, are left empty (null in JSON).

Sentences must be the same, in the same order. Sentences that are missing or not annotated in some files are left out
and counted. Sentences in another order are matched by their document ids, if all files have them. If tokenizations
differ, spans are compared by characters (over the smallest pieces that all tokens and spans consist of), plain labels
over the tokens that all have in common. Texts that differ in more than white space are an error.

Prefer F1 for entities: kappa and alpha count all tokens, most of which nobody marks (Hripcsak & Rothschild 2005).
kappa_marked, over the tokens that either annotator marked, is too low for the opposite reason.

--conflicts writes only the sentences in which annotators differ, as tasks for an annotation tool: the annotation is
what all agree on, with each annotator's version beside it under their name.
"""
EXAMPLES: Final = """\
examples:
  tagger agree ann.conll bob.conll
  tagger agree ann=first/batch.jsonl bob=second/batch.jsonl --json -o agreement.json
  tagger agree project.json --conflicts conflicts.json --output label-studio
  tagger agree ann.conll bob.conll runs/ner/model --majority majority.conll
  tagger agree ann=both.conll:1 bob=both.conll:2
  tagger agree ann.conllu bob.conllu --label-column xpos --by document
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model_arguments(parser, folder=False)
    parser.add_argument(
        "annotators",
        metavar="ANNOTATOR",
        nargs="+",
        help="an annotated file, - for standard input, or a model folder; FILE:COLUMN selects its column of labels, as "
        "--label-column does for all files; NAME=PATH gives it a name (default: the part in which paths differ). "
        "Two or more, or one file with several people's annotations",
    )
    add_certainty_arguments(parser, "95 % intervals")
    reading = parser.add_argument_group("reading (each option is for the files whose format has it)")
    add_format_argument(reading, ("auto", *FORMATS))
    add_reading_arguments(reading)
    add_document_arguments(reading)
    add_scheme_argument(reading, "--scheme", "annotators'")
    add_lenient_argument(reading, "annotators'")
    writing = parser.add_argument_group("writing")
    add_form_arguments(writing)
    writing.add_argument(
        "--html",
        metavar="PAGE",
        help="write a page as well: all figures with pictures, and the sentences in which annotators differ",
    )
    writing.add_argument(
        "--conflicts",
        metavar="TASKS",
        help="write the sentences in which annotators differ, as tasks for an annotation tool",
    )
    writing.add_argument(
        "--output",
        metavar="FORMAT",
        default="auto",
        help="format of these tasks, such as label-studio, prodigy or doccano (default: auto, detected from the name)",
    )
    writing.add_argument(
        "--majority",
        metavar="FILE",
        help="write the annotations on which more than half of those who have a sentence agree, voting on whole spans, "
        "in the pieces that are compared if tokens differ; its name determines the format",
    )
    add_output_arguments(writing)


def run(arguments: argparse.Namespace) -> None:
    """Compare annotators as specified by the arguments."""
    from tagger.cli.agreeing import run_agreement  # and NumPy with it

    run_agreement(arguments)
