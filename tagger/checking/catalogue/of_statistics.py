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
        "Give the model word vectors that know them, or training data that is more like it.",
    ),
    Check(
        "known-entities",
        "note",
        "parts whose entities train has nearly all",
        "Look at the score of unseen entities by itself: tagger evaluate --train.",
    ),
    Check(
        "imbalance",
        "note",
        "types with less than one in a hundred of the most frequent one's spans",
        "Annotate more of them, join them to another type, or expect low scores for them.",
    ),
    Check(
        "label-shift",
        "note",
        "parts with other shares of types than train",
        "Divide the data again at random, unless it is meant so: new sources, another time.",
    ),
)
