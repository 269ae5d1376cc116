"""Words and labels that come again and again: kept in memory once for all sentences."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_LONGEST: Final = 64
_MOST: Final = 1 << 16


def kept_once(texts: Iterable[str]) -> tuple[str, ...]:
    """Return equal texts as the objects that they were before, as far as they came lately and are of usual length.

    Unlike ``sys.intern``, from which Python 3.12 never frees anything, this holds a bounded number of texts, so that
    endless streams can be read.
    """
    return tuple([_same(text) if len(text) <= _LONGEST else text for text in texts])


@lru_cache(maxsize=_MOST)
def _same(text: str) -> str:
    return text
