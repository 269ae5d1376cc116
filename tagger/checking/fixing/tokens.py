"""Repair of tokens: without invisible characters and surrounding white space, and in NFC."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache
from unicodedata import normalize

from tagger.checking.tokens.characters import control_characters, invisible_characters, shows_nothing

TOKEN_CHECKS = ("control-character", "invisible-character", "spaced-token", "not-nfc")
"""The ids of the checks of tokens whose findings are repaired, in this order."""


def steps(token: str, checks: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the repairs of a token: the id of a check, and the token after its repair.

    >>> list(steps("\u200bOslo ", TOKEN_CHECKS))
    [('invisible-character', 'Oslo '), ('spaced-token', 'Oslo')]

    Args:
        token: the token; one without visible characters is not repaired.
        checks: the ids of the checks whose findings may be repaired.
    """
    if token.isascii() and token.isprintable() and token == token.strip():
        return
    yield from _steps(token, frozenset(checks))


def mended(token: str, checks: Collection[str]) -> str:
    """Return a token after all its repairs."""
    for _, after in steps(token, checks):
        token = after
    return token


@lru_cache(maxsize=2**16)
def _steps(token: str, checks: frozenset[str]) -> tuple[tuple[str, str], ...]:
    if shows_nothing(token):
        return ()
    found = []
    for check in TOKEN_CHECKS:
        after = token
        if check == "control-character":
            after = _without(token, control_characters(token))
        elif check == "invisible-character":
            after = _without(token, invisible_characters(token))
        elif check == "spaced-token":
            after = token.strip()
        elif check == "not-nfc":
            after = normalize("NFC", token)
        if after != token and check in checks:
            token = after
            found.append((check, token))
    return tuple(found)


def _without(token: str, chars: str) -> str:
    return "".join(char for char in token if char not in chars) if chars else token
