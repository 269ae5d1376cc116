"""A number with its noun."""

from __future__ import annotations


def counted(number: int, one: str, several: str | None = None) -> str:
    """Return a number with its noun in the singular or plural.

    >>> counted(1, "sentence"), counted(1200, "sentence"), counted(2, "copy", "copies")
    ('1 sentence', '1,200 sentences', '2 copies')
    """
    return f"{number:,} {one if number == 1 else several or one + 's'}"
