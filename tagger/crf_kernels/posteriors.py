"""Results of forward-backward: node and pair marginals, from scaled probabilities or in log space.

Both classes have the same interface. No table of all pairs of all tokens is kept, which would be L times the size of
everything else.

Letters: N packed tokens, L labels, n_0 sentences with tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tagger.crf_kernels.packing import Array, Ints, parts

_ALL: Final = slice(None)


@dataclass(frozen=True, slots=True)
class ScaledPosterior:
    """Marginals of a batch of chains.

    The probability of label j at a token and label i at the one before it is
    ``source[i] * factor[i, j] * target[j] * scale``, with the entries of the former token.

    Attributes:
        nodes: probability of each label, ``[N, L]`` in the precision of the emissions.
        source: ``[N - n_0, L]``, for the token before each token after step 0.
        factor: exponentiated transitions, ``[L, L]`` or ``[N - n_0, L, L]``.
        target: ``[N - n_0, L]``, for each token after step 0.
        scale: ``[N - n_0]``.
    """

    nodes: NDArray[Any]
    source: Array
    factor: Array
    target: Array
    scale: Array

    def expected_transitions(self, weights: Array) -> Array:
        """Return the weighted sum of the pair probabilities, ``[L, L]``; of each token if they have own tables.

        Args:
            weights: ``[N - n_0]``.
        """
        if self.factor.ndim == 3:
            return self.pairs() * weights[:, None, None]
        counts = np.zeros_like(self.factor)
        scale = self.scale * weights
        for part in parts(len(scale), len(counts)):
            counts += self.source[part].T @ (self.target[part] * scale[part, None])
        return _times_factor(counts, self.factor)

    def pairs(self, part: slice = _ALL) -> Array:
        """Return the probability of each pair, ``[N - n_0, L, L]``, or of those of a part of the tokens."""
        counts = self.source[part, :, None] * (self.target[part] * self.scale[part, None])[:, None, :]
        return _times_factor(counts, self.factor if self.factor.ndim == 2 else self.factor[part])

    def pairs_from(self, labels: Ints) -> Array:
        """Return the probability of each pair whose first label is a given one, ``[N - n_0, L]``.

        Args:
            labels: of the token before each token after step 0, ``[N - n_0]``.
        """
        rows = np.arange(len(labels))
        factor = self.factor[labels] if self.factor.ndim == 2 else self.factor[rows, labels]
        return _times_factor(self.target * (self.source[rows, labels] * self.scale)[:, None], factor)

    def repeats(self) -> Array:
        """Return the probability of each pair of equal labels, ``[N - n_0, L]``."""
        factor = np.diagonal(self.factor, axis1=-2, axis2=-1)
        return _times_factor(self.source * self.target * self.scale[:, None], factor)

    def before(self, tokens: Ints) -> Array:
        """Return the log of the forward states that enter tokens, ``[n, L]``, each up to a constant.

        Args:
            tokens: places after step 0, ``[n]``.
        """
        with np.errstate(divide="ignore"):
            return np.log(_vectors_times(self.source[tokens], self._factors(tokens)))

    def after(self, tokens: Ints) -> Array:
        """Return the log of the backward states that leave the tokens before these, ``[n, L]``; as ``before``."""
        with np.errstate(divide="ignore"):
            return np.log(_vectors_times(self.target[tokens], self._factors(tokens).swapaxes(-1, -2)))

    def _factors(self, tokens: Ints) -> Array:
        return self.factor if self.factor.ndim == 2 else self.factor[tokens]

    def expected_scores(self, transitions: Array) -> Array:
        """Return the expected transition score of each token after step 0, ``[N - n_0]``."""
        weighted = self.factor * np.where(self.factor > 0, transitions, 0.0)
        if weighted.ndim == 3:
            expected: Array = np.einsum("ni,nij,nj->n", self.source, weighted, self.target)
        else:
            expected = np.einsum("nj,nj->n", self.source @ weighted, self.target)
        return expected * self.scale


@dataclass(frozen=True, slots=True)
class LogPosterior:
    """Marginals of a batch of chains.

    The probability of label i at token t - 1 and label j at token t is
    ``exp(source[t - 1, i] + transitions[i, j] + target[t, j])``.

    Attributes:
        nodes: probability of each label, ``[N, L]``.
        source: ``[N - n_0, L]``, for the token before each token after step 0.
        transitions: ``[L, L]`` or ``[N - n_0, L, L]``.
        target: ``[N - n_0, L]``.
    """

    nodes: Array
    source: Array
    transitions: Array
    target: Array

    def expected_transitions(self, weights: Array) -> Array:
        """Return the weighted sum of the pair probabilities, ``[L, L]``; of each token if they have own tables.

        Args:
            weights: ``[N - n_0]``.
        """
        if self.transitions.ndim == 3:
            return self.pairs() * weights[:, None, None]
        total = np.zeros_like(self.transitions)
        for part in parts(len(self.source), self.nodes.shape[1] ** 2):
            total += np.tensordot(weights[part], self.pairs(part), axes=1)
        return total

    def pairs(self, part: slice = _ALL) -> Array:
        """Return the probability of each pair, ``[N - n_0, L, L]``, or of those of a part of the tokens."""
        table = self.transitions if self.transitions.ndim == 2 else self.transitions[part]
        pairs: Array = np.exp(self.source[part, :, None] + table + self.target[part, None, :])
        return pairs

    def pairs_from(self, labels: Ints) -> Array:
        """Return the probability of each pair whose first label is a given one, ``[N - n_0, L]``.

        Args:
            labels: of the token before each token after step 0, ``[N - n_0]``.
        """
        rows = np.arange(len(labels))
        table = self.transitions[labels] if self.transitions.ndim == 2 else self.transitions[rows, labels]
        pairs: Array = np.exp(self.source[rows, labels][:, None] + table + self.target)
        return pairs

    def repeats(self) -> Array:
        """Return the probability of each pair of equal labels, ``[N - n_0, L]``."""
        pairs: Array = np.exp(self.source + np.diagonal(self.transitions, axis1=-2, axis2=-1) + self.target)
        return pairs

    def before(self, tokens: Ints) -> Array:
        """Return the log of the forward states that enter tokens, ``[n, L]``, each up to a constant.

        Args:
            tokens: places after step 0, ``[n]``.
        """
        return log_sum_exp(self.source[tokens][:, :, None] + self._tables(tokens), axis=1)

    def after(self, tokens: Ints) -> Array:
        """Return the log of the backward states that leave the tokens before these, ``[n, L]``; as ``before``."""
        return log_sum_exp(self.target[tokens][:, None, :] + self._tables(tokens), axis=2)

    def _tables(self, tokens: Ints) -> Array:
        return self.transitions if self.transitions.ndim == 2 else self.transitions[tokens]

    def expected_scores(self, transitions: Array) -> Array:
        """Return the expected transition score of each token after step 0, ``[N - n_0]``."""
        finite = np.where(transitions > -np.inf, transitions, 0.0)
        expected = np.empty(len(self.source))
        for part in parts(len(self.source), self.nodes.shape[1] ** 2):
            table = finite if finite.ndim == 2 else finite[part]
            expected[part] = (self.pairs(part) * table).sum(axis=(1, 2))
        return expected


Posterior: TypeAlias = ScaledPosterior | LogPosterior


def log_sum_exp(values: Array, axis: int) -> Array:
    """Return the logarithm of the sum of exponentials along an axis, -inf where all are -inf."""
    top: Array = values.max(axis=axis, keepdims=True)
    top[top == -np.inf] = 0.0
    with np.errstate(divide="ignore"):
        total: Array = np.log(np.exp(values - top).sum(axis=axis))
    return total + top.squeeze(axis)


def _vectors_times(vectors: Array, tables: Array) -> Array:
    """Return the product of each row with the one table, or with its own table."""
    product: Array = (vectors[:, None, :] @ tables)[:, 0]
    return product


def _times_factor(counts: Array, factor: Array) -> Array:
    """Multiply in place; 0 where the factor is 0, even if the count is infinite there."""
    np.copyto(counts, 0.0, where=factor == 0)
    counts *= factor
    return counts
