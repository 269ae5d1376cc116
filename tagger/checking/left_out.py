"""Findings about what readers left out of files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tagger.checking.findings import MOST_PLACES, Finding
from tagger.formats import Losses
from tagger.text.printable import printable

_BAD: Final = ", left out as bad"
_MOST: Final = 1000
"""Maximum number of separate findings of a kind; the last one stands for all others."""


def found_in_losses(losses: Losses, name: str, part: str) -> Iterator[Finding]:
    """Yield a finding for each invalid item that was left out, and one for each kind that is left out by rule.

    Args:
        losses: counted while a file was read.
        name: name of the file in messages.
        part: the part of the corpus that it is in.
    """
    for entry in losses.to_list():
        kind, count, details = entry["kind"], entry["count"], entry["places"]
        if not losses.is_bad(kind):
            where, _ = parted(details[0], name)
            places = tuple(dict.fromkeys(parted(detail, name)[0] for detail in details[:MOST_PLACES]))
            yield Finding("left-out", f"{kind}: {count:,}", places or (where,), part, count=count)
            continue
        kind = kind.removesuffix(_BAD)
        for number, detail in enumerate(details[:_MOST], start=1):
            where, message = parted(detail, name)
            rest = count - number if number in (_MOST, len(details)) else 0
            message = message.rstrip(".") + (f" (and {rest:,} others: {kind})" if rest else "")
            yield Finding(
                "unusable", printable(message), (where,), part, count=1 + rest, details={"kind": kind}
            )


def parted(message: str, name: str) -> tuple[str, str]:
    """Split a message into the place it begins with, or the name of the file if it has none, and the rest.

    >>> parted("a.conll:3: expected 2 columns, found 1", "a.conll")
    ('a.conll:3', 'expected 2 columns, found 1')
    >>> parted("a.json: item 3: no text", "a.json"), parted("br/a.ann:2: no text", "br")
    (('a.json: item 3', 'no text'), ('br/a.ann:2', 'no text'))
    """
    match = re.fullmatch(
        rf"({re.escape(name)}(?:/[^:\n]+)?)(?:: ?([0-9]+)|(: item [0-9]+))?(?::(.*))?", message, re.DOTALL
    )
    if match is None:
        return name, message
    line = f":{match[2]}" if match[2] else match[3] or ""
    return match[1] + line, (match[4] or "").strip()
