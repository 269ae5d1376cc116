"""Weights in half precision, as a model folder may store them: half the size, about three decimal digits.

A number keeps 11 binary digits, so a weight changes by at most 1/2048 of its value; below 6e-5, by at most 3e-8. The
network still computes in single precision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError

# float16 has 10 fraction bits, float32 has 23; exponents are biased by 15 and 127.
_MORE_DIGITS: Final = 13
_MORE_EXPONENT: Final = np.float32(2.0**112)
_SIGN_AND_NUMBER: Final = np.int32(~0x7000_0000)


def to_half(weights: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float16]]:
    """Return finite weights rounded to half precision.

    Raises:
        ModelError: if a weight is too large; names it.
    """
    halves = {}
    for name, array in weights.items():
        with np.errstate(over="ignore", under="ignore"):
            half = array.astype(np.float16)
        if not np.isfinite(half).all():
            raise ModelError(
                f"expected weights up to ±65,504, the largest number of float16, found "
                f"{array[~np.isfinite(half)][0]:,.0f} in {name!r}. Store them as float32."
            )
        halves[name] = half
    return halves


def to_single(half: NDArray[np.float16]) -> NDArray[np.float32]:
    """Return finite numbers in single precision, exactly, several times as fast as ``astype``.

    The bits are shifted into place, and the exponent is corrected by a multiplication, which also works for subnormal
    numbers, since both formats represent them in the same way.

    >>> to_single(np.array([1.5, -0.1, 6e-8], dtype=np.float16))
    array([ 1.5000000e+00, -9.9975586e-02,  5.9604645e-08], dtype=float32)
    """
    single = np.empty(half.shape, dtype=np.float32)
    bits: NDArray[Any] = single.view(np.int32)
    bits[...] = half.view(np.int16)  # sign extension: the copies of the sign bit are cleared below
    bits <<= _MORE_DIGITS
    bits &= _SIGN_AND_NUMBER
    single *= _MORE_EXPONENT
    return single
