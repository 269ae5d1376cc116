"""Characters that hardly belong in tokens: control, invisible, replacement and private-use characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

from tagger.checking.corpus import Corpus
from tagger.checking.findings import Finding
from tagger.checking.tokens.judging import character_name, found_tokens
from tagger.schemes import shown
from tagger.text.printable import printable

IDS: Final = ("control-character", "invisible-character", "replacement-character", "private-use-character")

_WHITE: Final = frozenset("\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")
"""White space, which has its own checks."""


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each token with such characters."""
    for part in corpus.parts:
        words = part.unusual_words
        yield from found_tokens(part, "control-character", words, _judge_control)
        yield from found_tokens(part, "invisible-character", words, _judge_invisible)
        yield from found_tokens(part, "replacement-character", words, _judge_replacement)
        yield from found_tokens(part, "private-use-character", words, _judge_private)


def control_characters(token: str) -> str:
    """Return the control characters of a token, each once, without white space."""
    return "".join(
        char for char in dict.fromkeys(token) if unicodedata.category(char) == "Cc" and char not in _WHITE
    )


def invisible_characters(token: str) -> str:
    r"""Return the characters of a token that are invisible in their place, each once.

    Joiners within emoji and within words of scripts that use them do not count, nor do direction marks there.

    >>> invisible_characters("soft\u00adly"), invisible_characters("\U0001f469\u200d\U0001f680")
    ('\xad', '')
    """
    visible = printable(token)
    if visible == token:
        return ""
    return "".join(
        char
        for char in dict.fromkeys(token)
        if char not in visible and char not in _WHITE and unicodedata.category(char) != "Cc"
    )


def shows_nothing(token: str) -> bool:
    """Return whether a token has no visible character."""
    hidden = control_characters(token) + invisible_characters(token)
    return all(char.isspace() or char in hidden for char in token)


def _judge_control(token: str) -> str | None:
    found = "" if shows_nothing(token) else control_characters(token)
    return f"{shown(token)} has the control character {_named(found)}" if found else None


def _judge_invisible(token: str) -> str | None:
    found = "" if shows_nothing(token) else invisible_characters(token)
    return f"{shown(token)} has the invisible character {_named(found)}" if found else None


def _judge_replacement(token: str) -> str | None:
    if "\ufffd" not in token:
        return None
    return f"{shown(token)} has U+FFFD, which stands for what could not be decoded"


def _judge_private(token: str) -> str | None:
    found = "".join(char for char in dict.fromkeys(token) if unicodedata.category(char) == "Co")
    return f"{shown(token)} has the private-use character {_named(found)}" if found else None


def _named(chars: str) -> str:
    return ", ".join(map(character_name, chars))
