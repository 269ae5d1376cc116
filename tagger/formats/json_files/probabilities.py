"""Probabilities that JSON objects carry: numbers from 0 to 1, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tagger.errors import FormatError
from tagger.formats.json_files.objects import describe


def read_probability(fields: Mapping[str, Any], key: str, where: str) -> float | None:
    """Return the probability under a key; None if there is none, or null.

    >>> read_probability({"score": 1}, "score", "x"), read_probability({}, "score", "x")
    (1.0, None)

    Args:
        fields: the object.
        key: the key.
        where: ``file:line``, for messages.

    Raises:
        FormatError: it is something else than a number from 0 to 1.
    """
    value = fields.get(key)
    if value is None:
        return None
    if type(value) not in (int, float) or not 0 <= value <= 1:
        raise FormatError(f"{where}: expected a number from 0 to 1 as {key!r}, found {describe(value)}")
    return float(value)
