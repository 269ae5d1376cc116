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
SUMMARY: Final = "say how far annotators agree, and where they do not"
DESCRIPTION: Final = """\
Compare what several annotators said of the same text. An annotator is a file of any form that is read; a model folder,
whose model labels the sentences of the files; or one of several people in one file (Label Studio, Prodigy, CAS), who
all are annotators, unless --annotator names one. None of them is taken to be right.

For spans: F1 of each two, by type, and of boundaries alone; kinds of disagreement. For plain labels: accuracy. For
both: Cohen's kappa of each two, Krippendorff's alpha of all, confusions, and how far each annotator is with the
majority of the others, where there are three or more. With 95 % intervals. What is not defined, such as kappa where
all labels are O, is left empty (null in JSON).

Sentences must be the same, in the same order. Some may be missing, or not be annotated: they are left out where they
are, and counted. In another order they are found by the ids of their documents, if all files have some. Where tokens
differ, spans are compared by their characters (over the smallest pieces that all tokens and spans are made of), plain
labels over the tokens that all have alike. Texts that differ in more than white space are an error.

Read F1 for entities: kappa and alpha count all tokens, most of which everybody leaves unmarked (Hripcsak & Rothschild
2005). kappa_marked, over the tokens that one of the two marked, is too low for the opposite reason.

--conflicts writes the sentences in which annotators differ, and no others, as tasks for an annotation tool: what all
agree on is the annotation, and what each of them says stands beside it under their name.
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
        help="an annotated file, - for standard input, or a model folder; FILE:COLUMN names its column of labels, as "
        "--label-column does for all files; NAME=PATH gives it a name (default: its path, as far as paths differ). "
        "Two or more, or one file of several people",
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
        help="format of these tasks, such as label-studio, prodigy or doccano (default: auto, told by the name)",
    )
    writing.add_argument(
        "--majority",
        metavar="FILE",
        help="write what more than half of those who have a sentence say of it, votes being on whole spans, in the "
        "pieces that are compared where tokens differ; its name tells the format",
    )
    add_output_arguments(writing)


def run(arguments: argparse.Namespace) -> None:
    """Compare annotators as the arguments say."""
    from tagger.cli.agreeing import run_agreement  # and NumPy with it

    run_agreement(arguments)
