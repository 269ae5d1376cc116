"""WeightState: tells weights that something was made of from weights that have changed since."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from torch import Tensor


class WeightState:
    """Where weights lie, and how often torch has written to them. Equal states are equal weights.

    Unless they were changed without a trace: through ``.data``, by a fused optimiser, or in inference mode if they were
    made in it. The weights are kept, so that no others can come to lie in their place.

    Args:
        weights: any number of tensors.
    """

    __slots__ = ("_marks", "_weights")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, weights: Iterable[Tensor]) -> None:
        self._weights: Final = tuple(weights)
        self._marks: Final = [
            (each.data_ptr(), 0 if each.is_inference() else each._version) for each in self._weights
        ]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WeightState) and self._marks == other._marks
