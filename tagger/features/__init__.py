"""From words to the ids of their features, which the network turns into vectors.

Read in this order: ``spelling`` (casing, shape), ``vocabulary`` (words, characters and labels with their ids),
``wide_attributes`` and ``wide`` (hand-crafted features of a token and its neighbours), ``featurizer`` (all of them,
once per distinct word).
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
