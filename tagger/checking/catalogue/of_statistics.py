"""The checks of statistics."""

from __future__ import annotations

from typing import Final

from tagger.checking.findings import Check

OF_STATISTICS: Final = (
    Check(
        "small-part",
        "note",
        "dev or test too small to tell models apart",
        "Score by cross-validation (recipes/cross_validate.py), or annotate more.",
    ),
    Check(
        "unseen-words",
        "note",
        "parts with many words that train does not have",
        "Give the model word vectors that cover them, or more similar training data.",
    ),
    Check(
        "known-entities",
        "note",
        "parts nearly all of whose entities are in train",
        "Look at the separate score of unseen entities: tagger evaluate --train.",
    ),
    Check(
        "imbalance",
        "note",
        "types with less than one hundredth of the spans of the most frequent type",
        "Annotate more of them, merge them into another type, or expect low scores for them.",
    ),
    Check(
        "label-shift",
        "note",
        "parts whose shares of types differ from those of train",
        "Split the data again at random, unless the difference is intended: new sources, another period.",
    ),
)
