"""Character spans as labels of tokens, with a reason for every span that does not fit them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from tagger.formats.columns import excerpt

Range = tuple[int, int]
"""A half-open range of characters."""


class CharacterSpan(NamedTuple):
    """A labelled range of characters, as an annotator drew it: ``text[start:end]``."""

    start: int
    end: int
    label: str


class Misaligned(NamedTuple):
    """A character span that the tokens cannot express.

    Attributes:
        span: the span.
        text: its characters.
        reason: what is wrong with it, as the end of a sentence ("cuts through the token 'U.S.-based'").
        origin: ``file:line`` of the text.
    """

    span: CharacterSpan
    text: str
    reason: str
    origin: str

    def __str__(self) -> str:
        start, end, label = self.span
        return f"{self.origin}: the {label} {start}-{end} {excerpt(self.text)} {self.reason}"


def describe_misfits(misfits: Sequence[Misaligned]) -> str:
    """Return the first of some misfits for a message, and how many others there are."""
    others = len(misfits) - 1
    if not others:
        return str(misfits[0])
    return f"{misfits[0]}; {others} other {'span does' if others == 1 else 'spans do'} not fit either"


def align(
    text: str, sentences: Sequence[Sequence[Range]], spans: Sequence[CharacterSpan], *, origin: str
) -> tuple[list[list[str]], list[Misaligned]]:
    """Turn character spans into IOB2 labels of tokens.

    A span fits if it covers whole tokens of one sentence; whitespace at its ends does not matter. Of spans
    that overlap the one that starts first fits, and of those that start together the longest.

    Args:
        text: what all ranges refer to.
        sentences: the ranges of the tokens of each sentence, in order.
        spans: the spans, in any order.
        origin: ``file:line`` of the text, for the misfits.

    Returns:
        One list of labels per sentence, and the spans that do not fit, in the order of the text.
    """
    tokens = [token for sentence in sentences for token in sentence]
    starts = [start for start, _ in tokens]
    ends = [end for _, end in tokens]
    sentence_of = [number for number, sentence in enumerate(sentences) for _ in sentence]
    labels = ["O"] * len(tokens)
    misfits: list[Misaligned] = []
    free = 0  # the first token after the last span that fitted
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        # The tokens that share a character with the span.
        first, end = bisect_right(ends, span.start), bisect_left(starts, span.end)
        reason = None
        if first >= end:
            reason = "covers no token"
        elif starts[first] < span.start:
            reason = f"cuts through the token {text[slice(*tokens[first])]!r}"
        elif ends[end - 1] > span.end:
            reason = f"cuts through the token {text[slice(*tokens[end - 1])]!r}"
        elif sentence_of[first] != sentence_of[end - 1]:
            reason = "crosses the end of a sentence"
        elif first < free:
            reason = "overlaps the span before it"
        if reason:
            misfits.append(Misaligned(span, text[span.start : span.end], reason, origin))
        else:
            labels[first:end] = [f"B-{span.label}"] + [f"I-{span.label}"] * (end - first - 1)
            free = end
    rest = iter(labels)
    return [[next(rest) for _ in sentence] for sentence in sentences], misfits
