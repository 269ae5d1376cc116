"""Partially annotated sentences: what O leaves open if only some of the model's types were annotated.

To add a type to a model, one annotates it in some sentences, and nothing else; in the sentences that the model was
trained on, the new type is not annotated. O then means that a token is of none of the annotated types: it may be of
another. Tokens may also be unannotated. The loss is that of all labellings that are consistent with the annotation
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
    """Return the set of labels that each gold label may stand for, ``[L + n, L]``.

    Args:
        labels: of the model.
        scheme: the inner one.
        unmarked: n sets of unannotated types, one for each group of sentences.
        unknown: whether there are unannotated tokens.

    Returns:
        The first L rows are the single labels; row L + k is O in group k: O or any label of its unannotated types. If
        there are unannotated tokens, the last row is any label.
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
