"""SoftmaxDecoder: labels chosen without looking at neighbours, behind the interface of the CRF."""

from __future__ import annotations

import torch

from tagger.modules.crf import LinearChainCRF, TransitionConstraints


class SoftmaxDecoder(LinearChainCRF):
    """A linear-chain CRF whose transition scores are all zero and stay so.

    Without constraints that is a softmax per token. With them it is the softmax restricted to legal label sequences:
    what is decoded is legal, and probabilities are over legal sequences.

    Args:
        num_labels: L.
        constraints: which label may follow which; None if any may.
    """

    def __init__(self, num_labels: int, *, constraints: TransitionConstraints | None = None) -> None:
        super().__init__(num_labels, constraints=constraints)
        for parameter in (self.transitions, self.start_transitions, self.end_transitions):
            with torch.no_grad():
                parameter.zero_()
            parameter.requires_grad_(False)
