r"""Text with entities marked inline, such as ``[Anna Smith](PER) lives in [Oslo](LOC)``.

The text is kept, including whitespace, and can be read back exactly: ``\``, ``[`` and ``]`` in the text are escaped by
a backslash, as are ``\`` and ``)`` within a label. An unescaped ``[`` opens an entity, which ends at the next unescaped
``]``; its label follows in parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from tagger.errors import DataError
from tagger.formats.annotated import Range

_IN_TEXT: Final = re.compile(r"[\\\[\]]")
_IN_LABEL: Final = re.compile(r"[\\)]")


def format_inline(text: str, entities: Iterable[tuple[int, int, str]]) -> str:
    r"""Return a text with its entities marked.

    >>> format_inline("Anna Smith [sic] in Oslo", [(0, 10, "PER"), (20, 24, "LOC")])
    '[Anna Smith](PER) \\[sic\\] in [Oslo](LOC)'

    Args:
        text: any text.
        entities: start, end (character offsets) and label of each, sorted and not overlapping.

    Raises:
        DataError: the entities are not sorted, overlap, or are outside of the text.
    """
    pieces: list[str] = []
    done = 0
    for start, end, label in entities:
        if not done <= start < end <= len(text):
            raise DataError(
                f"expected entities in order and within the text, found {start}-{end} after {done}"
            )
        escaped_label = _IN_LABEL.sub(r"\\\g<0>", label)
        pieces += [_escape(text[done:start]), "[", _escape(text[start:end]), "](", escaped_label, ")"]
        done = end
    return "".join([*pieces, _escape(text[done:])])


def join_tokens(tokens: Sequence[str]) -> tuple[str, list[Range]]:
    """Join tokens by spaces; return the text, and the range of each token.

    >>> join_tokens(["in", "Oslo"])
    ('in Oslo', [(0, 2), (3, 7)])
    """
    ranges: list[Range] = []
    start = 0
    for token in tokens:
        ranges.append((start, start + len(token)))
        start += len(token) + 1
    return " ".join(tokens), ranges


def _escape(text: str) -> str:
    return _IN_TEXT.sub(r"\\\g<0>", text)
