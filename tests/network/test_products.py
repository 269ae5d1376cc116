"""Products by as many rows at once as the processor likes best are those of the whole, whatever the spare rows hold."""

from __future__ import annotations

import numpy as np
import pytest

from tagger.network import products
from tagger.network.products import SPARE_ROWS, multiply


@pytest.mark.parametrize("has_avx512", [True, False])
@pytest.mark.parametrize(("inner", "columns"), [(8, 32), (100, 400), (200, 800), (200, 200)])
def test_products_are_exact_for_any_number_of_rows(has_avx512, inner, columns, monkeypatch):
    monkeypatch.setattr(products, "HAS_AVX512", has_avx512)
    generator = np.random.default_rng(0)
    weights = (generator.normal(size=(inner, columns)) / inner**0.5).astype(np.float32)
    for num_rows in (*range(14), 23, 48, 49, 64):
        left = generator.normal(size=(num_rows + SPARE_ROWS, inner)).astype(np.float32)
        out = np.full((num_rows + SPARE_ROWS, columns), np.nan, dtype=np.float32)
        multiply(left, weights, num_rows=num_rows, out=out)
        expected = left[:num_rows].astype(np.float64) @ weights.astype(np.float64)
        np.testing.assert_allclose(out[:num_rows], expected, rtol=0, atol=1e-5)
        # Longer arrays, of which only the first rows are asked for, give the same.
        longer = np.concatenate([left, np.full((9, inner), 7, dtype=np.float32)])
        again = np.zeros((num_rows + 20, columns), dtype=np.float32)
        multiply(longer, weights, num_rows=num_rows, out=again)
        np.testing.assert_array_equal(again[:num_rows], out[:num_rows])
        assert not again[num_rows + SPARE_ROWS :].any()
