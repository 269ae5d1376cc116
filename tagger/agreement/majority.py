"""Majority votes of annotators on a sentence: on whole spans, or on the plain label of each token.

Votes on the labels of single tokens could result in spans that no annotator marked. Votes on whole spans cannot result
in overlapping spans: if more than half marked the one and more than half the other, some annotator marked both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tagger.schemes import LabelScheme, labels_to_spans, spans_to_labels


def majority(labels: Sequence[Sequence[str]], scheme: LabelScheme) -> tuple[str | None, ...]:
    """Return the labels that more than half of the annotators gave.

    >>> majority([["B-PER", "I-PER"], ["B-PER", "I-PER"], ["B-PER", "O"]], LabelScheme.IOB2)
    ('B-PER', 'I-PER')
    >>> majority([["NOUN", "VERB"], ["NOUN", "NOUN"]], LabelScheme.NONE)
    ('NOUN', None)

    Args:
        labels: the labels of a sentence by each annotator, at least one.
        scheme: their scheme.

    Returns:
        A label for each token; None for a token whose plain label has no majority.
    """
    if not scheme.has_spans:
        return tuple(map(_most, zip(*labels, strict=True)))
    votes = Counter(span for one in labels for span in labels_to_spans(one, scheme))
    spans = [span for span, count in votes.items() if 2 * count > len(labels)]
    return tuple(spans_to_labels(spans, len(labels[0]), scheme))


def _most(labels: Sequence[str]) -> str | None:
    label, count = Counter(labels).most_common(1)[0]
    return label if 2 * count > len(labels) else None
