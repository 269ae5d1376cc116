"""The classification report of seqeval, the package that papers quote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.util import find_spec

from tagger.errors import DataError, MissingExtraError, UsageError
from tagger.schemes import LabelScheme, convert_labels
from tagger.text.printable import printable_lines


def require_seqeval() -> None:
    """Say which extra is missing, before work is done in vain.

    Raises:
        MissingExtraError: if seqeval is not installed.
    """
    if find_spec("seqeval") is None:
        raise MissingExtraError("seqeval", "The report")


def seqeval_report(
    gold: Iterable[Sequence[str]],
    predicted: Iterable[Sequence[str]],
    *,
    gold_scheme: LabelScheme | str = LabelScheme.IOB2,
    predicted_scheme: LabelScheme | str = LabelScheme.IOB2,
) -> str:
    """Return seqeval's table of types and averages, in its default mode (that of conlleval).

    The labels are converted to IOB2 first: that is what the default mode reads as meant.

    Raises:
        DataError: if the numbers of sentences or labels differ.
        LabelError: if a label cannot belong to its scheme.
        MissingExtraError: if seqeval is not installed.
        UsageError: if a scheme is NONE: seqeval takes the first character of every label off.
    """
    gold_scheme, predicted_scheme = map(LabelScheme.parse, (gold_scheme, predicted_scheme))
    if not (gold_scheme.has_spans and predicted_scheme.has_spans):
        raise UsageError(
            "seqeval scores spans; labels of the scheme none have their own report, see TokenScores"
        )
    try:
        from seqeval.metrics import classification_report
    except ImportError:
        raise MissingExtraError("seqeval", "The report") from None
    gold_labels = [convert_labels(labels, gold_scheme, LabelScheme.IOB2) for labels in gold]
    predicted_labels = [convert_labels(labels, predicted_scheme, LabelScheme.IOB2) for labels in predicted]
    if [len(labels) for labels in gold_labels] != [len(labels) for labels in predicted_labels]:
        raise DataError("expected as many predicted as gold labels in every sentence, found other lengths")
    if all(label == "O" for labels in gold_labels + predicted_labels for label in labels):
        return "no spans, neither gold nor predicted"  # seqeval fails on them
    # Without zero_division, it warns on standard error where a quotient has no cases; the value is 0 either
    # way.
    report: str = classification_report(gold_labels, predicted_labels, digits=4, zero_division=0)
    return printable_lines(report)
