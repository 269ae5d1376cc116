"""Predict scores at other sizes of training data by power laws, weighted by how well they fit.

The error (one minus the score) of models trained on n sentences is modelled as a + b * n ** -c (Hestness et al. 2017;
Viering & Loog 2022 on curves of other shapes). Instead of a single fit, all laws of a grid (a, c, the noise between
seeds, and the deviation of true errors from any law) are weighted by their posterior probability, b is integrated out,
and intervals are those of the posterior predictions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

FEWEST_SIZES: Final = 3
"""Fewer sizes do not allow extrapolation."""
FEWEST_REPEATS: Final = 3
"""Runs beyond the first of each size, over all sizes; with fewer, the noise between seeds is unknown."""

_Array = NDArray[np.float64]

# The grid. All values of a row have the same prior probability, except the first and _OFF: see the _prior_* functions.
_SHARES_LEFT: Final = np.concatenate([np.linspace(-1.5, -0.1, 8), np.linspace(0, 0.96, 25)])
"""a, the irreducible error, as a share of the error at the largest size. If it is below 0, the curve becomes steeper,
as it does when learning begins late; that cannot last, but may continue beyond the next doubling."""
_EXPONENTS: Final = np.linspace(0.025, 1.5, 40)
"""c."""
_OFF: Final = np.geomspace(0.0025, 0.32, 8)
"""Standard deviation of true errors around a law, relative to the error."""
_NOISE_SLOPES: Final = np.array([0.0, 0.3, 0.6])
"""Negative exponent of the noise between seeds as a function of size."""
_NOISE_FACTORS: Final = np.geomspace(0.5, 2.5, 7)
"""The noise between seeds at the largest size, relative to the pooled estimate."""

_USUALLY_OFF: Final = 0.01
_TOO_FAR_OFF: Final = 0.1
_LEAST_NOISE: Final = 1e-5
_DRAWS: Final = 20_000
_INTERVAL: Final = (0.025, 0.975)


@dataclass(frozen=True)
class Point:
    """The scores of runs on about the same amount of data.

    Attributes:
        size: mean number of sentences.
        scores: of the runs, from 0 to 1.
    """

    size: float
    scores: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean score."""
        return math.fsum(self.scores) / len(self.scores)


@dataclass(frozen=True)
class Prediction:
    """The prediction for a size, with 95 % intervals.

    Attributes:
        size: number of sentences.
        score: predicted score, the median over all laws.
        mean: interval of the mean score over many seeds.
        run: interval of the score of one run.
        gain: median improvement over the largest size tried.
        gain_interval: interval of the mean improvement over many seeds.
    """

    size: float
    score: float
    mean: tuple[float, float]
    run: tuple[float, float]
    gain: float
    gain_interval: tuple[float, float]


class CannotTellError(Exception):
    """The scores do not allow predictions for other sizes; the message gives the reason."""


