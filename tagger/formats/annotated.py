"""AnnotatedText: a text with its annotations, what every reader of annotations gives and every writer takes.

Readers give it, or an ``Example`` where a file knows tokens and no text; ``sentences`` makes examples of both, for
training and scoring, and ``annotating`` makes texts of both, for writing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from tagger.examples import Example

Range: TypeAlias = tuple[int, int]
"""A half-open range of characters."""


class CharacterSpan(NamedTuple):
    """A labelled range of characters, as an annotator drew it: ``text[start:end]``.

    Attributes:
        start: offset of the first character.
        end: offset after the last one.
        label: its type, without white space around it.
        fragments: the ranges of a discontinuous span, two or more, in order; ``start`` and ``end`` enclose them.
            Empty for all others.
        probability: that it is one, in [0, 1]; None where an annotator drew it.
    """

    start: int
    end: int
    label: str
    fragments: tuple[Range, ...] = ()
    probability: float | None = None

    @property
    def ranges(self) -> tuple[Range, ...]:
        """The ranges of its characters: one, or the fragments."""
        return self.fragments or ((self.start, self.end),)

    def order(self) -> tuple[int, int, str]:
        """Return the key to sort by: spans that begin first, of those the longest."""
        return self.start, -self.end, self.label


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """A text, or one sentence of a text, with what an annotator or a program said of it.

    Attributes:
        text: the characters, as they are.
        spans: of characters, in any order, overlapping or not; None where the text is not annotated, or its tokens are
            labelled instead.
        tokens: the ranges of its tokens, in order, where they are known; None where they are to be found.
        sentence_starts: the numbers of the tokens that begin a sentence, the first of them 0, where that is known.
        labels: one for each token as the file writes them, in whatever scheme, where tokens are labelled.
        probabilities: of the labels, in [0, 1], if known, None for some; also of the labels that spell the spans.
        document: id of the document that the text is, or is part of; None if it stands alone, or has no id.
        is_document: whether it is a document by itself though its file gives it no id.
        origin: where it was read, as ``file:line``; for messages.
        fields: what else a tool keeps of it under names, JSON-ready.
        home: what the tool that it comes from calls its parts, if that is not always the same; only the writer of this
            tool's format looks at it.
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
        """What tells its document from others of its file: the id, or its place if it has none; None if it is of none.

        A place is never written: other files may have the same.
        """
        return self.origin if self.document is None and self.is_document else self.document


Item: TypeAlias = AnnotatedText | Example
"""What a reader yields, one after another."""
