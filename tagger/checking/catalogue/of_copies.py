"""The checks of copies, leaks and conflicts."""

from __future__ import annotations

from typing import Final

from tagger.checking.findings import Check

OF_COPIES: Final = (
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
