"""Text fit to be shown to people: what a terminal or a reader would obey, or could not see, becomes an escape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

LONGEST: Final = 2000
"""Characters of a message; of a longer one the beginning and the end are shown, and how many were left out."""

_TAIL: Final = 600

# Control characters (ESC and the one-character CSI among them), line and paragraph separators, surrogates,
# noncharacters; then what changes the direction of its neighbours, and what is invisible wherever it stands.
_NEVER_SHOWN: Final = (
    "\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\u202a-\u202e\u2066-\u2069"
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
)
# Joiners and direction marks belong to Arabic, Hebrew, Indic and Khmer words and to emoji; elsewhere they hide.
_JOINERS: Final = "\u061c\u200b-\u200f"
_JOINED: Final = "\u0300-\u1fff\u2070-\U0010ffff"
# Tags spell the flags of England, Scotland and Wales after a black flag; elsewhere they are invisible text.
_TAGS: Final = "\U000e0000-\U000e007f"
_UNFIT: Final = re.compile(
    f"[{_NEVER_SHOWN}]|(?<![{_JOINED}])[{_JOINERS}]|(?<![\U0001f3f4{_TAGS}])[{_TAGS}]+"
)
_NAMED: Final = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}


def printable(text: str) -> str:
    r"""Return a text as one line without a character that a terminal obeys or that misleads the eye.

    Such characters become the escapes of a Python string: control characters, line ends among them, bidirectional
    overrides, lone surrogates, invisible characters. Text of any script stays, with its combining marks and the joiners
    within words and emoji. Printable text comes back as it is.

    >>> printable("B-\x1b[31mPER\u202e")
    'B-\\x1b[31mPER\\u202e'
    """
    return _UNFIT.sub(_escapes, text)


def escapes(text: str) -> Iterator[tuple[int, str]]:
    r"""Yield the characters for which :func:`printable` puts escapes: where each is, and what stands for it.

    >>> list(escapes("a\tb"))
    [(1, '\\t')]
    """
    for match in _UNFIT.finditer(text):
        yield from enumerate(map(_escape, match[0]), start=match.start())


def printable_lines(text: str) -> str:
    """Return a text of several lines, each of them as :func:`printable` returns it."""
    return "\n".join(map(printable, text.split("\n")))


def excerpt(text: str, longest: int = LONGEST) -> str:
    """Return the text, or of one with more than ``longest`` characters its beginning and end.

    >>> excerpt("expected a label, found " + "x" * 10_000_000 + ": shorten it", 40)
    'expected a label, found xxxx [... 9,999,996 characters ...] : shorten it'
    """
    if len(text) <= longest:
        return text
    tail = min(_TAIL, 3 * longest // 10)
    left_out = len(text) - longest
    return f"{text[: longest - tail]} [... {left_out:,} characters ...] {text[-tail:]}"


def _escapes(match: re.Match[str]) -> str:
    return "".join(map(_escape, match[0]))


def _escape(char: str) -> str:
    code = ord(char)
    if char in _NAMED:
        return _NAMED[char]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def code_span(text: str) -> str:
    """Return a text as Markdown code, in which nothing is markup, whatever marks it holds.

    >>> code_span("B-PER"), code_span("`<b>`")
    ('`B-PER`', '`` `<b>` ``')
    """
    text = printable(text)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    blank = " " if text[:1] in (" ", "`") or text[-1:] in (" ", "`") else ""
    return f"{fence}{blank}{text}{blank}{fence}"
