r"""Parser of text with inline tags, ``<PER>Zoë</PER> lives in <entity type="LOC">Oslo</entity>``.

Only names that are closed somewhere in the text are tags: ``<3``, ``a < b`` and ``<br>`` alone are text. Nested tags
are nested spans; the label is an attribute, or the name. ``&amp;``, ``&lt;``, ``&gt;``, ``&quot;`` and ``&apos;`` are
decoded if the text is properly escaped as XML; if there is an ``&`` or ``<`` that is neither of these nor a tag, the
text was not escaped, and ``&amp;`` is taken literally.
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
    """A parsed text with tags.

    Attributes:
        text: the text without tags.
        spans: the tagged spans, in the order of their closing tags.
        decoded: the number of decoded character references.
    """

    text: str
    spans: tuple[CharacterSpan, ...]
    decoded: int = 0


def untag(tagged: str, where: str, *, attribute: str | None = None, decodes: bool | None = None) -> Untagged:
    """Remove the tags of a text; return it with the spans that they enclosed.

    >>> untag("<PER>Zoë</PER> &amp; co", "x").text
    'Zoë & co'

    Args:
        tagged: the text.
        where: ``file:line``, for messages.
        attribute: the attribute whose value is the label; if left out, one of the usual ones, or the name of the tag.
        decodes: whether to decode character references; if left out, decided by the text.

    Raises:
        FormatError: a tag is not closed, crosses another one, encloses nothing, or has no label.
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
    """Return whether a text has a closing tag."""
    return any(match["close"] for match in _TAG.finditer(tagged))


def decode(text: str) -> str:
    """Decode the predefined character references of XML."""
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
