"""WordCache: the feature vectors of words, computed once, since words repeat (Zipf's law).

Letters: U words, D width of their vectors, K word attributes used by wide features.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from tagger.features import Featurizer, IntArray, look_up_rows
from tagger.inference.shared_cache import SharedCache
from tagger.network import FloatArray, Network

# Number of words whose vectors are computed at once
_CHUNK: Final = 1024
# Bytes per word in addition to its characters, vector and attributes: a string and its entry in a dictionary
_OVERHEAD: Final = 150


class CachedWords(NamedTuple):
    """The cached words of some sentences.

    Attributes:
        rows: the row of every token's word, a ``[T]`` array per sentence.
        vectors: ``[at least U, D]``.
        attributes: ids for the wide features, ``[at least U, K]``; K is 0 without wide features.
        numbering: version of the row numbers; increases whenever rows are reassigned to other words.
    """

    rows: list[IntArray]
    vectors: FloatArray
    attributes: IntArray
    numbering: int


class _Tables(NamedTuple):
    """Tables with room for more words; replaced together, so that an interruption leaves both or neither.

    Attributes:
        vectors: ``[at least U, D]``.
        attributes: ``[at least U, K]``.
    """

    vectors: FloatArray
    attributes: IntArray


class WordCache(SharedCache):
    """The vectors of distinct words, one row each. Threads may share a cache.

    Args:
        featurizer: computes the features of words.
        network: computes their vectors.
        max_bytes: if the cache is larger than this, :meth:`rows` empties it before it adds new words.
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
        """Return the row of every token's word, and the tables of words. Later calls do not invalidate the result."""
        with self._lock:
            if self._num_bytes > self._max_bytes:
                self._clear()
            # Not "- self._row_of.keys()", which would iterate over all cached words.
            new = set(chain.from_iterable(sentences)).difference(self._row_of)
            if new or self._tables is None:
                # By length, so that little padding is computed; then by letters, so that the order is deterministic.
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
                # Growing by a fixed factor keeps the cost constant per word; rows already in use never move.
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
