"""Whether gold labels and those of a model or a tool can be compared: spans or plain labels, types, and how written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from tagger.cli.program import say
from tagger.errors import DataError, LabelError, UsageError
from tagger.evaluation.reading_predictions import Predictions
from tagger.examples import Example
from tagger.formats import GoldCorpus, gold_scheme
from tagger.schemes import LabelScheme, listed, split_label
from tagger.schemes.letters import LETTERS_OF

if TYPE_CHECKING:
    from tagger.api import Tagger


def own_scheme(tagger: Tagger, gold: LabelScheme) -> LabelScheme:
    """Return the scheme to read the model's labels in: that of the gold labels if it learned such labels as plain."""
    if gold.has_spans and not tagger.scheme.has_spans:
        with suppress(LabelError):
            for label in tagger.labels:
                split_label(label, gold)
            return gold
    return tagger.scheme


def check_kind(examples: Sequence[Example], scheme: LabelScheme, tagger: Tagger) -> None:
    """Refuse spans for a model of plain labels and the other way round.

    Raises:
        UsageError: the gold labels are of the other kind.
    """
    if scheme.has_spans != own_scheme(tagger, scheme).has_spans:
        found = ", ".join(sorted(_labels(examples))[:5])
        kinds = ("spans", "plain labels") if tagger.scheme.has_spans else ("plain labels", "spans")
        raise UsageError(
            f"expected gold labels that are {kinds[0]}, as the model's are, found {kinds[1]} ({found}). "
            "Choose the labels with --label-column, or name their scheme with --scheme."
        )


def check_predictions(examples: Sequence[Example], scheme: LabelScheme, predictions: Predictions) -> None:
    """Refuse predictions of another kind than the gold labels, or written in another way; mention those of other types.

    Args:
        examples: sentences with gold labels.
        scheme: of these.
        predictions: of the same sentences.

    Raises:
        LabelError: the types are others, and in their writing alone (per, PER).
        UsageError: one side has spans, the other plain labels.
    """
    gold = _types(_labels(examples), scheme)
    predicted = _types(_labels(predictions.examples), predictions.scheme)
    disjoint = bool(gold and predicted and gold.isdisjoint(predicted))
    has_spans = predictions.scheme.has_spans
    if disjoint and not scheme.has_spans:  # then all are read as plain ones, whatever they look like
        has_spans = has_spans or _looks_like_spans(predictions.examples)
    if has_spans != scheme.has_spans:
        kinds = ("spans", "plain labels") if scheme.has_spans else ("plain labels", "spans")
        raise UsageError(
            f"expected predictions that are {kinds[0]}, as the gold labels are, found {kinds[1]}. Choose the labels "
            "with --predictions-label-column, or name their scheme with --predictions-scheme."
        )
    if disjoint:
        _check_writing(gold, predicted, "the predicted ones")
        say(
            "tagger",
            f"note: no label is both gold and predicted: gold are {listed(gold)}, predicted {listed(predicted)}",
        )


def mention_scheme(scheme: LabelScheme, predictions: Predictions) -> None:
    """Say that predicted labels fit another scheme than the gold one, where their letters are those of the gold one.

    Spans are the same in both, but not what is strictly one, nor which tokens have the right label.
    """
    found = predictions.scheme
    if scheme is found or not (scheme.has_spans and found.has_spans):
        return
    written = (example for example in predictions.examples if not example.from_spans)
    if (labels := {label for example in written for label in example.labels or ()} - {"O"}) and {
        split_label(label, found)[0] for label in labels
    } <= LETTERS_OF[scheme]:
        say(
            "tagger",
            f"note: gold labels are read as {scheme}, predicted ones as {found}, whose rules they keep; if they are "
            f"meant as {scheme}: --predictions-scheme {scheme}",
        )


def check_training(examples: Sequence[Example], scheme: LabelScheme, training: GoldCorpus) -> None:
    """Refuse training data none of whose labels is a gold one: it would say of every word that it was something else.

    Raises:
        DataError: shows the labels of both.
    """
    gold = _types(_labels(examples), scheme)
    known = _types(_labels(training.examples), training.scheme)
    if scheme.has_spans != training.scheme.has_spans or (gold and gold.isdisjoint(known)):
        raise DataError(
            f"--train: expected labels that are gold ones, too ({listed(gold)}), found none of them but "
            f"{listed(known) or 'O alone'}. All files are read from the same column, with the same options."
        )


def _looks_like_spans(examples: Sequence[Example]) -> bool:
    with suppress(LabelError):
        return gold_scheme(examples, in_order=False)[0].has_spans
    return False


def mention_unknown(examples: Sequence[Example], scheme: LabelScheme, tagger: Tagger) -> None:
    """Say which gold types the model cannot predict, since they count as not found.

    Raises:
        LabelError: if the gold types and the model's differ, and in their writing alone (per, PER): no score would
            be meant.
    """
    gold = _types(_labels(examples), scheme)
    known = _types(tagger.labels, own_scheme(tagger, scheme))
    _check_writing(gold, known, "the model's")
    if unknown := gold - known:
        say("tagger", f"note: the model does not know {listed(unknown)}; such gold labels count as not found")


def _labels(examples: Sequence[Example]) -> set[str]:
    return {label for example in examples for label in example.labels or ()}


def _types(labels: Iterable[str], scheme: LabelScheme) -> set[str]:
    """Return the types of labels, or plain ones themselves; O is neither."""
    return {split_label(label, scheme)[1] for label in labels if label != "O"}


def _check_writing(gold: set[str], others: set[str], whose: str) -> None:
    """Refuse labels that differ from all others, and in their writing alone."""
    if gold.isdisjoint(others) and not set(map(_letters, gold)).isdisjoint(map(_letters, others)):
        raise LabelError(
            f"expected gold labels written as {whose} are ({listed(others)}), found {listed(gold)}. Rename them."
        )


def _letters(label: str) -> str:
    """Return what stays of a label, however it is written: its letters and digits."""
    return "".join(filter(str.isalnum, label)).casefold()