class CurveFit:
    """Power laws fitted to the scores at several sizes.

    Args:
        points: one for each size.

    Raises:
        CannotTellError: if there are too few, or they do not lie on any falling power law.
    """

    def __init__(self, points: Sequence[Point]) -> None:
        self.points = sorted(points, key=lambda point: point.size)
        repeats = sum(len(point.scores) - 1 for point in points)
        if len({point.size for point in points}) < FEWEST_SIZES:
            raise CannotTellError(
                f"expected {FEWEST_SIZES} sizes of training data or more, found {len(points)}: a line goes "
                "through any two"
            )
        if repeats < FEWEST_REPEATS:
            raise CannotTellError(
                f"expected several seeds for each size, found {repeats} runs beyond the first of their size: how much "
                "of a difference is chance is not known"
            )
        if not any(score for point in self.points for score in point.scores):
            raise CannotTellError("all scores are 0: learning has not begun")
        self.largest = self.points[-1].size
        self._sizes = np.array([point.size for point in self.points])
        self._weigh()
        if self.off > _TOO_FAR_OFF:
            raise CannotTellError(
                f"the scores do not lie on a falling power law (they are off by about {100 * self.off:.0f} % of the "
                "error). Where learning has hardly begun, leave out the smallest shares"
            )

    def _weigh(self) -> None:
        """Compute the posterior over the grid, and sample laws with their error at the largest size."""
        noise, log_weights = self._noises()  # (noises, points), (noises,)
        errors = np.array([1 - point.mean for point in self.points])
        of_means = noise**2 / np.array([len(point.scores) for point in self.points])
        # (noises, off, points)
        variances = of_means[:, None] + (_OFF[:, None] * errors) ** 2
        shapes = _shape(self._sizes / self.largest)  # (left, exponents, points)
        precision = 1 / variances
        squares = np.einsum("nop,lep->nole", precision, shapes**2)
        products = np.einsum("nop,lep->nole", precision * errors, shapes)
        total = (precision * errors**2).sum(-1) - np.log(precision).sum(-1)
        logs = (
            log_weights[:, None, None, None]
            + np.log(_prior_of_left())[:, None]
            + np.log(_prior_of_off())[:, None, None]
            - 0.5 * (total[..., None, None] + np.log(squares) - products**2 / squares)
        )
        weights = np.exp(logs - logs.max())
        weights /= weights.sum()
        self.off = float((weights.sum((0, 2, 3)) * _OFF).sum())
        random = np.random.default_rng(0)
        chosen = random.choice(weights.size, _DRAWS, p=weights.ravel())
        n, o, left, e = np.unravel_index(chosen, weights.shape)
        spread = 1 / np.sqrt(squares[n, o, left, e])
        self._error = products[n, o, left, e] / squares[n, o, left, e] + spread * random.normal(size=_DRAWS)
        self._left, self._exponent, self._off = _SHARES_LEFT[left], _EXPONENTS[e], _OFF[o]
        self._noise, self._noise_slope = noise[n, -1], self._slopes[n]
        self._normal = random.normal(size=(2, _DRAWS))

    def _noises(self) -> tuple[_Array, _Array]:
        """Return possible standard deviations between seeds at each size, and their log-weights."""
        freedom = np.array([len(point.scores) - 1 for point in self.points])
        squares = np.array(
            [sum((score - point.mean) ** 2 for score in point.scores) for point in self.points]
        )
        relative = self._sizes / self.largest
        noises, weights, slopes = [], [], []
        for slope in _NOISE_SLOPES:
            falls = relative**-slope
            pooled = math.sqrt(float((squares / falls**2).sum() / freedom.sum()))
            for factor in _NOISE_FACTORS:
                noise = np.maximum(factor * pooled, _LEAST_NOISE) * falls
                noises.append(noise)
                slopes.append(slope)
                weights.append(-(freedom * np.log(noise)).sum() - 0.5 * (squares / noise**2).sum())
        logs = np.array(weights)
        # Very improbable ones would only cost time.
        kept = logs > logs.max() - 6
        self._slopes = np.array(slopes)[kept]
        return np.array(noises)[kept], logs[kept]

    def curve(self, size: float) -> tuple[float, float, float]:
        """Return the median score at a size, and the interval of the mean over many seeds."""
        scores = 1 - self._errors(size)
        low, middle, high = np.quantile(scores, (_INTERVAL[0], 0.5, _INTERVAL[1]))
        return float(middle), float(low), float(high)

    def predict(self, size: float, *, seeds: int | None = None) -> Prediction:
        """Return the prediction for a size.

        Args:
            size: number of sentences.
            seeds: number of seeds for the interval of the mean; very many if left out.
        """
        errors = self._errors(size)
        noise = self._noise * (size / self.largest) ** -self._noise_slope * self._normal[1]
        of_mean = 1 - errors - (noise / math.sqrt(seeds) if seeds else 0)
        return Prediction(
            size,
            float(np.median(1 - errors)),
            _interval(of_mean),
            _interval(1 - errors - noise),
            float(np.median(self._error - errors)),
            tuple(np.quantile(self._error - errors, _INTERVAL).tolist()),
        )

    @cached_property
    def law(self) -> tuple[float, float, float]:
        """Posterior means of a and c in the law a + b * n ** -c, and the b that follows from them."""
        a, c = float((self._error * self._left).mean()), float(self._exponent.mean())
        return a, (float(self._error.mean()) - a) * self.largest**c, c

    def _errors(self, size: float) -> _Array:
        """Return the error at a size for each sampled law."""
        falls = self._left + (1 - self._left) * (size / self.largest) ** -self._exponent
        errors: _Array = np.clip(self._error * falls * (1 + self._off * self._normal[0]), 0, 1)
        return errors


def _shape(relative: _Array) -> _Array:
    """Return the error at sizes relative to that at size 1: (left, exponents, sizes)."""
    left = _SHARES_LEFT[:, None, None]
    shape: _Array = left + (1 - left) * relative ** -_EXPONENTS[:, None]
    return shape


def _prior_of_left() -> _Array:
    """Return the prior of the irreducible share: 30 % for zero, 35 % each for less and more."""
    less, more = _SHARES_LEFT < 0, _SHARES_LEFT > 0
    prior: _Array = 0.35 * less / less.sum() + 0.35 * more / more.sum() + 0.3 * (_SHARES_LEFT == 0)
    return prior


def _prior_of_off() -> _Array:
    """Return the prior of the deviation from a law: a half-Cauchy distribution, per octave."""
    probable: _Array = _OFF / (1 + (_OFF / _USUALLY_OFF) ** 2)
    return probable


def _interval(scores: _Array) -> tuple[float, float]:
    low, high = np.clip(np.quantile(scores, _INTERVAL), 0, 1).tolist()
    return low, high
