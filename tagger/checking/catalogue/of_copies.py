"""The checks of copies, leaks and conflicts."""

from __future__ import annotations

from typing import Final

from tagger.checking.findings import Check

OF_COPIES: Final = (
    Check(
        "leaked-sentence",
        "warning",
        "sentences of one part that are also in another",
        "Remove them from one of the two: scores on training data say little.",
    ),
    Check(
        "near-copy",
        "note",
        "sentences that are nearly the same in another part",
        "If they are copies and not merely similar, remove them from one of the two.",
    ),
    Check(
        "shared-document",
        "warning",
        "documents that are in two parts",
        "Split the corpus by document (tagger convert --split): sentences of one document share their names.",
    ),
    Check(
        "duplicate-sentence",
        "note",
        "sentences that a part has more than once",
        "Remove copies, unless the texts to be tagged repeat themselves in the same way.",
    ),
    Check(
        "conflicting-sentence",
        "warning",
        "the same sentence with different labels",
        "Compare them: at most one of the readings is right.",
    ),
    Check(
        "conflicting-phrase",
        "warning",
        "phrases labelled differently than elsewhere, probably by mistake",
        "Compare them, in the order given, and correct what is wrong.",
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
        "Compare them, in the order given, and correct what is wrong.",
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
        "words with a label other than the one that they have nearly everywhere",
        "Look through them; misspelt words often have the label of the intended word.",
    ),
)
