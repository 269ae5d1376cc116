"""FrozenEmbeddings: the vector of every distinct word, the concatenation of its parts.

Letters: U words, V vocabulary, D values of a pretrained vector.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tagger.features import WordFeatureIds
from tagger.network.arrays import FloatArray, IntArray, Weights, frozen
from tagger.network.char_cnn import FrozenCharCNN


class FrozenEmbeddings:
    """Word embedding, pretrained vector, character CNN, casing, shape and affix embeddings: those that the model has.

    Args:
        weights: the weights of this part, as in the model folder.
    """

    def __init__(self, weights: Weights) -> None:
        self._words: Final = _table(weights, "word_embedding")
        self._vectors: Final = (
            FrozenVectors(weights.part("vectors")) if "vectors.missing" in weights else None
        )
        self._char_cnn: Final = (
            FrozenCharCNN(weights.part("char_cnn")) if "char_cnn.convolution.bias" in weights else None
        )
        self._casings: Final = _table(weights, "casing_embedding")
        self._shapes: Final = _table(weights, "shape_embedding")
        self._affixes: Final = _table(weights, "affix_embedding")

    def __call__(self, features: WordFeatureIds) -> FloatArray:
        """Return the vectors of U words, all parts concatenated."""
        parts = []
        if self._words is not None:
            parts.append(self._words.take(features.words, axis=0))
        if self._vectors is not None:
            parts.append(self._vectors(features.vectors, features.words))
        if self._char_cnn is not None:
            parts.append(self._char_cnn(features.characters))
        if self._casings is not None:
            parts.append(self._casings.take(features.casings, axis=0))
        if self._shapes is not None:
            parts.append(self._shapes.take(features.shapes, axis=0))
        if self._affixes is not None:
            affixes = self._affixes.take(features.affixes, axis=0)  # [U, affixes, width]
            parts.append(affixes.reshape(len(affixes), affixes.shape[1] * affixes.shape[2]))
        return np.concatenate(parts, axis=1)


class FrozenVectors:
    """Pretrained vectors, fixed, with the tuned offsets of vocabulary words, or projected.

    Args:
        weights: the weights of this part, as in the model folder.
    """

    def __init__(self, weights: Weights) -> None:
        self._missing: Final = frozen(weights["missing"])
        self._changes: Final = _table(weights, "changes")
        self._projection: Final = _table(weights, "projection")
        self._bias: Final = frozen(weights["projection.bias"]) if self._projection is not None else None

    def __call__(self, vectors: FloatArray, words: IntArray) -> FloatArray:
        """Return the vectors of U words as the encoder reads them.

        Args:
            vectors: the pretrained vectors, zero for a word without one, ``[U, D]``.
            words: ids in the vocabulary, ``[U]``.
        """
        vectors = np.where(vectors.any(axis=1, keepdims=True), vectors, self._missing)
        if self._changes is not None:
            vectors = vectors + self._changes.take(words, axis=0)
        if self._projection is not None and self._bias is not None:
            vectors = vectors @ self._projection.T + self._bias
        return vectors


def _table(weights: Weights, name: str) -> FloatArray | None:
    return frozen(weights[f"{name}.weight"]) if f"{name}.weight" in weights else None
