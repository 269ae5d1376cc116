"""WhitespaceSegmenter: for text that is already tokenised, one sentence per line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tagger.text.tokens import Span

_TOKEN_OR_LINE_END: Final = re.compile(r"\S+|[\n\r]")


class WhitespaceSegmenter:
    r"""Splits tokens at whitespace and sentences at line ends; blank lines are skipped.

    Lines end at ``\n``, ``\r\n`` or ``\r``, and nowhere else. There are no options.
    """

    name: Final = "whitespace"
    version: Final = "1"

    def options(self) -> dict[str, str]:
        """Return the options: none."""
        return {}

    def __call__(self, text: str) -> Iterator[list[Span]]:
        """Yield the lines of ``text`` that are not blank, each as the character ranges of its tokens."""
        sentence: list[Span] = []
        for match in _TOKEN_OR_LINE_END.finditer(text):
            if match[0] not in ("\n", "\r"):
                sentence.append(match.span())
            elif sentence:
                yield sentence
                sentence = []
        if sentence:
            yield sentence
