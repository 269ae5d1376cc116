"""The embedded Reber grammar and its continual version, two tasks of recipes/long_lag.py: predict the next symbol.

Letters: B sequences, T positions, N nodes of the grammar, L symbols.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from long_lag_tasks import NO_LABEL, Batch, Ints, Task
from numpy.random import Generator
from numpy.typing import NDArray

REBER_SYMBOLS: Final = "BTPSXVE"

# Reber's grammar: the edges of each node, (symbol, next node); the last E leaves node 6.
_REBER: Final = (
    (("B", 1),),
    (("T", 2), ("P", 3)),
    (("S", 2), ("X", 4)),
    (("T", 3), ("V", 5)),
    (("X", 3), ("S", 6)),
    (("P", 4), ("V", 6)),
    (("E", 7),),
)


def _embedded_reber() -> tuple[Ints, Ints]:
    """Return the symbol and the next node of both edges of each node, ``[N, 2]``; a single edge is repeated.

    An embedded string is B, then T or P, a string of Reber's grammar, the same T or P again, and E. Node 0 is before
    the first B, node 1 before the first T or P, the last node before the last E, which leads back to node 0.
    """
    start_of = {"T": 2, "P": 10}
    last = 18
    edges: list[tuple[tuple[str, int], ...]] = [(("B", 1),), (("T", start_of["T"]), ("P", start_of["P"]))]
    for outer, start in start_of.items():
        edges += [tuple((symbol, start + node) for symbol, node in leaving) for leaving in _REBER]
        edges.append(((outer, last),))
    edges.append((("E", 0),))
    both = [(leaving[0], leaving[-1]) for leaving in edges]
    symbols = np.array([[REBER_SYMBOLS.index(symbol) for symbol, _ in pair] for pair in both])
    return symbols, np.array([[node for _, node in pair] for pair in both])


_EDGE_SYMBOLS, _EDGE_NODES = _embedded_reber()


def _walk(random: Generator, num_walks: int, num_symbols: int) -> tuple[Ints, Ints]:
    """Return symbols of endless streams, ``[B, T]``, and the node after each; streams begin with a new string."""
    choices = random.integers(0, 2, (num_symbols, num_walks))
    symbols, nodes = np.empty_like(choices), np.empty_like(choices)
    node = np.zeros(num_walks, dtype=np.int64)
    for step, choice in enumerate(choices):
        symbols[step] = _EDGE_SYMBOLS[node, choice]
        node = _EDGE_NODES[node, choice]
        nodes[step] = node
    return symbols.T, nodes.T


def _next_symbols(symbols: Ints, nodes: Ints, lengths: Ints) -> Batch:
    """Return sequences whose labels are the next symbols: of ``[B, T + 1]`` the first T are inputs."""
    real = np.arange(symbols.shape[1] - 1) < lengths[:, None]
    allowed = (_EDGE_SYMBOLS[nodes[:, :-1]][..., None] == np.arange(len(REBER_SYMBOLS))).any(axis=2)
    return Batch(
        symbols=np.where(real, symbols[:, :-1], 0),
        lengths=lengths,
        targets=np.where(real, symbols[:, 1:], NO_LABEL),
        allowed=allowed & real[..., None],
    )


class Reber(Task):
    """The embedded Reber grammar (Hochreiter & Schmidhuber 1997, experiment 1): predict the next symbol.

    The last symbol but one equals the second, which is at least 6 steps earlier.
    """

    name = "reber"
    span = 20
    num_symbols = len(REBER_SYMBOLS)
    labels = REBER_SYMBOLS

    def training_batch(self, random: Generator) -> Batch:
        """Return whole strings."""
        return self._strings(random, self.batch_size)

    def validation_batch(self, random: Generator) -> Batch:
        """Return 2,048 strings."""
        return self._strings(random, 2048)

    def test_batch(self, random: Generator) -> Batch:
        """Return 2,048 strings."""
        return self._strings(random, 2048)

    def _strings(self, random: Generator, count: int) -> Batch:
        width = 32
        while True:
            state = random.bit_generator.state
            symbols, nodes = _walk(random, count, width)
            ended = nodes == 0
            if ended.any(axis=1).all():
                break
            # Some string is longer: repeat the same random draws with a larger width.
            random.bit_generator.state = state
            width *= 2
        lengths = ended.argmax(axis=1)  # the position of the last E, which is not an input
        longest = int(lengths.max()) + 1
        return _next_symbols(symbols[:, :longest], nodes[:, :longest], lengths)


class ContinualReber(Task):
    """Strings of the embedded Reber grammar one after another, without a reset (Gers et al. 2000, section 4).

    Training streams have 100 symbols, about 9 strings, and start from a state of zero; the gradient runs through all
    of them. The test streams are 100 times as long.
    """

    name = "continual_reber"
    span = 20
    num_symbols = len(REBER_SYMBOLS)
    labels = REBER_SYMBOLS
    endless = True
    max_steps = 600

    def training_batch(self, random: Generator) -> Batch:
        """Return streams."""
        return self._streams(random, self.batch_size, 100)

    def validation_batch(self, random: Generator) -> Batch:
        """Return 64 streams of 1,000 symbols."""
        return self._streams(random, 64, 1000)

    def test_batch(self, random: Generator) -> Batch:
        """Return 10 streams of 10,000 symbols."""
        return self._streams(random, 10, 10_000)

    def figures(self, right: NDArray[np.bool_]) -> dict[str, float]:
        """Return the mean number of symbols up to a stream's first error, or its end."""
        error_free = np.where(right.all(axis=1), right.shape[1], right.argmin(axis=1))
        return {"error_free": float(error_free.mean())}

    def _streams(self, random: Generator, count: int, length: int) -> Batch:
        symbols, nodes = _walk(random, count, length + 1)
        return _next_symbols(symbols, nodes, np.full(count, length))
