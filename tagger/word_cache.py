"""WordCache: the vectors of the words met in tagging, computed once, since words repeat (Zipf's law).

Letters: U words, D width of their vectors, K attributes that wide features are made of.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from tagger.features import Featurizer, IntArray, look_up_rows
from tagger.modules.weight_state import WeightState
from tagger.modules.word_features import FeatureTensors, WordFeatures

# Words whose vectors are computed at once
_CHUNK: Final = 1024


class CachedWords(NamedTuple):
    """The words of sentences.

    Attributes:
        rows: the row of every word, a ``[T]`` array per sentence.
        vectors: ``[at least U, D]``.
        attributes: ids for the wide features, ``[at least U, K]``; K is 0 without any.
        forms: equal for words that are the same to document context, ``[at least U]``.
        numbering: grows whenever rows come to stand for other words, or words for other vectors.
    """

    rows: list[IntArray]
    vectors: Tensor
    attributes: IntArray
    forms: IntArray
    numbering: int


class _Table(NamedTuple):
    """What is known of the words, one row each; the rows of those still to come are zero."""

    vectors: Tensor
    attributes: IntArray
    forms: IntArray


class WordCache:
    """Vectors of distinct words, one row each. It holds nothing that the network could not compute again.

    Vectors of weights that have changed since are forgotten, unless they were changed without a trace: through
    ``.data`` or by a fused optimiser. Threads may share a cache.

    Args:
        featurizer: makes the features of words.
        word_features: makes their vectors; in evaluation mode.
        max_words: :meth:`rows` empties a cache of more words than this before it adds new ones.
        max_characters: the same for the characters of all its words, lest monstrous words fill the memory.
    """

    def __init__(
        self,
        featurizer: Featurizer,
        word_features: WordFeatures,
        *,
        max_words: int,
        max_characters: int = 10_000_000,
    ) -> None:
        self._featurizer: Final = featurizer
        self._word_features: Final = word_features
        self._max_words = max_words
        self._max_characters = max_characters
        self._lock = threading.Lock()
        self._numbering = 0
        self._clear()

    def _clear(self) -> None:
        self._numbering += 1
        self._row_of: dict[str, int] = {}
        self._num_characters = 0
        self._table: _Table | None = None
        self._char_tables: Tensor | None = None
        self._weights = WeightState(self._word_features.parameters())

    def rows(self, sentences: Sequence[Sequence[str]]) -> CachedWords:
        """Return the row of every word, and what is known of the words.

        What was returned stays right whatever is asked for later.
        """
        with self._lock:
            full = len(self._row_of) > self._max_words or self._num_characters > self._max_characters
            if full or self._weights != WeightState(self._word_features.parameters()):
                self._clear()
            new = {word for sentence in sentences for word in sentence if word not in self._row_of}
            if new or self._table is None:
                # By length, so that little padding is computed; then by letters, so that the order is always the same.
                longest = self._featurizer.config.max_chars
                self._add(sorted(new, key=lambda word: (min(len(word), longest), word)))
            assert self._table is not None
            return CachedWords(look_up_rows(self._row_of, sentences), *self._table, self._numbering)

    def _add(self, words: list[str]) -> None:
        # Kept vectors must serve callers in any mode: inference tensors could not be added to, rounded ones are others.
        device = next(self._word_features.parameters()).device
        rounds = torch.is_autocast_enabled(device.type)
        exactly = torch.autocast(device.type, enabled=False) if rounds else nullcontext()
        with torch.inference_mode(False), torch.no_grad(), exactly:
            self._add_plainly(words)

    def _add_plainly(self, words: list[str]) -> None:
        start, end = len(self._row_of), len(self._row_of) + len(words)
        for first in range(0, max(len(words), 1), _CHUNK):
            computed = self._compute(words[first : first + _CHUNK])
            if self._table is None or end > len(self._table.forms):
                # Growing by a share keeps the cost of it constant per word; the rows in use never move.
                size = max(1024, end + end // 2)
                grown = _Table(
                    computed.vectors.new_zeros(size, computed.vectors.shape[1]),
                    np.zeros((size, computed.attributes.shape[1]), dtype=np.int64),
                    np.zeros(size, dtype=np.int64),
                )
                if self._table is not None:
                    _copy(self._table, grown, slice(0, start), slice(0, start))
                self._table = grown
            length = len(computed.forms)
            _copy(computed, self._table, slice(0, length), slice(start + first, start + first + length))
        self._row_of.update(zip(words, range(start, end), strict=True))
        self._num_characters += sum(map(len, words))

    def _compute(self, words: list[str]) -> _Table:
        """Return what is to be known of U words; their vectors are on the device of the network."""
        features = self._featurizer.encode(words)
        device = next(self._word_features.parameters()).device
        char_cnn = self._word_features.char_cnn
        if char_cnn is not None and self._char_tables is None:
            self._char_tables = char_cnn.tables()
        vectors: Tensor = self._word_features(FeatureTensors.of(features, device), self._char_tables)
        return _Table(vectors, features.wide, features.forms)


def _copy(source: _Table, target: _Table, from_rows: slice, to_rows: slice) -> None:
    target.vectors[to_rows] = source.vectors[from_rows]
    target.attributes[to_rows] = source.attributes[from_rows]
    target.forms[to_rows] = source.forms[from_rows]
