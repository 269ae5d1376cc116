"""WideEmissions: the part of the emissions that comes from sparse features, without the encoder.

Letters: B sentences, T tokens, F features of a token, L labels, V rows of weights.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tagger.features.wide_attributes import NONE


class WideEmissions(nn.Module):
    """The sum of the weights of a token's features, L for each feature: a CRF's linear part.

    All weights start at zero, so that untrained features do not disturb the encoder.

    Args:
        num_rows: V, including the row that means "no feature", which stays zero.
        num_labels: L.
        feature_dropout: probability that a feature of a token is dropped in training; the others are scaled up.
        path_dropout: probability that all features of a sentence are dropped in training, so that the encoder
            learns to do without them.
    """

    def __init__(
        self, num_rows: int, num_labels: int, *, feature_dropout: float, path_dropout: float
    ) -> None:
        super().__init__()
        self.feature_dropout = feature_dropout
        self.path_dropout = path_dropout
        self.weights = nn.Embedding(num_rows, num_labels, _weight=torch.zeros(num_rows, num_labels))

    def forward(self, rows: Tensor) -> Tensor:
        """Return the features' contribution to the emissions, ``[B, T, L]``.

        Args:
            rows: the weight rows of every token's features, ``[B, T, F]``.
        """
        bags = rows.flatten(0, 1)  # [B T, F]
        if not self.training:
            sums = _sums(bags, self.weights.weight)  # [B T, L]
        elif rows.device.type == "cpu":
            sums = self._sums_of_kept(bags, self._kept(rows).flatten(0, 1))
        else:  # the number of kept features would need a synchronisation
            sums = self._weighted_sums(bags, self._kept(rows).flatten(0, 1))
        return sums.view(*rows.shape[:2], self.weights.embedding_dim)

    @property
    def _share(self) -> float:
        """The scale of a kept feature in training."""
        return 1 / (1 - self.feature_dropout)

    def _kept(self, rows: Tensor) -> Tensor:
        """Return which features count in training, ``[B, T, F]``; the "no feature" row never does."""
        kept = rows != NONE
        if self.feature_dropout:
            draws = torch.rand(rows.shape, device=rows.device)
            kept &= draws >= self.feature_dropout
        if self.path_dropout:
            draws = torch.rand(len(rows), device=rows.device)
            kept &= (draws >= self.path_dropout)[:, None, None]
        return kept

    def _sums_of_kept(self, bags: Tensor, kept: Tensor) -> Tensor:
        """Return the sums of the kept features, ``[B T, L]``, at no cost for the others.

        Only their rows of the table are read, once each, so an optimiser may update those rows alone.
        """
        distinct, inverse = torch.unique(bags.masked_select(kept), return_inverse=True)
        counts = kept.sum(dim=1)
        firsts = counts.cumsum(0) - counts
        return _sums(inverse, self.weights(distinct), offsets=firsts) * self._share

    def _weighted_sums(self, bags: Tensor, kept: Tensor) -> Tensor:
        """Return the same sums by weighting each feature, 0 for those not kept."""
        shares = kept.to(self.weights.weight.dtype) * self._share
        return _sums(bags, self.weights.weight, shares=shares)


def _sums(
    bags: Tensor, weights: Tensor, offsets: Tensor | None = None, shares: Tensor | None = None
) -> Tensor:
    return nn.functional.embedding_bag(bags, weights, offsets, mode="sum", per_sample_weights=shares)
