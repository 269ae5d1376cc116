"""From sentences of labelled tokens to annotated texts, as formats made of texts and spans want them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from tagger.examples import Example
from tagger.formats.annotated import AnnotatedText, CharacterSpan, Item
from tagger.formats.texts.inline import join_tokens
from tagger.schemes import LabelScheme, Notation, labels_to_spans


def to_texts(
    items: Iterable[Item], scheme: LabelScheme | None, notation: Notation
) -> Iterator[AnnotatedText]:
    """Yield texts with spans, one after another; of a sentence that is tokens alone, these with a blank between them.

    Args:
        items: what a reader yields.
        scheme: of the labels of tokens; None where there are none. Labels without spans stay labels.
        notation: how labels are written.
    """
    for item in items:
        if isinstance(item, Example):
            text, tokens = join_tokens(item.tokens)
            starts = (0,) if tokens else ()
            item = AnnotatedText(
                text,
                tokens=tuple(tokens),
                sentence_starts=starts,
                labels=item.labels,
                document=item.document,
                origin=item.origin,
            )
        if item.labels is None or scheme is None:
            yield item
        elif scheme.has_spans:
            yield replace(item, spans=_spans(item, scheme, notation), labels=None)
        else:
            yield replace(item, labels=notation.read(item.labels))


def _spans(text: AnnotatedText, scheme: LabelScheme, notation: Notation) -> tuple[CharacterSpan, ...]:
    tokens = text.tokens or ()
    borders = (*(text.sentence_starts or (0,)), len(tokens))
    return tuple(
        CharacterSpan(tokens[first + span.start][0], tokens[first + span.end - 1][1], span.label)
        for first, after in pairwise(borders)
        for span in labels_to_spans(notation.read((text.labels or ())[first:after]), scheme)
    )
