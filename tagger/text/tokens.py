"""Token, and the protocols of tokenizers, sentence splitters and segmenters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

Span = tuple[int, int]
"""A half-open range of characters."""


class Token(NamedTuple):
    """A token and its place in the source: ``source[start:end] == text``.

    Attributes:
        text: the characters, exactly as in the source.
        start: offset of the first character.
        end: offset just past the last character.
    """

    text: str
    start: int
    end: int


class Tokenizer(Protocol):
    """Returns the character ranges of the tokens of a text, in order and not overlapping."""

    def __call__(self, text: str, /) -> Iterable[Span]:
        """Return the ranges."""
        ...


class Splitter(Protocol):
    """Returns the character ranges of the sentences of a text, in order and not overlapping."""

    def __call__(self, text: str, /) -> Iterable[Span]:
        """Return the ranges."""
        ...


class Segmenter(Protocol):
    """Returns the sentences of a text, each as the character ranges of its tokens.

    Ranges are in order, not empty, and do not overlap; every character outside them is whitespace.
    """

    def __call__(self, text: str, /) -> Iterable[Sequence[Span]]:
        """Return the sentences."""
        ...
