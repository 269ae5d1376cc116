"""Forward-backward with scaled probabilities (Rabiner 1989, section V.A), in float64.

A step costs one matrix product and one multiplication: ``alpha_t = (alpha_{t-1} @ E) * x_t`` with
``E = exp(transitions)`` and ``x = exp(emissions)``, shifted to maxima of 1 / L and 1. Every few steps the state is
divided by its sum, whose logarithm is added back at the end.

The danger is underflow: a state so improbable that it becomes 0, although later tokens or the constraints make it
necessary. It is always detected. One step shrinks a state by at most ``exp(-loss)``, with ``loss`` the range of the
emissions plus that of the transitions, so as long as no positive state is below ``exp(loss)`` times the smallest
number, none has become 0. Otherwise the functions here return None, and callers use ``log_space``.

Letters: N packed tokens, L labels, n_0 sentences.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.crf_kernels.packing import CACHED, Array, Bools, Packing
from tagger.crf_kernels.posteriors import ScaledPosterior
from tagger.crf_kernels.scores import PackedScores

# Logarithms, in nats. The smallest normal float64 is exp(-708).
_SMALLEST = -690.0
# Maximum loss of a state in one step, and between two normalisations
_MAX_STEP_LOSS = 330.0
_MAX_LOSS = 200.0
# Products of forward and backward states must stay above this, so that their reciprocals are finite
_SMALLEST_PRODUCT = 1e-200


@dataclass(frozen=True, slots=True)
class _Scaled:
    """Exponentiated scores, and the values needed to undo their scaling.

    Attributes:
        emissions: ``[N, L]``.
        states: ``[N, L]``, buffer for the forward states.
        nodes: ``[N, L]``, buffer for the marginals.
        transitions: ``[L, L]`` or ``[N - n_0, L, L]``.
        start: ``[L]``.
        end: ``[L]``.
        shift: added to the logarithm of a sentence's sum, ``[n_0]``.
        loss: the largest loss of one step in nats.
        interval: steps between two normalisations.
    """

    emissions: Array
    states: Array
    nodes: Array
    transitions: Array
    start: Array
    end: Array
    shift: Array
    loss: float
    interval: int


def log_partition(scores: PackedScores, label_mask: Bools | None = None) -> Array | None:
    """Return log Z of each sentence with tokens, ``[n_0]``; None if float64 cannot hold the states.

    Args:
        scores: the scores of at least one token.
        label_mask: packed, ``[N, L]``: labels still possible; all if None.
    """
    scaled = _scale(scores, label_mask)
    if scaled is None:
        return None
    result = _forward(scaled, scores.packing)
    return None if result is None else result[2]


def posterior(scores: PackedScores, label_mask: Bools | None = None) -> tuple[Array, ScaledPosterior] | None:
    """Return log Z, ``[n_0]``, and the marginals; None if float64 cannot hold the states.

    Marginals of a sentence without a legal path are 0.
    """
    scaled = _scale(scores, label_mask)
    if scaled is None:
        return None
    packing = scores.packing
    forward = _forward(scaled, packing)
    if forward is None:
        return None
    alpha, alpha_norms, log_z = forward
    nodes = scaled.nodes.reshape(-1).view(scores.emissions.dtype)[: alpha.size].reshape(alpha.shape)
    # scale factors of the pairs of each token
    scale, ones = np.ones(len(alpha)), np.ones(alpha.shape[1])
    lost = None
    if log_z.min() == -np.inf:
        lost = (packing.scatter_rows(log_z) == -np.inf)[packing.rows]
    for part, beta, gamma_norms in _backward(scaled, packing):
        products = np.multiply(alpha[part], beta, out=beta)
        total = products @ ones
        if lost is not None:
            # no legal path: products and states are 0, and so are the probabilities
            total[lost[part]] = 1.0
        if total.min() < _SMALLEST_PRODUCT:
            return None
        np.divide(products, total[:, None], out=nodes[part], casting="same_kind")
        # source @ factor is alpha before multiplication by x and division by the norm
        np.divide(gamma_norms, alpha_norms[part] * total, out=scale[part])
    gamma = scaled.emissions
    if _underflow(gamma, scaled.loss):
        return None
    if lost is not None:
        gamma[lost] = 0.0
    after = slice(packing.num_first, None)
    source = alpha[packing.previous()]
    return log_z, ScaledPosterior(nodes, source, scaled.transitions, gamma[after], scale[after])


def _scale(scores: PackedScores, label_mask: Bools | None) -> _Scaled | None:
    """Return the exponentiated scores; None if a single step could lose more than float64 holds."""
    packing = scores.packing
    emissions: NDArray[Any] = scores.emissions
    factors = np.concatenate([scores.start, scores.end, scores.transitions.ravel()])
    top, bottom = float(factors.max()), float(factors.min())
    if bottom == -np.inf:
        bottom = float(factors.min(initial=np.inf, where=factors > -np.inf))
        if top == -np.inf:
            top = bottom = 0.0
    num_labels = len(scores.start)
    log_labels = float(np.log(num_labels))
    spread = top - bottom + log_labels
    high, low = float(emissions.max()), float(emissions.min())
    shift = np.multiply(packing.lengths, high, dtype=np.float64)
    if not high - low <= _MAX_STEP_LOSS - spread:
        # emissions of very different levels: each token gets its own shift
        level: Array = emissions.max(axis=1).astype(np.float64)
        level[level == -np.inf] = 0.0
        emissions = emissions - level[:, None]
        high, low = 0.0, float(emissions.min())
        shift = packing.sum_tokens(level)[packing.first_rows]
    loss = high - low + spread
    if not loss <= _MAX_STEP_LOSS:
        return None
    # one allocation for all buffers: allocators return large blocks to the system while they are small compared to all
    # memory in use, and getting them back costs more than the computation
    scaled, states, nodes = np.empty((3, *emissions.shape))
    np.subtract(emissions, high, out=scaled)
    np.exp(scaled, out=scaled)
    if label_mask is not None:
        scaled *= label_mask
    # divided by L, so that sums can only shrink; a sentence of n tokens has n + 1 factors
    factors -= top + log_labels
    np.exp(factors, out=factors)
    shift = shift + (packing.lengths + 1) * (top + log_labels)
    start, end = factors[:num_labels], factors[num_labels : 2 * num_labels]
    transitions = factors[2 * num_labels :].reshape(scores.transitions.shape)
    return _Scaled(
        scaled, states, nodes, transitions, start, end, shift, loss, max(1, int(_MAX_LOSS / max(loss, 1.0)))
    )


def _forward(scaled: _Scaled, packing: Packing) -> tuple[Array, Array, Array] | None:
    """Return the forward states ``[N, L]``, the norm each was divided by ``[N]``, and log Z ``[n_0]``."""
    alpha = scaled.states
    norms = np.ones(len(alpha))
    log_norm, ones = np.zeros(packing.num_first), np.ones(alpha.shape[1])
    advance, factors = _advance(scaled.transitions, packing)
    steps, emitted = packing.steps(alpha), packing.steps(scaled.emissions)
    state, entered = steps[0], np.empty_like(steps[0])
    np.multiply(emitted[0], scaled.start, out=state)
    for step in range(1, len(steps)):
        last, state = state, steps[step]
        if len(state) < len(last):
            last, entered = last[: len(state)], entered[: len(state)]
        advance(last, factors[step - 1], entered)
        np.multiply(entered, emitted[step], out=state)
        if step % scaled.interval == 0:
            norm = _normalise(state, ones)
            norms[packing.offsets[step] : packing.offsets[step + 1]] = norm
            log_norm[: len(norm)] += np.log(norm)
    if _underflow(alpha, scaled.loss):
        return None
    total = alpha[packing.last] @ scaled.end
    with np.errstate(divide="ignore"):
        return alpha, norms, np.log(total) + log_norm + scaled.shift


def _backward(scaled: _Scaled, packing: Packing) -> Iterator[tuple[slice, Array, Array]]:
    """Run from the last step to the first, a few steps at a time, so that intermediate results stay in cache.

    Yields:
        the slice of tokens; their backward states excluding their own emission, valid until the next iteration; and
        the norms of the backward states including it, which overwrite the emissions.
    """
    gamma, offsets = scaled.emissions, packing.offsets
    states = packing.steps(gamma)
    advance, factors = _advance(np.ascontiguousarray(scaled.transitions.swapaxes(-1, -2)), packing)
    beta = np.empty((min(len(gamma), max(packing.num_first, CACHED // gamma.shape[1])), gamma.shape[1]))
    following, end, ones = 0, len(states), np.ones(gamma.shape[1])
    while end:
        # the steps from first to end fit into beta
        first = min(bisect_left(offsets, offsets[end] - len(beta)), end - 1)
        low, high = offsets[first], offsets[end]
        norms = np.ones(high - low)
        for step in reversed(range(first, end)):
            state, place = states[step], slice(offsets[step] - low, offsets[step + 1] - low)
            now = beta[place]
            if following:
                advance(states[step + 1], factors[step], now[:following])
            if following < len(now):
                # these sentences end here
                now[following:] = scaled.end
            following = len(now)
            np.multiply(state, now, out=state)
            if step % scaled.interval == 0:
                norms[place] = _normalise(state, ones)
        yield slice(low, high), beta[: high - low], norms
        end = first


def _advance(
    transitions: Array, packing: Packing
) -> tuple[Callable[[Array, Array, Array], object], list[Array]]:
    """Return a function that multiplies states by transitions, and the transitions into each step after step 0."""
    if transitions.ndim == 2:
        return np.dot, [transitions] * (len(packing.counts) - 1)
    return _multiply_each, packing.steps_after_first(transitions)


def _multiply_each(states: Array, transitions: Array, out: Array) -> None:
    np.matmul(states[:, None, :], transitions, out=out[:, None, :])


def _normalise(states: Array, ones: Array) -> Array:
    """Divide each row by its sum, in place; return the sums, 1 where the sum is 0.

    Args:
        states: ``[n, L]``.
        ones: ``[L]``; the product with them is the fastest way to sum short rows.
    """
    norms = states @ ones
    norms[norms == 0] = 1.0
    states /= norms[:, None]
    return norms


def _underflow(states: Array, loss: float) -> bool:
    """Return whether a positive state is so small that another may have become 0."""
    floor = np.exp(_SMALLEST + loss)
    return bool(states.min() < floor) and bool(((states < floor) & (states > 0)).any())
