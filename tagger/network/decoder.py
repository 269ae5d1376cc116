"""ChainDecoder: the transition scores and constraints of the CRF.

Letters: P tokens of a batch, L labels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tagger.crf_kernels import PackedScores, Packing
from tagger.network.arrays import FloatArray, Weights
from tagger.schemes import TransitionConstraints


class ChainDecoder:
    """Combines emissions with the transition scores, which are the same for all sentences.

    For a softmax decoder the transition scores are zero.

    Args:
        weights: the weights of the decoder, as in the model folder.
        constraints: the transitions that the scheme allows.
    """

    def __init__(self, weights: Weights, constraints: TransitionConstraints) -> None:
        names = ("transitions", "start_transitions", "end_transitions")
        tables = [
            np.where(np.asarray(allowed, dtype=np.bool_), weights[name].astype(np.float64), -np.inf)
            for name, allowed in zip(names, constraints, strict=True)
        ]
        for table in tables:
            table.flags.writeable = False
        self._transitions, self._start, self._end = tables

    @property
    def tables(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Transition scores ``[L, L]``, start and end scores ``[L]``; -inf = forbidden, read-only."""
        return self._transitions, self._start, self._end

    @property
    def num_labels(self) -> int:
        """L."""
        return len(self._start)

    def scores(self, packing: Packing, emissions: FloatArray) -> PackedScores:
        """Return the scores of a batch, ready for decoding.

        Args:
            packing: the order of the tokens.
            emissions: in that order, ``[P, L]``.

        Raises:
            ValueError: for an emission that is not a finite number; names the position.
        """
        # the maximum of anything with NaN is NaN
        if emissions.size and not (emissions.max() < np.inf and emissions.min() > -np.inf):
            place, label = np.argwhere(~np.isfinite(emissions))[0]
            raise ValueError(
                f"emissions: expected finite scores, found {emissions[place, label]} at {packing.where(place)}, "
                f"label {label}"
            )
        return PackedScores(packing, emissions, self._transitions, self._start, self._end)
