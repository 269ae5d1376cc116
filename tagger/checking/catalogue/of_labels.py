"""The checks of labels."""

from __future__ import annotations

from typing import Final

from tagger.checking.findings import Check

OF_LABELS: Final = (
    Check(
        "illegal-label",
        "error",
        "labels that break the rules of their scheme",
        "Correct them; --fix changes them to what conlleval reads them as.",
        fixable=True,
    ),
    Check(
        "scheme-unclear",
        "error",
        "labels whose scheme cannot be determined",
        "Correct the label in the message, or name the scheme with --scheme.",
    ),
    Check(
        "scheme-differs",
        "error",
        "parts or files whose labels are in different schemes",
        "Convert all of them to one scheme: tagger convert writes IOB2.",
    ),
    Check(
        "similar-labels",
        "warning",
        "types that differ only in case, white space or divider",
        "Merge them with tagger convert --map OLD=NEW.",
    ),
    Check(
        "labels-missing-in-train",
        "warning",
        "labels of dev or test that train lacks",
        "Add examples to train, or remove these labels: no model can find them.",
    ),
    Check(
        "unbalanced-span",
        "warning",
        "spans with half a pair of brackets or quotes",
        "Check both ends: one of them is probably misplaced.",
    ),
    Check(
        "monstrous-span",
        "warning",
        "spans far longer than all others",
        "Check where they end.",
    ),
    Check(
        "unannotated-document",
        "warning",
        "documents without a span, where nearly all have some",
        "Check whether they were annotated at all.",
    ),
    Check(
        "odd-boundary",
        "note",
        "spans that begin or end with punctuation, where hardly any other of their type does",
        "Check both ends.",
    ),
    Check(
        "one-label-sentence",
        "note",
        "sentences with the same label throughout",
        "Check whether this is intended.",
    ),
    Check(
        "unannotated-stretch",
        "note",
        "many sentences in a row without a span",
        "Check whether they were annotated at all.",
    ),
    Check(
        "unlabelled-sentence",
        "note",
        "sentences without labels among labelled ones",
        "Nothing, if they are left out on purpose.",
    ),
    Check(
        "rare-label",
        "note",
        "labels that occur fewer than 5 times in train",
        "Add examples, or merge them into another type: so few are hardly learned.",
    ),
)
