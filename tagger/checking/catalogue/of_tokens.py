"""The checks of tokens and sentences."""

from __future__ import annotations

from typing import Final

from tagger.checking.findings import Check

OF_TOKENS: Final = (
    Check(
        "empty-token",
        "error",
        "tokens that show nothing",
        "Delete them with their labels, or put in what is missing.",
    ),
    Check(
        "control-character",
        "warning",
        "control characters in tokens",
        "Take them out; --fix does.",
        fixable=True,
    ),
    Check(
        "invisible-character",
        "warning",
        "characters in tokens that nobody sees, such as zero-width spaces",
        "Take them out; --fix does. Before, divide tokens in which one stands between two words. A word with one is "
        "another word to a model.",
        fixable=True,
    ),
    Check(
        "replacement-character",
        "warning",
        "U+FFFD, which stands for what could not be decoded",
        "Look into the source: what was there is lost.",
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
        "Bring all text into one form; --fix does. What looks the same is two words to a model.",
        fixable=True,
    ),
    Check(
        "spaced-token",
        "warning",
        "white space around tokens",
        "Take it off; --fix does.",
        fixable=True,
    ),
    Check(
        "html-entity",
        "warning",
        "characters written as HTML does, such as &amp;",
        "Unescape the source before it is cut into tokens.",
    ),
    Check(
        "html-tag",
        "warning",
        "markup of HTML as tokens",
        "Take it out of the source before it is cut into tokens, if it is not part of the text.",
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
        "Look whether they are words: a lost line of text, or data, is none.",
    ),
    Check(
        "monstrous-sentence",
        "warning",
        "sentences of more than 1,000 tokens",
        "Look whether blank lines are missing.",
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
        "sentences that seem to be two, where others are cut",
        "Cut them, if sentences are to be cut there.",
    ),
    Check(
        "long-sentence",
        "note",
        "sentences far longer than all others",
        "Look whether they are sentences.",
    ),
    Check(
        "space-in-token",
        "note",
        "white space within tokens",
        "Nothing, if words such as '10 000' are meant to have some.",
    ),
    Check(
        "private-use-character",
        "note",
        "private-use characters, which mean something to one font alone",
        "Replace them, if something else is meant.",
    ),
)
