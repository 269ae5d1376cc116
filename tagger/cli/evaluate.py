"""``tagger evaluate``: score a model or the predictions of any tool, and show the errors."""

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
SUMMARY: Final = "score a model, or any tool's predictions, and show the errors"
DESCRIPTION: Final = """\
Compare annotated sentences with the labels of a model, or with any tool's predictions (--predictions). For spans:
precision, recall and F1 by type, as counted by conlleval and seqeval; F1 by other criteria (strict, boundaries only,
partial overlap); the outcome of each span (too long, too short, split, merged, of a wrong type, missed, spurious). For
plain labels: accuracy, scores by label, confusions. With 95 % intervals. The report goes to standard output, messages
to standard error.

Lines of jsonl that an annotator did not accept ("answer": "reject" or "ignore", as written by Prodigy) are not scored,
but counted. If the files have documents, spans are predicted in documents, as by tagger tag; the score with each
sentence alone is reported too.

Like conlleval, and seqeval by default, this command reads labels that violate their scheme as the nearest legal ones;
gold labels must be legal unless --lenient is given. If letters mark the ends of spans (BIOES, BILOU, BMES, BMEWO),
conlleval merges adjacent spans of one type, and so does seqeval's default mode for all of these but BIOES; here they
stay separate. seqeval's strict mode counts only spans spelled exactly by its rules; in IOE1 these reject a legal span,
one word with E-, unless an E- of its type precedes it.
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
        help="a model folder, and annotated files; - for standard input. With --predictions only the files",
    )
    parser.add_argument(
        "--predictions",
        action="append",
        metavar="FILE",
        help="any tool's predictions for the same sentences, in any supported format; repeat for more files",
    )
    parser.add_argument(
        "--against",
        metavar="OTHER",
        help="another model folder, or a file of predictions: shows differences, their significance, and examples",
    )
    parser.add_argument(
        "--train",
        action="append",
        metavar="FILE",
        help="training data of the model: adds scores by how often spans and their words occur in it, and how "
        "consistently they are labelled; repeat for more files",
    )
    parser.add_argument(
        "--slice",
        action="append",
        metavar="COLUMN",
        help="scores by the values of any column, field or key of the annotated files (such as 1, xpos, misc:Genre, "
        "genre); repeat for more",
    )
    parser.add_argument(
        "--raw",
        action="store_true",
        help="compare by characters: a model gets the raw text of the annotated files, and splits it into sentences "
        "and tokens itself. Predictions with other tokens are always compared so",
    )
    parser.add_argument(
        "--threshold-for",
        metavar="TARGET",
        help="such as recall=0.9 or precision=0.9: find, for each type, the probability threshold below which spans "
        "can be withheld with this target reached",
    )
    parser.add_argument(
        "--store",
        action="store_true",
        help="store these thresholds in the model, for tagger tag --thresholds",
    )
    parser.add_argument(
        "--thresholds",
        action="store_true",
        help="score a model without the spans that tagger tag --thresholds withholds: those below the thresholds "
        "stored in it",
    )
    add_certainty_arguments(parser, "95 % intervals, and the test of --against")
    reading = parser.add_argument_group("reading")
    add_format_argument(reading, ("auto", *FORMATS))
    add_reading_arguments(reading)
    add_document_arguments(reading)
    add_scheme_argument(reading, "--scheme", "gold")
    add_lenient_argument(reading, "gold")
    predictions = parser.add_argument_group(
        "reading predictions (all other options as for the annotated files)"
    )
    predictions.add_argument(
        "--predictions-input",
        choices=("auto", *FORMATS),
        default="auto",
        metavar="FORMAT",
        help="their format (default: auto, detected from content or name)",
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
    """Evaluate as specified by the arguments."""
    from tagger.cli.evaluating import run_evaluation  # and NumPy with it

    run_evaluation(arguments)
