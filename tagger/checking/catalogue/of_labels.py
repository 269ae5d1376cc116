"""The checks of labels."""

from __future__ import annotations

from typing import Final

from tagger.checking.findings import Check

OF_LABELS: Final = (
    Check(
        "illegal-label",
        "error",
        "labels that break the rules of their scheme",
        "Correct them; --fix makes them what conlleval reads them as.",
        fixable=True,
    ),
    Check(
        "scheme-unclear",
        "error",
        "labels of which nothing tells the scheme",
        "Mend the label that is named, or name the scheme with --scheme.",
    ),
    Check(
        "scheme-differs",
        "error",
        "parts or files whose labels are in different schemes",
        "Bring all of them into one scheme: tagger convert writes IOB2.",
    ),
    Check(
        "similar-labels",
        "warning",
        "types that differ in case, white space or divider alone",
        "Make them one: tagger convert --map OLD=NEW does.",
    ),
    Check(
        "labels-missing-in-train",
        "warning",
        "labels of dev or test that train lacks",
        "Add examples to train, or leave them out: no model can find them.",
    ),
    Check(
        "unbalanced-span",
        "warning",
        "spans with half a pair of brackets or quotes",
        "Look at both ends: one of them is probably misplaced.",
    ),
    Check(
        "monstrous-span",
        "warning",
        "spans far longer than all others",
        "Look at where they end.",
    ),
    Check(
        "unannotated-document",
        "warning",
        "documents without a span, where nearly all have some",
        "Look whether somebody has annotated them.",
    ),
    Check(
        "odd-boundary",
        "note",
        "spans that begin or end with punctuation, where hardly any other of their type does",
        "Look at both ends.",
    ),
    Check(
        "one-label-sentence",
        "note",
        "sentences with one and the same label throughout",
        "Look whether it is meant.",
    ),
    Check(
        "unannotated-stretch",
        "note",
        "many sentences in a row without a span",
        "Look whether somebody has annotated them.",
    ),
    Check(
        "unlabelled-sentence",
        "note",
        "sentences without labels among labelled ones",
        "Nothing, if they are meant to be left out.",
    ),
    Check(
        "rare-label",
        "note",
        "labels that occur fewer than 5 times in train",
        "Add examples, or make them part of another type: so few are hardly learned.",
    ),
)
