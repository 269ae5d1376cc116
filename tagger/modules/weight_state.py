"""What tells weights that something was made of from weights that have changed since."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from torch import Tensor

WeightState: TypeAlias = list[tuple[int, int]]


def state_of(weights: Iterable[Tensor]) -> WeightState:
    """Return where weights lie and how often torch has written to them.

    Equal states are equal weights, for as long as the tensors are kept, unless they were changed without a trace:
    through ``.data`` or by a fused optimiser.
    """
    return [(each.data_ptr(), 0 if each.is_inference() else each._version) for each in weights]
