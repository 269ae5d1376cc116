"""ChainPosterior: all exact probabilities of a batch from one forward-backward pass.

Letters: B sentences, T positions, L labels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagger import crf_kernels
from tagger.modules.crf import fast
from tagger.modules.crf.chain import Chain, check_labels


class ChainPosterior:
    """Probabilities of labels and pairs of labels, in float64, without gradients; computed on the CPU.

    Nothing of the size ``[B, T, L, L]`` is made, so a sentence of 50,000 tokens is no problem.

    Args:
        chain: the scores.

    Attributes:
        nodes: probability of each label at each position, ``[B, T, L]``, 0 where masked.
    """

    def __init__(self, chain: Chain) -> None:
        # The precision of the results is that of the scores, and float32 is too little for differences of them.
        self._chain = chain._replace(emissions=chain.emissions.detach().double())
        self._scores = fast.pack(self._chain)
        self._log_partition = np.zeros(chain.emissions.shape[0])
        self._found: crf_kernels.Posterior | None = None
        packed = np.zeros((0, chain.emissions.shape[2]))
        if self._scores.packing.counts:
            self._log_partition, self._found = crf_kernels.posterior(self._scores)
            packed = self._found.nodes
        self.nodes = self._unpack(self._scores.packing.unpack(packed))

    def pairs_from(self, labels: Tensor) -> Tensor:
        """Return the probability of given labels together with each label that may follow, ``[B, T - 1, L]``.

        Entry ``[b, t - 1, j]`` is the probability of label j at position t, and at the real position before it of the
        label that is given for that; 0 where no step enters t.

        Args:
            labels: ``[B, T]``, integers; anything where masked.

        Raises:
            ValueError: for another shape, or a label out of range at a real position.
        """
        check_labels(labels, self._chain)
        packed = crf_kernels.pack_labels(fast.array(labels), self._scores)
        if self._found is None:
            return self._no_pairs()
        before = packed[self._scores.packing.previous()]
        return self._unpack(self._scores.packing.unpack_entered(self._found.pairs_from(before)))

    def repeats(self) -> Tensor:
        """Return the probability of each label together with the same label before it, ``[B, T - 1, L]``."""
        if self._found is None:
            return self._no_pairs()
        return self._unpack(self._scores.packing.unpack_entered(self._found.repeats()))

    def log_probability(self, labels: Tensor) -> Tensor:
        """Return the log-probability of each labelling, ``[B]`` in nats, at most 0.

        Args:
            labels: ``[B, T]``, integers; anything where masked.
        """
        check_labels(labels, self._chain)
        path = crf_kernels.path_scores(
            crf_kernels.pack_labels(fast.array(labels), self._scores), self._scores
        )
        return self._unpack(crf_kernels.log_ratio(path, self._log_partition))

    def _no_pairs(self) -> Tensor:
        batch, length, num_labels = self._chain.emissions.shape
        return self._chain.emissions.new_zeros(batch, max(length - 1, 0), num_labels)

    def _unpack(self, array: NDArray[Any]) -> Tensor:
        return fast.unpack(array, self._chain, torch.double)
