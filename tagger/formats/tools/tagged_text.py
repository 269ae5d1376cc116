r"""Text with inline tags, ``<PER>Zoë</PER> lives in <entity type="LOC">Oslo</entity>``, taken apart.

Tags are those whose name is closed somewhere in the text: ``<3``, ``a < b`` and ``<br>`` alone are text. Tags within
tags are spans within spans; the label is an attribute, or the name. ``&amp;``, ``&lt;``, ``&gt;``, ``&quot;`` and
``&apos;`` are decoded if the text is escaped as XML has to be, without an ``&`` or ``<`` that is none of these and no
tag; where there is one, whoever wrote the text did not escape, and ``&amp;`` is what it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import regex

from tagger.errors import FormatError
from tagger.formats.annotated import CharacterSpan
from tagger.formats.columns.records import excerpt

LABELS: Final = ("type", "label", "class", "category")
"""The usual attributes."""

_NAME: Final = r"[\p{L}_][\p{L}\p{M}\p{N}_.:-]*+"
_TAG: Final = regex.compile(
    rf"""<(?P<close>/)?(?P<name>{_NAME})(?P<attributes>(?:\s++{_NAME}\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'))*+)\s*+(?P<empty>/)?>"""
)
_ATTRIBUTE: Final = regex.compile(rf"""({_NAME})\s*+=\s*+(?:"([^"<]*+)"|'([^'<]*+)')""")
_REFERENCES: Final = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}
_REFERENCE: Final = regex.compile("|".join(_REFERENCES))
_BARE: Final = regex.compile(r"&(?!(?:amp|lt|gt|quot|apos);)|<")


class Untagged(NamedTuple):
    """What a text with tags says.

    Attributes:
        text: the characters without the tags.
        spans: what stood within tags, in the order of the closing ones.
        decoded: how many character references were decoded.
    """

    text: str
    spans: tuple[CharacterSpan, ...]
    decoded: int = 0


def untag(tagged: str, where: str, *, attribute: str | None = None, decodes: bool | None = None) -> Untagged:
    """Return a text without its tags, and what they enclosed.

    >>> untag("<PER>Zoë</PER> &amp; co", "x").text
    'Zoë & co'

    Args:
        tagged: the text.
        where: ``file:line``, for messages.
        attribute: whose value is the label; one of the usual ones, or the name of the tag, if left out.
        decodes: whether character references are decoded; if left out, as the text tells.

    Raises:
        FormatError: a tag is not closed, or closed before one within it, or encloses nothing.
    """
    closed = {match["name"] for match in _TAG.finditer(tagged) if match["close"]}
    tags = [match for match in _TAG.finditer(tagged) if match["name"] in closed]
    borders = [0, *(place for tag in tags for place in tag.span()), len(tagged)]
    pieces = [tagged[borders[n] : borders[n + 1]] for n in range(0, len(borders), 2)]
    if decodes is None:
        decodes = not any(_BARE.search(piece) for piece in pieces)
    decoded = 0
    if decodes:
        decoded = sum(len(_REFERENCE.findall(piece)) for piece in pieces)
        pieces = [decode(piece) for piece in pieces]
    spans: list[CharacterSpan] = []
    opened: list[tuple[str, str, int]] = []
    place = 0
    for tag, piece in zip([*tags, None], pieces, strict=True):
        place += len(piece)
        if tag is None:
            break
        if tag["empty"]:
            raise FormatError(f"{where}: expected text within tags, found {excerpt(tag[0])}")
        if not tag["close"]:
            label = _label(tag["attributes"], attribute, where, tag[0]) or tag["name"]
            opened.append((tag["name"], label, place))
            continue
        if not opened or opened[-1][0] != tag["name"]:
            expected = f"</{opened[-1][0]}>" if opened else "an opening tag"
            raise FormatError(
                f"{where}: expected {expected} first, found {excerpt(tag[0])}; tags may be nested, not crossed"
            )
        _, label, start = opened.pop()
        if start == place:
            raise FormatError(f"{where}: expected text within tags, found nothing before {excerpt(tag[0])}")
        spans.append(CharacterSpan(start, place, label))
    if opened:
        name, _, start = opened[-1]
        text = "".join(pieces)
        raise FormatError(f"{where}: expected </{name}>, found none after {excerpt(text[start:])}")
    return Untagged("".join(pieces), tuple(spans), decoded)


def has_tags(tagged: str) -> bool:
    """Return whether a text has a tag that is closed."""
    return any(match["close"] for match in _TAG.finditer(tagged))


def decode(text: str) -> str:
    """Return a text with the character references that XML always has decoded."""
    decoded: str = _REFERENCE.sub(lambda match: _REFERENCES[match[0]], text)
    return decoded


def _label(attributes: str, attribute: str | None, where: str, tag: str) -> str | None:
    values: Mapping[str, str] = {
        match[1]: decode(match[2] if match[2] is not None else match[3])
        for match in _ATTRIBUTE.finditer(attributes)
    }
    if attribute is not None and attribute not in values:
        raise FormatError(f"{where}: expected an attribute {attribute!r}, found {excerpt(tag)}")
    names = LABELS if attribute is None else (attribute,)
    label = next((values[name].strip() for name in names if name in values), None)
    if label == "":
        raise FormatError(f"{where}: expected a label, found {excerpt(tag)}")
    return label
