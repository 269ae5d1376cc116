"""HyperText: the text of HTML to which Label Studio's offsets refer, and a check of such offsets.

Its editor counts the characters of all text nodes (entities decoded, line breaks as browsers read them) and one for
each ``<br>``; tags and paragraph ends are not counted. Browsers repair HTML, which is not done here: so offsets are
accepted only if confirmed by the text of each region.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final

import regex

from tagger.errors import FormatError
from tagger.formats.claims import Claim, fits
from tagger.formats.columns.records import excerpt
from tagger.formats.offsets import UNITS

_MARKUP: Final = regex.compile(r"<[a-zA-Z/!?]|&#?\w+;|\r")
_TAG: Final = regex.compile(r"""<(/?[a-zA-Z][^\s/>]*+)(?:=\s*+(?:"[^"]*+"|'[^']*+')|[^>])*+>""")
_OPENING: Final = regex.compile(r"<[a-zA-Z/!?]")
_ENDS: Final = {
    name: regex.compile(rf"</{name}(?=[\s/>])", regex.IGNORECASE)
    for name in ("script", "style", "textarea", "title")
}
"""The end tags of elements that contain no tags."""
_DECODED: Final = ("textarea", "title")
_SWALLOWS_LINE_BREAK: Final = ("pre", "listing", "textarea")


def has_markup(text: str) -> bool:
    """Return whether removing tags may change a text."""
    return _MARKUP.search(text) is not None


def without_tags(markup: str) -> str:
    r"""Return the text of HTML, with a line break for each ``<br>``; O(n), even with unclosed tags.

    >>> without_tags("<p>EU rejects<br/>it &amp; more</p><p>So</p>")
    'EU rejects\nit & moreSo'

    Args:
        markup: the whole HTML. Anything before ``<body>`` is dropped; an unclosed tag or comment extends to the end.
    """
    markup = markup.replace("\r\n", "\n").replace("\r", "\n")
    pieces: list[str] = []
    place = 0
    while place < len(markup):
        start = markup.find("<", place)
        start = len(markup) if start < 0 else start
        pieces.append(html.unescape(markup[place:start]))
        place = start
        if markup.startswith("<!--", start):
            place = _after(markup, "-->", start + 4)
        elif match := _TAG.match(markup, start):
            place = match.end()
            name = match[1].lower()
            if name == "br":
                pieces.append("\n")
            elif name == "body":
                pieces.clear()
            if name in _SWALLOWS_LINE_BREAK and markup.startswith("\n", place):
                place += 1
            if name in _ENDS:
                end = _ENDS[name].search(markup, place)
                inner = markup[place : end.start() if end else len(markup)]
                pieces.append(html.unescape(inner) if name in _DECODED else inner)
                place += len(inner)
        elif _OPENING.match(markup, start):
            place = _after(markup, ">", start)
        elif start < len(markup):
            pieces.append("<")
            place = start + 1
    return "".join(pieces)


def _after(text: str, mark: str, start: int) -> int:
    """Return the place after the next mark, or the end."""
    found = text.find(mark, start)
    return len(text) if found < 0 else found + len(mark)


def check_offsets(claims: Sequence[Claim], text: str, where: str) -> None:
    """Check that the texts of regions confirm their offsets into the text of HTML.

    Offsets that are not numbers are left to the claim checker.

    Args:
        claims: each with one range.
        text: the text outside of tags.
        where: ``file:line``, for messages.

    Raises:
        FormatError: they do not; names the first wrong region.
    """
    told = [claim for claim in claims if all(type(place) is int for place in claim.ranges[0])]
    for claim in told:
        if claim.mention is None:
            (start, end), *_ = claim.ranges
            raise FormatError(
                f"{where}: expected the text of the {claim.label} at {start}-{end}, without which offsets into HTML "
                f'cannot be checked, found none. Have it saved (saveTextResult="yes" in the labelling configuration)'
            )
    if not told or any(fits(text, told, unit) for unit in UNITS):
        return
    wrong = next((claim for claim in told if not any(fits(text, [claim], unit) for unit in UNITS)), told[0])
    (start, end), *_ = wrong.ranges
    raise FormatError(
        f"{where}: expected {excerpt(wrong.mention or '')} at {start}-{end} of the text outside of the tags, as the "
        f"{wrong.label} there says, found {excerpt(text[max(start, 0) : max(end, 0)])}. HTML is read where offsets "
        f"count the characters outside of tags, and one for each <br>"
    )
