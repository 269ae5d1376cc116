"""What most annotators said of a sentence: votes on whole spans, or on the label of each token.

Votes on the labels of single tokens would give spans that nobody marked. Votes on whole spans cannot give two that
overlap: more than half said the one and more than half the other, so somebody said both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tagger.schemes import LabelScheme, labels_to_spans, spans_to_labels


def majority(labels: Sequence[Sequence[str]], scheme: LabelScheme) -> tuple[str | None, ...]:
    """Return the labels that more than half of some annotators gave.

    >>> majority([["B-PER", "I-PER"], ["B-PER", "I-PER"], ["B-PER", "O"]], LabelScheme.IOB2)
    ('B-PER', 'I-PER')
    >>> majority([["NOUN", "VERB"], ["NOUN", "NOUN"]], LabelScheme.NONE)
    ('NOUN', None)

    Args:
        labels: of the tokens of a sentence, by each of one annotator or more.
        scheme: of these labels.

    Returns:
        A label for each token; None for a token of whose plain label there is no majority.
    """
    if not scheme.has_spans:
        return tuple(map(_most, zip(*labels, strict=True)))
    votes = Counter(span for one in labels for span in labels_to_spans(one, scheme))
    spans = [span for span, count in votes.items() if 2 * count > len(labels)]
    return tuple(spans_to_labels(spans, len(labels[0]), scheme))


def _most(labels: Sequence[str]) -> str | None:
    label, count = Counter(labels).most_common(1)[0]
    return label if 2 * count > len(labels) else None
