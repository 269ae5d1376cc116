"""PackedScores: the scores of a batch of chains as packed arrays, their values checked."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tagger.crf_kernels.packing import Array, Bools, Ints, Packing, pack_mask


class PackedScores(NamedTuple):
    """Scores of the real tokens of a batch; -inf = forbidden.

    Attributes:
        packing: the positions of the tokens.
        emissions: ``[N, L]``, float32 or float64.
        transitions: ``[L, L]``; or ``[N - n_0, L, L]``, one for each packed token after step 0.
        start: ``[L]``.
        end: ``[L]``.
    """

    packing: Packing
    emissions: NDArray[Any]
    transitions: Array
    start: Array
    end: Array

    def at_temperature(self, temperature: float) -> PackedScores:
        """Return all scores divided by a temperature, in float64; above 1, probabilities are less extreme.

        The ranking of label sequences does not change.

        Args:
            temperature: a positive number; 1 returns the scores unchanged.
        """
        if temperature == 1:
            return self
        divided = (np.divide(table, temperature, dtype=np.float64) for table in self[1:])
        return PackedScores(self.packing, *divided)


def pack_scores(
    emissions: NDArray[Any],
    transitions: NDArray[Any],
    start: NDArray[Any],
    end: NDArray[Any],
    mask: Bools | None,
    allowed: tuple[Bools, Bools, Bools] | None,
) -> PackedScores:
    """Return the scores without masked positions, and with -inf where the constraints forbid.

    Args:
        emissions: ``[B, T, L]``, float32 or float64.
        transitions: ``[L, L]`` or ``[B, T - 1, L, L]``; there, entry t - 1 is for the step into position t.
        start: ``[L]``.
        end: ``[L]``.
        mask: ``[B, T]``, True = real; all if None.
        allowed: the constraints ``[L, L]``, ``[L]``, ``[L]``, True = allowed; everything if None.

    Raises:
        ValueError: if a score at a real position is NaN or +inf; names the position.
    """
    packing = pack_mask(mask, (emissions.shape[0], emissions.shape[1]))
    precision = np.result_type(emissions, transitions, start, end)
    packed = packing.pack(emissions).astype(precision, copy=False)
    # the maximum of anything with NaN is NaN
    if packed.size and not packed.max() < np.inf:
        place, label = np.argwhere(~(packed < np.inf))[0]
        raise ValueError(
            f"emissions: expected finite scores or -inf at real positions, found {packed[place, label]} "
            f"at {packing.where(place)}, label {label}"
        )
    if transitions.ndim == 4:
        transitions = packing.pack_entered(transitions)
    tables = [transitions.astype(np.float64), start.astype(np.float64), end.astype(np.float64)]
    for name, table in zip(("transitions", "start transitions", "end transitions"), tables, strict=True):
        if table.size and not table.max() < np.inf:
            found = table[~(table < np.inf)][0]
            raise ValueError(f"{name}: expected finite scores or -inf, found {found}")
    if allowed is not None:
        tables = [np.where(may, table, -np.inf) for may, table in zip(allowed, tables, strict=True)]
    return PackedScores(packing, packed, *tables)


def pack_labels(labels: NDArray[Any], scores: PackedScores) -> Ints:
    """Return the labels of the real tokens of ``[B, T]``, ``[N]``.

    Raises:
        ValueError: if one of them is not a label id; names the position.
    """
    packed = scores.packing.pack(labels).astype(np.int64)
    num_labels = scores.start.shape[0]
    if packed.size and (packed.min() < 0 or packed.max() >= num_labels):
        place = int(np.flatnonzero((packed < 0) | (packed >= num_labels))[0])
        raise ValueError(
            f"labels: expected 0 to {num_labels - 1} at real positions, "
            f"found {packed[place]} at {scores.packing.where(place)}"
        )
    return packed
