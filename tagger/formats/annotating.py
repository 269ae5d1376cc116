"""Conversion of labelled tokens to annotated texts, for formats that hold texts and spans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from tagger.examples import Example
from tagger.formats.annotated import AnnotatedText, CharacterSpan, Item
from tagger.formats.probabilities import spans_with_probabilities, text_of
from tagger.schemes import LabelScheme, Notation, labels_to_spans


def to_texts(
    items: Iterable[Item], scheme: LabelScheme | None, notation: Notation
) -> Iterator[AnnotatedText]:
    """Yield texts with spans; tokens without a text are joined by blanks.

    Where labels have probabilities, a span gets the lowest of its labels', an upper bound on its own.

    Args:
        items: what a reader yields.
        scheme: the scheme of the token labels; None where there are none. Labels without spans stay labels.
        notation: how the labels are written.
    """
    for item in items:
        if isinstance(item, Example):
            item = text_of(item)
        if item.labels is None or scheme is None:
            yield item
        elif scheme.has_spans:
            yield _with_spans(item, scheme, notation)
        else:
            yield replace(item, labels=notation.read(item.labels))


def _with_spans(text: AnnotatedText, scheme: LabelScheme, notation: Notation) -> AnnotatedText:
    tokens, labels = text.tokens or (), text.labels or ()
    borders = (*(text.sentence_starts or (0,)), len(tokens))
    ranges = [
        (first + span.start, first + span.end, span.label)
        for first, after in pairwise(borders)
        for span in labels_to_spans(notation.read(labels[first:after]), scheme)
    ]
    spans = tuple(CharacterSpan(tokens[first][0], tokens[end - 1][1], label) for first, end, label in ranges)
    probabilities = text.probabilities
    if probabilities is not None:
        starts, ends = [first for first, _, _ in ranges], [end for _, end, _ in ranges]
        spans, are_of_spans = spans_with_probabilities(spans, starts, probabilities, ends)
        probabilities = None if are_of_spans else probabilities
    return replace(text, spans=spans, labels=None, probabilities=probabilities)
