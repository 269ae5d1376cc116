"""Sentences from a caller, checked and cut into windows: as many as are read ahead to be computed together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, TypeAlias

Sentence: TypeAlias = Sequence[str]
Window: TypeAlias = list[tuple[str, ...]]

_BATCHES_PER_WINDOW: Final = 64
_CHARACTERS_OF_A_TOKEN: Final = 128


def windows_by_tokens(sentences: Iterable[Sentence], *, batch_tokens: int) -> Iterator[Window]:
    """Yield the sentences in windows of some 64 batches, enough for those of similar length to be computed together.

    Args:
        sentences: tokens of each sentence; any number of sentences.
        batch_tokens: tokens that are computed at once.

    Raises:
        TypeError: for what looks like sentences but is not.
    """
    window: Window = []
    num_tokens = 0
    for sentence in _checked(sentences):
        window.append(sentence)
        # Each sentence counts one token extra, and so do some hundred characters: a stream of empty ones or of
        # monstrous words is bounded too.
        num_tokens += len(sentence) + 1 + sum(map(len, sentence)) // _CHARACTERS_OF_A_TOKEN
        if num_tokens >= batch_tokens * _BATCHES_PER_WINDOW:
            yield window
            window, num_tokens = [], 0
    if window:
        yield window


def windows_by_sentences(sentences: Iterable[Sentence], *, size: int) -> Iterator[Window]:
    """Yield the sentences in windows of ``size``, for what takes memory by the sentence.

    Raises:
        TypeError: for what looks like sentences but is not.
    """
    remaining = _checked(sentences)
    while window := list(islice(remaining, size)):
        yield window


def _checked(sentences: Iterable[Sentence]) -> Iterator[tuple[str, ...]]:
    """Yield the sentences as tuples, which nobody can change before they are computed."""
    if isinstance(sentences, str):
        raise TypeError(
            "expected sentences as lists of tokens, found one string; extract(text) reads raw text"
        )
    if not isinstance(sentences, Iterable):
        raise TypeError(f"expected sentences as lists of tokens, found {sentences!r}")
    for i, sentence in enumerate(sentences):
        if isinstance(sentence, str):
            raise TypeError(f"expected sentence {i} as a list of tokens, found the string {sentence[:40]!r}")
        if not isinstance(sentence, Iterable):
            raise TypeError(f"expected sentence {i} as a list of tokens, found {sentence!r}")
        tokens = tuple(sentence)
        for token in tokens:
            if not isinstance(token, str):
                raise TypeError(f"expected tokens of sentence {i} to be strings, found {token!r}")
        yield tokens
