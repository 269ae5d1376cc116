"""Steps of Viterbi decoding for batches and label sets so large that torch does them faster than NumPy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tagger.crf_kernels import MaxPlus

# Sums of a step from which on torch is faster
_WIDE_STEP = 20_000


def make_max_plus(count: int, num_labels: int, dtype: np.dtype[Any]) -> MaxPlus | None:
    """Return the step of Viterbi decoding by torch, which does wide steps in half the time, bit for bit the same.

    None where NumPy is faster.
    """
    if count * num_labels**2 < _WIDE_STEP:
        return None
    if count <= num_labels:
        return _max_plus_by_label(count, num_labels, dtype)
    return _max_plus_by_sentence(count, num_labels, dtype)


def _max_plus_by_label(count: int, num_labels: int, dtype: np.dtype[Any]) -> MaxPlus:
    """Lay the candidates out by from label, sentence, to label."""
    buffer = torch.from_numpy(np.empty((num_labels, count, num_labels), dtype))

    def max_plus(
        states: NDArray[Any], transitions: NDArray[Any], emissions: NDArray[Any], out: NDArray[Any]
    ) -> None:
        candidates = buffer[:, : len(states)]
        torch.add(torch.from_numpy(states).T[:, :, None], torch.from_numpy(transitions), out=candidates)
        torch.amax(candidates, dim=0, out=torch.from_numpy(out))
        out += emissions

    return max_plus


def _max_plus_by_sentence(count: int, num_labels: int, dtype: np.dtype[Any]) -> MaxPlus:
    """Lay the candidates out by from label, to label, sentence: for more sentences than labels."""
    buffer = torch.from_numpy(np.empty(num_labels * num_labels * count, dtype))

    def max_plus(
        states: NDArray[Any], transitions: NDArray[Any], emissions: NDArray[Any], out: NDArray[Any]
    ) -> None:
        # NumPy turns such small tables in half the time of torch
        turned = torch.from_numpy(np.ascontiguousarray(states.T))
        # without gaps, or it could not be reduced in one sweep
        shape = (num_labels, num_labels, len(states))
        candidates = buffer[: math.prod(shape)].view(shape)
        torch.add(turned[:, None, :], torch.from_numpy(transitions).transpose(1, 2), out=candidates)
        np.add(candidates.amax(dim=0).numpy().T, emissions, out=out)

    return max_plus
