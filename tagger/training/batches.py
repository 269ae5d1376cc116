"""The training and dev data as Lightning wants it: iterables of whole batches."""

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
"""Steps of a run that is not short."""
STEPS_AT_ONCE: Final = 20
"""Steps that Lightning sees as one: it spends half a millisecond around each of them, as much as an optimiser does."""
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


class TrainingSteps:
    """Batches of some training steps in turn, to be assembled where they are computed.

    A plain class, since Lightning would look into a tuple or a dataclass for tensors to convert.

    Attributes:
        split: the training sentences.
        batches: which of them each batch holds.
    """

    def __init__(self, split: EncodedSentences, batches: Sequence[list[int]]) -> None:
        self.split = split
        self.batches = batches

    @property
    def num_tokens(self) -> int:
        """How many tokens they have."""
        return int(self.split.lengths[list(chain.from_iterable(self.batches))].sum())


class TrainingLoader:
    """The batches of an epoch in a given order, those of some steps together.

    Args:
        split: the training sentences.
        order: which of them each batch holds.
    """

    def __init__(self, split: EncodedSentences, order: Sequence[list[int]]) -> None:
        self._split = split
        self._order = order

    def __len__(self) -> int:
        return -(-len(self._order) // STEPS_AT_ONCE)

    @property
    def num_steps(self) -> int:
        """How many steps of training an epoch has."""
        return len(self._order)

    def __iter__(self) -> Iterator[TrainingSteps]:
        starts = range(0, len(self._order), STEPS_AT_ONCE)
        return (TrainingSteps(self._split, self._order[start : start + STEPS_AT_ONCE]) for start in starts)


class SplitBatch:
    """A batch and which sentences of its split it holds; a plain class for the same reason.

    Args:
        members: index in the split of each of B sentences.
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
        outside: what O is encoded as, where it leaves types open; its id if left out.
    """
    ids = {label: i for i, label in enumerate(labels.items)}
    if outside is not None:
        ids["O"] = outside
    of_tokens = chain.from_iterable(example.labels or () for example in examples)
    return np.fromiter(map(ids.__getitem__, of_tokens), dtype=np.int16)  # MOST_LABELS is less than 2^15


class BatchLoader:
    """Batches of a whole split, sentences of similar length together, made as they are asked for.

    Args:
        split: the sentences.
        batch_tokens: padded tokens of a batch at most.
    """

    def __init__(self, split: EncodedSentences, *, batch_tokens: int) -> None:
        self._split = split
        self._order = batches_by_length(split.lengths, max_tokens=batch_tokens)

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
        replay: how many of the sentences, the last ones, are earlier ones of which each epoch has only some.
        drawn: how many of them an epoch has, others in each.
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
        """Return the sentences of an epoch: all new ones, and of the earlier ones as many as are drawn.

        These follow one another through a shuffled list, which starts again shuffled otherwise when it is at its end.
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
