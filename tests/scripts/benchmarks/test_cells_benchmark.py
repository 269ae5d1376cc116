"""The encoders whose speed is compared: that they compute the same, never how fast they are."""

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest
import torch


@pytest.mark.parametrize(
    "options", [{"cell": "lstm"}, {"cell": "gru"}, {"cell": "lstm", "cells_per_block": 4}]
)
def test_what_tags_has_the_weights_of_what_is_trained(
    script: Callable[[str], ModuleType], options: dict[str, str | int]
) -> None:
    cells = script("cells")
    candidate = cells.encoder(**options)
    inputs, lengths = torch.randn(2, 3, cells.INPUT_DIM), torch.tensor([3, 3])
    with torch.inference_mode():
        trained = candidate.module.eval()(inputs, lengths)
        tagged = candidate.tags(inputs, lengths)
    by_step = trained.transpose(0, 1).reshape(6, 2 * cells.HIDDEN_DIM)
    np.testing.assert_allclose(tagged, by_step.numpy(), atol=1e-6)


def test_both_modes_are_measured_and_dropout_only_where_it_acts(script: Callable[[str], ModuleType]) -> None:
    cells = script("cells")
    candidates = {
        "lstm": cells.encoder("lstm"),
        f"lstm{cells.DROPOUT}": cells.encoder("lstm", recurrent_dropout=0.2),
        "nn.LSTM packed": cells.torch_packed(),
    }
    rows = cells.compare(candidates, shape=(2, 3), rounds=1)
    assert [(row["mode"], row["candidate"]) for row in rows] == [
        ("training", "lstm"), ("training", "lstm, recurrent dropout"), ("training", "nn.LSTM packed"),
        ("tagging", "lstm"), ("tagging", "nn.LSTM packed"),
    ]  # fmt: skip
    assert all(row["tokens per second"] > 0 for row in rows)
