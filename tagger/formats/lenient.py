"""Lenient reading of labels that may break the rules of their scheme, following conlleval; illegal ones are counted.

Predictions are always read leniently, gold labels only on request.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from tagger.errors import LabelError
from tagger.examples import Example
from tagger.formats.gold import gold_scheme
from tagger.formats.places import token_origin
from tagger.schemes import LabelScheme, Notation, convert_labels, find_notation, shown, split_label
from tagger.schemes.letters import LETTERS_OF, parse_label

_LOG: Final = logging.getLogger(__name__)

_BY_LETTERS: Final = (
    *(LabelScheme.IOB2, LabelScheme.BIOES, LabelScheme.BILOU, LabelScheme.BMES, LabelScheme.BMEWO),
    LabelScheme.IOE2,
)
"""The schemes in the order in which they are tried by their letters alone."""


def readable_labels(
    examples: Sequence[Example], scheme: LabelScheme | None, name: str
) -> tuple[list[Example], LabelScheme, Notation, list[str]]:
    """Return sentences with labels in the usual notation and one scheme.

    Args:
        examples: the sentences as read; labels made from spans are IOB2, and if there are any, all become IOB2.
        scheme: the scheme of the other labels, if known.
        name: what messages call the file.

    Returns:
        The sentences, the scheme, the notation of the labels as written, and the places of illegal labels.

    Raises:
        LabelError: a label cannot belong to the scheme, or the scheme cannot be determined.
    """
    written = [example for example in examples if not example.from_spans and example.labels]
    if not written:
        has_spans = any(example.from_spans for example in examples)
        found = LabelScheme.IOB2 if scheme is None or has_spans else scheme
        return list(examples), found, Notation(), []
    found, notation = _scheme_of(written, scheme, name)
    read = (notation.read(example.labels or ()) for example in written)
    illegal = [_place(written[number], number, position) for number, position in illegal_labels(read, found)]
    mixed = found.has_spans and any(example.from_spans for example in examples)

    def labels_of(example: Example) -> Example:
        if example.from_spans or not example.labels:
            return example
        labels: Sequence[str] = notation.read(example.labels)
        if mixed:
            labels = convert_labels(labels, found, LabelScheme.IOB2)
        return replace(example, labels=tuple(labels))

    as_read = notation.is_usual and not mixed
    return (
        list(examples) if as_read else [labels_of(example) for example in examples],
        LabelScheme.IOB2 if mixed else found,
        notation,
        illegal,
    )


def _place(example: Example, number: int, position: int) -> str:
    where = f"sentence {number + 1}" if example.origin is None else token_origin(example, position)
    return f"{where}: {shown((example.labels or ())[position])}"


def illegal_labels(sequences: Iterable[Sequence[str]], scheme: LabelScheme) -> Iterator[tuple[int, int]]:
    """Yield sentence and position, from 0, of labels that may not follow the previous one, or begin or end a sentence.

    >>> list(illegal_labels([["O", "I-PER"], ["B-PER", "I-LOC"]], LabelScheme.IOB2))
    [(0, 1), (1, 1)]

    Args:
        sequences: the labels of each sentence.
        scheme: their scheme.

    Raises:
        LabelError: a label cannot belong to the scheme.
    """
    legal: set[tuple[str, str]] = set()
    illegal: set[tuple[str, str]] = set()
    for sentence, labels in enumerate(sequences):
        pairs = list(pairwise(("O", *labels, "O")))
        if legal.issuperset(pairs):
            continue
        for pair in set(pairs) - legal - illegal:
            (legal if _may_follow(*pair, scheme) else illegal).add(pair)
        last = len(labels) - 1
        for position, pair in enumerate(pairs[:-1]):
            # One that may neither follow the label before it nor end the sentence counts once.
            if pair in illegal or (position == last and pairs[-1] in illegal):
                yield sentence, position


def _may_follow(left: str, right: str, scheme: LabelScheme) -> bool:
    if not scheme.has_spans:
        split_label(right, scheme)
        return True
    return parse_label(left, scheme).allows(parse_label(right, scheme))


def _scheme_of(
    examples: Sequence[Example], scheme: LabelScheme | None, name: str
) -> tuple[LabelScheme, Notation]:
    """Return the scheme that the labels fit, else the first with all their letters; and their notation."""
    try:
        return gold_scheme(examples, scheme, in_order=False)
    except LabelError:
        if scheme is not None:
            raise
        sequences = [example.labels or () for example in examples]
        notation = find_notation(sequences)
        labels = set[str]().union(*map(notation.read, sequences)) - {"O"}
        parts = [Notation().parts(label) for label in labels]
        letters = {part[0] for part in parts if part is not None}
        fitting = [candidate for candidate in _BY_LETTERS if letters <= LETTERS_OF[candidate]]
        if notation.brackets or not fitting or None in parts:
            raise
        _LOG.warning(
            "%s: labels break the rules of every scheme; by their letters (%s) they are read as %s, leniently, as "
            "conlleval does",
            name,
            ", ".join(sorted(letters)),
            fitting[0].name,
        )
        return fitting[0], notation
