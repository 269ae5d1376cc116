"""AnnotatedText: a text with its annotations, yielded by readers and taken by writers.

A reader yields an ``Example`` instead where a file has tokens but no text; ``sentences`` turns both into examples, for
training and scoring, and ``annotating`` turns both into texts, for writing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from tagger.examples import Example

Range: TypeAlias = tuple[int, int]
"""A half-open range of characters."""


class CharacterSpan(NamedTuple):
    """A labelled character range ``text[start:end]``.

    Attributes:
        start: offset of the first character.
        end: offset just past the last one.
        label: its type, stripped of white space.
        fragments: the ranges of a discontinuous span, two or more, in order; ``start`` and ``end`` enclose them.
            Empty for a continuous span.
        probability: the probability of the span, in [0, 1]; None if unknown, as for human annotations.
    """

    start: int
    end: int
    label: str
    fragments: tuple[Range, ...] = ()
    probability: float | None = None

    @property
    def ranges(self) -> tuple[Range, ...]:
        """Its character ranges: a single one, or the fragments."""
        return self.fragments or ((self.start, self.end),)

    def order(self) -> tuple[int, int, str]:
        """Return the sort key: by start, longest first."""
        return self.start, -self.end, self.label


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """A text, or one sentence of a text, with the annotations of a person or a model.

    Attributes:
        text: the text, unchanged.
        spans: character spans, in any order, possibly overlapping; None where the text is not annotated, or its tokens
            are labelled instead.
        tokens: the ranges of its tokens, in order; None if it is not tokenised.
        sentence_starts: the indices of the tokens that begin a sentence, the first of them 0; None if unknown.
        labels: one for each token, as written in the file, in any scheme; None where tokens are not labelled.
        probabilities: of the labels, or of the labels that spell the spans, in [0, 1]; None where unknown.
        document: id of the document that the text is, or is part of; None if it stands alone, or has no id.
        is_document: whether it is a document of its own although its file gives it no id.
        origin: where it was read, as ``file:line``; for messages.
        fields: other named values that the file keeps with the text, JSON-ready.
        home: tool-specific names of its parts, where these vary; used only by the writer of the same tool's format.
    """

    text: str
    spans: tuple[CharacterSpan, ...] | None = None
    tokens: tuple[Range, ...] | None = None
    sentence_starts: tuple[int, ...] | None = None
    labels: tuple[str, ...] | None = None
    probabilities: tuple[float | None, ...] | None = None
    document: str | None = None
    is_document: bool = False
    origin: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    home: object = field(default=None, compare=False)

    @property
    def document_key(self) -> str | None:
        """A key of its document, unique within the file: the id, else the origin; None if it is part of no document.

        An origin is never written: other files may have the same.
        """
        return self.origin if self.document is None and self.is_document else self.document


Item: TypeAlias = AnnotatedText | Example
"""What readers yield."""
