"""PaddedPosterior: all exact probabilities of a batch from one forward-backward pass, padded.

Letters: B sentences, T positions, N packed tokens, n_0 sentences with tokens, L labels.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tagger.crf_kernels.likelihood import log_ratio, path_scores, posterior
from tagger.crf_kernels.packing import Array, Ints, parts
from tagger.crf_kernels.posteriors import Posterior
from tagger.crf_kernels.scores import PackedScores


class PaddedPosterior:
    """Probabilities of labels and pairs of labels in float64, whatever the precision of the scores.

    No array of size ``[B, T, L, L]`` is created, so a sentence of 50,000 tokens is no problem.

    Args:
        scores: the scores of any batch.

    Attributes:
        nodes: probability of each label at each position, ``[B, T, L]``, 0 where masked.
    """

    def __init__(self, scores: PackedScores) -> None:
        # The results have the precision of the scores, and float32 is not enough for their differences.
        self._scores: Final = scores._replace(emissions=scores.emissions.astype(np.float64))
        self._log_partition = np.zeros(scores.packing.shape[0])
        self._found: Posterior | None = None
        packed = np.zeros((0, len(scores.start)))
        if scores.packing.counts:
            self._log_partition, self._found = posterior(self._scores)
            packed = self._found.nodes
        self.nodes: Final[Array] = scores.packing.unpack(packed)

    def pairs_from(self, labels: Ints) -> Array:
        """Return the joint probability of given labels and each possible next label, ``[B, T - 1, L]``.

        Entry ``[b, t - 1, j]`` is the probability of label j at position t and the given label at the last real
        position before it; 0 where no step enters t.

        Args:
            labels: packed, ``[N]``.
        """
        if self._found is None:
            return self._no_pairs()
        before = labels[self._scores.packing.previous()]
        return self._scores.packing.unpack_entered(self._found.pairs_from(before))

    def repeats(self) -> Array:
        """Return the joint probability of each label and the same label before it, ``[B, T - 1, L]``."""
        if self._found is None:
            return self._no_pairs()
        return self._scores.packing.unpack_entered(self._found.repeats())

    def transitions(self) -> Array:
        """Return how often label j is expected to follow label i in each sentence, ``[B, L, L]``."""
        counts = np.zeros((self._scores.packing.shape[0], *self._scores.transitions.shape[-2:]))
        if self._found is not None:
            rows = self._scores.packing.rows[self._scores.packing.num_first :]
            for part in parts(len(rows), counts[0].size):
                np.add.at(counts, rows[part], self._found.pairs(part))
        return counts

    def log_probability(self, labels: Ints) -> Array:
        """Return the log-probability of each labelling, ``[B]`` in nats, at most 0.

        Args:
            labels: packed, ``[N]``.
        """
        return log_ratio(path_scores(labels, self._scores), self._log_partition)

    def _no_pairs(self) -> Array:
        batch, length = self._scores.packing.shape
        return np.zeros((batch, max(length - 1, 0), len(self._scores.start)))
