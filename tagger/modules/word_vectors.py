"""PretrainedVectors: the words' pretrained vectors, fixed, tuned or projected.

Letters: U words, V vocabulary, D values of a vector.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tagger.features.vocabulary import UNK_ID


class PretrainedVectors(nn.Module):
    """The pretrained vector of every word; words without one share a learned vector, initially zero.

    A word whose pretrained vector is zero counts as one without.

    The vectors come with the input and are not weights, so words never seen in training have theirs too. Tuning learns
    an offset from them, initially zero, for each word of the vocabulary; that of the unknown word stays zero, so that
    words outside the vocabulary keep their vectors unchanged.

    Args:
        dim: D.
        num_tuned: V to tune the vectors of the vocabulary's words, 0 to keep all fixed.
        projection: width to project the vectors to; 0 for no projection.
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
            vectors: the pretrained vectors, zero for a word without one, ``[U, D]``.
            words: ids in the vocabulary, ``[U]``.
        """
        vectors = vectors.to(self.missing.dtype)
        vectors = torch.where(vectors.any(dim=1, keepdim=True), vectors, self.missing)
        if self.changes is not None:
            vectors = vectors + self.changes(words)
        return vectors if self.projection is None else self.projection(vectors)
