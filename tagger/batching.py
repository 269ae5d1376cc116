"""Batches: sentences of similar length as padded arrays, with features once per distinct word.

Letters: B sentences, T tokens of the longest, U distinct words of the batch, C characters kept of a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagger.errors import UsageError
from tagger.features import Featurizer, IntArray, WordFeatureIds, encode_sentences
from tagger.wide_features import WideIndex


@dataclass(frozen=True)
class Batch:
    """Sentences as arrays; torch takes them without a copy.

    Attributes:
        features: feature ids of the batch's distinct words, ``[U, ...]``.
        word_index: row in ``features`` of every token, ``[B, T]``; 0 at padding.
        lengths: tokens of each sentence, ``[B]``.
        labels: label ids, ``[B, T]``, -100 at padding; None for unlabelled text.
        wide: rows of the wide features of every token, ``[B, T, F]``, 0 for none and at padding; None without any.
    """

    features: WordFeatureIds
    word_index: IntArray
    lengths: IntArray
    labels: IntArray | None = None
    wide: IntArray | None = None

    @property
    def mask(self) -> NDArray[np.bool_]:
        """True at real tokens, ``[B, T]``."""
        mask: NDArray[np.bool_] = np.arange(self.word_index.shape[1]) < self.lengths[:, None]
        return mask


def collate(
    rows: Sequence[IntArray],
    features: WordFeatureIds,
    labels: Sequence[IntArray] | None = None,
    *,
    wide: WideIndex | None = None,
) -> Batch:
    """Make one batch.

    Args:
        rows: for each of B sentences the rows of its words in ``features``, ``[T_b]``.
        features: feature ids of all words that rows may point to.
        labels: label ids of each sentence, ``[T_b]``, or None.
        wide: which wide features there are; None without any.
    """
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    distinct, inverse = np.unique(_joined(rows), return_inverse=True)
    padded_labels = None if labels is None else pad(_joined(labels), lengths, fill=-100)
    taken = features.take(distinct)
    wide_rows = None if wide is None else wide.rows(taken.wide, inverse, lengths)
    return Batch(taken, pad(inverse, lengths), lengths, padded_labels, wide_rows)


def pad(values: IntArray, lengths: IntArray, *, fill: int = 0) -> IntArray:
    """Return the values of all tokens, sentence by sentence, as ``[B, T]`` with ``fill`` behind shorter sentences.

    Args:
        values: as many as all lengths together.
        lengths: tokens of each sentence, ``[B]``.
        fill: stands at padding.
    """
    shape = len(lengths), int(lengths.max(initial=0))
    if len(values) == shape[0] * shape[1]:
        return values.reshape(shape)  # nothing is padding
    padded = np.full(shape, fill, dtype=np.int64)
    padded[np.arange(padded.shape[1]) < lengths[:, None]] = values
    return padded


class EncodedSentences:
    """Sentences whose words are encoded once, to assemble batches from: for training, dev scores and inspection alike.

    Args:
        featurizer: encodes the words.
        sentences: the tokens of each.
        labels: label ids of each sentence, ``[T_b]``; None for unlabelled text.

    Attributes:
        lengths: tokens of each sentence.
    """

    def __init__(
        self,
        featurizer: Featurizer,
        sentences: Sequence[Sequence[str]],
        labels: Sequence[IntArray] | None = None,
    ) -> None:
        self._rows, self._features = encode_sentences(featurizer, sentences)
        self._labels = labels
        self._wide = featurizer.wide
        self.lengths: IntArray = np.fromiter(map(len, self._rows), dtype=np.int64, count=len(self._rows))

    def batch(self, members: Sequence[int]) -> Batch:
        """Return some of the sentences, by their numbers, as one batch."""
        labels = None if self._labels is None else [self._labels[i] for i in members]
        return collate([self._rows[i] for i in members], self._features, labels, wide=self._wide)


def _joined(rows: Sequence[IntArray]) -> IntArray:
    return np.concatenate(rows) if len(rows) else np.zeros(0, dtype=np.int64)


def batches_by_length(
    lengths: Sequence[int] | IntArray, *, max_tokens: int, max_sentences: int | None = None
) -> list[list[int]]:
    """Group sentences of similar length so that a batch's padded size stays within a budget.

    Args:
        lengths: tokens of each sentence.
        max_tokens: padded tokens (sentences times longest) a batch may hold; a longer sentence is a batch alone.
        max_sentences: sentences a batch may hold; no limit if left out.

    Returns:
        Indices of the sentences, longest batch first; every sentence once.

    >>> batches_by_length([3, 9, 2, 8], max_tokens=18)
    [[1, 3], [0, 2]]
    """
    if max_tokens < 1:
        raise UsageError(f"max_tokens: expected 1 or more, found {max_tokens}")
    if max_sentences is not None and max_sentences < 1:
        raise UsageError(f"max_sentences: expected 1 or more, found {max_sentences}")
    order = np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable").tolist()
    batches: list[list[int]] = []
    batch: list[int] = []
    for i in order:
        # Longest first: the first sentence of a batch sets its width.
        width = max(1, int(lengths[batch[0]])) if batch else 0
        if batch and (width * (len(batch) + 1) > max_tokens or len(batch) == max_sentences):
            batches.append(batch)
            batch = []
        batch.append(i)
    if batch:
        batches.append(batch)
    return batches


def shuffled_batches(
    lengths: Sequence[int] | IntArray,
    *,
    max_tokens: int,
    max_sentences: int,
    pool: int,
    seed: int,
) -> Iterator[list[int]]:
    """Yield training batches: shuffled sentences, sorted by length within pools, pools' batches shuffled.

    Sentences of similar length waste little padding; pools keep batches random from epoch to epoch.

    Args:
        lengths: tokens of each sentence.
        max_tokens: as in :func:`batches_by_length`.
        max_sentences: as in :func:`batches_by_length`.
        pool: batches' worth of sentences that are sorted together.
        seed: decides the order wholly.
    """
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(lengths))
    lengths = np.asarray(lengths, dtype=np.int64)
    size = max_sentences * pool
    for start in range(0, len(order), size):
        members = order[start : start + size]
        batches = batches_by_length(lengths[members], max_tokens=max_tokens, max_sentences=max_sentences)
        for k in generator.permutation(len(batches)):
            yield members[batches[k]].tolist()
