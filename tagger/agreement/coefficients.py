"""Chance-corrected agreement: Cohen's kappa for two annotators, Krippendorff's alpha for any number.

Both compare the observed agreement with that expected by chance from annotators who use each label equally often: 1 is
full agreement, 0 is chance level, and below 0 is less than that. If only one label is ever used, chance agreement is
full as well, and neither is defined.

Fleiss' kappa is left out: without missing labels, 1 - alpha = (1 - kappa) (1 - 1 / (A N)); with missing labels, kappa
is not defined.

Letters: A annotators, N tokens, K labels, M numbers of values, U units (sentences or documents), C counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagger.evaluation.certainty import FloatArray, Interval, Statistic, bootstrap
from tagger.evaluation.drawing import Drawing
from tagger.metrics.label_arrays import IntArray

BoolArray = NDArray[np.bool_]

MISSING: Final = -1
"""The code of a label that an annotator did not give."""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient of agreement.

    Attributes:
        value: at most 1; None if undefined.
        interval: 95 % confidence interval; None if it was not requested, or the coefficient is undefined for some
            bootstrap samples.
    """

    value: float | None
    interval: Interval | None = None


def cohen_kappa(
    first: IntArray,
    second: IntArray,
    *,
    counted: BoolArray | None = None,
    units: IntArray | None = None,
    drawing: Drawing | None = None,
) -> Coefficient:
    """Return Cohen's kappa of two annotators (Cohen 1960, "A coefficient of agreement for nominal scales", equation 1).

    >>> cohen_kappa(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])).value
    0.5

    Args:
        first: codes of the first annotator's labels, from 0, ``[N]``.
        second: codes of the second annotator's labels, from 0, ``[N]``.
        counted: True for tokens that count, ``[N]``; all if left out.
        units: number of the unit of each token, ``[N]``; without them there is no interval.
        drawing: bootstrap options for the interval; the defaults if left out.
    """
    num_labels = int(max(first.max(initial=-1), second.max(initial=-1))) + 1
    rows, num_units = _rows(units, len(first))
    if counted is not None:
        first, second, rows = first[counted], second[counted], rows[counted]
    counts = np.concatenate(
        [
            np.bincount(rows[first == second], minlength=num_units)[:, None],
            _used(rows, first, num_units, num_labels),
            _used(rows, second, num_units, num_labels),
        ],
        axis=1,
    )
    return _coefficient(counts, _kappa, drawing, wanted=units is not None)


def krippendorff_alpha(
    labels: IntArray, *, units: IntArray | None = None, drawing: Drawing | None = None
) -> Coefficient:
    """Return Krippendorff's alpha of nominal labels (Krippendorff 2011, "Computing Krippendorff's alpha-reliability").

    Tokens that fewer than two annotators labelled are ignored.

    >>> krippendorff_alpha(np.array([[0, 0, 1, 1, 0], [0, 0, 1, MISSING, MISSING]])).value
    1.0

    Args:
        labels: codes of the labels of each annotator, from 0, or :data:`MISSING`, ``[A, N]``.
        units: number of the unit of each token, ``[N]``; without them there is no interval.
        drawing: bootstrap options for the interval; the defaults if left out.
    """
    times = (labels != MISSING).sum(axis=0)
    is_paired = times > 1
    rows, num_units = _rows(units, len(times))
    labels, times, rows = labels[:, is_paired], times[is_paired], rows[is_paired]
    num_labels = int(labels.max(initial=-1)) + 1
    used = np.zeros((num_units, num_labels), dtype=np.int64)
    alike = np.zeros(len(times), dtype=np.int64)
    for own in labels:
        there = own != MISSING
        used += _used(rows[there], own[there], num_units, num_labels)
        alike += ((labels == own) & there).sum(axis=0)
    # Pairs of differing values, by the number of values of the token, so that all counts are still integers.
    numbers, of_token = np.unique(times, return_inverse=True)
    disagreed = np.zeros((num_units, len(numbers)), dtype=np.int64)
    np.add.at(disagreed, (rows, of_token), times**2 - alike)
    counts = np.concatenate([disagreed, used], axis=1)
    return _coefficient(counts, _alpha_of(numbers), drawing, wanted=units is not None)


def _rows(units: IntArray | None, num_tokens: int) -> tuple[IntArray, int]:
    """Return each token's row in the counts, and the number of rows."""
    if units is None or not len(units):
        return np.zeros(num_tokens, dtype=np.int64), 1
    _, rows = np.unique(units, return_inverse=True)
    return rows, int(rows.max()) + 1


def _used(rows: IntArray, codes: IntArray, num_rows: int, num_labels: int) -> IntArray:
    """Return how often each label is used in each row, ``[rows, K]``."""
    used: IntArray = np.bincount(rows * num_labels + codes, minlength=num_rows * num_labels)
    return used.reshape(num_rows, num_labels)


def _coefficient(
    counts: IntArray, statistic: Statistic, drawing: Drawing | None, *, wanted: bool
) -> Coefficient:
    """Return a statistic of the summed counts ``[U, C]``, and its interval if wanted."""
    value = float(statistic(counts.sum(axis=0).astype(np.float64)))
    if math.isnan(value):
        return Coefficient(None)
    if not wanted:
        return Coefficient(value)
    drawing = drawing or Drawing()
    interval = bootstrap(counts, statistic, draws=drawing.draws, seed=drawing.seed)
    return Coefficient(value, None if any(map(math.isnan, interval)) else interval)


def _kappa(sums: FloatArray) -> FloatArray:
    """Return kappa from agreements and the uses of each label by both, ``[..., 1 + 2 K]``; NaN if undefined."""
    agreed, used = sums[..., 0], sums[..., 1:]
    first, second = np.split(used, 2, axis=-1)
    total = first.sum(axis=-1)
    by_chance = (first * second).sum(axis=-1)
    return _quotient(total * agreed - by_chance, total**2 - by_chance)


def _alpha_of(numbers: IntArray) -> Statistic:
    """Return alpha as a statistic.

    Args:
        numbers: the M numbers of values that a token may have.
    """

    def alpha(sums: FloatArray) -> FloatArray:
        """Return alpha from disagreements and the uses of each label, ``[..., M + K]``; NaN if undefined."""
        disagreed, used = sums[..., : len(numbers)] @ (1 / (numbers - 1)), sums[..., len(numbers) :]
        total = used.sum(axis=-1)
        by_chance = total**2 - (used**2).sum(axis=-1)
        return 1 - _quotient((total - 1) * disagreed, by_chance)

    return alpha


def _quotient(part: FloatArray, whole: FloatArray) -> FloatArray:
    nothing = np.full(np.shape(part), np.nan)
    result: FloatArray = np.divide(part, whole, out=nothing, where=np.asarray(whole) > 0)
    return result
