"""Safe display of text: control, bidirectional and invisible characters become escapes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

LONGEST: Final = 2000
"""The longest message, in characters; of a longer one the beginning and end are shown, and the number left out."""

_TAIL: Final = 600

# Control characters (including ESC and the one-character CSI), line and paragraph separators, surrogates and
# noncharacters; then characters that change text direction, and characters that are always invisible.
_NEVER_SHOWN: Final = (
    "\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\u202a-\u202e\u2066-\u2069"
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
)
# Joiners and direction marks are used in Arabic, Hebrew, Indic and Khmer words and in emoji, but invisible elsewhere.
_JOINERS: Final = "\u061c\u200b-\u200f"
_JOINED: Final = "\u0300-\u1fff\u2070-\U0010ffff"
# Tags spell the flags of England, Scotland and Wales after a black flag; elsewhere they are invisible text.
_TAGS: Final = "\U000e0000-\U000e007f"
_UNFIT: Final = re.compile(
    f"[{_NEVER_SHOWN}]|(?<![{_JOINED}])[{_JOINERS}]|(?<![\U0001f3f4{_TAGS}])[{_TAGS}]+"
)
_NAMED: Final = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}


def printable(text: str) -> str:
    r"""Return a text as one line, without control characters and characters that mislead the eye.

    Control characters (including line ends), bidirectional overrides, lone surrogates and invisible characters become
    Python string escapes. Text of any script is kept, with its combining marks and the joiners within words and emoji.

    >>> printable("B-\x1b[31mPER\u202e")
    'B-\\x1b[31mPER\\u202e'
    """
    return _UNFIT.sub(_escapes, text)


def escapes(text: str) -> Iterator[tuple[int, str]]:
    r"""Yield the offset and the escape of each character that :func:`printable` escapes.

    >>> list(escapes("a\tb"))
    [(1, '\\t')]
    """
    for match in _UNFIT.finditer(text):
        yield from enumerate(map(_escape, match[0]), start=match.start())


def printable_lines(text: str) -> str:
    """Return a text with each of its lines as :func:`printable` returns it."""
    return "\n".join(map(printable, text.split("\n")))


def excerpt(text: str, longest: int = LONGEST) -> str:
    """Return a text, shortened to its beginning and end if it has more than ``longest`` characters.

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
    """Return a text as a Markdown code span, with fences that suit any backticks in it.

    >>> code_span("B-PER"), code_span("`<b>`")
    ('`B-PER`', '`` `<b>` ``')
    """
    text = printable(text)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    blank = " " if text[:1] in (" ", "`") or text[-1:] in (" ", "`") else ""
    return f"{fence}{blank}{text}{blank}{fence}"
