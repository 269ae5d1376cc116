"""Segmentation of text of any length in bounded windows: linear time and constant memory for any segmenter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from tagger.errors import DataError, UsageError
from tagger.text.tokens import Segmenter, Span, Token

WINDOW_SIZE: Final = 1 << 18
"""The default window size, in characters."""

_LOOKAHEAD: Final = 1024
_MIN_SIZE: Final = 16


class Sentence(NamedTuple):
    """A sentence of a longer text, with the whitespace after it.

    Attributes:
        text: the characters from ``start`` up to the next sentence (for the first sentence, also the leading
            whitespace). The texts of all sentences, joined, are the input.
        start: offset of ``text`` in the input.
        spans: ranges of the tokens, as offsets in the input. Empty only for whitespace without a sentence: if the whole
            input is whitespace, or if it fills a window.
    """

    text: str
    start: int
    spans: tuple[Span, ...]

    @property
    def tokens(self) -> list[Token]:
        """The tokens with their texts."""
        text, offset = self.text, self.start
        return [Token(text[start - offset : end - offset], start, end) for start, end in self.spans]


def windows(text: str | Iterable[str], segmenter: Segmenter, size: int = WINDOW_SIZE) -> Iterator[Sentence]:
    """Segment a text, or a stream of its pieces, into sentences, ``size`` characters at a time.

    The last sentence of a window may continue after it, so it is segmented again at the beginning of the next window;
    so is any sentence that ends in the last 1,024 characters (an eighth of a window below 8,192), where the following
    text could still matter. Every window advances by at least ``size / 2`` characters: time is linear in the input and
    memory in ``size``, for any segmenter and input.

    The division into pieces does not affect the result. It can differ from segmenting the text as a whole in:

    - a sentence longer than ``size / 2`` minus those 1,024 characters, which may be cut after a token, and a token
      that long, which may be cut anywhere;
    - the decisions of a segmenter that looks further ahead than 1,024 characters, or back before the beginning
      of the sentence.

    No sentence is yielded before a window is full or the input ends.

    Args:
        text: the text, or its pieces in order (a file read in blocks, say, opened with ``newline=""``).
        segmenter: any segmenter; its ranges are checked.
        size: characters in a window; at least 16.

    Yields:
        The sentences in order, which together hold every character of the input.

    Raises:
        DataError: the segmenter returns ranges that are out of order, out of bounds or empty, or leaves out a
            character that is not whitespace.
        UsageError: ``size`` is too small.
    """
    if size < _MIN_SIZE:
        raise UsageError(f"window size: expected at least {_MIN_SIZE} characters, found {size}")
    source = _Source((text,) if isinstance(text, str) else text)
    limit = size - min(_LOOKAHEAD, size // 8)
    window, offset = source.read(size), 0
    while len(window) == size:
        sentences = _checked(segmenter, window, offset)
        starts = [spans[0][0] for spans in sentences]
        done = whole = 0
        while whole + 1 < len(sentences) and sentences[whole][-1][1] <= limit:
            end = starts[whole + 1]
            yield _sentence(window[done:end], offset + done, sentences[whole], offset)
            done, whole = end, whole + 1
        if done < size // 2:  # too much to carry over
            spans, cut = _cut(sentences[whole] if sentences else [], limit, size // 2)
            yield _sentence(window[done:cut], offset + done, spans, offset)
            done = cut
        window = window[done:] + source.read(done)
        offset += done
    sentences = _checked(segmenter, window, offset)
    bounds = [0, *(spans[0][0] for spans in sentences[1:]), len(window)]
    for spans, (start, end) in zip(sentences or [[]], pairwise(bounds), strict=True):
        if end > start:
            yield _sentence(window[start:end], offset + start, spans, offset)


def _cut(spans: list[Span], limit: int, least: int) -> tuple[list[Span], int]:
    """Return the tokens of a sentence to yield now, and where the rest begins, at ``least`` or later."""
    kept = [span for span in spans if span[1] <= limit]
    cut = spans[len(kept)][0] if len(kept) < len(spans) else limit
    return (kept, cut) if cut >= least else ([*kept, (cut, limit)], limit)


def _sentence(text: str, start: int, spans: list[Span], offset: int) -> Sentence:
    """Return a sentence with ``spans`` moved by ``offset``."""
    return Sentence(text, start, tuple([(first + offset, end + offset) for first, end in spans]))


def _checked(segmenter: Segmenter, window: str, offset: int) -> list[list[Span]]:
    """Return the sentences of a window, without empty ones; raise DataError for invalid ranges."""
    sentences: list[list[Span]] = []
    length = len(window)
    position = 0
    for group in segmenter(window):
        spans = list(group)
        for start, end in spans:
            if not 0 <= start < end <= length:
                raise DataError(
                    f"{_name(segmenter)}: expected a token range within {offset}..{offset + length}, "
                    f"found {start + offset}..{end + offset}. The plug-in is faulty."
                )
            if start != position and not window[position:start].isspace():
                raise _fault(segmenter, window, offset, position, start)
            position = end
        if spans:
            sentences.append(spans)
    if position != length and not window[position:].isspace():
        raise _fault(segmenter, window, offset, position, length)
    return sentences


def _fault(segmenter: Segmenter, window: str, offset: int, end: int, start: int) -> DataError:
    """Return the error for a token's ``end`` and the next one's ``start`` that overlap or leave out a character."""
    if start < end:
        return DataError(
            f"{_name(segmenter)}: expected tokens in order, found one that starts at character "
            f"{start + offset} after one that ends at {end + offset}. The plug-in is faulty."
        )
    gap = window[end:start]
    lost = gap.split()[0]
    return DataError(
        f"{_name(segmenter)}: expected every character in a token, found {lost[:20]!r} "
        f"at character {offset + end + gap.index(lost)} in none. The plug-in is faulty."
    )


def _name(segmenter: Segmenter) -> str:
    """Return the name of a segmenter for messages."""
    name = getattr(segmenter, "name", None) or getattr(segmenter, "__name__", type(segmenter).__name__)
    return f"segmenter {name!r}"


class _Source:
    """Reads a text that comes in pieces of any size in pieces of the requested size."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = iter(pieces)
        self._piece = ""
        self._position = 0

    def read(self, count: int) -> str:
        """Return the next ``count`` characters; fewer at the end of the text."""
        parts: list[str] = []
        while count:
            part = self._piece[self._position : self._position + count]
            if not part:
                following = next(self._pieces, None)
                if following is None:
                    break
                self._piece, self._position = following, 0
                continue
            parts.append(part)
            self._position += len(part)
            count -= len(part)
        return "".join(parts)
