"""multiply: the product of hidden states and recurrent weights, cut into rows where the library is faster that way.

OpenBLAS multiplies small matrices without copying them into packed panels first, up to about a million
multiplications on AVX-512; beyond that the cost jumps. Measured on an AMD EPYC with OpenBLAS 0.3.31, one thread, whole
LSTM loops: with 200 units, products of 4 rows take 0.63 of the time of one of 8 rows, 0.85 of 16, and nothing is gained
at 64. Other kernels lose by it (AVX2: 1.3 to 2 times the time), so the processor decides, once, and not a clock.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tagger.network.arrays import HAS_AVX512, FloatArray

_UNPACKED: Final = 1_000_000
_MOST_ROWS: Final = 48


def rows_at_once(num_rows: int, inner: int, columns: int) -> int:
    """Return how many rows of ``[num_rows, inner]`` are best multiplied at once by ``[inner, columns]``.

    Args:
        num_rows: of the product.
        inner: over which sums are taken.
        columns: of the product.
    """
    few = _UNPACKED // (inner * columns) // 4 * 4
    return few if few and few < num_rows <= _MOST_ROWS and HAS_AVX512 else num_rows


def multiply(left: FloatArray, right: FloatArray, *, out: FloatArray) -> None:
    """Write the product of ``[n, H]`` and ``[H, K]`` to ``out``, ``[n, K]``; all contiguous."""
    at_once = rows_at_once(len(left), *right.shape)
    if at_once == len(left):
        np.dot(left, right, out=out)
        return
    for start in range(0, len(left), at_once):
        np.dot(left[start : start + at_once], right, out=out[start : start + at_once])
