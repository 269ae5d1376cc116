"""Check that label sets match: those of gold labels, models, predictions and training data."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from tagger.cli.program import say
from tagger.errors import DataError, LabelError
from tagger.evaluation.comparison import Comparison
from tagger.evaluation.reading_predictions import Predictions
from tagger.examples import Example
from tagger.formats import GoldCorpus
from tagger.metrics.label_arrays import LabelArrays
from tagger.schemes import LabelScheme, listed, split_label
from tagger.schemes.letters import LETTERS_OF

RENAME = "Rename them with tagger convert --map OLD=NEW, or choose other labels."


def check_known(gold: Collection[str], known: Collection[str]) -> None:
    """Report the gold types that a model cannot predict, since they count as missed.

    Args:
        gold: the types of the gold labels.
        known: the types of the model.

    Raises:
        LabelError: they have none in common, so that scores would be meaningless.
    """
    gold, known = set(gold), set(known)
    if gold and gold.isdisjoint(known):
        raise LabelError(
            f"expected gold labels that the model knows ({listed(known)}), found only {listed(gold)}. {RENAME}"
        )
    if unknown := gold - known:
        say("tagger", f"note: the model does not know {listed(unknown)}; such gold labels count as not found")


def check_predicted(gold: Collection[str], predicted: Collection[str]) -> None:
    """Report the types that occur only in the predictions, since they count as wrong.

    Args:
        gold: the types of the gold labels.
        predicted: the types of the predictions.

    Raises:
        LabelError: the predictions use another label set.
    """
    gold, predicted = set(gold), set(predicted)
    if are_apart(gold, predicted):
        raise LabelError(
            f"expected predictions labelled as the gold labels are ({listed(gold)}), found only "
            f"{listed(predicted)}. {RENAME}"
        )
    if unknown := predicted - gold:
        say("tagger", f"note: the gold labels have no {listed(unknown)}; such predictions count as wrong")


def are_apart(first: Collection[str], second: Collection[str]) -> bool:
    """Return whether two label sets are disjoint, so that comparing them would be meaningless.

    A single type may be all that a tool found, and be wrong, so both need several types, or types that are spelled
    alike.
    """
    if not set(first).isdisjoint(second):
        return False
    alike = not set(map(_letters, first)).isdisjoint(map(_letters, second))
    return alike or min(len(set(first)), len(set(second))) > 1


def mention_scheme(scheme: LabelScheme, predictions: Predictions) -> None:
    """Print a note if predicted labels fit another scheme, although their letters are those of the gold scheme.

    Spans are the same in both, but strict spans and the accuracy of tokens differ.
    """
    found = predictions.scheme
    if scheme is found or not (scheme.has_spans and found.has_spans):
        return
    written = (example for example in predictions.examples if not example.from_spans)
    labels = {label for example in written for label in example.labels or ()} - {"O"}
    if labels and {split_label(label, found)[0] for label in labels} <= LETTERS_OF[scheme]:
        say(
            "tagger",
            f"note: gold labels are read as {scheme}, predicted ones as {found}, whose rules they keep; if they are "
            f"meant as {scheme}: --predictions-scheme {scheme}",
        )


def check_training(examples: Sequence[Example], scheme: LabelScheme, training: GoldCorpus) -> None:
    """Raise an error for training data that has no label in common with the gold labels.

    Args:
        examples: sentences with gold labels.
        scheme: of the gold labels.
        training: the training data.

    Raises:
        DataError: with the labels of both.
    """
    wanted = _types_of(examples, scheme)
    known = _types_of(training.examples, training.scheme)
    if scheme.has_spans != training.scheme.has_spans or (wanted and wanted.isdisjoint(known)):
        raise DataError(
            f"--train: expected labels that are also gold labels ({listed(wanted)}), found only "
            f"{listed(known) or 'O'}. All files are read from the same column, with the same options."
        )


def _types_of(examples: Sequence[Example], scheme: LabelScheme) -> set[str]:
    labels = {label for example in examples for label in example.labels or ()} - {"O"}
    return {split_label(label, scheme)[1] for label in labels}


def types_of_both(comparison: Comparison) -> tuple[set[str], set[str]]:
    """Return the types, or plain labels, that occur on the gold side and on the predicted side."""
    gold, predicted = comparison.gold, comparison.predicted
    if not comparison.has_spans:
        return plain_labels(gold.labels), plain_labels(predicted.labels)
    both = ({comparison.types[one] for one in np.unique(side.spans.types)} for side in (gold, predicted))
    return next(both), next(both)


def plain_labels(labels: LabelArrays) -> set[str]:
    """Return the labels that occur."""
    return {labels.names[one] for one in np.unique(labels.ids)}


def _letters(label: str) -> str:
    """Return the letters and digits of a label, case-folded."""
    return "".join(filter(str.isalnum, label)).casefold()
