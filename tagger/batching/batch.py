"""Batch: sentences as padded arrays, with features once per distinct word.

Letters: B sentences, T tokens of the longest, U distinct words of the batch, C characters kept of a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.batching.counts import BatchCounts, ExpectedCounts
from tagger.features import Featurizer, IntArray, WordFeatureIds, encode_sentences
from tagger.features.wide import WideIndex

Integers = NDArray[np.signedinteger[Any]]
"""Ids of any size; those of a batch are of 64 bits, as torch wants them."""


@dataclass(frozen=True)
class Batch:
    """Sentences as arrays; torch takes them without a copy.

    Attributes:
        features: feature ids of the batch's distinct words, ``[U, ...]``.
        word_index: row in ``features`` of every token, ``[B, T]``; 0 at padding.
        lengths: tokens of each sentence, ``[B]``.
        labels: label ids, ``[B, T]``, -100 at padding; None for unlabelled text.
        wide: rows of the wide features of every token, ``[B, T, F]``, 0 for none and at padding; None without any.
        counts: what is to be learned of sentences in place of their labels; None where there is nothing of any.
    """

    features: WordFeatureIds
    word_index: IntArray
    lengths: IntArray
    labels: IntArray | None = None
    wide: IntArray | None = None
    counts: BatchCounts | None = None

    @property
    def mask(self) -> NDArray[np.bool_]:
        """True at real tokens, ``[B, T]``."""
        mask: NDArray[np.bool_] = np.arange(self.word_index.shape[1]) < self.lengths[:, None]
        return mask


def assemble(
    rows: Sequence[Integers],
    features: WordFeatureIds,
    labels: Sequence[Integers] | None = None,
    *,
    wide: WideIndex | None = None,
    counts: BatchCounts | None = None,
) -> Batch:
    """Make one batch.

    Args:
        rows: for each of B sentences the rows of its words in ``features``, ``[T_b]``.
        features: feature ids of all words that rows may point to.
        labels: label ids of each sentence, ``[T_b]``, or None.
        wide: which wide features there are; None without any.
        counts: what is to be learned in place of labels.
    """
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    distinct, inverse = np.unique(_joined(rows), return_inverse=True)
    padded_labels = None if labels is None else pad(_joined(labels), lengths, fill=-100)
    taken = features.take(distinct)
    wide_rows = None if wide is None else wide.rows(taken.wide, inverse, lengths)
    return Batch(taken, pad(inverse, lengths), lengths, padded_labels, wide_rows, counts)


def pad(values: Integers, lengths: IntArray, *, fill: int = 0) -> IntArray:
    """Return the values of all tokens, sentence by sentence, as ``[B, T]`` with ``fill`` after shorter sentences.

    Args:
        values: as many as all lengths together.
        lengths: tokens of each sentence, ``[B]``.
        fill: stands at padding.
    """
    shape = len(lengths), int(lengths.max(initial=0))
    if len(values) == shape[0] * shape[1]:
        return values.reshape(shape).astype(np.int64, copy=False)  # nothing is padding
    padded = np.full(shape, fill, dtype=np.int64)
    padded[np.arange(padded.shape[1]) < lengths[:, None]] = values
    return padded


class EncodedSentences:
    """Sentences whose words are encoded once, to assemble batches from: for training, dev scores and inspection alike.

    Args:
        featurizer: encodes the words.
        sentences: the tokens of each.
        labels: label ids of all N tokens, sentence by sentence, ``[N]``; None for unlabelled text.
        counts: what is to be learned of sentences in place of their labels; the labels alone if left out.

    Attributes:
        lengths: tokens of each sentence.
    """

    def __init__(
        self,
        featurizer: Featurizer,
        sentences: Sequence[Sequence[str]],
        labels: Integers | None = None,
        counts: ExpectedCounts | None = None,
    ) -> None:
        rows, self._features = encode_sentences(featurizer, sentences)
        # In one piece, and small: an array for each sentence takes more room than what it holds.
        self._rows = _joined(rows).astype(np.int32)
        self._labels = labels
        self._counts = counts
        self._wide = featurizer.wide
        self.lengths: IntArray = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
        self._ends: IntArray = np.cumsum(self.lengths)

    def batch(self, members: Sequence[int]) -> Batch:
        """Return some of the sentences, by their numbers, as one batch."""
        pieces = [slice(self._ends[i] - self.lengths[i], self._ends[i]) for i in members]
        labels = None if self._labels is None else [self._labels[piece] for piece in pieces]
        counts = None
        if self._counts is not None:
            counts = self._counts.batch(members, int(self.lengths[list(members)].max(initial=0)))
        rows = [self._rows[piece] for piece in pieces]
        return assemble(rows, self._features, labels, wide=self._wide, counts=counts)


def _joined(rows: Sequence[Integers]) -> Integers:
    return np.concatenate(rows) if len(rows) else np.zeros(0, dtype=np.int64)
