"""White space in tokens, and tokens without visible characters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tagger.checking.corpus import Corpus
from tagger.checking.findings import Finding
from tagger.checking.tokens.characters import shows_nothing
from tagger.checking.tokens.judging import character_name, found_tokens
from tagger.schemes import shown

IDS: Final = ("spaced-token", "space-in-token", "empty-token")


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each of these tokens."""
    for part in corpus.parts:
        words = part.unusual_words
        empty = [""] if "" in part.words else []
        yield from found_tokens(part, "spaced-token", words, _judge_ends)
        yield from found_tokens(part, "space-in-token", words, _judge_inside)
        yield from found_tokens(part, "empty-token", [*words, *empty], _judge_empty)


def _judge_ends(token: str) -> str | None:
    if shows_nothing(token) or token == token.strip():
        return None
    return f"{shown(token)} has white space at its {'start' if token[0].isspace() else 'end'}"


def _judge_inside(token: str) -> str | None:
    spaces = [char for char in dict.fromkeys(token.strip()) if char.isspace()]
    if not spaces:
        return None
    return f"{shown(token)} has white space in it: {', '.join(map(character_name, spaces))}"


def _judge_empty(token: str) -> str | None:
    if not shows_nothing(token):
        return None
    return f"{shown(token)} shows nothing: {', '.join(map(character_name, dict.fromkeys(token))) or 'it is empty'}"
