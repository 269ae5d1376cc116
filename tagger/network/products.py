"""multiply: the product of hidden states and recurrent weights, with the number of rows that suits the processor best.

Measured with OpenBLAS 0.3.31 on AMD EPYC processors, one thread, 200 units. The choice depends on the processor and not
on timings, so that results are the same from run to run.

With AVX-512, OpenBLAS multiplies small matrices without copying them into packed panels first, up to about a million
multiplications; beyond that the cost jumps. Split into products of 4 rows, whole LSTM loops take 0.63 of the time of
one product for 8 rows, 0.85 for 16, and nothing is gained at 64.

Without it, rows are multiplied in fours, and a remainder costs more than four rows: 7 rows take 104 µs, 8 take 60;
23 take 146, 24 take 105. So a few extra rows are multiplied, whose products are ignored. Two or three rows are faster
as products of single vectors, 12 µs each.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tagger.network.arrays import HAS_AVX512, FloatArray

_UNPACKED: Final = 1_000_000
_MOST_ROWS: Final = 48
_TOGETHER: Final = 4

SPARE_ROWS: Final = _TOGETHER - 1
"""Rows that the arrays of a product must have in addition to those requested."""


def multiply(left: FloatArray, right: FloatArray, *, num_rows: int, out: FloatArray) -> None:
    """Write the product of the first rows of ``left`` and of ``[H, K]`` to the first rows of ``out``.

    Args:
        left: ``[num_rows + SPARE_ROWS or more, H]``, contiguous, without NaN.
        right: ``[H, K]``, contiguous.
        num_rows: number of rows to multiply.
        out: ``[num_rows + SPARE_ROWS or more, K]``, contiguous; the spare rows are written to, too.
    """
    if HAS_AVX512:
        at_once = max(1, _rows_at_once(num_rows, *right.shape))
        for start in range(0, num_rows, at_once):
            rows = slice(start, min(start + at_once, num_rows))
            np.dot(left[rows], right, out=out[rows])
    elif num_rows < _TOGETHER:
        for row in range(num_rows):
            np.dot(left[row], right, out=out[row])
    else:
        filled = -(-num_rows // _TOGETHER) * _TOGETHER
        np.dot(left[:filled], right, out=out[:filled])


def _rows_at_once(num_rows: int, inner: int, columns: int) -> int:
    """Return the best number of rows of ``[num_rows, inner]`` to multiply at once by ``[inner, columns]``."""
    few = _UNPACKED // (inner * columns) // _TOGETHER * _TOGETHER
    return few if few and few < num_rows <= _MOST_ROWS else num_rows
