"""The training and dev data as Lightning wants it: iterables of whole batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, cycle, islice
from typing import Final

import numpy as np

from tagger.batching import (
    Batch,
    batches_by_length,
    batches_of_parts,
    collate,
    shuffled_batches,
    shuffled_batches_of_parts,
)
from tagger.document_layout import part_numbers
from tagger.documents import DocumentId
from tagger.examples import Example
from tagger.features import Featurizer, IntArray, encode_sentences
from tagger.vocabulary import LabelVocabulary

ENOUGH_STEPS: Final = 5000
SMALLEST_BATCH: Final = 8
LARGEST_BATCH: Final = 32
_SPLITTING: Final = 1


def usual_batch_size(num_sentences: int, *, epochs: int, num_devices: int = 1) -> int:
    """Return how many sentences a batch holds where nobody has said so.

    As many as leave 5,000 steps to the run, since a small corpus in large batches is learned in too few of them; but
    at least 8, below which time goes to waste, and at most 32.

    >>> usual_batch_size(3394, epochs=14), usual_batch_size(12544, epochs=14)
    (9, 32)
    """
    size = num_sentences * epochs // (ENOUGH_STEPS * num_devices)
    return min(max(size, SMALLEST_BATCH), LARGEST_BATCH)


class SplitBatch:
    """A batch and which sentences of its split it holds.

    A plain class, since Lightning would look into a tuple or a dataclass for tensors to convert.

    Args:
        members: index in the split of each of B sentences.
        batch: the sentences as arrays.
    """

    def __init__(self, members: list[int], batch: Batch) -> None:
        self.members = members
        self.batch = batch


class EncodedSplit:
    """A split, encoded once.

    Args:
        examples: the sentences.
        featurizer: encodes their words.
        labels: encodes their labels; None to leave them out.

    Attributes:
        lengths: tokens of each sentence.
        parts: number of the part of a document that each sentence belongs to; None for a model without document
            context.
        block_tokens: tokens that such a model reads at once.
    """

    def __init__(
        self, examples: Sequence[Example], featurizer: Featurizer, labels: LabelVocabulary | None
    ) -> None:
        self._wide = featurizer.wide
        self._rows, self._features = encode_sentences(featurizer, [example.tokens for example in examples])
        self._labels = None
        if labels is not None:
            self._labels = [
                np.array([labels.encode(label) for label in example.labels or ()], dtype=np.int64)
                for example in examples
            ]
        self.lengths: IntArray = np.array([len(row) for row in self._rows], dtype=np.int64)
        config = featurizer.config
        self.block_tokens = config.block_tokens
        self.parts: IntArray | None = None
        if config.document_context:
            documents = [example.document for example in examples]
            self.parts = part_numbers(self.lengths, documents, document_tokens=config.document_tokens)

    def batch(self, members: list[int], parts: IntArray | None) -> SplitBatch:
        """Return some of the sentences as one batch.

        Args:
            members: the sentences; with parts, those of a part side by side.
            parts: number of the part of each sentence of the split, for a model with document context.
        """
        arrays = collate(
            [self._rows[i] for i in members],
            self._features,
            None if self._labels is None else [self._labels[i] for i in members],
            wide=self._wide,
            parts=None if parts is None else parts[members],
            block_tokens=self.block_tokens,
        )
        return SplitBatch(members, arrays)


class BatchLoader:
    """Batches of a split in a given order, made as they are asked for.

    Args:
        split: the sentences.
        order: which sentences each batch holds.
        parts: number of the part of each sentence of the split, for a model with document context.
    """

    def __init__(self, split: EncodedSplit, order: Sequence[list[int]], parts: IntArray | None) -> None:
        self._split = split
        self._order = order
        self._parts = parts

    @classmethod
    def by_length(cls, split: EncodedSplit, *, batch_tokens: int) -> BatchLoader:
        """Return the whole split, sentences of similar length together, or whole parts of documents."""
        if split.parts is None:
            return cls(split, batches_by_length(split.lengths, max_tokens=batch_tokens), None)
        order = batches_of_parts(
            split.lengths, split.parts, block_tokens=split.block_tokens, max_tokens=batch_tokens
        )
        return cls(split, order, split.parts)

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[SplitBatch]:
        return (self._split.batch(members, self._parts) for members in self._order)


class EpochParts:
    """Which sentences are read together in each epoch, a function of the seed and the epoch alone.

    Some documents are read as single sentences, others in each epoch, so that the model learns to read these too. A
    part that would make a batch of too many sentences, and few steps of a long document, is read in equal pieces.

    Args:
        lengths: tokens of each training sentence.
        documents: of each training sentence.
        document_tokens: tokens of a part at most.
        max_sentences: sentences of a piece at most.
        block_tokens: tokens that the encoder reads at once.
        split_documents: share of the documents that are read as single sentences.
        seed: of the run.
    """

    def __init__(
        self,
        lengths: IntArray,
        documents: Sequence[DocumentId],
        *,
        document_tokens: int,
        max_sentences: int,
        block_tokens: int,
        split_documents: float,
        seed: int,
    ) -> None:
        self.block_tokens = block_tokens
        self._lengths = lengths.tolist()
        self._documents = documents
        self._document_tokens = document_tokens
        self._max_sentences = max_sentences
        self._share = split_documents
        self._seed = seed

    def of_epoch(self, epoch: int) -> IntArray:
        """Return the number of the part, or of the piece of it, that each sentence belongs to."""
        distinct = dict.fromkeys(self._documents)
        # Other numbers than those that shuffle.
        draws = np.random.default_rng([self._seed, epoch, _SPLITTING]).random(len(distinct)).tolist()
        whole = {document for document, draw in zip(distinct, draws, strict=True) if draw >= self._share}
        documents = [document if document in whole else None for document in self._documents]
        parts = part_numbers(self._lengths, documents, document_tokens=self._document_tokens)
        return in_pieces(parts, max_sentences=self._max_sentences)


def in_pieces(parts: IntArray, *, max_sentences: int) -> IntArray:
    """Return the number of the piece that each sentence belongs to: of a part with too many sentences, an equal share.

    Args:
        parts: number of the part of each sentence, one part after another.
        max_sentences: sentences of a piece at most.

    >>> in_pieces(np.array([0, 0, 1, 1, 1, 1, 1]), max_sentences=3).tolist()
    [0, 0, 1, 1, 1, 2, 2]
    """
    _, firsts, sizes = np.unique(parts, return_index=True, return_counts=True)
    positions = np.arange(len(parts)) - np.repeat(firsts, sizes)
    sizes = np.repeat(sizes, sizes)
    pieces = positions * -(-sizes // max_sentences) // sizes
    begins = (np.diff(parts, prepend=-1) != 0) | (np.diff(pieces, prepend=-1) != 0)
    return np.cumsum(begins) - 1


class TrainingOrder:
    """Which batches each epoch has: a function of the seed and the epoch alone.

    Args:
        lengths: tokens of each training sentence.
        batch_size: sentences of a batch at most.
        batch_tokens: padded tokens of a batch at most.
        pool: batches' worth of sentences that are sorted by length together.
        seed: of the run.
        num_devices: devices that share an epoch's batches.
        parts: which sentences stay together, for a model with document context; a batch then holds whole parts, of as
            nearly ``batch_size`` sentences as can be.
    """

    def __init__(
        self,
        lengths: IntArray,
        *,
        batch_size: int,
        batch_tokens: int,
        pool: int,
        seed: int,
        num_devices: int = 1,
        parts: EpochParts | None = None,
    ) -> None:
        self._lengths = lengths
        self._batch_size = batch_size
        self._batch_tokens = batch_tokens
        self._pool = pool
        self._seed = seed
        self._num_devices = num_devices
        self._parts = parts

    def parts(self, epoch: int) -> IntArray | None:
        """Return the number of the part that each sentence belongs to in an epoch; None without any."""
        return None if self._parts is None else self._parts.of_epoch(epoch)

    def batches(self, epoch: int, rank: int = 0) -> list[list[int]]:
        """Return the batches that one device trains on in an epoch.

        With several devices every one gets the same number; what lacks is filled up from the epoch's beginning.
        """
        batches = list(self._shuffled(epoch))
        missing = -len(batches) % self._num_devices
        return [*batches, *islice(cycle(batches), missing)][rank :: self._num_devices]

    def epoch_starts(self, epochs: int) -> list[int]:
        """Return how many steps one device has taken when each epoch begins, and when the last one ends."""
        return list(accumulate((len(self.batches(epoch)) for epoch in range(epochs)), initial=0))

    def _shuffled(self, epoch: int) -> Iterator[list[int]]:
        seed = int(np.random.SeedSequence([self._seed, epoch]).generate_state(1)[0])
        if self._parts is None:
            return shuffled_batches(
                self._lengths,
                max_tokens=self._batch_tokens,
                max_sentences=self._batch_size,
                pool=self._pool,
                seed=seed,
            )
        return shuffled_batches_of_parts(
            self._lengths,
            self._parts.of_epoch(epoch),
            block_tokens=self._parts.block_tokens,
            max_tokens=self._batch_tokens,
            max_sentences=self._batch_size,
            pool=self._pool,
            seed=seed,
        )
