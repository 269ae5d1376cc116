"""The sequences of recipes/long_lag.py: tasks by which the papers compared recurrent cells, one label per position.

Letters: B sequences of a batch, T positions of the longest, L labels. Labels are scored by sets: the labels allowed at
    a position must be the most probable ones there, as Hochreiter & Schmidhuber (1997) judge predictions of a random
    next symbol. If no label is required, the set is empty.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Ints = NDArray[np.int64]

NO_LABEL: Final = -1


@dataclass(frozen=True)
class Batch:
    """Right-padded sequences.

    Attributes:
        symbols: the inputs, ``[B, T]``; 0 in the padding.
        lengths: ``[B]``.
        targets: the label of each position, :data:`NO_LABEL` if none is required, ``[B, T]``.
        allowed: the labels that count as correct, ``[B, T, L]``.
    """

    symbols: Ints
    lengths: Ints
    targets: Ints
    allowed: NDArray[np.bool_]


class Task(ABC):
    """A task: unlimited training batches, and a test that may be harder than training.

    Attributes:
        name: on the command line.
        lag: number of steps to bridge, if it is an option of the task; otherwise None.
        span: number of steps, roughly, for which a cell has to remember something.
        num_symbols: number of input symbols.
        labels: names of the labels.
        hidden_dim: default number of hidden units.
        batch_size: sequences in a training batch.
        max_steps: training batches after which a run has failed.
        endless: whether its sequences are parts of endless streams.
        required: share of the test sequences that must be correct at every position.
    """

    name: str
    lag: int | None = None
    span: int
    num_symbols: int
    labels: str
    hidden_dim: int = 32
    batch_size: int = 64
    max_steps: int = 1000
    endless: bool = False
    required: float = 1.0

    @abstractmethod
    def training_batch(self, random: Generator) -> Batch:
        """Return new sequences to learn from."""

    def validation_batch(self, random: Generator) -> Batch:
        """Return sequences that decide whether training may stop; by default like those of training."""
        return self.training_batch(random)

    @abstractmethod
    def test_batch(self, random: Generator) -> Batch:
        """Return the sequences for the final results."""

    def solved(self, right: NDArray[np.bool_]) -> bool:
        """Return whether a test is passed: enough of its sequences are correct at every position.

        Args:
            right: whether a position is labelled correctly, ``[B, T]``; True if no label is required.
        """
        return bool(right.all(axis=1).mean() >= self.required)

    def figures(self, right: NDArray[np.bool_]) -> dict[str, float]:
        """Return further figures of a test, by name; none for most tasks."""
        return {}


class TemporalOrder(Task):
    """Two marks in noise, a class that depends on both and their order (after Hochreiter & Schmidhuber 1997, 6a).

    A sequence is B, up to 9 noise symbols out of a, b, c, d, a mark X or Y, up to 9 noise symbols, a mark X or Y,
    ``lag`` - 1 noise symbols, and E, where the class is required: XX, XY, YX or YY. In the paper there are about 40
    steps between the marks and 50 after the second; here the only difficulty is the lag after it, which is exact.
    """

    name = "temporal_order"
    symbols = "BEXYabcd"
    num_symbols = len(symbols)
    labels = "0123"
    required = 0.99

    def __init__(self, lag: int) -> None:
        self.lag: int | None = lag
        self.span = lag + 10
        self._steps_behind = lag

    def training_batch(self, random: Generator) -> Batch:
        """Return sequences."""
        return self._sequences(random, self.batch_size)

    def validation_batch(self, random: Generator) -> Batch:
        """Return 256 sequences."""
        return self._sequences(random, 256)

    def test_batch(self, random: Generator) -> Batch:
        """Return 1,024 sequences."""
        return self._sequences(random, 1024)

    def _sequences(self, random: Generator, count: int) -> Batch:
        rows = np.arange(count)
        first = random.integers(1, 11, count)
        second = first + random.integers(1, 11, count)
        end = second + self._steps_behind
        marks = random.integers(0, 2, (count, 2))
        symbols = random.integers(4, 8, (count, int(end.max()) + 1))
        symbols[:, 0] = self.symbols.index("B")
        symbols[rows, first] = self.symbols.index("X") + marks[:, 0]
        symbols[rows, second] = self.symbols.index("X") + marks[:, 1]
        symbols[rows, end] = self.symbols.index("E")
        symbols[np.arange(symbols.shape[1]) > end[:, None]] = 0
        targets = np.full_like(symbols, NO_LABEL)
        targets[rows, end] = 2 * marks[:, 0] + marks[:, 1]
        return Batch(symbols, end + 1, targets, targets[..., None] == np.arange(len(self.labels)))


class Counting(Task):
    """a^n b^n (Gers & Schmidhuber 2001): read S a^n b^n, predict the next symbol; T ends the string.

    Trained on n = 1 to 10, tested on n = 1 to 100. After an a, a or b may follow; after a b, the next symbol is
    determined.
    """

    name = "anbn"
    hidden_dim = 8
    symbols = "SabT"
    span = 20
    num_symbols = len(symbols)
    labels = symbols
    longest_trained = 10
    longest_required = 20
    longest_tested = 100

    def training_batch(self, random: Generator) -> Batch:
        """Return strings of random n."""
        return self.strings(random.integers(1, self.longest_trained + 1, self.batch_size))

    def validation_batch(self, random: Generator) -> Batch:
        """Return each n that a run must solve: up to twice the longest trained."""
        return self.strings(np.arange(1, self.longest_required + 1))

    def test_batch(self, random: Generator) -> Batch:
        """Return each n, from 1."""
        return self.strings(np.arange(1, self.longest_tested + 1))

    def solved(self, right: NDArray[np.bool_]) -> bool:
        """Return whether each n up to twice the longest trained is correct."""
        return bool(right[: self.longest_required].all())

    def figures(self, right: NDArray[np.bool_]) -> dict[str, float]:
        """Return the largest n up to which every string is correct."""
        return {"longest_n": float(np.logical_and.accumulate(right.all(axis=1)).sum())}

    def strings(self, counts: Ints) -> Batch:
        """Return the string of each n, ``[B]``."""
        n = counts[:, None]
        position = np.arange(2 * int(counts.max()) + 1)
        real = position <= 2 * n
        symbols = np.where(position == 0, 0, np.where(position <= n, 1, 2))
        following = np.where(position < n, 1, np.where(position < 2 * n, 2, 3))
        allowed = following[..., None] == np.arange(len(self.labels))
        allowed[..., 1:3] |= ((position >= 1) & (position <= n))[..., None]
        return Batch(
            np.where(real, symbols, 0),
            2 * counts + 1,
            np.where(real, following, NO_LABEL),
            allowed & real[..., None],
        )


class Timing(Task):
    """Generate timed spikes (after Gers et al. 2002, section 4.3): a spike every ``period`` steps, without input.

    Up to 9 silent steps, a start signal, and silence. From the start signal on each position has the label 0 or 1: 1
    at every multiple of the period. Trained on 4 periods after the signal, tested on 20.
    """

    name = "timing"
    num_symbols = 2
    labels = "01"
    periods_trained = 4
    periods_tested = 20

    def __init__(self, period: int = 10) -> None:
        self.period = period
        self.span = period

    def training_batch(self, random: Generator) -> Batch:
        """Return sequences of 4 periods."""
        return self._sequences(random, self.batch_size, self.periods_trained)

    def validation_batch(self, random: Generator) -> Batch:
        """Return sequences of 20 periods."""
        return self._sequences(random, self.batch_size, self.periods_tested)

    def test_batch(self, random: Generator) -> Batch:
        """Return sequences of 20 periods."""
        return self._sequences(random, self.batch_size, self.periods_tested)

    def _sequences(self, random: Generator, count: int, num_periods: int) -> Batch:
        start = random.integers(0, 10, (count, 1))
        end = start + num_periods * self.period
        since = np.arange(int(end.max()) + 1) - start
        asked = (since >= 0) & (since <= end - start)
        spikes = (since > 0) & (since % self.period == 0)
        targets = np.where(asked, spikes, NO_LABEL).astype(np.int64)
        symbols = (since == 0).astype(np.int64)
        return Batch(symbols, end[:, 0] + 1, targets, targets[..., None] == np.arange(len(self.labels)))
