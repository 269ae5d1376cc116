"""SoftmaxDecoder: each token's label chosen independently, with the interface of the CRF."""

from __future__ import annotations

from torch import nn

from tagger.modules.crf import LinearChainCRF, TransitionConstraints


class SoftmaxDecoder(LinearChainCRF):
    """A linear-chain CRF whose transition scores are all fixed at zero.

    Without constraints that is a softmax per token. With them it is the softmax restricted to legal labellings:
    decoding returns legal labellings, and probabilities are over legal labellings.

    Args:
        num_labels: L.
        constraints: which label may follow which; None if any may.
    """

    def __init__(self, num_labels: int, *, constraints: TransitionConstraints | None = None) -> None:
        super().__init__(num_labels, constraints=constraints)
        self.requires_grad_(False)

    def reset_parameters(self) -> None:
        """Set all transition scores to zero."""
        for parameter in self.parameters():
            nn.init.zeros_(parameter)
