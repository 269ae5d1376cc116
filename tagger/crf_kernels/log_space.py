"""Forward-backward on logarithms: for scores of such a range that ``scaled`` would lose states to underflow.

L exponentials per label and step make it several times slower, and nothing can make it wrong.

Letters: N packed tokens, L labels, n_0 sentences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tagger.crf_kernels.packing import Array, Bools, Ints, Packing, parts
from tagger.crf_kernels.scores import PackedScores


@dataclass(frozen=True, slots=True)
class LogPosterior:
    """Marginals of a batch of chains.

    The probability of labels i, j at token t - 1, t is
    ``exp(source[t - 1, i] + transitions[i, j] + target[t, j])``.

    Attributes:
        nodes: probability of each label, ``[N, L]``.
        source: ``[N - n_0, L]``, of the token before each token behind step 0.
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
            total += np.tensordot(weights[part], self._pairs(part), axes=1)
        return total

    def pairs(self) -> Array:
        """Return the probability of each pair, ``[N - n_0, L, L]``."""
        return self._pairs(slice(None))

    def before(self, tokens: Ints) -> Array:
        """Return the log of the forward states that enter tokens, ``[n, L]``, each up to a constant.

        Args:
            tokens: places behind step 0, ``[n]``.
        """
        return _log_sum_exp(self.source[tokens][:, :, None] + self._tables(tokens), axis=1)

    def after(self, tokens: Ints) -> Array:
        """Return the log of the backward states that leave the tokens before these, ``[n, L]``; as ``before``."""
        return _log_sum_exp(self.target[tokens][:, None, :] + self._tables(tokens), axis=2)

    def _tables(self, tokens: Ints) -> Array:
        return self.transitions if self.transitions.ndim == 2 else self.transitions[tokens]

    def expected_scores(self, transitions: Array) -> Array:
        """Return the expected transition score of each token behind step 0, ``[N - n_0]``."""
        finite = np.where(transitions > -np.inf, transitions, 0.0)
        expected = np.empty(len(self.source))
        for part in parts(len(self.source), self.nodes.shape[1] ** 2):
            table = finite if finite.ndim == 2 else finite[part]
            expected[part] = (self._pairs(part) * table).sum(axis=(1, 2))
        return expected

    def _pairs(self, part: slice) -> Array:
        table = self.transitions if self.transitions.ndim == 2 else self.transitions[part]
        pairs: Array = np.exp(self.source[part, :, None] + table + self.target[part, None, :])
        return pairs


def log_partition(scores: PackedScores, label_mask: Bools | None = None) -> Array:
    """Return log Z of each sentence with tokens, ``[n_0]``; -inf without legal path.

    Args:
        scores: of at least one token.
        label_mask: packed, ``[N, L]``: labels still possible; all if None.
    """
    return _forward(scores, _masked(scores, label_mask))[2]


def posterior(scores: PackedScores, label_mask: Bools | None = None) -> tuple[Array, LogPosterior]:
    """Return log Z, ``[n_0]``, and the marginals; those of a sentence without legal path are 0."""
    packing = scores.packing
    emissions = _masked(scores, label_mask)
    alpha, levels, log_z = _forward(scores, emissions)
    beta = _backward(scores, emissions)
    # each token has its own level, so that its marginals sum to 1 however long the sentence
    total = _log_sum_exp(alpha + beta, axis=1)
    total[total == -np.inf] = 0.0
    beta -= total[:, None]
    behind = slice(packing.num_first, None)
    target = emissions[behind] + beta[behind] - levels[behind, None]
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
        np.add(_log_sum_exp(before + tables[step - 1], axis=1), emitted[step], out=steps[step])
        level[step][:] = _lower(steps[step])
    total = packing.sum_tokens(levels)[packing.first_rows]
    return alpha, levels, _log_sum_exp(alpha[packing.last] + scores.end, axis=1) + total


def _backward(scores: PackedScores, emissions: Array) -> Array:
    """Return the backward states without their own emission, ``[N, L]`` with a maximum of 0."""
    packing = scores.packing
    beta = np.empty_like(emissions)
    tables = _tables(scores.transitions, packing)
    steps, emitted = packing.steps(beta), packing.steps(emissions)
    following = 0
    for step in reversed(range(len(steps))):
        if following:
            behind = (steps[step + 1] + emitted[step + 1])[:, None, :]
            steps[step][:following] = _log_sum_exp(behind + tables[step], axis=2)
        steps[step][following:] = scores.end
        _lower(steps[step])
        following = len(steps[step])
    return beta


def _lower(states: Array) -> Array:
    """Subtract from each row its maximum, in place; return the maxima, 0 where all is -inf."""
    top: Array = states.max(axis=1)
    top[top == -np.inf] = 0.0
    states -= top[:, None]
    return top


def _tables(transitions: Array, packing: Packing) -> list[Array]:
    """Return the transitions into each step behind step 0."""
    if transitions.ndim == 2:
        return [transitions] * (len(packing.counts) - 1)
    return packing.steps_behind_first(transitions)


def _log_sum_exp(values: Array, axis: int) -> Array:
    top: Array = values.max(axis=axis, keepdims=True)
    top[top == -np.inf] = 0.0
    with np.errstate(divide="ignore"):
        total: Array = np.log(np.exp(values - top).sum(axis=axis))
    return total + top.squeeze(axis)
