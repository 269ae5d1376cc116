"""ChainPosterior: all exact probabilities of a batch from one forward-backward pass, as tensors.

Letters: B sentences, T positions, L labels.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from numpy.typing import NDArray
from torch import Tensor

from tagger import crf_kernels
from tagger.modules.crf import fast
from tagger.modules.crf.chain import Chain, check_labels


class ChainPosterior:
    """Probabilities of labels and pairs of labels, in float64, without gradients; computed on the CPU.

    Args:
        chain: the scores.

    Attributes:
        nodes: probability of each label at each position, ``[B, T, L]``, 0 where masked.
    """

    def __init__(self, chain: Chain) -> None:
        self._chain: Final = chain._replace(emissions=chain.emissions.detach())
        self._scores: Final = fast.pack(self._chain)
        self._posterior: Final = crf_kernels.PaddedPosterior(self._scores)
        self.nodes: Final = self._unpack(self._posterior.nodes)

    def pairs_from(self, labels: Tensor) -> Tensor:
        """Return the joint probability of given labels and each possible next label, ``[B, T - 1, L]``.

        Entry ``[b, t - 1, j]`` is the probability of label j at position t and the given label at the last real
        position before it; 0 where no step enters t.

        Args:
            labels: ``[B, T]``, integers; anything where masked.

        Raises:
            ValueError: for another shape, or a label out of range at a real position.
        """
        return self._unpack(self._posterior.pairs_from(self._packed(labels)))

    def repeats(self) -> Tensor:
        """Return the joint probability of each label and the same label before it, ``[B, T - 1, L]``."""
        return self._unpack(self._posterior.repeats())

    def log_probability(self, labels: Tensor) -> Tensor:
        """Return the log-probability of each labelling, ``[B]`` in nats, at most 0.

        Args:
            labels: ``[B, T]``, integers; anything where masked.
        """
        return self._unpack(self._posterior.log_probability(self._packed(labels)))

    def _packed(self, labels: Tensor) -> NDArray[Any]:
        check_labels(labels, self._chain)
        return crf_kernels.pack_labels(fast.array(labels), self._scores)

    def _unpack(self, array: NDArray[Any]) -> Tensor:
        return fast.unpack(array, self._chain, torch.double)
