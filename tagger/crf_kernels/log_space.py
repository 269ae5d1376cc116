"""Forward-backward in log space, for scores with such a range that ``scaled`` would lose states to underflow.

L exponentials per label and step make it several times slower, but it works for scores of any range.

Letters: N packed tokens, L labels, n_0 sentences.
"""

from __future__ import annotations

import numpy as np

from tagger.crf_kernels.packing import Array, Bools, Packing
from tagger.crf_kernels.posteriors import LogPosterior, log_sum_exp
from tagger.crf_kernels.scores import PackedScores


def log_partition(scores: PackedScores, label_mask: Bools | None = None) -> Array:
    """Return log Z of each sentence with tokens, ``[n_0]``; -inf without a legal path.

    Args:
        scores: the scores of at least one token.
        label_mask: packed, ``[N, L]``: labels still possible; all if None.
    """
    return _forward(scores, _masked(scores, label_mask))[2]


def posterior(scores: PackedScores, label_mask: Bools | None = None) -> tuple[Array, LogPosterior]:
    """Return log Z, ``[n_0]``, and the marginals; those of a sentence without a legal path are 0."""
    packing = scores.packing
    emissions = _masked(scores, label_mask)
    alpha, levels, log_z = _forward(scores, emissions)
    beta = _backward(scores, emissions)
    # each token is normalised separately, so that its marginals sum to 1 however long the sentence is
    total = log_sum_exp(alpha + beta, axis=1)
    total[total == -np.inf] = 0.0
    beta -= total[:, None]
    after = slice(packing.num_first, None)
    target = emissions[after] + beta[after] - levels[after, None]
    return log_z, LogPosterior(np.exp(alpha + beta), alpha[packing.previous()], scores.transitions, target)


def _masked(scores: PackedScores, label_mask: Bools | None) -> Array:
    emissions = scores.emissions.astype(np.float64)
    return emissions if label_mask is None else np.where(label_mask, emissions, -np.inf)


def _forward(scores: PackedScores, emissions: Array) -> tuple[Array, Array, Array]:
    """Return the forward states, ``[N, L]`` with a maximum of 0, their levels, ``[N]``, and log Z, ``[n_0]``."""
    packing = scores.packing
    alpha, levels = np.empty_like(emissions), np.empty(len(emissions))
    tables = _tables(scores.transitions, packing)
    steps, emitted, level = packing.steps(alpha), packing.steps(emissions), packing.steps(levels)
    np.add(emitted[0], scores.start, out=steps[0])
    level[0][:] = _lower(steps[0])
    for step in range(1, len(steps)):
        before = steps[step - 1][: packing.counts[step], :, None]
        np.add(log_sum_exp(before + tables[step - 1], axis=1), emitted[step], out=steps[step])
        level[step][:] = _lower(steps[step])
    total = packing.sum_tokens(levels)[packing.first_rows]
    return alpha, levels, log_sum_exp(alpha[packing.last] + scores.end, axis=1) + total


def _backward(scores: PackedScores, emissions: Array) -> Array:
    """Return the backward states excluding their own emission, ``[N, L]`` with a maximum of 0."""
    packing = scores.packing
    beta = np.empty_like(emissions)
    tables = _tables(scores.transitions, packing)
    steps, emitted = packing.steps(beta), packing.steps(emissions)
    following = 0
    for step in reversed(range(len(steps))):
        if following:
            after = (steps[step + 1] + emitted[step + 1])[:, None, :]
            steps[step][:following] = log_sum_exp(after + tables[step], axis=2)
        steps[step][following:] = scores.end
        _lower(steps[step])
        following = len(steps[step])
    return beta


def _lower(states: Array) -> Array:
    """Subtract from each row its maximum, in place; return the maxima, 0 where all values are -inf."""
    top: Array = states.max(axis=1)
    top[top == -np.inf] = 0.0
    states -= top[:, None]
    return top


def _tables(transitions: Array, packing: Packing) -> list[Array]:
    """Return the transitions into each step after step 0."""
    if transitions.ndim == 2:
        return [transitions] * (len(packing.counts) - 1)
    return packing.steps_after_first(transitions)
