"""Conversion of character spans to token labels, with a reason for every span that does not fit the tokens."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, chain, pairwise
from typing import Final, NamedTuple

from tagger.formats.annotated import CharacterSpan, Range
from tagger.formats.columns.records import excerpt

CROSSING: Final = "spans that cross the end of a sentence"


class Misaligned(NamedTuple):
    """A character span that the tokens cannot express.

    Attributes:
        span: the span.
        text: its characters.
        reason: what is wrong with it, as a predicate ("cuts through the token 'U.S.-based'").
        kind: the same in the plural, for counts ("spans that cut through a token").
        origin: ``file:line`` of the text.
    """

    span: CharacterSpan
    text: str
    reason: str
    kind: str
    origin: str

    def __str__(self) -> str:
        start, end, label, *_ = self.span
        return f"{self.origin}: the {label} {start}-{end} {excerpt(self.text)} {self.reason}"


def describe_misfits(misfits: Sequence[Misaligned]) -> str:
    """Describe the first misfit and count the others, for a message."""
    others = len(misfits) - 1
    if not others:
        return str(misfits[0])
    return f"{misfits[0]}; {others} other {'span does' if others == 1 else 'spans do'} not fit either"


def align(
    text: str, sentences: Sequence[Sequence[Range]], spans: Sequence[CharacterSpan], *, origin: str
) -> tuple[list[list[str]], list[Misaligned]]:
    """Convert character spans to IOB2 token labels.

    A span fits if it covers whole tokens of one sentence; whitespace at its ends does not matter. Of overlapping
    spans, the one that starts first fits; of those that start together, the longest. A discontinuous span never fits.

    Args:
        text: the text that all ranges refer to.
        sentences: the ranges of the tokens of each sentence, in order.
        spans: the spans, in any order.
        origin: ``file:line`` of the text, for the misfits.

    Returns:
        One list of labels per sentence, and the spans that do not fit, in text order.
    """
    tokens = list(chain.from_iterable(sentences))
    starts = [start for start, _ in tokens]
    ends = [end for _, end in tokens]
    borders = list(
        accumulate(map(len, sentences), initial=0)
    )  # the first token of each sentence, and the end
    labels = ["O"] * len(tokens)
    misfits: list[Misaligned] = []
    free = 0  # the first token after the last span that fitted
    for span in sorted(spans, key=CharacterSpan.order):
        # The tokens that share a character with the span.
        first, end = bisect_right(ends, span.start), bisect_left(starts, span.end)
        kind = reason = None
        if span.fragments:
            kind, reason = "spans of several fragments", f"has {len(span.fragments)} fragments"
        elif first >= end:
            kind, reason = "spans that cover no token", "covers no token"
        elif starts[first] < span.start or ends[end - 1] > span.end:
            token = tokens[first if starts[first] < span.start else end - 1]
            kind, reason = "spans that cut through a token", f"cuts through the token {text[slice(*token)]!r}"
        elif bisect_right(borders, first) != bisect_right(borders, end - 1):
            kind, reason = CROSSING, "crosses the end of a sentence"
        elif first < free:
            kind, reason = "spans that overlap another one", "overlaps the span before it"
        if kind is not None and reason is not None:
            misfits.append(Misaligned(span, text[span.start : span.end], reason, kind, origin))
        else:
            labels[first:end] = [f"B-{span.label}"] + [f"I-{span.label}"] * (end - first - 1)
            free = end
    return [labels[start:after] for start, after in pairwise(borders)], misfits


def join_crossed(
    sentences: Sequence[Sequence[Range]], spans: Sequence[CharacterSpan]
) -> list[tuple[Range, ...]]:
    """Join adjacent sentences that share a span.

    >>> join_crossed([[(0, 2)], [(3, 5)], [(6, 8)]], [CharacterSpan(0, 5, "X")])
    [((0, 2), (3, 5)), ((6, 8),)]

    Args:
        sentences: the ranges of the tokens of each sentence, in order.
        spans: the spans, in any order.
    """
    ends = [sentence[-1][1] for sentence in sentences if sentence]
    starts = [sentence[0][0] for sentence in sentences if sentence]
    crossed: set[int] = set()
    for span in spans:
        first, after = bisect_right(ends, span.start), bisect_left(starts, span.end)
        crossed.update(range(first + 1, after))
    joined: list[tuple[Range, ...]] = []
    for number, sentence in enumerate(sentence for sentence in sentences if sentence):
        if number in crossed:
            joined[-1] += tuple(sentence)
        else:
            joined.append(tuple(sentence))
    return joined
