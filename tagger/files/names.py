"""The names of files as text that can be written: a name is bytes, which need not be UTF-8."""

from __future__ import annotations

import os
from functools import lru_cache


@lru_cache(maxsize=64)  # each line of an output may hold the name of its file
def name_as_text(name: str) -> str:
    r"""Return the name of a file with escapes in place of bytes that are no UTF-8.

    >>> name_as_text("caf\udce9.txt")
    'caf\\xe9.txt'
    """
    return os.fsencode(name).decode("utf-8", "backslashreplace")
