"""The weight of document consistency: which numbers it may be.

The formula that it belongs to needs NumPy; see ``tagger.inference.consistency``.
"""

from __future__ import annotations

from numbers import Real
from typing import Final, TypeGuard

from tagger.errors import UsageError

CONSISTENCY: Final = 0.6
"""How much other occurrences of a word in its document count, where nobody has said so."""
WEIGHTS: Final = "a number from 0 to 1,000,000"
"""What a weight may be, in words: what is added to emissions must be small enough for float32."""
_MOST: Final = 1_000_000


def is_weight(value: object) -> TypeGuard[float]:
    """Return whether a value is one of ``WEIGHTS``, a number of NumPy included.

    >>> is_weight(0.6), is_weight(1e7), is_weight(float("nan")), is_weight("1")
    (True, False, False, False)
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return bool(value <= _MOST and not value < 0)


def checked_weight(value: object) -> float:
    """Return a weight as a plain number.

    Raises:
        UsageError: if it is none; names the option.
    """
    if not is_weight(value):
        raise UsageError(f"document_consistency: expected {WEIGHTS}, found {value!r}")
    return float(value)
