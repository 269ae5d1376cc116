"""WideEmissions: the part of the emissions that sparse features give by themselves, beside the encoder.

Letters: B sentences, T tokens, F features of a token, L labels, V rows of weights.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tagger.features.wide_attributes import NONE
from tagger.modules.randomness import generator


class WideEmissions(nn.Module):
    """The sum of the weights of a token's features, L for each feature: a CRF's linear part.

    All weights are zero at first, so that the encoder is not disturbed by features that have learned nothing yet.

    Args:
        num_rows: V, with the row of no feature, which stays zero.
        num_labels: L.
        feature_dropout: probability that a feature of a token is left out, in training; the others count for it.
        path_dropout: probability that a sentence gets nothing from its features, in training, so that the encoder
            learns to do without.
    """

    def __init__(
        self, num_rows: int, num_labels: int, *, feature_dropout: float, path_dropout: float
    ) -> None:
        super().__init__()
        self.feature_dropout = feature_dropout
        self.path_dropout = path_dropout
        self.weights = nn.Embedding(num_rows, num_labels, _weight=torch.zeros(num_rows, num_labels))

    def forward(self, rows: Tensor) -> Tensor:
        """Return what the features add to the emissions, ``[B, T, L]``.

        Args:
            rows: of the features of every token, ``[B, T, F]``.
        """
        bags = rows.flatten(0, 1)  # [B T, F]
        sums = self._sums_in_training(bags) if self.training else _sums(bags, self.weights.weight)  # [B T, L]
        emissions = sums.view(*rows.shape[:2], self.weights.embedding_dim)
        if self.training and self.path_dropout:
            kept = torch.rand(len(rows), device=rows.device, generator=generator()) >= self.path_dropout
            emissions = emissions * kept[:, None, None]
        return emissions

    def _sums_in_training(self, bags: Tensor) -> Tensor:
        if bags.device.type != "cpu":
            # The number of distinct rows would have to be waited for.
            return _sums(bags, self.weights.weight, self._shares(bags))
        # Of the table only the rows of the batch are read, once each: an optimiser may compute those alone.
        distinct, inverse = torch.unique(bags, return_inverse=True)
        return _sums(inverse, self.weights(distinct), self._shares(bags))

    def _shares(self, bags: Tensor) -> Tensor:
        """Return how much each feature counts in training; no feature counts, and learns, nothing."""
        kept = bags != NONE
        if self.feature_dropout:
            draws = torch.rand(bags.shape, device=bags.device, generator=generator())
            kept &= draws >= self.feature_dropout
        return kept.to(self.weights.weight.dtype) / (1 - self.feature_dropout)


def _sums(bags: Tensor, weights: Tensor, shares: Tensor | None = None) -> Tensor:
    return nn.functional.embedding_bag(bags, weights, mode="sum", per_sample_weights=shares)
