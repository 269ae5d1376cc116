"""Identical sentences: which of them matter, and how many spans they have.

Short sentences such as "Thanks ." recur in any corpus; they are counted, but are not findings.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tagger.checking.numbered import NumberedCorpus
from tagger.metrics.label_arrays import BoolArray, IntArray

SHORTEST: Final = 5
"""Minimum number of tokens of a sentence that hardly equals another by chance."""


def members(numbered: NumberedCorpus, chosen: IntArray) -> list[IntArray]:
    """Return the groups of two or more sentences with the same tokens, ordered by their first sentences.

    Args:
        numbered: the corpus.
        chosen: numbers of sentences, in ascending order.
    """
    keys = numbered.same_sentence[chosen]
    order = np.argsort(keys, kind="stable")
    cuts = np.flatnonzero(np.diff(keys[order])) + 1
    groups = [chosen[group] for group in np.split(order, cuts) if len(group) > 1]
    return sorted(groups, key=lambda group: int(group[0]))


def spans_of(numbered: NumberedCorpus, is_chosen: BoolArray) -> int:
    """Return how many spans some sentences have.

    Args:
        numbered: the corpus.
        is_chosen: the sentences, ``[S]``.
    """
    return int(is_chosen[numbered.sentence_of[numbered.spans.starts]].sum())
