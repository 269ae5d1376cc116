"""Tokens that were decoded or escaped wrongly: UTF-8 read as another encoding, and HTML escapes and tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

from tagger.checking.corpus import Corpus, Part
from tagger.checking.findings import MOST_PLACES, Finding
from tagger.checking.tokens.judging import found_tokens
from tagger.schemes import shown

IDS: Final = ("mojibake", "html-entity", "html-tag")

_NAMES: Final = ("amp", "lt", "gt", "quot", "apos", "nbsp")
_ENTITY: Final = re.compile(rf"&(?:{'|'.join(_NAMES)}|#[0-9]{{1,7}}|#[xX][0-9a-fA-F]{{1,6}});")
_TAG: Final = re.compile(
    r"</?(?:b|i|u|p|br|hr|em|strong|span|div|font|table|tr|td|th|ul|ol|li|h[1-6]|a|img)(?: [^<>]*)?/?>",
    re.IGNORECASE,
)
_BROKEN: Final = re.compile(
    "\u00e2\u20ac[\u2122\u0153\u009d\u00a6\u201c\u201d\u02dc]|\u00c3[\u0192\u00a9\u00a8\u00bc\u00b6\u00a4\u0178]"
)
"""How the UTF-8 of common marks looks when read as cp1252, as part of a token."""


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each of these tokens."""
    for part in corpus.parts:
        yield from found_tokens(part, "mojibake", part.unusual_words, _judge_mojibake)
        yield from found_tokens(
            part, "html-entity", (word for word in part.words if "&" in word), _judge_entity
        )
        yield from _cut_entities(part)
        tags = (word for word in part.words if word[:1] == "<" and word[-1:] == ">")
        yield from found_tokens(part, "html-tag", tags, _judge_tag)


def repaired(token: str) -> str | None:
    """Return a token as it was before its UTF-8 was read as another encoding; None if that is not what happened.

    >>> repaired("caf\u00c3\u00a9"), repaired("caf\u00e9"), repaired("\u00c3")
    ('caf\u00e9', None, None)
    """
    for encoding in ("cp1252", "latin-1"):
        try:
            found = token.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if found != token:
            return found
    return None


def _judge_mojibake(token: str) -> str | None:
    if (found := repaired(token)) is not None:
        return f"{shown(token)} looks like UTF-8 that was read in another encoding: is {shown(found)} meant?"
    if _BROKEN.search(token):
        return f"{shown(token)} contains what looks like UTF-8 read as cp1252"
    return None


def _judge_entity(token: str) -> str | None:
    if _ENTITY.search(token):
        return f"{shown(token)} is escaped as in HTML: is {shown(unescape(token))} meant?"
    return None


def _judge_tag(token: str) -> str | None:
    return f"{shown(token)} is HTML markup" if _TAG.fullmatch(token) else None


def _cut_entities(part: Part) -> Iterator[Finding]:
    """Yield a finding for each HTML escape that is split into several tokens."""
    words = {word for name in _NAMES for word in (name, f"&{name}") if word in part.words}
    for word, places in part.occurrences(words, most=part.words.total()).items() if ";" in part.words else ():
        found = [
            (sentence, position)
            for sentence, position in places
            if _is_cut(part.examples[sentence].tokens, position, has_mark=word.startswith("&"))
        ]
        if found:
            name = word.removeprefix("&")
            yield Finding(
                "html-entity",
                f"'&{name};', split into tokens, is escaped as in HTML: is {shown(unescape(f'&{name};'))} meant?",
                tuple(part.place(*place) for place in found[:MOST_PLACES]),
                part.name,
                weight=len(found),
                count=len(found),
                details={"token": word},
            )


def _is_cut(tokens: tuple[str, ...], position: int, *, has_mark: bool) -> bool:
    before = position > 0 and tokens[position - 1] == "&"
    return (has_mark or before) and tokens[position + 1 : position + 2] == (";",)
