"""PretrainedVectors: the vectors that words come with, as they are, tuned, or projected.

Letters: U words, V vocabulary, D values of a vector.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tagger.features.vocabulary import UNK_ID


class PretrainedVectors(nn.Module):
    """Gives every word its pretrained vector; words without one share a learned vector, zero at first.

    A pretrained vector that is zero says nothing of its word, which counts as one without.

    The vectors themselves come with the words and are no weights: words that training never saw have theirs too. What
    is tuned is the difference from them, zero at first, of each word of the vocabulary; that of the unknown word stays
    zero, so that words outside the vocabulary keep their vectors as they are.

    Args:
        dim: D.
        num_tuned: V to tune the vectors of the vocabulary's words, 0 to leave all as they are.
        projection: width that vectors are projected to; 0 to leave them as they are.
    """

    def __init__(self, dim: int, *, num_tuned: int = 0, projection: int = 0) -> None:
        super().__init__()
        self.missing = nn.Parameter(torch.zeros(dim))
        self.changes = None
        if num_tuned:
            zeros = torch.zeros(num_tuned, dim)
            self.changes = nn.Embedding(num_tuned, dim, padding_idx=UNK_ID, _weight=zeros)
        self.projection = nn.Linear(dim, projection) if projection else None
        self.output_dim = projection or dim

    def forward(self, vectors: Tensor, words: Tensor) -> Tensor:
        """Return the vectors of U words as the encoder reads them, ``[U, output_dim]``.

        Args:
            vectors: as they are in the table, zero for a word without one, ``[U, D]``.
            words: ids in the vocabulary, ``[U]``.
        """
        vectors = vectors.to(self.missing.dtype)
        vectors = torch.where(vectors.any(dim=1, keepdim=True), vectors, self.missing)
        if self.changes is not None:
            vectors = vectors + self.changes(words)
        return vectors if self.projection is None else self.projection(vectors)
