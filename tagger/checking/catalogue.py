"""All checks by their ids. An id stays what it is for good; a new check gets a new one."""

from __future__ import annotations

from typing import Final

from tagger.checking.findings import Check

_OF_READING: Final = (
    Check(
        "unreadable",
        "error",
        "a file that cannot be read as it stands",
        "Mend what the message names, or say how the file is to be read (--input, --label-column, ...).",
    ),
)
_OF_LABELS: Final = (
    Check(
        "illegal-label",
        "error",
        "labels that break the rules of their scheme",
        "Correct them; --fix makes them what conlleval reads them as.",
        fixable=True,
    ),
)
_OF_COPIES: Final = (
    Check(
        "leaked-sentence",
        "warning",
        "sentences of one part that are in another, too",
        "Leave them out of one of the two: scores on what was learned say little.",
    ),
    Check(
        "near-copy",
        "note",
        "sentences that are nearly the same in another part",
        "Where they are copies and not just alike, leave them out of one of the two.",
    ),
    Check(
        "shared-document",
        "warning",
        "documents that are in two parts",
        "Divide the corpus by document (tagger convert --split): sentences of one document have their names in common.",
    ),
    Check(
        "duplicate-sentence",
        "note",
        "sentences that a part has more than once",
        "Leave copies out, unless the texts to be tagged repeat themselves likewise.",
    ),
    Check(
        "conflicting-sentence",
        "warning",
        "the same sentence with other labels",
        "Look at them side by side: at most one of the readings is right.",
    ),
    Check(
        "conflicting-phrase",
        "warning",
        "phrases labelled otherwise than elsewhere, where that is probably a mistake",
        "Look at them side by side, the first ones first, and correct what is wrong.",
    ),
    Check(
        "ambiguous-phrase",
        "note",
        "phrases labelled in several ways",
        "Look through the first ones; many names really are ambiguous.",
    ),
    Check(
        "conflicting-tag",
        "warning",
        "words with several labels between the same neighbours, two and more on each side",
        "Look at them side by side, the first ones first, and correct what is wrong.",
    ),
    Check(
        "ambiguous-tag",
        "note",
        "words with several labels between the same neighbours, one on each side",
        "Look through the first ones; some words really are ambiguous there.",
    ),
    Check(
        "rare-tag",
        "note",
        "words with another label than they have nearly everywhere",
        "Look through them; misspelt words often have the label of the word that was meant.",
    ),
)
_OF_STATISTICS: Final = (
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

CHECKS: Final = {
    check.id: check for block in (_OF_READING, _OF_LABELS, _OF_COPIES, _OF_STATISTICS) for check in block
}
"""Every check under its id."""
