"""The default weight of document consistency, and its allowed values.

The formula is in ``tagger.inference.consistency``, which needs NumPy.
"""

from __future__ import annotations

from numbers import Real
from typing import Final, TypeGuard

from tagger.errors import UsageError

CONSISTENCY: Final = 0.6
"""The default weight of other occurrences of a word in its document."""
WEIGHTS: Final = "a number from 0 to 1,000,000"
"""The allowed weights, in words: what is added to emissions must be small enough for float32."""
_MOST: Final = 1_000_000


def is_weight(value: object) -> TypeGuard[float]:
    """Return whether a value is an allowed weight; NumPy numbers are accepted.

    >>> is_weight(0.6), is_weight(1e7), is_weight(float("nan")), is_weight("1")
    (True, False, False, False)
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return bool(value <= _MOST and not value < 0)


def checked_weight(value: object) -> float:
    """Return a weight as a plain number.

    Raises:
        UsageError: it is not an allowed weight; names the option.
    """
    if not is_weight(value):
        raise UsageError(f"document_consistency: expected {WEIGHTS}, found {value!r}")
    return float(value)
