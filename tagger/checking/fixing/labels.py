"""Repair of labels: as conlleval reads them, in the notation of the others."""

from __future__ import annotations

from collections.abc import Sequence

from tagger.checking.labels.meaning import Meaning
from tagger.schemes import Notation, convert_labels


def mended_labels(labels: Sequence[str], meaning: Meaning) -> list[str] | None:
    """Return the labels of a sentence, made legal in their scheme; None if their notation cannot express them.

    Args:
        labels: as written.
        meaning: what they mean.
    """
    if meaning.scheme is None or not meaning.scheme.has_spans:
        return list(labels)
    read = meaning.read(labels)
    legal = convert_labels(read, meaning.scheme, meaning.scheme)
    as_read = meaning.notation.read(labels)
    if meaning.notation.brackets:
        return list(labels) if list(as_read) == legal else None
    return [
        label if before == after or _alike(before, after) else written(after, meaning.notation)
        for label, before, after in zip(labels, as_read, legal, strict=True)
    ]


def written(label: str, notation: Notation) -> str:
    """Return a label in a notation.

    >>> written("B-PER", Notation(separator="_", letter_last=True, lower=True)), written("O", Notation(outside="0"))
    ('PER_b', '0')
    """
    if label == "O":
        return notation.outside
    letter, _, type_ = label.partition("-")
    letter = letter.lower() if notation.lower else letter
    return (
        f"{type_}{notation.separator}{letter}"
        if notation.letter_last
        else f"{letter}{notation.separator}{type_}"
    )


def _alike(before: str, after: str) -> bool:
    """Whether a bare type is kept: in IO it means the same as its label with a letter."""
    return after == f"I-{before}"
