"""Partly marked sentences: what O leaves open where annotators had only some of the model's types in mind.

Whoever adds a type to a model marks it in some sentences, and nothing else; and in the sentences that the model learned
from, the new type is not marked. O then says that a token is of none of the types that were marked: it may be of
another. Of other tokens nothing may be known at all. The loss is that of all labellings that agree with what is known
(Tsuboi et al. 2008; for corpora with different types Greenberg et al. 2018).
"""

from __future__ import annotations

from collections.abc import Sequence, Set

import numpy as np
from numpy.typing import NDArray

from tagger.features.vocabulary import LabelVocabulary
from tagger.schemes import LabelScheme, split_label


def label_sets(
    labels: LabelVocabulary, scheme: LabelScheme, unmarked: Sequence[Set[str]], *, unknown: bool = False
) -> NDArray[np.bool_]:
    """Return which labels a gold label may stand for, ``[L + n, L]``.

    Args:
        labels: of the model.
        scheme: the inner one.
        unmarked: n sets of types, one for each group of sentences.
        unknown: whether there are tokens of which nothing is known.

    Returns:
        The first L rows are the labels themselves; row L + k is O in group k: O or any label of its unmarked types. The
        last row is, if there are such tokens, any label at all.
    """
    types = [split_label(label, scheme)[1] for label in labels.items]
    singles = np.eye(len(labels), dtype=bool)
    open_ = [
        [label == "O" or type in group for label, type in zip(labels.items, types, strict=True)]
        for group in unmarked
    ]
    if unknown:
        open_.append([True] * len(labels))
    return np.concatenate([singles, np.array(open_, dtype=bool).reshape(-1, len(labels))])
