"""``tagger evaluate``: how good a model is, or what any tool predicted, and where it fails."""

from __future__ import annotations

import argparse
from typing import Final

from tagger.cli.arguments import (
    add_document_arguments,
    add_format_argument,
    add_model_arguments,
    add_reading_arguments,
    parse_column,
)
from tagger.cli.report_arguments import (
    add_certainty_arguments,
    add_form_arguments,
    add_lenient_argument,
    add_output_arguments,
    add_scheme_argument,
)
from tagger.formats import FORMATS

NAME: Final = "evaluate"
SUMMARY: Final = "say how good a model is, or any tool's predictions, and where they fail"
DESCRIPTION: Final = """\
Label annotated sentences again, or read what any tool predicted of them (--predictions), and compare. For spans:
precision, recall and F1 by type, as conlleval and seqeval count them; F1 under other readings (strict, boundaries
alone, partial overlap); what becomes of each span (too long, too short, split, merged, of a wrong type, missed,
spurious). For plain labels: accuracy, scores by label, confusions. With 95 % intervals. The report goes to standard
output, messages to standard error.

Lines of jsonl that an annotator did not accept ("answer": "reject" or "ignore", as Prodigy writes them) are not scored;
how many is said. Spans are found in documents, where the files have some, as tagger tag does it; how well they are
found in each sentence alone is said too.

conlleval reads labels that break their scheme as what comes nearest, and so do seqeval by default and this command;
gold labels must keep it unless --lenient is given. Where letters end spans (BIOES, BILOU, BMES, BMEWO), conlleval reads
neighbouring spans of one type as one, and so does seqeval's default mode for all of these but BIOES; here they are read
as meant. seqeval's strict mode counts only what is spelled exactly as its rules say; in IOE1 these leave out a legal
span, one word with E-, unless an E- of its type stands before it.
"""
EXAMPLES: Final = """\
examples:
  tagger evaluate runs/ner/model test.conll
  tagger evaluate runs/ner/model test.conll --train train.conll --html report.html
  tagger evaluate runs/ner/model test.conll --against runs/other/model
  tagger evaluate runs/ner/model dev.conll --threshold-for precision=0.9 --store
  tagger evaluate runs/pos/model test.conllu --label-column upos --json -o scores.json
  tagger evaluate --predictions tagged.conll test.conll --csv
  tagger evaluate --predictions both.conll both.conll --label-column -2 --predictions-label-column -1
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model_arguments(parser, folder=False)
    parser.add_argument(
        "paths",
        metavar="MODEL GOLD",
        nargs="+",
        help="a model folder, and annotated files; - for standard input. With --predictions the files alone",
    )
    parser.add_argument(
        "--predictions",
        action="append",
        metavar="FILE",
        help="what any tool predicted of the same sentences, in any form that is read; again for more files",
    )
    parser.add_argument(
        "--against",
        metavar="OTHER",
        help="another model folder, or a file of predictions: how much the two differ, how sure that is, and where",
    )
    parser.add_argument(
        "--train",
        action="append",
        metavar="FILE",
        help="what the model learned from: adds scores by how often it has a span and its words, and how consistently "
        "they are labelled there; again for more files",
    )
    parser.add_argument(
        "--slice",
        action="append",
        metavar="COLUMN",
        help="scores by the values of any column, field or key of the annotated files (such as 1, xpos, misc:Genre, "
        "genre); again for more",
    )
    parser.add_argument(
        "--raw",
        action="store_true",
        help="compare by characters: a model gets the text of the annotated files, and finds tokens and sentences "
        "itself. Predictions that have other tokens always are",
    )
    parser.add_argument(
        "--threshold-for",
        metavar="TARGET",
        help="such as recall=0.9 or precision=0.9: for each type, the threshold of probability below which spans may "
        "be withheld if this is to be reached",
    )
    parser.add_argument(
        "--store",
        action="store_true",
        help="write these thresholds into the model, for tagger tag --thresholds",
    )
    parser.add_argument(
        "--thresholds",
        action="store_true",
        help="score a model without the spans that tagger tag --thresholds withholds: those less probable than the "
        "thresholds stored in it",
    )
    add_certainty_arguments(parser, "95 % intervals, and the test of --against")
    reading = parser.add_argument_group("reading")
    add_format_argument(reading, ("auto", *FORMATS))
    add_reading_arguments(reading)
    add_document_arguments(reading)
    add_scheme_argument(reading, "--scheme", "gold")
    add_lenient_argument(reading, "gold")
    predictions = parser.add_argument_group("reading predictions (all else is as for the annotated files)")
    predictions.add_argument(
        "--predictions-input",
        choices=("auto", *FORMATS),
        default="auto",
        metavar="FORMAT",
        help="their format (default: auto, told by content or name)",
    )
    for what in ("token", "label"):
        predictions.add_argument(
            f"--predictions-{what}-column",
            type=parse_column,
            metavar="COLUMN",
            help=f"their column of {what}s, as --{what}-column",
        )
    add_scheme_argument(predictions, "--predictions-scheme", "predicted")
    writing = parser.add_argument_group("writing")
    add_form_arguments(writing)
    writing.add_argument(
        "--seqeval", action="store_true", help="print the table of the package seqeval instead"
    )
    writing.add_argument(
        "--html",
        metavar="PAGE",
        help="write a page as well: all figures with pictures, and the errors in their sentences",
    )
    add_output_arguments(writing)


def run(arguments: argparse.Namespace) -> None:
    """Evaluate as the arguments say."""
    from tagger.cli.evaluating import run_evaluation  # and NumPy with it

    run_evaluation(arguments)
