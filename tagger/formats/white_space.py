"""White space around tokens and labels, in files and datasets.

Labels are stripped. Tokens are kept unchanged and reported, as the white space may be intended. Where cell borders are
explicit (CSV, datasets), a token of white space alone is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tagger.errors import FormatError

_BLANKS: Final = " \t\n\r\v\f"
"""Other white space, such as U+2028 or U+00A0, occurs as a token in real corpora."""


class SpacedTokens:
    """Counts the tokens of a source that start or end with white space."""

    def __init__(self) -> None:
        self._count = 0
        self._first = ""

    def add(self, tokens: Sequence[str], where: str | None) -> None:
        """Add a sentence.

        Args:
            tokens: its tokens.
            where: its place.
        """
        joined = "".join(tokens)
        if joined.isprintable() and " " not in joined:
            return  # fast path: no white space anywhere
        for position, token in enumerate(tokens, start=1):
            if len(token) > len(token.strip()) and (token.strip() or not token.strip(_BLANKS)):
                self._count += 1
                self._first = self._first or f"{token!r}, token {position} of the sentence at {where}"

    def report(self) -> str | None:
        """Return a message with the count and the first; None if there were none."""
        if not self._count:
            return None
        return f"tokens with blanks around them, which are kept as they are: {self._count}, the first {self._first}"


def refuse_blank_tokens(tokens: Sequence[str], where: str) -> None:
    """Check that no token is empty or white space alone.

    Raises:
        FormatError: one is; names the first.
    """
    if all(map(str.strip, tokens)):
        return  # fast path
    for position, token in enumerate(tokens):
        if not token or (token[0] in _BLANKS and not token.strip(_BLANKS)):
            raise FormatError(f"{where}: token {position} is {token!r}, expected more than white space")
