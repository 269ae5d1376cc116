"""Whole numbers given as options by Python callers."""

from __future__ import annotations

from numbers import Integral

from tagger.errors import UsageError


def positive_integer(name: str, value: object) -> int:
    """Return a positive whole number, possibly NumPy's, as an int.

    Args:
        name: of the option.
        value: of the option.

    Raises:
        UsageError: if it is not a whole number of 1 or more; names the option.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < 1:
        raise UsageError(f"{name}: expected a whole number of 1 or more, found {value!r}")
    return int(value)
