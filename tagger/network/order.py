"""ReadingOrder: the tokens of a batch in the order in which a recurrence reads them, without padding.

Letters: B sentences, T tokens of the longest, P tokens of all sentences, n_0 sentences with tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tagger.crf_kernels import Packing, pack_mask
from tagger.network.arrays import IntArray


@dataclass(frozen=True, slots=True)
class ReadingOrder:
    """Step by step, one token of every sentence that is long enough, longer sentences first.

    The CRF reads tokens in the same order, so emissions need no padding.

    Attributes:
        packing: the order as a packing for the CRF.
        tokens: for each position of the forward direction, the index of its token, sentence by sentence, ``[P]``.
        reversal: for each position, that of the token which the backward direction reads there: step 0 reads the last
            token of each sentence. This permutation is its own inverse, ``[P]``.
    """

    packing: Packing
    tokens: IntArray
    reversal: IntArray


def reading_order(lengths: IntArray) -> ReadingOrder:
    """Return the order in which sentences are read.

    >>> order = reading_order(np.array([1, 3]))
    >>> order.tokens.tolist(), order.reversal.tolist()
    ([1, 0, 2, 3], [3, 1, 2, 0])

    Args:
        lengths: tokens of each sentence, ``[B]``, at least 0.
    """
    longest = int(lengths.max(initial=0))
    packing = pack_mask(np.arange(longest) < lengths[:, None], (len(lengths), longest))
    steps = packing.index - packing.rows * longest
    tokens = (np.cumsum(lengths) - lengths)[packing.rows] + steps
    offsets = np.asarray(packing.offsets)
    rank = np.arange(len(steps)) - offsets[steps]
    reversal = offsets[packing.lengths[rank] - 1 - steps] + rank
    return ReadingOrder(packing, tokens, reversal)
