"""Log-partition and log-likelihoods of a batch of chains with closed-form gradients.

The gradient of log Z is the expected count of each score; that of a log-likelihood is the count in the target minus
the expected count (Sutton & McCallum 2012, section 4.1).

Letters: B sentences, T positions, N packed tokens, L labels, n_0 sentences with tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tagger.crf_kernels import log_space, scaled
from tagger.crf_kernels.packing import Array, Bools, Ints
from tagger.crf_kernels.posteriors import Posterior
from tagger.crf_kernels.scores import PackedScores


class Gradient(NamedTuple):
    """Derivatives with respect to the scores, in their padded shapes; 0 where masked or forbidden."""

    emissions: NDArray[Any]
    transitions: Array
    start: Array
    end: Array


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Values of a batch, and everything needed for their gradient.

    Attributes:
        values: ``[B]`` in nats.
        scores: the scores they were computed from.
        labels: the gold labels whose scores are part of the value, ``[N]``; None if there are none.
        posteriors: the sign and the posterior of each log Z that is part of the value.
    """

    values: Array
    scores: PackedScores
    labels: Ints | None
    posteriors: tuple[tuple[float, Posterior], ...]

    def gradient(self, weights: Array) -> Gradient:
        """Return the gradient of the weighted sum of the values; rows with value -inf contribute nothing.

        Args:
            weights: ``[B]``.
        """
        scores, packing = self.scores, self.scores.packing
        first, after = slice(packing.num_first), slice(packing.num_first, None)
        # weight of each token
        weights = np.where(np.isfinite(self.values), weights, 0.0)[packing.rows]
        emissions: NDArray[Any] = np.empty(())
        transitions, start, end = (np.zeros_like(table) for table in scores[2:])
        for number, (sign, posterior) in enumerate(self.posteriors):
            signed = sign * weights
            expected = posterior.nodes * signed.astype(scores.emissions.dtype)[:, None]
            emissions = np.add(emissions, expected, out=expected) if number else expected
            transitions += posterior.expected_transitions(signed[after])
            start += signed[first] @ posterior.nodes[first]
            end += signed[packing.last] @ posterior.nodes[packing.last]
        if self.labels is not None:
            emissions.reshape(-1)[np.arange(0, emissions.size, len(start)) + self.labels] += weights
            transitions += _path_transitions(self.labels, scores, weights[after])
            start += np.bincount(self.labels[first], weights[first], len(start))
            end += np.bincount(self.labels[packing.last], weights[packing.last], len(end))
        if transitions.ndim == 3:
            transitions = packing.unpack_entered(transitions)
        return Gradient(packing.unpack(emissions), transitions, start, end)


def log_partition(scores: PackedScores, label_mask: Bools | None = None) -> Array:
    """Return log Z, ``[B]`` in nats: 0 for empty rows, -inf without a legal path.

    Args:
        scores: the scores of any batch.
        label_mask: packed, ``[N, L]``: labels still possible; all if None.
    """
    if not scores.packing.counts:
        return np.zeros(scores.packing.shape[0])
    log_z = scaled.log_partition(scores, label_mask)
    return scores.packing.scatter_rows(
        log_space.log_partition(scores, label_mask) if log_z is None else log_z
    )


def posterior(scores: PackedScores, label_mask: Bools | None = None) -> tuple[Array, Posterior]:
    """Return log Z, ``[B]`` in nats, and the marginals.

    Args:
        scores: the scores of at least one token.
        label_mask: packed, ``[N, L]``: labels still possible; all if None.
    """
    log_z, found = scaled.posterior(scores, label_mask) or log_space.posterior(scores, label_mask)
    return scores.packing.scatter_rows(log_z), found


def log_likelihood(
    scores: PackedScores,
    *,
    labels: Ints | None = None,
    label_mask: Bools | None = None,
    normalised: bool = True,
) -> Array:
    """Return the log-probability of the labels, or of all labellings within the mask, ``[B]``, at most 0.

    Args:
        scores: the scores of any batch.
        labels: packed, ``[N]``.
        label_mask: packed, ``[N, L]``; only without labels.
        normalised: False for the unnormalised value: the score of the labels, or log Z within the mask.
    """
    numerator = log_partition(scores, label_mask) if labels is None else path_scores(labels, scores)
    return log_ratio(numerator, log_partition(scores)) if normalised else numerator


