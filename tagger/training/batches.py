"""The training and dev data as Lightning wants it: iterables of whole batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, cycle, islice
from typing import Final

import numpy as np

from tagger.batching import Batch, EncodedSentences, batches_by_length, shuffled_batches
from tagger.examples import Example
from tagger.features import Featurizer, IntArray
from tagger.features.vocabulary import LabelVocabulary

ENOUGH_STEPS: Final = 5000
SMALLEST_BATCH: Final = 8
LARGEST_BATCH: Final = 32


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


def encode_split(
    examples: Sequence[Example], featurizer: Featurizer, labels: LabelVocabulary | None
) -> EncodedSentences:
    """Return a split, encoded once.

    Args:
        examples: the sentences.
        featurizer: encodes their words.
        labels: encodes their labels; None to leave them out.
    """
    ids = None
    if labels is not None:
        of_tokens = chain.from_iterable(example.labels or () for example in examples)
        ids = np.fromiter(map(labels.encode, of_tokens), dtype=np.int16)  # MOST_LABELS is less than 2^15
    return EncodedSentences(featurizer, [example.tokens for example in examples], ids)


class BatchLoader:
    """Batches of a split in a given order, made as they are asked for.

    Args:
        split: the sentences.
        order: which sentences each batch holds.
    """

    def __init__(self, split: EncodedSentences, order: Sequence[list[int]]) -> None:
        self._split = split
        self._order = order

    @classmethod
    def by_length(cls, split: EncodedSentences, *, batch_tokens: int) -> BatchLoader:
        """Return the whole split, sentences of similar length together."""
        return cls(split, batches_by_length(split.lengths, max_tokens=batch_tokens))

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[SplitBatch]:
        return (SplitBatch(members, self._split.batch(members)) for members in self._order)


class TrainingOrder:
    """Which batches each epoch has: a function of the seed and the epoch alone.

    Args:
        lengths: tokens of each training sentence.
        batch_size: sentences of a batch at most.
        batch_tokens: padded tokens of a batch at most.
        pool: batches' worth of sentences that are sorted by length together.
        seed: of the run.
        num_devices: devices that share an epoch's batches.
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
    ) -> None:
        self._lengths = lengths
        self._batch_size = batch_size
        self._batch_tokens = batch_tokens
        self._pool = pool
        self._seed = seed
        self._num_devices = num_devices

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
        return shuffled_batches(
            self._lengths,
            max_tokens=self._batch_tokens,
            max_sentences=self._batch_size,
            pool=self._pool,
            seed=seed,
        )
