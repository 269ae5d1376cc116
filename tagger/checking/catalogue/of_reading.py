"""The checks of files and how they are read."""

from __future__ import annotations

from typing import Final

from tagger.checking.findings import Check

OF_READING: Final = (
    Check(
        "unreadable",
        "error",
        "a file that cannot be read as it is",
        "Correct what the message names, or state how the file is to be read (--input, --label-column, ...).",
    ),
    Check(
        "not-utf-8",
        "error",
        "a file in another encoding than UTF-8",
        "Convert it; the message names its encoding where the bytes reveal it.",
    ),
    Check(
        "nul-character",
        "error",
        "NUL characters in a text file",
        "Remove them, or use --fix. If every second character is one, the file is UTF-16.",
        fixable=True,
    ),
    Check(
        "unusable",
        "error",
        "sentences or annotations that contradict their file or format",
        "Correct them; training and scoring stop at the first one, or skip all of them (--skip-bad).",
    ),
    Check(
        "index-column",
        "warning",
        "numbers where words are expected, such as an index column",
        "Choose the column of the words with --token-column, if this is not it.",
    ),
    Check(
        "constant-tokens",
        "warning",
        "the same token everywhere",
        "Choose the column of the words with --token-column, if this is not it.",
    ),
    Check(
        "labels-all-different",
        "warning",
        "nearly as many different labels as tokens",
        "Choose the column of the labels with --label-column, if this is not it.",
    ),
    Check(
        "comments-as-tokens",
        "warning",
        "comments that are read as tokens",
        "Give the prefix of comments with --comment-prefix.",
    ),
    Check(
        "header-as-tokens",
        "warning",
        "names of columns that are read as a token and its label",
        "Use --header, or delete the row.",
    ),
    Check(
        "single-token-sentences",
        "warning",
        "sentences that all consist of a single token",
        "Delete the blank lines between the rows of a sentence.",
    ),
    Check(
        "text-differs",
        "warning",
        "tokens that differ from the text of their sentence",
        "Correct the text or the tokens: together they determine how raw text is split.",
    ),
    Check(
        "mixed-separators",
        "warning",
        "rows separated by tabs among rows separated by spaces",
        "Use one separator: a blank in a tab-separated row belongs to its cell.",
    ),
    Check(
        "reader-warning",
        "warning",
        "warnings of a reader",
        "Check what the message names.",
    ),
    Check(
        "mixed-line-ends",
        "note",
        "line ends of Windows and of other systems in one file",
        "Use only one of them; --fix ends all lines with LF.",
        fixable=True,
    ),
    Check(
        "byte-order-mark",
        "note",
        "a byte order mark at the beginning of a file",
        "Remove it, or use --fix. Some programs read it as part of the first token.",
        fixable=True,
    ),
    Check(
        "trailing-white-space",
        "note",
        "white space at the end of lines",
        "Remove it, or use --fix. Some programs read it as another column, or a lone tab as a row.",
        fixable=True,
    ),
    Check(
        "left-out",
        "note",
        "what readers leave out by rule, such as unfinished texts",
        "Nothing, if it should be left out.",
    ),
)
