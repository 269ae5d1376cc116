"""The moving average of the weights: how fast it forgets."""

from __future__ import annotations

import pytest

from tagger.training.averaging import MovingAverage


def test_the_average_forgets_slowly_only_once_it_is_old():
    decay_at = MovingAverage(0.5).decay_at
    assert [decay_at(step) for step in (1, 2, 3, 9, 10, 1000)] == pytest.approx(
        [0, 2 / 11, 3 / 12, 0.5, 0.5, 0.5]
    )
    assert MovingAverage(0.998).decay_at(100) == pytest.approx(100 / 109)
