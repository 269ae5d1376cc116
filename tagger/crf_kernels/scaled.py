"""Forward-backward on probabilities that are scaled as they go (Rabiner 1989, section V.A), in float64.

A step costs one matrix product and one multiplication: ``alpha_t = (alpha_{t-1} @ E) * x_t`` with
``E = exp(transitions)``, ``x = exp(emissions)``, both shifted to a maximum of 1. Every few steps the state is
divided by its sum, whose logarithm is added back in the end.

What can go wrong is underflow: a state so improbable that it becomes 0, although later tokens or the
constraints make it necessary. It cannot go unnoticed. One step shrinks a state by at most ``exp(-loss)``, with
``loss`` the range of the emissions plus that of the transitions, so as long as no positive state is
below ``exp(loss)`` times the smallest number, none has become 0. The functions here give None otherwise, and
``log_space`` does the work.

Letters: N packed tokens, L labels, n_0 sentences.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tagger.crf_kernels.packing import Array, Bools, Packing
from tagger.crf_kernels.scores import PackedScores

# Logarithms, in nats. The smallest normal float64 is exp(-708).
_SMALLEST = -690.0
# What a state may lose in one step, and between two normalisations
_MAX_STEP_LOSS = 330.0
_MAX_LOSS = 200.0
# Products of forward and backward states must stay above this, so that their reciprocals are no infinities
_SMALLEST_PRODUCT = 1e-200


@dataclass(frozen=True, slots=True)
class ScaledPosterior:
    """Marginals of a batch of chains.

    The probability of labels i, j at token t - 1, t is ``source[t - 1, i] * factor[i, j] * target[t, j]``.

    Attributes:
        nodes: probability of each label, ``[N, L]``.
        source: ``[N - n_0, L]``, of the token before each token behind step 0.
        factor: exponentiated transitions, ``[L, L]`` or ``[N - n_0, L, L]``.
        target: ``[N - n_0, L]``.
    """

    nodes: Array
    source: Array
    factor: Array
    target: Array

    def expected_transitions(self, weights: Array) -> Array:
        """Return the weighted sum of the pair probabilities, ``[L, L]``; of each token if they have own tables.

        Args:
            weights: ``[N - n_0]``.
        """
        if self.factor.ndim == 3:
            return self.pairs() * weights[:, None, None]
        counts = self.source.T @ (self.target * weights[:, None])
        # where the factor is 0 the product of the other two may be infinite
        return np.multiply(counts, self.factor, out=np.zeros_like(counts), where=self.factor > 0)

    def pairs(self) -> Array:
        """Return the probability of each pair, ``[N - n_0, L, L]``."""
        counts = self.source[:, :, None] * self.target[:, None, :]
        return np.multiply(counts, self.factor, out=np.zeros_like(counts), where=self.factor > 0)

    def expected_scores(self, transitions: Array) -> Array:
        """Return the expected transition score of each token behind step 0, ``[N - n_0]``."""
        weighted = self.factor * np.where(self.factor > 0, transitions, 0.0)
        if weighted.ndim == 3:
            return np.einsum("ni,nij,nj->n", self.source, weighted, self.target)
        return np.einsum("nj,nj->n", self.source @ weighted, self.target)


@dataclass(frozen=True, slots=True)
class _Scaled:
    """Exponentiated scores, and what is needed to undo their scaling.

    Attributes:
        emissions: ``[N, L]``.
        transitions: ``[L, L]`` or ``[N - n_0, L, L]``.
        start: ``[L]``.
        end: ``[L]``.
        shift: what to add to the logarithm of a sentence's sum, ``[n_0]``.
        loss: the largest loss of one step in nats.
        interval: steps between two normalisations.
    """

    emissions: Array
    transitions: Array
    start: Array
    end: Array
    shift: Array
    loss: float
    interval: int


def log_partition(scores: PackedScores, label_mask: Bools | None = None) -> Array | None:
    """Return log Z of each sentence with tokens, ``[n_0]``; None if float64 cannot hold the states.

    Args:
        scores: of at least one token.
        label_mask: packed, ``[N, L]``: labels still possible; all if None.
    """
    scaled = _scale(scores, label_mask)
    if scaled is None:
        return None
    result = _forward(scaled, scores.packing)
    return None if result is None else result[2]


def posterior(scores: PackedScores, label_mask: Bools | None = None) -> tuple[Array, ScaledPosterior] | None:
    """Return log Z, ``[n_0]``, and the marginals; None if float64 cannot hold the states.

    Marginals of a sentence without legal path are 0.
    """
    scaled = _scale(scores, label_mask)
    if scaled is None:
        return None
    packing = scores.packing
    forward = _forward(scaled, packing)
    if forward is None:
        return None
    alpha, alpha_norms, log_z = forward
    backward = _backward(scaled, packing)
    if backward is None:
        return None
    beta, gamma, gamma_norms = backward
    nodes = np.multiply(alpha, beta, out=beta)
    total = nodes @ np.ones(nodes.shape[1])
    if total.min() < _SMALLEST_PRODUCT:
        lost = np.isneginf(packing.scatter_rows(log_z))[packing.rows]
        if (total[~lost] < _SMALLEST_PRODUCT).any():
            return None
        total[lost] = 1.0
        nodes[lost] = 0.0
        gamma[lost] = 0.0
    nodes /= total[:, None]
    behind = slice(packing.num_first, None)
    # source @ factor is alpha before its multiplication by x and its division by the norm
    target = gamma[behind]
    target *= (gamma_norms[behind] / (alpha_norms[behind] * total[behind]))[:, None]
    return log_z, ScaledPosterior(nodes, alpha[packing.previous()], scaled.transitions, target)


def _scale(scores: PackedScores, label_mask: Bools | None) -> _Scaled | None:
    """Return the exponentiated scores; None if a single step could lose more than float64 holds."""
    packing, emissions = scores.packing, scores.emissions
    tables = (scores.transitions, scores.start, scores.end)
    # a table without any finite score has nothing to shift, and no range
    tops = [float(table.max(initial=-np.inf)) for table in tables]
    tops = [top if top > -np.inf else 0.0 for top in tops]
    bottoms = [
        float(table.min(initial=top, where=table > -np.inf)) for table, top in zip(tables, tops, strict=True)
    ]
    log_labels = float(np.log(len(scores.start)))
    spread = sum(tops) - sum(bottoms) + log_labels
    lengths = packing.lengths()
    high, low = float(emissions.max()), float(emissions.min())
    shift = lengths * high
    if not high - low <= _MAX_STEP_LOSS - spread:
        # tokens of very different level: each gets its own shift
        level = emissions.max(axis=1).astype(np.float64)
        level[level == -np.inf] = 0.0
        emissions = emissions - level[:, None]
        high, low = 0.0, float(emissions.min())
        shift = np.bincount(packing.rows, level, packing.shape[0])[packing.first_rows]
    loss = high - low + spread
    if not loss <= _MAX_STEP_LOSS:
        return None
    scaled = np.subtract(emissions, high, dtype=np.float64)
    np.exp(scaled, out=scaled)
    if label_mask is not None:
        scaled *= label_mask
    # divided by L, so that sums can only shrink
    tops = [top + log_labels for top in tops]
    shift = shift + (lengths - 1) * tops[0] + tops[1] + tops[2]
    factors = [np.exp(table - top) for table, top in zip(tables, tops, strict=True)]
    return _Scaled(scaled, *factors, shift, loss, max(1, int(_MAX_LOSS / max(loss, 1.0))))


def _forward(scaled: _Scaled, packing: Packing) -> tuple[Array, Array, Array] | None:
    """Return the forward states ``[N, L]``, what each was divided by ``[N]``, and log Z ``[n_0]``."""
    alpha = np.empty_like(scaled.emissions)
    norms = np.ones(len(alpha))
    log_norm = np.zeros(packing.num_first)
    advance, factors = _advance(scaled.transitions, packing)
    steps, emitted = packing.steps(alpha), packing.steps(scaled.emissions)
    before = np.empty_like(steps[0])
    np.multiply(emitted[0], scaled.start, out=steps[0])
    for step in range(1, len(steps)):
        count = packing.counts[step]
        now, last = steps[step], steps[step - 1]
        if count < len(before):
            before = before[:count]
        if count < len(last):
            last = last[:count]
        advance(last, factors[step - 1], before)
        np.multiply(before, emitted[step], out=now)
        if step % scaled.interval == 0:
            norm = _normalise(now)
            norms[packing.offsets[step] : packing.offsets[step + 1]] = norm
            log_norm[:count] += np.log(norm)
    if _underflow(alpha, scaled.loss):
        return None
    total = alpha[packing.last] @ scaled.end
    with np.errstate(divide="ignore"):
        return alpha, norms, np.log(total) + log_norm + scaled.shift


def _backward(scaled: _Scaled, packing: Packing) -> tuple[Array, Array, Array] | None:
    """Return the backward states without and with their own emission, ``[N, L]``, and what the latter was divided by.

    The latter take the place of the emissions.
    """
    gamma = scaled.emissions
    beta = np.empty_like(gamma)
    norms = np.ones(len(gamma))
    turned = scaled.transitions.swapaxes(-1, -2)
    advance, factors = _advance(turned, packing)
    steps, states = packing.steps(beta), packing.steps(gamma)
    following = 0
    for step in reversed(range(len(steps))):
        now = steps[step]
        if following:
            advance(states[step + 1], factors[step], now[:following])
        if following < len(now):
            # these sentences end here
            now[following:] = scaled.end
        following = len(now)
        np.multiply(states[step], now, out=states[step])
        if step % scaled.interval == 0:
            norms[packing.offsets[step] : packing.offsets[step + 1]] = _normalise(states[step])
    return None if _underflow(gamma, scaled.loss) else (beta, gamma, norms)


def _advance(
    transitions: Array, packing: Packing
) -> tuple[Callable[[Array, Array, Array], object], list[Array]]:
    """Return how a state is multiplied by transitions, and the transitions into each step behind step 0."""
    if transitions.ndim == 2:
        return np.dot, [transitions] * (len(packing.counts) - 1)
    return _multiply_each, packing.steps_behind_first(transitions)


def _multiply_each(states: Array, transitions: Array, out: Array) -> None:
    np.matmul(states[:, None, :], transitions, out=out[:, None, :])


def _normalise(states: Array) -> Array:
    """Divide each row by its sum, in place; return the sums, 1 where there is nothing to divide."""
    norms = states @ np.ones(states.shape[1])
    norms[norms == 0] = 1.0
    states /= norms[:, None]
    return norms


def _underflow(states: Array, loss: float) -> bool:
    """Return whether a positive state is so small that another may have become 0."""
    small = states < np.exp(_SMALLEST + loss)
    return bool(small.any()) and bool((states[small] > 0).any())
