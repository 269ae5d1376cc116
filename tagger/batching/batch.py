"""Batch: sentences as padded arrays, with features stored once per distinct word.

Letters: B sentences, T tokens of the longest, U distinct words of the batch.
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
"""Ids of any integer size; those of a batch have 64 bits, as torch requires."""


@dataclass(frozen=True)
class Batch:
    """Sentences as arrays; torch takes them without a copy.

    Attributes:
        features: feature ids of the batch's distinct words, ``[U, ...]``.
        word_index: row in ``features`` of every token, ``[B, T]``; 0 at padding.
        lengths: tokens of each sentence, ``[B]``.
        labels: label ids, ``[B, T]``, -100 at padding; None for unlabelled text.
        wide: rows of the wide features of every token, ``[B, T, F]``, 0 for none and at padding; None without any.
        counts: expected counts, learned in place of labels; None if no sentence has any.
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
    """Assemble a batch.

    Args:
        rows: for each of B sentences the rows of its words in ``features``, ``[T_b]``.
        features: feature ids of all words that ``rows`` may refer to.
        labels: label ids of each sentence, ``[T_b]``, or None.
        wide: the index of wide features; None without any.
        counts: expected counts, learned in place of labels.
    """
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    distinct, inverse = np.unique(_joined(rows), return_inverse=True)
    padded_labels = None if labels is None else pad(_joined(labels), lengths, fill=-100)
    taken = features.take(distinct)
    wide_rows = None if wide is None else wide.rows(taken.wide, inverse, lengths)
    return Batch(taken, pad(inverse, lengths), lengths, padded_labels, wide_rows, counts)


def pad(values: Integers, lengths: IntArray, *, fill: int = 0) -> IntArray:
    """Pad the values of all tokens to ``[B, T]``.

    Args:
        values: one value per token, sentence by sentence.
        lengths: tokens of each sentence, ``[B]``.
        fill: the value at padding.
    """
    shape = len(lengths), int(lengths.max(initial=0))
    if len(values) == shape[0] * shape[1]:
        return values.reshape(shape).astype(np.int64, copy=False)  # nothing is padding
    padded = np.full(shape, fill, dtype=np.int64)
    padded[np.arange(padded.shape[1]) < lengths[:, None]] = values
    return padded


class EncodedSentences:
    """Sentences encoded once, from which batches are assembled for training, dev scores and inspection.

    Args:
        featurizer: encodes the words.
        sentences: the tokens of each.
        labels: label ids of all N tokens, sentence by sentence, ``[N]``; None for unlabelled text.
        counts: expected counts, learned in place of labels; if left out, only labels are learned.

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
        # One int32 array: an array for each sentence takes more memory than its content.
        self._rows = _joined(rows).astype(np.int32)
        self._labels = labels
        self._counts = counts
        self._wide = featurizer.wide
        self.lengths: IntArray = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
        self._ends: IntArray = np.cumsum(self.lengths)

    def batch(self, members: Sequence[int]) -> Batch:
        """Return the sentences with the given indices as one batch."""
        pieces = [slice(self._ends[i] - self.lengths[i], self._ends[i]) for i in members]
        labels = None if self._labels is None else [self._labels[piece] for piece in pieces]
        counts = None
        if self._counts is not None:
            counts = self._counts.batch(members, int(self.lengths[list(members)].max(initial=0)))
        rows = [self._rows[piece] for piece in pieces]
        return assemble(rows, self._features, labels, wide=self._wide, counts=counts)


def _joined(rows: Sequence[Integers]) -> Integers:
    return np.concatenate(rows) if len(rows) else np.zeros(0, dtype=np.int64)
