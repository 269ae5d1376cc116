"""Interning of words and labels that recur across sentences."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_LONGEST: Final = 64
_MOST: Final = 1 << 16


def kept_once(texts: Iterable[str]) -> tuple[str, ...]:
    """Intern texts: equal recent texts of usual length become the same object.

    Unlike ``sys.intern``, which never frees anything in Python 3.12, this keeps a bounded number of texts, so that
    endless streams can be read.
    """
    return tuple([_same(text) if len(text) <= _LONGEST else text for text in texts])


@lru_cache(maxsize=_MOST)
def _same(text: str) -> str:
    return text
