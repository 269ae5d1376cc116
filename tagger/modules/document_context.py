"""DocumentContext: what the other occurrences of a token's word in its document add to the token's emissions.

Letters: B sentences, T tokens, K blocks, S tokens of a block, E width of what the encoder gives, L labels, M tokens
whose word stands elsewhere too, G such words.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from tagger.document_layout import DocumentLayout


class DocumentTensors(NamedTuple):
    """A :class:`tagger.document_layout.DocumentLayout` as tensors on one device."""

    word_index: Tensor
    lengths: Tensor
    positions: Tensor
    repeated: Tensor
    groups: Tensor
    counts: Tensor

    @classmethod
    def of(cls, layout: DocumentLayout, device: torch.device | str = "cpu") -> DocumentTensors:
        """Return the layout as tensors; on the CPU they share the arrays' memory."""
        arrays = (getattr(layout, name) for name in cls._fields)
        return cls(*(torch.as_tensor(array).to(device, non_blocking=True) for array in arrays))

    def by_sentence(self, values: Tensor) -> Tensor:
        """Return what belongs to the tokens of blocks, ``[K, S, X]``, sentence by sentence, ``[B, T, X]``.

        At padding stands what belongs to some token or to padding.
        """
        if len(values) == len(self.positions):  # each block is one sentence
            return values
        return nn.functional.embedding(self.positions, values.flatten(0, 1))


class DocumentContext(nn.Module):
    """A linear layer over the mean of what the encoder gives at the other occurrences of a token's word.

    The layer comes first, then the mean, which is the same and less work. Where the word stands nowhere else, nothing
    is added.

    Args:
        input_dim: E.
        num_labels: L.
        dropout: probability that nothing is added at a token, in training.
    """

    def __init__(self, input_dim: int, num_labels: int, *, dropout: float) -> None:
        super().__init__()
        self.projection = nn.Linear(input_dim, num_labels, bias=False)
        self.dropout = dropout
        nn.init.xavier_uniform_(self.projection.weight)

    def forward(self, encoded: Tensor, documents: DocumentTensors) -> Tensor:
        """Return what is added to the emissions, ``[B, T, L]``.

        Args:
            encoded: what the encoder gives for blocks, ``[K, S, E]``.
            documents: how the sentences stand in them.
        """
        if not self.training and len(documents.repeated) == 0:
            return encoded.new_zeros(*documents.positions.shape, self.projection.out_features)
        scores = documents.by_sentence(self.projection(encoded))  # [B, T, L]
        added = self._means_elsewhere(scores.flatten(0, 1), documents).view_as(scores)
        if self.training and self.dropout:
            kept = torch.rand(scores.shape[:2], device=scores.device) >= self.dropout
            added = added * kept.unsqueeze(2)
        return added

    @staticmethod
    def _means_elsewhere(scores: Tensor, documents: DocumentTensors) -> Tensor:
        """Return for every token the mean of the scores of its word's other occurrences, ``[B T, L]``; else 0.

        Args:
            scores: of every token, ``[B T, L]``.
            documents: which tokens have the same word.
        """
        # A sum of many would lose too much in half precision.
        own = scores[documents.repeated].to(torch.promote_types(scores.dtype, torch.float32))  # [M, L]
        sums = own.new_zeros(len(documents.counts), own.shape[1]).index_add(
            0, documents.groups, own
        )  # [G, L]
        others = (documents.counts - 1)[documents.groups].unsqueeze(1)
        means = (sums[documents.groups] - own) / others
        return torch.zeros_like(scores).index_copy(0, documents.repeated, means.to(scores.dtype))
