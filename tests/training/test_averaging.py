"""The moving average of the weights: how fast it forgets."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from tagger.training.averaging import MovingAverage


def test_the_average_forgets_slowly_only_once_it_is_old():
    decay_at = MovingAverage(0.5).decay_at
    assert [decay_at(step) for step in (1, 2, 3, 9, 10, 1000)] == pytest.approx(
        [0, 2 / 11, 3 / 12, 0.5, 0.5, 0.5]
    )
    assert MovingAverage(0.998).decay_at(100) == pytest.approx(100 / 109)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_average_moves_in_half_precision_too(dtype):
    module: Any = torch.nn.Linear(1, 1, bias=False, dtype=dtype)
    with torch.no_grad():
        module.weight.fill_(1.0)
    trainer: Any = SimpleNamespace(optimizers=[None])
    average = MovingAverage(0.998)
    average.on_train_start(trainer, module)
    with torch.no_grad():
        module.weight.fill_(1.5)
    for step in range(1000, 2000):
        average.update(step)
    learned = module.weight.item()
    average.on_validation_epoch_start(trainer, module)
    left = math.prod(average.decay_at(step) for step in range(1000, 2000))
    assert module.weight.item() == pytest.approx(1.5 - 0.5 * left, abs=0.01)
    assert module.weight.dtype == dtype
    average.on_validation_epoch_end(trainer, module)
    assert module.weight.item() == learned == 1.5
