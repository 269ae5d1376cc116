"""The checks of tokens and sentences."""

from __future__ import annotations

from typing import Final

from tagger.checking.findings import Check

OF_TOKENS: Final = (
    Check(
        "empty-token",
        "error",
        "tokens that show nothing",
        "Delete them with their labels, or insert what is missing.",
    ),
    Check(
        "control-character",
        "warning",
        "control characters in tokens",
        "Remove them, or use --fix.",
        fixable=True,
    ),
    Check(
        "invisible-character",
        "warning",
        "invisible characters in tokens, such as zero-width spaces",
        "First split tokens in which one stands between two words; then remove them, or use --fix. To a model, a word "
        "with one is a different word.",
        fixable=True,
    ),
    Check(
        "replacement-character",
        "warning",
        "U+FFFD, which stands for what could not be decoded",
        "Look at the source: the original character is lost.",
    ),
    Check(
        "mojibake",
        "warning",
        "text whose UTF-8 was read in another encoding",
        "Decode the source again, as UTF-8.",
    ),
    Check(
        "not-nfc",
        "warning",
        "tokens that are not in Unicode's normal form NFC",
        "Normalize all text, or use --fix. To a model, two forms that look the same are different words.",
        fixable=True,
    ),
    Check(
        "spaced-token",
        "warning",
        "white space around tokens",
        "Remove it, or use --fix.",
        fixable=True,
    ),
    Check(
        "html-entity",
        "warning",
        "characters escaped as in HTML, such as &amp;",
        "Unescape the source before it is split into tokens.",
    ),
    Check(
        "html-tag",
        "warning",
        "HTML markup as tokens",
        "Remove it from the source before it is split into tokens, if it is not part of the text.",
    ),
    Check(
        "mixed-scripts",
        "warning",
        "words with a letter of another script that looks the same",
        "Type the letter in the script of the word.",
    ),
    Check(
        "monstrous-word",
        "warning",
        "words of more than 100 characters",
        "Check whether they are words, and not a stray line of text or data.",
    ),
    Check(
        "monstrous-sentence",
        "warning",
        "sentences of more than 1,000 tokens",
        "Check whether blank lines are missing.",
    ),
    Check(
        "empty-sentence",
        "warning",
        "sentences without tokens",
        "Delete them.",
    ),
    Check(
        "joined-sentences",
        "note",
        "sentences that seem to be two, unlike nearly all others",
        "Split them, if sentences should be split there.",
    ),
    Check(
        "long-sentence",
        "note",
        "sentences far longer than all others",
        "Check whether they are sentences.",
    ),
    Check(
        "space-in-token",
        "note",
        "white space within tokens",
        "Nothing, if words such as '10 000' should contain it.",
    ),
    Check(
        "private-use-character",
        "note",
        "private-use characters, which have a meaning in one font only",
        "Replace them, if another character is meant.",
    ),
)
