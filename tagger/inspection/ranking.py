"""Ranking of units: how well each unit alone distinguishes the words with a property from the others.

Letters: N words, E units, P properties.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]
BoolArray = NDArray[np.bool_]


def ranks(values: FloatArray) -> FloatArray:
    """Return the rank of each word by each unit, from 1, equal values sharing their mean rank, ``[N, E]``.

    Args:
        values: activations, ``[N, E]``.
    """
    result = np.empty(values.shape)
    for unit in range(values.shape[1]):
        _, inverse, counts = np.unique(values[:, unit], return_inverse=True, return_counts=True)
        ends = np.cumsum(counts)
        result[:, unit] = (ends - (counts - 1) / 2)[inverse]
    return result


def areas(unit_ranks: FloatArray, has_property: BoolArray) -> FloatArray:
    """Return the area under the ROC curve of each unit for each property, ``[P, E]``.

    It is the probability that the unit is higher on a word with the property than on one without, ties counted half
    (Mann and Whitney 1947): 0.5 means no information, 1 and 0 perfect separation.

    Args:
        unit_ranks: the result of :func:`ranks`, ``[N, E]``.
        has_property: ``[P, N]``; each property holds for some words, but not for all.
    """
    num_words = has_property.shape[1]
    num_with = has_property.sum(axis=1, keepdims=True)  # [P, 1]
    rank_sums = has_property.astype(np.float64) @ unit_ranks  # [P, E]
    wins = rank_sums - num_with * (num_with + 1) / 2
    area: FloatArray = wins / (num_with * (num_words - num_with))
    return area


def strength(area: FloatArray) -> FloatArray:
    """Return how well a unit detects a property by high or by low values: the larger of AUC and 1 - AUC."""
    stronger: FloatArray = np.maximum(area, 1 - area)
    return stronger
