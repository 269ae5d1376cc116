"""The checks of files and how they are read."""

from __future__ import annotations

from typing import Final

from tagger.checking.findings import Check

OF_READING: Final = (
    Check(
        "unreadable",
        "error",
        "a file that cannot be read as it stands",
        "Mend what the message names, or say how the file is to be read (--input, --label-column, ...).",
    ),
    Check(
        "not-utf-8",
        "error",
        "a file in another encoding than UTF-8",
        "Convert it; the message says from which encoding, as far as the bytes tell.",
    ),
    Check(
        "nul-character",
        "error",
        "NUL characters in a text file",
        "Take them out; --fix does. If every second character is one, the file is UTF-16.",
        fixable=True,
    ),
    Check(
        "unusable",
        "error",
        "sentences or annotations that contradict their file or format",
        "Correct them; training and scoring stop at the first one, or go on without all of them (--skip-bad).",
    ),
    Check(
        "index-column",
        "warning",
        "numbers where words are expected, such as an index column",
        "Choose where the words are with --token-column, if these are not words.",
    ),
    Check(
        "constant-tokens",
        "warning",
        "the same token all over",
        "Choose where the words are with --token-column, if these are not words.",
    ),
    Check(
        "labels-all-different",
        "warning",
        "nearly as many different labels as tokens",
        "Choose where the labels are with --label-column, if these are not labels.",
    ),
    Check(
        "comments-as-tokens",
        "warning",
        "comments that are read as tokens",
        "Name what comments start with: --comment-prefix.",
    ),
    Check(
        "header-as-tokens",
        "warning",
        "names of columns that are read as a token and its label",
        "Say so with --header, or delete the row.",
    ),
    Check(
        "single-token-sentences",
        "warning",
        "sentences of one token each throughout",
        "Delete the blank lines between the rows of a sentence.",
    ),
    Check(
        "text-differs",
        "warning",
        "tokens that are not those of the text of their sentence",
        "Correct the text or the tokens: raw text is cut by what they say together.",
    ),
    Check(
        "mixed-separators",
        "warning",
        "rows divided by tabs among rows divided by spaces",
        "Divide all of them alike: a blank within a tab-divided row belongs to its cell.",
    ),
    Check(
        "reader-warning",
        "warning",
        "what a reader warns of",
        "Look at what the message names.",
    ),
    Check(
        "mixed-line-ends",
        "note",
        "line ends of Windows and of other systems in one file",
        "Make them alike; --fix ends all lines with LF.",
        fixable=True,
    ),
    Check(
        "byte-order-mark",
        "note",
        "a byte order mark at the beginning of a file",
        "Take it off; --fix does. Some programs read it as part of the first token.",
        fixable=True,
    ),
    Check(
        "trailing-white-space",
        "note",
        "white space at the end of lines",
        "Take it off; --fix does. Some programs read it as another column, or a lone tab as a row.",
        fixable=True,
    ),
    Check(
        "left-out",
        "note",
        "what readers leave out by rule, such as texts that nobody finished",
        "Nothing, if it is meant to be left out.",
    ),
)
