"""Marked text: words with labels on lines beneath them, like glosses; long texts are cut to an excerpt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tagger.report.markup import Markup, element, join
from tagger.report.words import shortened

MAX_LINES: Final = 3
"""Maximum number of lines beneath the words; the style sheet has rules for this many."""

_SMALLEST_GAP: Final = 5
_WORD: Final = 40
_LABEL: Final = 24


@dataclass(frozen=True)
class Mark:
    """A label on a line beneath some words.

    Attributes:
        line: index of the line, from 0.
        start: the first word.
        end: the word after the last one.
        label: text under the first word.
        style: a style-sheet class, ``right`` or ``wrong``; none if left out.
    """

    line: int
    start: int
    end: int
    label: str
    style: str | None = None


def marked_text(
    words: Sequence[str], marks: Sequence[Mark], *, chosen: tuple[int, int], context: int = 15
) -> Markup:
    """Return words with their marks.

    Args:
        words: the words of the text.
        marks: the marks; those on one line do not overlap.
        chosen: half-open range of the words to emphasise, set in bold.
        context: words shown on either side of them; further words are replaced by their number. If there are more than
            twice as many chosen words, the middle ones are replaced too.
    """
    pieces: list[Markup | str] = []
    shown_end = 0
    for start, end in _shown(len(words), chosen, context):
        if start > shown_end:
            pieces.append(_gap(start - shown_end))
        pieces += _words(words, marks, range(start, end), range(*chosen))
        shown_end = end
    if shown_end < len(words):
        pieces.append(_gap(len(words) - shown_end))
    spaced = [part for piece in pieces for part in (piece, " ")][:-1]
    lines = max((mark.line + 1 for mark in marks), default=0)
    # dir="auto": right-to-left text is laid out from right to left
    return element("p", join(spaced), class_=f"marked lines{lines}", dir="auto")


def _shown(num_words: int, chosen: tuple[int, int], context: int) -> list[tuple[int, int]]:
    """Return the ranges of words to show, in order, without gaps of only a few words."""
    start, end = chosen[0] - context, chosen[1] + context
    if start <= _SMALLEST_GAP:
        start = 0
    if end >= num_words - _SMALLEST_GAP:
        end = num_words
    if chosen[1] - chosen[0] <= 2 * context + _SMALLEST_GAP:
        return [(start, end)]
    return [(start, chosen[0] + context), (chosen[1] - context, end)]


def _gap(num_words: int) -> Markup:
    return element("bdi", f"… {num_words:,} word{'' if num_words == 1 else 's'} …", class_="faint", dir="ltr")


def _words(words: Sequence[str], marks: Sequence[Mark], shown: range, chosen: range) -> list[Markup | str]:
    """Return the words of one range; words without marks are plain text."""
    beneath: dict[int, list[Mark]] = {}
    for mark in marks:
        for t in range(max(mark.start, shown.start), min(mark.end, shown.stop)):
            beneath.setdefault(t, []).append(mark)
    pieces: list[Markup | str] = []
    for t in shown:
        word = shortened(words[t], _WORD)
        if t in beneath or t in chosen:
            strips = [
                _strip(mark, t, is_first=t == max(mark.start, shown.start))
                for mark in sorted(beneath.get(t, []), key=lambda mark: mark.line)
            ]
            pieces.append(element("span", element("b" if t in chosen else "span", word), *strips, class_="w"))
        else:
            pieces.append(word)
    return pieces


def _strip(mark: Mark, t: int, *, is_first: bool) -> Markup:
    """Return the part of a mark beneath one word: the label under the first word, and a line under all."""
    label = shortened(mark.label, _LABEL) if is_first else ""
    if is_first and t > mark.start:
        label = "…" + label
    styles = [f"l{mark.line}", *([mark.style] if mark.style else []), *(["on"] if t < mark.end - 1 else [])]
    return element("i", label, class_=" ".join(styles))
