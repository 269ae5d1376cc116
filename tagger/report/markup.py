"""Markup: HTML and SVG elements in which all text is escaped, so that none can become markup by accident."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Final

from tagger.text.printable import printable

_VOID: Final = frozenset({"meta", "br", "path", "line", "rect", "circle", "polyline", "col", "input"})
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


class Markup(str):
    """Text that is already markup, made by :func:`element`; any other text is escaped when it is inserted."""

    __slots__ = ()


def element(name: str, /, *content: str, **attributes: str | float | None) -> Markup:
    """Return an element.

    Args:
        name: name of the element.
        content: children; markup is kept, text is escaped.
        attributes: by name, with underscores for hyphens and trailing underscores ignored (``class_``); values are
            escaped; None omits the attribute.

    >>> element("td", "a < b", class_="word", data_x=1)
    '<td class="word" data-x="1">a &lt; b</td>'
    """
    opening = name
    for key, value in attributes.items():
        attribute = key.rstrip("_").replace("_", "-")
        if not _NAME.fullmatch(attribute):
            raise ValueError(f"attribute: expected letters, digits and underscores, found {key!r}")
        if value is not None:
            shown = number(value) if isinstance(value, (int, float)) else str(escaped(value))
            opening += f' {"viewBox" if attribute == "viewbox" else attribute}="{shown}"'
    if name in _VOID:
        if content:
            raise ValueError(f"element {name!r} has no content, found {content[0][:40]!r}")
        return Markup(f"<{opening}/>")
    return Markup(f"<{opening}>{join(content)}</{name}>")


def join(parts: Iterable[str]) -> Markup:
    """Return the parts concatenated, with text escaped."""
    return Markup("".join(map(escaped, parts)))


def escaped(text: str) -> Markup:
    """Return a text as markup, for use in elements and attributes.

    >>> escaped('<b title="x">')
    '&lt;b title=&quot;x&quot;&gt;'
    """
    return text if isinstance(text, Markup) else Markup(html.escape(printable(text), quote=True))


def number(value: float) -> str:
    """Return a number for an attribute, with at most two decimals.

    >>> number(3.0), number(-0.001), number(2.126)
    ('3', '0', '2.13')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
