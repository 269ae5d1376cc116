"""spaCy's tokenisation: words that, with the blanks after them, make up the whole text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from tagger.formats.annotated import AnnotatedText, CharacterSpan, Range
from tagger.formats.losses import Losses
from tagger.formats.sentences import cut
from tagger.options import argument
from tagger.text.tokens import Segmenter

WHITE_SPACE_TAG: Final = "_SP"
"""spaCy's tag of words that are white space."""


def only_words_labelled(key: str) -> str:
    """Return the kind of loss for documents without entities whose words have labels, such as parts of speech.

    Args:
        key: the key of these labels.
    """
    return (
        f"documents whose entities nobody annotated, left out (the labels of their words are read with "
        f"{argument('data.label_column', key)})"
    )


class Words(NamedTuple):
    """A text in words.

    Attributes:
        ranges: the ranges of the words, in order, including those of white space.
        spaces: whether each word is followed by a blank that belongs to it.
        sentence_starts: whether each word begins a sentence.
        tokens: for each word the index of the token that it is, or is the first part of; None for the others.
    """

    ranges: list[Range]
    spaces: list[bool]
    sentence_starts: list[bool]
    tokens: list[int | None]

    def place(self, span: CharacterSpan) -> Range:
        """Return the indices of the first word of a span and of the word after it."""
        return (
            bisect_left(self.ranges, (span.start, span.start)),
            bisect_left(self.ranges, (span.end, span.end)),
        )


def to_words(text: AnnotatedText, segmenter: Segmenter, losses: Losses) -> tuple[Words, list[CharacterSpan]]:
    r"""Return the words of a text, and its spans without white space at their ends.

    A blank after a word belongs to it; anything else between tokens is a word of its own, as in spaCy. Tokens are split
    where a span begins or ends within them, which is counted.

    >>> text = AnnotatedText("in  Oslo\n", tokens=((0, 2), (4, 8)))
    >>> to_words(text, lambda text: [], Losses())[0].ranges
    [(0, 2), (3, 4), (4, 8), (8, 9)]

    Args:
        text: the text.
        segmenter: finds the tokens if they are not known.
        losses: counts split tokens, and spans of white space alone.
    """
    spans = []
    for span in text.spans or ():
        mention = text.text[span.start : span.end]
        if not mention.strip():
            losses.add("spans of white space alone, left out", text.origin or repr(text.text[:40]))
            continue
        start = span.start + len(mention) - len(mention.lstrip())
        spans.append(span._replace(start=start, end=start + len(mention.strip())))
    borders = sorted({place for span in spans for place in (span.start, span.end)})
    words = Words([], [], [], [])
    last = number = 0
    knows_tokens_alone = text.tokens is not None and text.sentence_starts is None
    for sentence in [text.tokens or ()] if knows_tokens_alone else cut(text, segmenter):
        for place, (start, end) in enumerate(sentence):
            _add_gap(words, text.text, last, start, borders)
            pieces = _cut(start, end, borders)
            if len(pieces) > 1:
                losses.add(
                    "tokens cut where a span begins or ends",
                    f"{text.origin or 'text'}: {text.text[start:end]!r}",
                )
            for part, piece in enumerate(pieces):
                _add(words, piece, starts=place == 0 and part == 0, token=number if part == 0 else None)
            last, number = end, number + 1
    _add_gap(words, text.text, last, len(text.text), borders)
    if words.sentence_starts:
        words.sentence_starts[0] = True
    return words, spans


def overlap(spans: Iterable[CharacterSpan]) -> bool:
    """Return whether some of the spans share a character."""
    end = 0
    for span in sorted(spans, key=CharacterSpan.order):
        if span.start < end:
            return True
        end = span.end
    return False


def _add_gap(words: Words, text: str, start: int, end: int, borders: Sequence[int]) -> None:
    """Add the gap between two tokens: a blank to the previous word, the rest as words."""
    if start < end and words.ranges and text[start] == " ":
        words.spaces[-1] = True
        start += 1
    for piece in _cut(start, end, borders):
        _add(words, piece, starts=False, token=None)


def _add(words: Words, piece: Range, *, starts: bool, token: int | None) -> None:
    words.ranges.append(piece)
    words.spaces.append(False)
    words.sentence_starts.append(starts)
    words.tokens.append(token)


def _cut(start: int, end: int, borders: Sequence[int]) -> list[Range]:
    places = [start, *borders[bisect_right(borders, start) : bisect_left(borders, end)], end]
    return [(first, after) for first, after in pairwise(places) if first < after]
