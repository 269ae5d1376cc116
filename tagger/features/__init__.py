"""From words to the ids of their features, which the network turns into vectors.

Read in this order: ``spelling`` (casing, shape), ``vocabulary`` (ids of words, characters and labels),
``wide_attributes`` and ``wide`` (hand-crafted features of a token and its neighbours), ``featurizer`` (all features of
each distinct word).
"""

from tagger.features.featurizer import (
    Featurizer,
    FloatArray,
    IntArray,
    WordFeatureIds,
    encode_sentences,
    look_up_rows,
    normalize_word,
)

__all__ = [
    "Featurizer",
    "FloatArray",
    "IntArray",
    "WordFeatureIds",
    "encode_sentences",
    "look_up_rows",
    "normalize_word",
]
