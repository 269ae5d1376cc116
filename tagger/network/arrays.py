"""Weights as frozen arrays: float32, contiguous, read-only, and accessed by their name in the model folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]


def _features() -> set[str]:
    """Return NumPy's names of the SIMD extensions that it uses on this processor."""
    configuration: Any = np.show_config(mode="dicts")
    extensions = configuration.get("SIMD Extensions", {})
    return {*extensions.get("baseline", ()), *extensions.get("found", ())}


HAS_AVX512: Final = not _features().isdisjoint({"X86_V4", "AVX512_SKX"})
"""Whether NumPy uses AVX-512, which it has called ``X86_V4`` since NumPy 2.4."""


def frozen(array: NDArray[Any]) -> FloatArray:
    """Return a contiguous, read-only float32 array: the given one if possible, as for loaded models, or a copy."""
    if array.dtype == np.float32 and array.flags.c_contiguous and not array.flags.writeable:
        return array
    copy = np.array(array, dtype=np.float32, order="C")
    copy.flags.writeable = False
    return copy


class Weights:
    """The weights of a part of the network, by name.

    >>> weights = Weights({"encoder.bias": np.zeros(2), "projection.bias": np.ones(3)})
    >>> weights.part("encoder")["bias"].shape, "weight" in weights.part("encoder")
    ((2,), False)

    Args:
        arrays: all weights by their full names.
        prefix: prefix of the names of this part.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]], prefix: str = "") -> None:
        self._arrays = arrays
        self._prefix = prefix

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a weight; KeyError with its full name if there is none."""
        return self._arrays[self._prefix + name]

    def __contains__(self, name: str) -> bool:
        return self._prefix + name in self._arrays

    def part(self, name: str) -> Weights:
        """Return the weights whose names begin with ``name`` and a dot."""
        return Weights(self._arrays, f"{self._prefix}{name}.")
