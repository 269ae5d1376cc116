"""The classification report of seqeval, the package commonly cited in papers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.util import find_spec

from tagger.errors import DataError, MissingExtraError, UsageError
from tagger.schemes import LabelScheme, convert_labels
from tagger.text.printable import printable_lines


def require_seqeval() -> None:
    """Check that seqeval is installed, before any work is done in vain.

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
    """Return seqeval's table of types and averages, in its default mode, which follows conlleval.

    The labels are converted to IOB2 first, which the default mode reads correctly.

    Raises:
        DataError: if the numbers of sentences or labels differ.
        LabelError: if a label cannot belong to its scheme.
        MissingExtraError: if seqeval is not installed.
        UsageError: if a scheme is NONE: seqeval would strip the first character of every label.
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
    # Without zero_division, seqeval warns about ratios with a zero denominator; the value is 0 either way.
    report: str = classification_report(gold_labels, predicted_labels, digits=4, zero_division=0)
    return printable_lines(report)
