"""FrozenCharCNN: a word's vector from its characters, by tables of filter responses to each character and position.

Letters: U words, C characters kept of the longest, F filters, W filter width in characters, V character vocabulary.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tagger.features.vocabulary import PAD_ID
from tagger.network.arrays import FloatArray, IntArray, Weights, frozen


class FrozenCharCNN:
    """Character embeddings, one convolution, maximum over the word's characters (Ma & Hovy 2016, section 2.1).

    A window's value is a sum of W terms, each of which depends only on one character and its position: they are rows of
    W tables ``[V, F]``, computed once. The bias is added after the maximum, which it does not affect.

    Args:
        weights: the weights of this part, as in the model folder.
    """

    def __init__(self, weights: Weights) -> None:
        embedding, convolution = weights["embedding.weight"], weights["convolution.weight"]
        self._tables: Final = [
            frozen(embedding @ convolution[:, :, place].T) for place in range(convolution.shape[2])
        ]
        self._bias: Final = frozen(weights["convolution.bias"])

    def __call__(self, characters: IntArray) -> FloatArray:
        """Return the vectors of U words, ``[U, F]``.

        Args:
            characters: ids, ``[U, C]`` with C at least 1; ``PAD_ID`` after a word's end. Only windows centred on a
                real character count; a word without characters is read as one padding character.
        """
        num_words, longest = characters.shape
        width = len(self._tables)
        lengths = np.maximum(np.count_nonzero(characters != PAD_ID, axis=1), 1)
        # Longest first, so that the words with a character at a position are the first rows.
        order = np.argsort(-lengths, kind="stable")
        counts = num_words - np.cumsum(np.bincount(lengths, minlength=longest + 1))
        ids = np.full((longest + width - 1, num_words), PAD_ID, dtype=np.int64)
        ids[width // 2 : width // 2 + longest] = characters[order].T
        best: FloatArray = self._windows(ids[:width])
        for position in range(1, longest):
            count = counts[position]
            if not count:
                break
            among = best[:count]
            np.maximum(among, self._windows(ids[position : position + width, :count]), out=among)
        best += self._bias
        vectors = np.empty_like(best)
        vectors[order] = best
        return vectors

    def _windows(self, ids: IntArray) -> FloatArray:
        """Return the value of one window for each of n words, without the bias: ``[W, n]`` to ``[n, F]``."""
        values: FloatArray = self._tables[0].take(ids[0], axis=0)
        for table, row in zip(self._tables[1:], ids[1:], strict=True):
            values += table.take(row, axis=0)
        return values
