"""WordFeatures: the feature vector of every distinct word of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from tagger.features import WordFeatureIds
from tagger.features.spelling import CASINGS
from tagger.features.vocabulary import UNK_ID
from tagger.modules.char_cnn import CharCNN
from tagger.modules.word_vectors import PretrainedVectors


class FeatureTensors(NamedTuple):
    """The features of U words as tensors; the fields of :class:`tagger.features.WordFeatureIds`."""

    words: Tensor
    characters: Tensor
    casings: Tensor
    shapes: Tensor
    affixes: Tensor
    vectors: Tensor

    @classmethod
    def of(cls, ids: WordFeatureIds, device: torch.device | str = "cpu") -> FeatureTensors:
        """Return ids and vectors as tensors; on the CPU they share the arrays' memory."""
        arrays = (getattr(ids, name) for name in cls._fields)
        return cls(*(torch.from_numpy(array).to(device, non_blocking=True) for array in arrays))


class WordFeatures(nn.Module):
    """Word embedding, pretrained vector, character CNN, casing, shape and affix embeddings, side by side.

    A part whose width is 0 (``char_cnn`` or ``vectors`` None) is left out. Letters: U words, V vocabulary, A affixes.

    Args:
        word_counts: how often each id of the word vocabulary occurs in training, 0 for padding and unknown, ``[V]``.
        word_dim: width of the word embedding.
        singleton_dropout: probability that, in training, a word that occurs once is read as unknown.
        char_cnn: the character CNN.
        casing_dim: width of the casing embedding.
        shape_dim: width of the shape embedding.
        shape_buckets: rows of the shape embedding.
        num_affixes: affix columns.
        affix_dim: width of each affix embedding.
        affix_buckets: rows of each affix embedding.
        vectors: the pretrained vectors.
    """

    def __init__(
        self,
        word_counts: Sequence[int],
        *,
        word_dim: int,
        singleton_dropout: float,
        char_cnn: CharCNN | None,
        casing_dim: int,
        shape_dim: int,
        shape_buckets: int,
        num_affixes: int,
        affix_dim: int,
        affix_buckets: int,
        vectors: PretrainedVectors | None = None,
    ) -> None:
        super().__init__()
        self.word_embedding = _embedding(len(word_counts), word_dim)
        self.vectors = vectors
        self._reads_words = word_dim > 0 or (vectors is not None and vectors.changes is not None)
        self.char_cnn = char_cnn
        self.casing_embedding = _embedding(len(CASINGS), casing_dim)
        self.shape_embedding = _embedding(shape_buckets, shape_dim)
        self.affix_embedding = _embedding(num_affixes * affix_buckets, affix_dim if num_affixes else 0)
        # Known from the vocabulary, so not part of the saved weights; a real tensor even where the weights are on the
        # meta device until they are loaded.
        counts = torch.tensor(word_counts, device="cpu")
        rates = torch.where(counts == 1, singleton_dropout, 0.0)
        self.register_buffer("unknown_rates", rates, persistent=False)
        self._drops_words = bool(rates.any())
        self.output_dim = word_dim + casing_dim + shape_dim + num_affixes * affix_dim
        self.output_dim += sum(part.output_dim for part in (vectors, char_cnn) if part is not None)

    def forward(self, features: FeatureTensors) -> Tensor:
        """Return the vectors of U words, ``[U, output_dim]``."""
        parts = []
        words = self._drop_words(features.words) if self._reads_words else features.words
        if self.word_embedding is not None:
            parts.append(self.word_embedding(words))
        if self.vectors is not None:
            parts.append(self.vectors(features.vectors, words))
        if self.char_cnn is not None:
            parts.append(self.char_cnn(features.characters))
        if self.casing_embedding is not None:
            parts.append(self.casing_embedding(features.casings))
        if self.shape_embedding is not None:
            parts.append(self.shape_embedding(features.shapes))
        if self.affix_embedding is not None:
            parts.append(self.affix_embedding(features.affixes).flatten(start_dim=1))
        return torch.cat(parts, dim=1)

    def _drop_words(self, words: Tensor) -> Tensor:
        """Return the words, some of them replaced by the unknown word in training."""
        if not self.training or not self._drops_words:
            return words
        dropped = torch.rand(words.shape, device=words.device) < self.unknown_rates[words]  # type: ignore[index]
        return words.masked_fill(dropped, UNK_ID)


def _embedding(num_rows: int, dim: int) -> nn.Embedding | None:
    """Return an embedding, uniform in ±sqrt(3 / dim), so that rows have a norm of about 1; None for width 0."""
    if dim == 0:
        return None
    embedding = nn.Embedding(num_rows, dim)
    bound = (3 / dim) ** 0.5
    nn.init.uniform_(embedding.weight, -bound, bound)
    return embedding
