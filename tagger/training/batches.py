"""The training and dev data as iterables of whole batches, for Lightning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, cycle, islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagger.batching import Batch, EncodedSentences, batches_by_length, shuffled_batches
from tagger.examples import Example
from tagger.features import IntArray
from tagger.features.vocabulary import LabelVocabulary

ENOUGH_STEPS: Final = 5000
"""Steps that a run should have at least."""
STEPS_AT_ONCE: Final = 20
"""Steps combined into one Lightning step, whose overhead is half a millisecond, as much as the optimiser takes."""
SMALLEST_BATCH: Final = 8
LARGEST_BATCH: Final = 32


def usual_batch_size(num_sentences: int, *, epochs: int, num_devices: int = 1) -> int:
    """Return the default batch size, in sentences.

    Chosen so that the run has at least 5,000 steps, since a small corpus in large batches gives too few; but at least
    8, below which time is wasted, and at most 32.

    >>> usual_batch_size(3394, epochs=14), usual_batch_size(12544, epochs=14)
    (9, 32)
    """
    size = num_sentences * epochs // (ENOUGH_STEPS * num_devices)
    return min(max(size, SMALLEST_BATCH), LARGEST_BATCH)


class TrainingSteps:
    """The batches of several consecutive training steps, assembled only when they are computed.

    A plain class, since Lightning would search a tuple or a dataclass for tensors to convert.

    Attributes:
        split: the training sentences.
        batches: indices of the sentences of each batch.
    """

    def __init__(self, split: EncodedSentences, batches: Sequence[list[int]]) -> None:
        self.split = split
        self.batches = batches

    @property
    def num_tokens(self) -> int:
        """The number of tokens in the batches."""
        return int(self.split.lengths[list(chain.from_iterable(self.batches))].sum())


class TrainingLoader:
    """The batches of an epoch in a given order, grouped into several steps each.

    Args:
        split: the training sentences.
        order: indices of the sentences of each batch.
    """

    def __init__(self, split: EncodedSentences, order: Sequence[list[int]]) -> None:
        self._split = split
        self._order = order

    def __len__(self) -> int:
        return -(-len(self._order) // STEPS_AT_ONCE)

    @property
    def num_steps(self) -> int:
        """The number of training steps in an epoch."""
        return len(self._order)

    def __iter__(self) -> Iterator[TrainingSteps]:
        starts = range(0, len(self._order), STEPS_AT_ONCE)
        return (TrainingSteps(self._split, self._order[start : start + STEPS_AT_ONCE]) for start in starts)


class SplitBatch:
    """A batch and the indices of its sentences; a plain class for the same reason as :class:`TrainingSteps`.

    Args:
        members: index in the split of each of the B sentences.
        batch: the sentences as arrays.
    """

    def __init__(self, members: list[int], batch: Batch) -> None:
        self.members = members
        self.batch = batch


def encoded_labels(
    examples: Sequence[Example], labels: LabelVocabulary, *, outside: int | None = None
) -> NDArray[np.int16]:
    """Return the label ids of all N tokens of sentences, ``[N]``.

    Args:
        examples: the sentences.
        labels: encodes their labels.
        outside: code of O if O leaves types open; its label id if left out.
    """
    ids = {label: i for i, label in enumerate(labels.items)}
    if outside is not None:
        ids["O"] = outside
    of_tokens = chain.from_iterable(example.labels or () for example in examples)
    return np.fromiter(map(ids.__getitem__, of_tokens), dtype=np.int16)  # MOST_LABELS is less than 2^15


class BatchLoader:
    """Batches of a whole split, with sentences of similar length together, assembled on demand.

    Args:
        split: the sentences.
        batch_tokens: maximum number of padded tokens in a batch.
    """

    def __init__(self, split: EncodedSentences, *, batch_tokens: int) -> None:
        self._split = split
        self._order = batches_by_length(split.lengths, max_tokens=batch_tokens)

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[SplitBatch]:
        return (SplitBatch(members, self._split.batch(members)) for members in self._order)


class TrainingOrder:
    """The batches of each epoch, determined by the seed and the epoch.

    Args:
        lengths: number of tokens of each training sentence.
        batch_size: maximum number of sentences in a batch.
        batch_tokens: maximum number of padded tokens in a batch.
        pool: batches' worth of sentences that are sorted by length together.
        seed: of the run.
        num_devices: devices that share an epoch's batches.
        replay: number of replayed sentences, which are the last ones; each epoch uses only some of them.
        drawn: number of replayed sentences per epoch, different ones in each.
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
        replay: int = 0,
        drawn: int = 0,
    ) -> None:
        self._lengths = lengths
        self._batch_size = batch_size
        self._batch_tokens = batch_tokens
        self._pool = pool
        self._seed = seed
        self._num_devices = num_devices
        self._replay = replay
        self._drawn = drawn

    def batches(self, epoch: int, rank: int = 0) -> list[list[int]]:
        """Return the batches that one device trains on in an epoch.

        All devices get the same number; missing batches are filled up from the epoch's beginning.
        """
        batches = list(self._shuffled(epoch))
        missing = -len(batches) % self._num_devices
        return [*batches, *islice(cycle(batches), missing)][rank :: self._num_devices]

    def epoch_starts(self, epochs: int) -> list[int]:
        """Return the number of steps of one device before each epoch, and after the last one."""
        return list(accumulate((len(self.batches(epoch)) for epoch in range(epochs)), initial=0))

    def _shuffled(self, epoch: int) -> Iterator[list[int]]:
        seed = int(np.random.SeedSequence([self._seed, epoch]).generate_state(1)[0])
        members = self._members(epoch)
        for batch in shuffled_batches(
            self._lengths[members],
            max_tokens=self._batch_tokens,
            max_sentences=self._batch_size,
            pool=self._pool,
            seed=seed,
        ):
            yield members[batch].tolist()

    def _members(self, epoch: int) -> IntArray:
        """Return the sentences of an epoch: all new ones, and the replayed ones drawn for it.

        These are consecutive in a shuffled list, which is shuffled again when it is exhausted.
        """
        first = len(self._lengths) - self._replay
        places = np.arange(epoch * self._drawn, (epoch + 1) * self._drawn)
        rounds = places // max(1, self._replay)
        drawn = [
            np.random.default_rng([self._seed, int(number)]).permutation(self._replay)[
                places[rounds == number] % self._replay
            ]
            for number in np.unique(rounds)
        ]
        return np.concatenate([np.arange(first), *(first + some for some in drawn)]).astype(np.int64)