def differentiable_log_likelihood(
    scores: PackedScores,
    *,
    labels: Ints | None = None,
    label_mask: Bools | None = None,
    normalised: bool = True,
) -> Likelihood:
    """Return the result of ``log_likelihood`` for at least one token, with everything needed for its gradient."""
    posteriors: list[tuple[float, Posterior]] = []
    if labels is None:
        values, target = posterior(scores, label_mask)
        posteriors.append((1.0, target))
    else:
        values = path_scores(labels, scores)
    if normalised:
        log_z, everything = posterior(scores)
        values = log_ratio(values, log_z)
        posteriors.append((-1.0, everything))
    return Likelihood(values, scores, labels, tuple(posteriors))


def path_scores(labels: Ints, scores: PackedScores) -> Array:
    """Return the score of one labelling per sentence, ``[B]`` in nats; -inf if it is forbidden, 0 if empty.

    Args:
        labels: packed, ``[N]``.
        scores: the scores of any batch.
    """
    packing = scores.packing
    tokens = scores.emissions[np.arange(len(labels)), labels].astype(np.float64)
    first = packing.num_first
    before, after = labels[packing.previous()], labels[first:]
    table = scores.transitions
    tokens[first:] += table[before, after] if table.ndim == 2 else table[np.arange(len(table)), before, after]
    tokens[:first] += scores.start[labels[:first]]
    tokens[packing.last] += scores.end[labels[packing.last]]
    return packing.sum_tokens(tokens)


def entropy(scores: PackedScores) -> Array:
    """Return the entropy of each sentence's labellings, ``[B]`` in nats: log Z minus the expected score."""
    packing = scores.packing
    if not packing.counts:
        return np.zeros(packing.shape[0])
    # in float64, because the difference of large numbers follows
    log_z, everything = posterior(scores._replace(emissions=scores.emissions.astype(np.float64)))
    nodes = everything.nodes
    tokens = _expected(nodes, scores.emissions)
    tokens[packing.num_first :] += everything.expected_scores(scores.transitions)
    tokens[: packing.num_first] += _expected(nodes[: packing.num_first], scores.start)
    tokens[packing.last] += _expected(nodes[packing.last], scores.end)
    result = log_z - packing.sum_tokens(tokens)
    return np.where(np.isfinite(log_z), np.maximum(result, 0.0), 0.0)


def _expected(nodes: Array, scores: NDArray[Any]) -> Array:
    """Return the expectation of scores per token; impossible events count 0, even at -inf."""
    expected: Array = np.einsum("nl,nl->n", nodes, np.where(nodes > 0, scores, 0.0))
    return expected


def log_ratio(numerator: Array, denominator: Array) -> Array:
    """Return a log-probability, ``[B]``: at most 0, and -inf also if there is no legal path at all.

    Args:
        numerator: log of the summed exponentiated scores of some labellings, ``[B]`` in nats.
        denominator: log Z, the same for all labellings, ``[B]``.
    """
    feasible = np.isfinite(numerator) & np.isfinite(denominator)
    result = np.full_like(numerator, -np.inf)
    np.subtract(numerator, denominator, out=result, where=feasible)
    return np.minimum(result, 0.0, out=result)


def _path_transitions(labels: Ints, scores: PackedScores, weights: Array) -> Array:
    """Return the weighted counts of the transitions of a labelling, shaped like the packed transitions."""
    num_labels = len(scores.start)
    before, after = labels[scores.packing.previous()], labels[scores.packing.num_first :]
    if scores.transitions.ndim == 3:
        counts = np.zeros_like(scores.transitions)
        counts[np.arange(len(counts)), before, after] = weights
        return counts
    pairs = before * num_labels + after
    return np.bincount(pairs, weights, num_labels**2).astype(np.float64).reshape(num_labels, num_labels)
