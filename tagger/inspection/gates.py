"""The gate trace: every gate, candidate, cell and hidden state while a sentence is read.

Letters: T tokens, H hidden units per direction, S cells per memory block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagger.api import Tagger
from tagger.inspection.passes import checked_sentence, single_pass

FloatArray = NDArray[np.floating]

GATES: Final = ("input", "forget", "output", "reset", "update")
"""Names of the gates, with values between 0 and 1; the rest of a trace are candidates and states."""

KEEP_GATE: Final[Mapping[str, str]] = {
    "lstm": "forget",
    "lstm_peephole": "forget",
    "lstm_coupled": "forget",
    "lstm_layer_norm": "forget",
    "gru": "update",
}
"""For each cell that has one, the gate that controls how much of the old state is kept."""


@dataclass(frozen=True)
class GateTrace:
    """The states and gates of the encoder while it read a sentence, without dropout.

    Attributes:
        tokens: the words.
        cell: name of the cell.
        layers: one mapping per layer, from the first: direction (``forward``, ``backward``) to name to values
            ``[T, X]`` at the word positions. The names: ``hidden``; ``cell`` for the LSTM family; the cell's
            gates, X = H / S; ``candidate``. The plain ``rnn`` has only ``hidden``.
    """

    tokens: tuple[str, ...]
    cell: str
    layers: tuple[Mapping[str, Mapping[str, FloatArray]], ...]

    @property
    def gates(self) -> tuple[str, ...]:
        """The names of the cell's gates; none for the plain ``rnn``."""
        return tuple(name for name in GATES if name in self.layers[0]["forward"])


def gate_trace(tagger: Tagger, tokens: Sequence[str]) -> GateTrace:
    """Return the gate trace of a sentence.

    Raises:
        UsageError: if the sentence has no token.
    """
    words = checked_sentence(tokens)
    seen = single_pass(tagger, words)
    traces = tagger.parts.model.encoder.trace(seen.inputs, seen.batch.lengths)
    layers = tuple(
        {
            direction: {name: values[0].cpu().numpy() for name, values in named.items()}
            for direction, named in trace.items()
        }
        for trace in traces
    )
    return GateTrace(words, tagger.config.cell, layers)
