"""Memory: how long each unit remembers, and how often gates are open or shut, over any number of sentences.

Letter: X units of a gate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tagger.api import Tagger
from tagger.errors import UsageError
from tagger.inspection.absence import AbsentViewError
from tagger.inspection.gates import GATES, KEEP_GATE
from tagger.inspection.passes import checked_sentence, passes

MAX_DISTANCE: Final = 30
"""Maximum distance, in tokens, over which the remaining share of a state is measured."""

MARGIN: Final = 0.1
"""A gate below this counts as shut, one above 1 minus this as open (Karpathy et al. 2016, section 4.2)."""


class Saturation(NamedTuple):
    """Shares of a gate's values, over all units and words.

    Attributes:
        shut: below 0.1.
        open: above 0.9.
        mean: mean of all values.
    """

    shut: float
    open: float
    mean: float


@dataclass(frozen=True)
class GateStatistics:
    """The gates of one layer and direction over a corpus.

    Attributes:
        layer: index of the layer, from 0.
        direction: ``forward`` or ``backward``.
        saturation: by the name of the gate.
        memory_lengths: for each unit, the number of tokens until 1 / e of its state is left, ``[X]``: -1 / the mean of
            ln(keep gate), since the share left after several tokens is the product of their gates; 0 if a gate was ever
            exactly 0; None if the cell has no gate that forgets (``lstm_no_forget``).
        kept: for each unit, the share of its state that is left k tokens later, ``[K + 1, X]``, k from 0 to at most 30:
            the mean, over all runs of k consecutive tokens, of the product of their keep gates. None if the cell has no
            gate that forgets.
        num_tokens: number of words.
    """

    layer: int
    direction: str
    saturation: Mapping[str, Saturation]
    memory_lengths: NDArray[np.floating] | None
    kept: NDArray[np.floating] | None
    num_tokens: int


class _Products:
    """Sums of the products of a keep gate over consecutive tokens."""

    def __init__(self, num_units: int) -> None:
        self._sums = np.zeros((MAX_DISTANCE + 1, num_units))
        self._counts = np.zeros(MAX_DISTANCE + 1, dtype=np.int64)

    def add(self, gate: NDArray[np.floating], lengths: NDArray[np.integer]) -> None:
        """Add the values in a batch of sentences, ``[B, T, X]``."""
        num_tokens = gate.shape[1]
        product = np.ones_like(gate, dtype=np.float64)  # of the k values from each position on
        for k in range(min(MAX_DISTANCE, num_tokens) + 1):
            if k:
                product = product[:, : num_tokens - k + 1] * gate[:, k - 1 :]
            is_within = np.arange(product.shape[1]) + k <= lengths[:, None]
            self._sums[k] += product[is_within].sum(axis=0)
            self._counts[k] += is_within.sum()

    def means(self) -> NDArray[np.floating]:
        """Return the mean products, ``[K + 1, X]``."""
        there = self._counts > 0
        means: NDArray[np.floating] = self._sums[there] / self._counts[there, None]
        return means


class _Sums:
    """Sums over the words of one gate of one layer and direction."""

    def __init__(self, num_units: int) -> None:
        self.total = np.zeros(num_units)
        self.total_logarithm = np.zeros(num_units)
        self.num_shut = 0
        self.num_open = 0

    def add(self, values: NDArray[np.floating]) -> None:
        """Add the values of some words, ``[words, X]``."""
        self.total += values.sum(axis=0, dtype=np.float64)
        with np.errstate(divide="ignore"):  # minus infinity for a gate that is exactly 0
            self.total_logarithm += np.log(values, dtype=np.float64).sum(axis=0)
        self.num_shut += int((values < MARGIN).sum())
        self.num_open += int((values > 1 - MARGIN).sum())


def gate_statistics(tagger: Tagger, sentences: Sequence[Sequence[str]]) -> tuple[GateStatistics, ...]:
    """Return statistics of the gates of every layer and direction, first layer first.

    Args:
        tagger: the tagger.
        sentences: the sentences to read; empty ones are ignored.

    Raises:
        AbsentViewError: if the cell has no gates (``rnn``).
        UsageError: if there is no word.
    """
    cell = tagger.config.cell
    if cell == "rnn":
        raise AbsentViewError("the cell rnn has no gates: there are no gate statistics")
    corpus = [checked_sentence(sentence) for sentence in sentences if sentence]
    if not corpus:
        raise UsageError("expected sentences of at least one word, found none")
    sums: dict[tuple[int, str], dict[str, _Sums]] = {}
    products: dict[tuple[int, str], _Products] = {}
    encoder = tagger.parts.model.encoder
    for seen in passes(tagger, corpus):
        mask, lengths = seen.batch.mask.cpu().numpy(), seen.batch.lengths.cpu().numpy()
        for layer, trace in enumerate(encoder.trace(seen.inputs, seen.batch.lengths)):
            for direction, named in trace.items():
                place = sums.setdefault((layer, direction), {})
                for name in GATES:
                    if name in named:
                        gate = named[name].cpu().numpy()
                        place.setdefault(name, _Sums(gate.shape[2])).add(gate[mask])
                        if name == KEEP_GATE.get(cell):
                            products.setdefault((layer, direction), _Products(gate.shape[2])).add(
                                gate, lengths
                            )
    num_tokens = sum(len(words) for words in corpus)
    return tuple(
        GateStatistics(
            layer,
            direction,
            {name: _saturation(total, num_tokens) for name, total in gates.items()},
            memory_length(gates[KEEP_GATE[cell]].total_logarithm / num_tokens) if cell in KEEP_GATE else None,
            products[layer, direction].means() if cell in KEEP_GATE else None,
            num_tokens,
        )
        for (layer, direction), gates in sums.items()
    )


def memory_length(mean_logarithm: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return -1 / the mean logarithm of keep gates, in tokens: infinite for 0, and 0 for minus infinity.

    >>> memory_length(np.array([-np.inf, -1 / 8, 0.0])).tolist()
    [0.0, 8.0, inf]
    """
    with np.errstate(divide="ignore"):
        lengths: NDArray[np.floating] = 1 / np.abs(
            mean_logarithm
        )  # abs, since minus 0 has the wrong infinity
    return lengths


def _saturation(sums: _Sums, num_tokens: int) -> Saturation:
    num_values = num_tokens * len(sums.total)
    return Saturation(
        sums.num_shut / num_values, sums.num_open / num_values, float(sums.total.sum()) / num_values
    )
