"""Read the files of predictions specified by the arguments of ``tagger evaluate``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from tagger.cli.arguments import reading_options
from tagger.cli.program import say
from tagger.cli.streams import input_source
from tagger.evaluation.reading_predictions import Predictions, joined_predictions, read_predictions
from tagger.formats import ReadingOptions
from tagger.schemes import LabelScheme
from tagger.text import NamedSegmenter

PREDICTION_OPTIONS: Final = ("token_column", "label_column")
"""Reading options that can differ for predictions."""


def predictions_of(
    paths: Sequence[str],
    arguments: argparse.Namespace,
    segmenter: Callable[[], NamedSegmenter],
    *,
    has_spans: bool,
) -> Predictions:
    """Return the predictions of a tool.

    Args:
        paths: of its files.
        arguments: of the command.
        segmenter: returns the segmenter for texts.
        has_spans: whether the gold labels have spans; if not, labels are read as plain ones.

    Raises:
        TaggerError: as :func:`read_predictions`.
    """
    read = []
    options = prediction_options(arguments)
    scheme = _prediction_scheme(arguments, has_spans=has_spans)
    for path in paths:
        source, name = input_source(path)
        read.append(read_predictions(source, options, segmenter, scheme=scheme, name=name))
    predictions = joined_predictions(read)
    if illegal := predictions.num_illegal:
        say(
            "tagger",
            f"note: predicted labels that break the scheme {predictions.scheme}: {illegal:,}; read as conlleval reads "
            "them",
        )
    return predictions


def prediction_options(arguments: argparse.Namespace) -> ReadingOptions:
    """Return the reading options of predictions: their own format and columns, otherwise those of the gold files."""
    options = reading_options(arguments, arguments.predictions_input)
    own = {name: getattr(arguments, f"predictions_{name}") for name in PREDICTION_OPTIONS}
    return replace(options, join_sentences=False, document_column=None, **own)


def _prediction_scheme(arguments: argparse.Namespace, *, has_spans: bool) -> LabelScheme | None:
    if arguments.predictions_scheme != "auto":
        return LabelScheme.parse(arguments.predictions_scheme)
    return None if has_spans else LabelScheme.NONE
