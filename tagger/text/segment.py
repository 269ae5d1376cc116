"""Convenience functions: text to tokens, and to sentences of tokens."""

from __future__ import annotations

from collections.abc import Iterator

from tagger.text.rules import RuleSegmenter
from tagger.text.tokens import Segmenter, Span, Splitter, Token, Tokenizer
from tagger.text.windows import windows


def tokenize(text: str, segmenter: Segmenter | None = None) -> list[Token]:
    """Return the tokens of a text of any length, in order.

    Every character that is not whitespace is in exactly one token, and ``text[t.start:t.end] == t.text``.

    >>> [token.text for token in tokenize("Don't panic, Mr. Dent!")]
    ["Don't", 'panic', ',', 'Mr.', 'Dent', '!']

    Args:
        text: any string.
        segmenter: the segmenter to use; ``RuleSegmenter()`` if left out.

    Raises:
        DataError: a plug-in segmenter returns invalid ranges (see ``windows``).
    """
    return [token for sentence in sentences(text, segmenter) for token in sentence]


def sentences(text: str, segmenter: Segmenter | None = None) -> list[list[Token]]:
    """Return the sentences of a text of any length as lists of tokens; none is empty.

    >>> [[token.text for token in sentence] for sentence in sentences("It is 3.50 p.m. Is it? Yes.")]
    [['It', 'is', '3.50', 'p.m.'], ['Is', 'it', '?'], ['Yes', '.']]

    Args:
        text: any string.
        segmenter: the segmenter to use; ``RuleSegmenter()`` if left out.

    Raises:
        DataError: a plug-in segmenter returns invalid ranges (see ``windows``).
    """
    pieces = windows(text, RuleSegmenter() if segmenter is None else segmenter)
    return [piece.tokens for piece in pieces if piece.spans]


def combine(splitter: Splitter, tokenizer: Tokenizer) -> Segmenter:
    """Return a segmenter that splits text into sentences, then each sentence into tokens.

    >>> segmenter = combine(lambda text: [(0, 4), (5, 8)], lambda sentence: [(0, 2), (2, len(sentence))])
    >>> [list(spans) for spans in segmenter("Stop Now")]
    [[(0, 2), (2, 4)], [(5, 7), (7, 8)]]

    Args:
        splitter: returns the ranges of the sentences.
        tokenizer: is called with one sentence at a time, and returns ranges within it.
    """

    def combined(text: str) -> Iterator[list[Span]]:
        for start, end in splitter(text):
            yield [(start + first, start + after) for first, after in tokenizer(text[start:end])]

    return combined
