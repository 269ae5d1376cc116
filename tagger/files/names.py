"""File names as printable text: a name is bytes, which need not be UTF-8."""

from __future__ import annotations

import os
from functools import lru_cache


@lru_cache(maxsize=64)  # each line of output may hold its file name
def name_as_text(name: str) -> str:
    r"""Return a file name with bytes that are not UTF-8 escaped.

    >>> name_as_text("caf\udce9.txt")
    'caf\\xe9.txt'
    """
    return os.fsencode(name).decode("utf-8", "backslashreplace")
