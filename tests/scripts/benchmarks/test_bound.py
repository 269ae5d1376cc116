from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch


@pytest.mark.parametrize(("training", "times"), [(False, 1), (True, 3)])
def test_does_the_products_of_a_bilstm(
    script: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, training: bool, times: int
) -> None:
    products = script("bound").Products(6, 5, num_sentences=32, training=training)
    # Two directions, four gates, each reads inputs and state; a product is a multiplication and an addition.
    assert products.flop == times * 2 * 4 * 5 * (6 + 5) * 2
    multiply = torch.mm
    done = 0

    def counted(left: torch.Tensor, right: torch.Tensor, **options: Any) -> torch.Tensor:
        nonlocal done
        done += 2 * left.numel() * right.shape[1]
        return multiply(left, right, **options)

    monkeypatch.setattr(torch, "mm", counted)
    assert products.seconds(4096) > 0
    assert done == 4096 * products.flop
