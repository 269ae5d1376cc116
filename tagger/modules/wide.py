"""WideEmissions: the part of the emissions that sparse features give by themselves, beside the encoder.

Letters: B sentences, T tokens, F features of a token, L labels, V rows of weights.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tagger.features.wide_attributes import NONE


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
        if not self.training:
            sums = _sums(bags, self.weights.weight)  # [B T, L]
        elif rows.device.type == "cpu":
            sums = self._sums_of_kept(bags, self._kept(rows).flatten(0, 1))
        else:  # the number of features that are kept would have to be waited for
            sums = self._weighted_sums(bags, self._kept(rows).flatten(0, 1))
        return sums.view(*rows.shape[:2], self.weights.embedding_dim)

    @property
    def _share(self) -> float:
        """How much a feature counts in training that is not left out."""
        return 1 / (1 - self.feature_dropout)

    def _kept(self, rows: Tensor) -> Tensor:
        """Return which features count in training, ``[B, T, F]``; no feature counts, and learns, nothing."""
        kept = rows != NONE
        if self.feature_dropout:
            draws = torch.rand(rows.shape, device=rows.device)
            kept &= draws >= self.feature_dropout
        if self.path_dropout:
            draws = torch.rand(len(rows), device=rows.device)
            kept &= (draws >= self.path_dropout)[:, None, None]
        return kept

    def _sums_of_kept(self, bags: Tensor, kept: Tensor) -> Tensor:
        """Return the sums of those features that are kept, ``[B T, L]``, at no cost for the others.

        Of the table only the rows of these are read, once each: an optimiser may compute those alone.
        """
        distinct, inverse = torch.unique(bags.masked_select(kept), return_inverse=True)
        counts = kept.sum(dim=1)
        firsts = counts.cumsum(0) - counts
        return _sums(inverse, self.weights(distinct), offsets=firsts) * self._share

    def _weighted_sums(self, bags: Tensor, kept: Tensor) -> Tensor:
        """Return the same by a weight for each feature, 0 for those that are not kept."""
        shares = kept.to(self.weights.weight.dtype) * self._share
        return _sums(bags, self.weights.weight, shares=shares)


def _sums(
    bags: Tensor, weights: Tensor, offsets: Tensor | None = None, shares: Tensor | None = None
) -> Tensor:
    return nn.functional.embedding_bag(bags, weights, offsets, mode="sum", per_sample_weights=shares)
