"""Whole numbers that Python callers give as options."""

from __future__ import annotations

from numbers import Integral

from tagger.errors import UsageError


def positive_integer(name: str, value: object) -> int:
    """Return an option that counts something, one of NumPy included, as a plain number.

    Args:
        name: of the option.
        value: given for it.

    Raises:
        UsageError: if it is no whole number of 1 or more; names the option.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < 1:
        raise UsageError(f"{name}: expected a whole number of 1 or more, found {value!r}")
    return int(value)
