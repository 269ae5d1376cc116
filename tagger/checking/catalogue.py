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
        "Choose where the words are with --token-column, if these are none.",
    ),
    Check(
        "constant-tokens",
        "warning",
        "the same token all over",
        "Choose where the words are with --token-column, if these are none.",
    ),
    Check(
        "labels-all-different",
        "warning",
        "nearly as many different labels as tokens",
        "Choose where the labels are with --label-column, if these are none.",
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
_OF_TOKENS: Final = (
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
        "Take them out; --fix does. A word with one is another word to a model.",
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
_OF_LABELS: Final = (
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
    check.id: check
    for block in (_OF_READING, _OF_TOKENS, _OF_LABELS, _OF_COPIES, _OF_STATISTICS)
    for check in block
}
"""Every check under its id."""
