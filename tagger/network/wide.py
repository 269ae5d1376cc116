"""FrozenWide: the contribution of hand-crafted features to the emissions, a weight for each feature and label.

Letters: P tokens, F features of a token, L labels, V rows of weights.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tagger.network.arrays import FloatArray, IntArray, Weights, frozen


class FrozenWide:
    """The sum of the weights of a token's features, a CRF's linear part.

    Args:
        weights: the weights of this part, as in the model folder: ``[V, L]``.
    """

    def __init__(self, weights: Weights) -> None:
        self._weights: Final = frozen(weights["weights.weight"])

    def __call__(self, rows: IntArray) -> FloatArray:
        """Return the features' contribution to the emissions, ``[P, L]``.

        Args:
            rows: weight rows of the features, ``[F, P]``, which is summed several times faster than ``[P, F]``.
        """
        added: FloatArray = np.add.reduce(self._weights.take(rows, axis=0), axis=0)
        return added
