"""WordCache: the vectors of the words met in tagging, computed once, since words repeat (Zipf's law).

Letters: U words, D width of their vectors, K attributes that wide features are made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from tagger.features import Featurizer, IntArray, look_up_rows
from tagger.inference.shared_cache import SharedCache
from tagger.network import FloatArray, Network

# Words whose vectors are computed at once
_CHUNK: Final = 1024
# Bytes of a word beside its characters, vector and attributes: a string and its place in a dictionary
_OVERHEAD: Final = 150


class CachedWords(NamedTuple):
    """The words of sentences.

    Attributes:
        rows: the row of every word, a ``[T]`` array per sentence.
        vectors: ``[at least U, D]``.
        attributes: ids for the wide features, ``[at least U, K]``; K is 0 without any.
        numbering: grows whenever rows come to stand for other words.
    """

    rows: list[IntArray]
    vectors: FloatArray
    attributes: IntArray
    numbering: int


class _Tables(NamedTuple):
    """What is known of words, with room for more; exchanged together, so that an interruption leaves both or neither.

    Attributes:
        vectors: ``[at least U, D]``.
        attributes: ``[at least U, K]``.
    """

    vectors: FloatArray
    attributes: IntArray


class WordCache(SharedCache):
    """Vectors of distinct words, one row each. It holds nothing that the network could not compute again.

    Threads may share it.

    Args:
        featurizer: makes the features of words.
        network: makes their vectors.
        max_bytes: :meth:`rows` empties a cache of more than this before it adds new words.
    """

    def __init__(self, featurizer: Featurizer, network: Network, *, max_bytes: int) -> None:
        super().__init__()
        self._featurizer: Final = featurizer
        self._network: Final = network
        self._max_bytes: Final = max_bytes
        self._numbering = 0
        self._clear()

    def _clear(self) -> None:
        self._numbering += 1
        self._row_of: dict[str, int] = {}
        self._num_bytes = 0
        self._tables: _Tables | None = None

    def rows(self, sentences: Sequence[Sequence[str]]) -> CachedWords:
        """Return the row of every word, and what is known of the words.

        What was returned stays right whatever is asked for later.
        """
        with self._lock:
            if self._num_bytes > self._max_bytes:
                self._clear()
            # Not "- self._row_of.keys()", which goes through all words that were ever met.
            new = set(chain.from_iterable(sentences)).difference(self._row_of)
            if new or self._tables is None:
                # By length, so that little padding is computed; then by letters, so that the order is always the same.
                longest = self._featurizer.config.max_chars
                self._add(sorted(new, key=lambda word: (min(len(word), longest), word)))
            assert self._tables is not None
            rows = look_up_rows(self._row_of, sentences)
            return CachedWords(rows, *self._tables, self._numbering)

    def _add(self, words: list[str]) -> None:
        start, end = len(self._row_of), len(self._row_of) + len(words)
        for first in range(0, max(len(words), 1), _CHUNK):
            features = self._featurizer.encode(words[first : first + _CHUNK])
            vectors = self._network.word_vectors(features)
            if self._tables is None or end > len(self._tables.vectors):
                # Growing by a share keeps the cost of it constant per word; the rows in use never move.
                size = max(1024, end + end // 2)
                larger = _Tables(
                    np.zeros((size, vectors.shape[1]), dtype=np.float32),
                    np.zeros((size, features.wide.shape[1]), dtype=np.int64),
                )
                if self._tables is not None:
                    larger.vectors[:start] = self._tables.vectors[:start]
                    larger.attributes[:start] = self._tables.attributes[:start]
                self._tables = larger
            rows = slice(start + first, start + first + len(vectors))
            self._tables.vectors[rows] = vectors
            self._tables.attributes[rows] = features.wide
            size_of_word = vectors.shape[1] * 4 + features.wide.shape[1] * 8 + _OVERHEAD
            self._num_bytes += size_of_word * len(vectors)
        self._row_of.update(zip(words, range(start, end), strict=True))
        self._num_bytes += sum(map(len, words))
