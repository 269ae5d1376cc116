"""Sentences of annotated texts, for writers of formats with one token per row."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from tagger.formats.alignment import Misaligned
from tagger.formats.annotated import AnnotatedText, CharacterSpan, Range
from tagger.formats.format import WritingContext
from tagger.formats.sentences import labelled_sentences


class RowSentence(NamedTuple):
    """A sentence to be written.

    Attributes:
        text: the text of which it is part.
        ranges: the ranges of its tokens, at least one.
        tokens: their characters.
        labels: one for each token, IOB2 if the text has spans.
        probabilities: of the labels, or of the spans that they spell; None for a token without one, or for all.
        starts_document: whether it is the first of its document, or the first without a document after others.
    """

    text: AnnotatedText
    ranges: Sequence[Range]
    tokens: tuple[str, ...]
    labels: tuple[str, ...]
    probabilities: Sequence[float | None] | None
    starts_document: bool


def row_sentences(texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[RowSentence]:
    """Yield the sentences of all texts; count spans that tokens cannot express, and texts without annotations.

    Args:
        texts: the texts.
        context: the segmenter and losses.
    """
    losses = context.losses
    document: str | None = None
    starts = has_documents = False

    def count(misfit: Misaligned) -> None:
        losses.add(f"{misfit.kind}, left out", str(misfit))

    for text in texts:
        if text.labels is None and text.spans is None:
            losses.add("texts without annotations, left out", text.origin or text.document or "a text")
            continue
        if text.is_document or text.document != document or (has_documents and text.document is None):
            document, starts, has_documents = text.document, True, True
        characters, place = text.text, 0
        scores = _scores(text)
        for ranges, labels in labelled_sentences(text, context.segmenter, count):
            assert labels is not None, "the text has annotations"
            probabilities: Sequence[float | None] | None = None
            if text.probabilities is not None:
                probabilities = text.probabilities[place : place + len(ranges)]
            elif scores:
                while scores and scores[0].end <= ranges[0][0]:
                    scores.popleft()
                begun = takewhile(lambda span, end=ranges[-1][1]: span.start < end, scores)  # type: ignore[misc]
                probabilities = _of_tokens(ranges, labels, begun)
            place += len(ranges)
            tokens = tuple([characters[start:end] for start, end in ranges])
            yield RowSentence(text, ranges, tokens, labels, probabilities, starts)
            starts = False


def _scores(text: AnnotatedText) -> deque[CharacterSpan]:
    """Return the spans that have a probability, in order."""
    scored = [span for span in text.spans or () if span.probability is not None and not span.fragments]
    return deque(sorted(scored, key=CharacterSpan.order))


def _of_tokens(
    ranges: Sequence[Range], labels: Sequence[str], spans: Iterable[CharacterSpan]
) -> list[float | None] | None:
    """Return for each token the probability of its span; None if no token of the sentence has one."""
    found: list[float | None] = [None] * len(ranges)
    starts, ends = [start for start, _ in ranges], [end for _, end in ranges]
    for span in spans:
        first, after = bisect_right(ends, span.start), bisect_left(starts, span.end)
        spelled = [f"B-{span.label}", *[f"I-{span.label}"] * (after - first - 1)]
        if first < after and list(labels[first:after]) == spelled:
            found[first:after] = [span.probability] * (after - first)
    return found if any(value is not None for value in found) else None
