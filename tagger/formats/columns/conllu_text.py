r"""The original text of a CoNLL-U sentence, from its comment ``# text``, or from the blanks specified in MISC.

``SpaceAfter=No`` means that no blank follows a word, ``SpacesAfter=\s\n`` (as written by UDPipe) gives the white space;
otherwise it is one blank. Words of a multiword token ("de le" for "du") are usually not substrings of the text, though
some are ("can" and "not" of "cannot"); if they are not, only the words of the sentence are known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tagger.examples import Example
from tagger.formats.annotated import AnnotatedText, Item, Range

_TEXT: Final = re.compile(r"#\s*text\s*=\s?(.*)")
_ESCAPED: Final = re.compile(r"\\([sntrp\\])")
_MARKS: Final = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "p": "|", "\\": "\\"}
_ESCAPES: Final = str.maketrans({mark: f"\\{letter}" for letter, mark in _MARKS.items()})


def sentence_item(sentence: Example, comments: Sequence[str], rows: Sequence[tuple[str, str, str]]) -> Item:
    """Return a sentence as a text if its blanks are known, else unchanged.

    Args:
        sentence: the words, with or without labels.
        comments: its lines, including comments.
        rows: id, form and MISC of each row; empty without a MISC column.
    """
    rows = [row for row in rows if "." not in row[0]]  # empty nodes
    miscs = [misc for _, _, misc in rows] if len(rows) == len(sentence.tokens) else []
    found = place_words(sentence.tokens, comments, miscs)
    if found is None:
        return sentence
    text, tokens = found
    starts = (0,) if tokens else ()
    return AnnotatedText(
        text, None, tokens, starts, sentence.labels, document=sentence.document, origin=sentence.origin
    )


def place_words(
    forms: Sequence[str], comments: Sequence[str], miscs: Sequence[str]
) -> tuple[str, tuple[Range, ...]] | None:
    r"""Return the text of a sentence and the ranges of its words; None if unknown.

    >>> place_words(["Oslo", "."], [], ["SpaceAfter=No", "_"])
    ('Oslo.', ((0, 4), (4, 5)))
    >>> place_words(["can", "not"], ["# text = cannot"], [])
    ('cannot', ((0, 3), (3, 6)))

    Args:
        forms: the words.
        comments: the lines of the sentence, which may include its text.
        miscs: the MISC cell of each word; empty if not usable.
    """
    if any("SpacesAfter=" in misc for misc in miscs):
        return _joined(forms, miscs)
    for line in comments:
        if line.startswith("#") and (match := _TEXT.fullmatch(line.rstrip("\r\n"))):
            found = _found(forms, match[1])
            if found is not None:
                return match[1], found
    return _joined(forms, miscs) if miscs else None


def escape_spaces(spaces: str) -> str:
    r"""Return white space as the value of ``SpacesAfter``.

    >>> escape_spaces(" \n")
    '\\s\\n'
    """
    return spaces.translate(_ESCAPES)


def space_after(misc: str) -> str:
    r"""Return the white space after a word.

    >>> space_after("SpaceAfter=No"), space_after(r"SpacesAfter=\s\n"), space_after("_")
    ('', ' \n', ' ')

    Args:
        misc: its MISC cell.
    """
    if "Space" not in misc:
        return " "
    space = " "
    for item in misc.split("|"):
        if item == "SpaceAfter=No":
            space = ""
        elif item.startswith("SpacesAfter="):
            return _ESCAPED.sub(lambda match: _MARKS[match[1]], item.removeprefix("SpacesAfter="))
    return space


def _found(forms: Sequence[str], text: str) -> tuple[Range, ...] | None:
    """Return the ranges of consecutive words in a text; None unless only white space is between them."""
    ranges = []
    place = 0
    for form in forms:
        if not text.startswith(form, place):
            while place < len(text) and text[place].isspace():
                place += 1
            if not text.startswith(form, place):
                return None
        ranges.append((place, place + len(form)))
        place += len(form)
    return tuple(ranges) if not text[place:].strip() else None


def _joined(forms: Sequence[str], miscs: Sequence[str]) -> tuple[str, tuple[Range, ...]]:
    pieces: list[str] = []
    ranges = []
    place = 0
    for form, misc in zip(forms, miscs, strict=True):
        space = space_after(misc)
        pieces += (form, space)
        ranges.append((place, place + len(form)))
        place += len(form) + len(space)
    return "".join(pieces[:-1]), tuple(ranges)
