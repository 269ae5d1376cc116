"""Extend the weights of a model to more words, characters, wide features or labels.

New words and characters start with the vector of the unknown one, and new wide features with weight 0, so the extended
model gives every sentence the same scores as before. A new label starts as the mean of the labels with its prefix
(B-LOC as that of all B- labels), so that the general form of an entity need not be learned again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tagger.features import Featurizer
from tagger.features.vocabulary import PAD_ID, UNK_ID, LabelVocabulary, Vocabulary
from tagger.model_parts import ModelParts
from tagger.schemes import LabelScheme, split_label

Weights = dict[str, NDArray[Any]]

_OF_WORDS: Final = ("word_features.word_embedding.weight", "word_features.vectors.changes.weight")
_OF_CHARACTERS: Final = "word_features.char_cnn.embedding.weight"
_OF_WIDE: Final = "wide.weights.weight"
_OF_LABELS: Final = (
    "projection.weight",
    "projection.bias",
    "decoder.start_transitions",
    "decoder.end_transitions",
)
_TRANSITIONS: Final = "decoder.transitions"


def grown_weights(
    parts: ModelParts, featurizer: Featurizer, labels: LabelVocabulary, scheme: LabelScheme
) -> Weights:
    """Return the weights of a model, by name, for extended vocabularies and other labels.

    Args:
        parts: the model.
        featurizer: has the extended vocabularies.
        labels: the new labels; if they share none with the model, other than O, the weights of labels are left out.
        scheme: of these labels; if it is not the model's, the weights of labels are left out, too.
    """
    weights: Weights = {name: np.array(array) for name, array in parts.weights.items()}
    old = parts.featurizer
    for name in _OF_WORDS:
        if name in weights:
            weights[name] = weights[name][_old_ids(old.words, featurizer.words)]
    if _OF_CHARACTERS in weights:
        weights[_OF_CHARACTERS] = weights[_OF_CHARACTERS][_old_ids(old.characters, featurizer.characters)]
    if old.wide is not None and featurizer.wide is not None:
        rows = np.zeros((featurizer.wide.num_rows, len(parts.labels)), dtype=np.float32)
        rows[old.wide.rows_in(featurizer.wide)] = weights[_OF_WIDE]
        weights[_OF_WIDE] = rows
    own_scheme = LabelScheme.parse(parts.config.scheme)
    if (labels, scheme) == (parts.labels, own_scheme):
        return weights
    if scheme != own_scheme or not shared_types(parts.labels.items, labels.items, scheme):
        return {
            name: array
            for name, array in weights.items()
            if name not in (*_OF_LABELS, _TRANSITIONS, _OF_WIDE)
        }
    mixture = _mixture(parts.labels.items, labels.items, scheme)
    for name in _OF_LABELS:
        weights[name] = mixture @ weights[name]
    weights[_TRANSITIONS] = mixture @ weights[_TRANSITIONS] @ mixture.T
    if _OF_WIDE in weights:
        weights[_OF_WIDE] = weights[_OF_WIDE] @ mixture.T
    return weights


def shared_types(old: Iterable[str], new: Iterable[str], scheme: LabelScheme) -> set[str]:
    """Return the types of spans, or for plain labels the labels, that two sets of labels have in common.

    >>> shared_types(["O", "B-PER", "I-PER"], ["O", "B-PER", "B-LOC"], LabelScheme.IOB2)
    {'PER'}
    """
    return types_of(old, scheme) & types_of(new, scheme)


def types_of(labels: Iterable[str], scheme: LabelScheme) -> set[str]:
    """Return the types of spans among labels, or for plain labels the labels."""
    if not scheme.has_spans:
        return set(labels)
    return {split_label(label, scheme)[1] for label in labels} - {""}


def _old_ids(old: Vocabulary, new: Vocabulary) -> NDArray[np.int64]:
    """Return the id in an old vocabulary of each id of an extended one; for new items, that of the unknown item."""
    return np.array([PAD_ID, UNK_ID, *map(old.encode, new.items)], dtype=np.int64)


def _mixture(old: Sequence[str], new: Sequence[str], scheme: LabelScheme) -> NDArray[np.float32]:
    """Return the weight of each old label in the initial value of a new one, ``[L new, L old]``."""

    def prefix(label: str) -> str:
        return split_label(label, scheme)[0] if scheme.has_spans else ""

    mixture = np.zeros((len(new), len(old)), dtype=np.float32)
    for row, label in enumerate(new):
        alike = [label] if label in old else [other for other in old if prefix(other) == prefix(label)]
        for other in alike:
            mixture[row, old.index(other)] = 1 / len(alike)
    return mixture
