"""White space around tokens and labels where cell borders are explicit: JSON, CSV and datasets.

A label is stripped. A token is kept as it is, and reported: it may be meant. A token of nothing but white space is
an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tagger.errors import FormatError

_BLANKS: Final = " \t\n\r\v\f"
"""Other white space, such as U+2028 or U+00A0, does occur as a token of real corpora."""


class SpacedTokens:
    """Counts the tokens of a table that start or end with white space."""

    def __init__(self) -> None:
        self._count = 0
        self._first = ""

    def check(self, tokens: Sequence[str], where: str) -> None:
        """Look at the tokens of a sentence.

        Raises:
            FormatError: one is empty or nothing but white space.
        """
        if " ".join(tokens).split() == list(tokens):
            return  # the usual case, decided fast: no white space anywhere
        for position, token in enumerate(tokens):
            stripped = token.strip(_BLANKS)
            if len(stripped) == len(token) and token:
                continue
            if not stripped:
                raise FormatError(f"{where}: token {position} is {token!r}, expected more than white space")
            self._count += 1
            self._first = self._first or f"{token!r} at {where}"

    def report(self) -> str | None:
        """Say how many there were and show the first; None if there was none."""
        if not self._count:
            return None
        return f"{self._count} tokens start or end with white space and are kept so, the first: {self._first}"
