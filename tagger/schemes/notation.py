"""Notations of labels: ``B_PER``, ``b-per``, ``PER-B``, ``(PER*``, with ``0`` for O; and how they are read.

Schemes only know labels of a letter, a hyphen and a type (``B-PER``), and ``O``. Other notations are detected here,
from one table, and converted before any scheme sees them. Labels are taken for a letter and a type only if all of them
are, except one that stands for O, and if a span continues from one token to the next, which never happens in tag sets
of parts of speech. Ambiguous labels are refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise, permutations
from typing import Final, TypeAlias

from tagger.errors import LabelError
from tagger.options import option
from tagger.schemes.letters import LETTERS, LETTERS_OF, LabelScheme, is_type, parse_label, shown

# Separators between letter and type, those of several characters first.
_SEPARATORS: Final = (
    *("__", "::", " - ", " -", "- ", " _ "),
    *("-", "_", ":", ".", "/", "|", "\\", "+", "=", "~", "#", "@", " "),
    *("\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212", "\uff0d", "\uff3f", "\uff1a"),
    "",
)
_OUTSIDE: Final = frozenset(
    ("o", "0", "out", "outside", "other", "none", "null", "nil", "na", "n/a", "_", "-", "--", "*")
)
"""Labels that stand for O, in lower case."""

_FLAT: Final = re.compile(r"\((?P<type>[^()*\s]+)(?:\*?\)|\*)|\*\)?")
_BRACKETS: Final = re.compile(r"(?:\([^()*\s]+)+\*?\)*|\*\)*")

_JOINED: Final = frozenset(
    (left, right)
    for scheme, letters in LETTERS_OF.items()
    for left, right in permutations(letters, 2)
    if parse_label(f"{left}-TYPE", scheme).joins(parse_label(f"{right}-TYPE", scheme))
)
"""Different letters that may follow one another within a span."""

_Parts: TypeAlias = dict[str, tuple[str, str]]
"""The letter and the type of every label that is written in some notation."""


class NoSchemeFits(LabelError):
    """No scheme fits the labels, because of one of them.

    Args:
        sequence: index of its label sequence, from 0.
        position: index of its token, from 0.
        place: the same in words, counted from 1.
        reason: what is wrong and what to do.
    """

    def __init__(self, sequence: int, position: int, *, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.sequence = sequence
        self.position = position
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Notation:
    """A way to write labels; by default the usual one.

    Attributes:
        separator: text between letter and type.
        letter_last: ``PER-B`` rather than ``B-PER``.
        lower: whether the letters are lower-case.
        outside: the label that stands for O.
        brackets: spans in brackets, as in CoNLL-2005 and 2012: ``(PER*``, ``*``, ``*)``, ``(PER*)``; they are read
            as IOB2.
    """

    separator: str = "-"
    letter_last: bool = False
    lower: bool = False
    outside: str = "O"
    brackets: bool = False

    @property
    def is_usual(self) -> bool:
        """Whether labels are read as they are."""
        return self == USUAL

    def read(self, labels: Sequence[str]) -> tuple[str, ...]:
        """Return the labels of a sentence in the usual notation; labels not written in this one are kept."""
        if self.is_usual:
            return tuple(labels)
        if self.brackets:
            return _read_brackets(labels)
        return tuple([self._read_label(label) for label in labels])

    def parts(self, label: str) -> tuple[str, str] | None:
        """Return the letter, in upper case, and the type of a label; None if it is not written in this notation."""
        if self.letter_last:
            letter, rest = label[-1:], label[:-1]
            if not rest.endswith(self.separator):
                return None
            type_ = rest.removesuffix(self.separator)
        else:
            letter, rest = label[:1], label[1:]
            if not rest.startswith(self.separator):
                return None
            type_ = rest.removeprefix(self.separator)
        if self.lower != letter.islower() or letter.upper() not in LETTERS:
            return None
        # Without a separator, the type may be missing too: B, I and O. Schemes decide whether that is an error.
        fits = is_type(type_) if self.separator else type_ == "" or (type_[0].isalnum() and is_type(type_))
        return (letter.upper(), type_) if fits else None

    @property
    def form(self) -> str:
        """The form of labels, for messages."""
        if self.brackets:
            return "'(TYPE*', '*' and '*)'"
        letter = "b" if self.lower else "B"
        sides = ("TYPE", letter) if self.letter_last else (letter, "TYPE")
        return f"{self.separator.join(sides)!r} and {self.outside!r}"

    def __str__(self) -> str:
        read = "'B-TYPE', 'O' and 'I-TYPE'" if self.brackets else "'B-TYPE' and 'O'"
        return f"labels are written {self.form}, and read as {read}"

    def _read_label(self, label: str) -> str:
        if label == self.outside:
            return "O"
        parts = self.parts(label)
        if parts is None:
            return label
        letter, type_ = parts
        return f"{letter}-{type_}" if type_ else letter


USUAL: Final = Notation()

_NOTATIONS: Final = tuple(
    Notation(separator, letter_last=letter_last, lower=lower)
    for letter_last in (False, True)
    for separator in _SEPARATORS
    for lower in (False, True)
    if separator or not letter_last
)


def find_notation(label_sequences: Collection[Sequence[str]], scheme: LabelScheme | None = None) -> Notation:
    """Return the notation of the labels of a corpus.

    Args:
        label_sequences: the labels of every sentence.
        scheme: their scheme, if it is known: then it is enough that all labels have letters of this scheme, and NONE
            keeps every label unchanged.

    Raises:
        NoSchemeFits: if some labels continue from one token to the next like those of a span while others are not a
            letter and a type, if it cannot be decided whether labels are spans, or for nested brackets.
    """
    labels = set[str]().union(*label_sequences)
    for label in labels:
        if not isinstance(label, str):
            raise _at(label_sequences, label, "is not a string; expected labels as strings.")
    if scheme is LabelScheme.NONE or all(label == "O" or USUAL.parts(label) for label in labels):
        return USUAL
    if scheme in (None, LabelScheme.IOB2) and _are_bracketed(labels):
        for label in sorted(labels):
            if not _FLAT.fullmatch(label):
                raise _at(
                    label_sequences, label, "nests spans or is no bracket; expected one span at a token."
                )
        return Notation(brackets=True)
    parts_of = _parts_by_notation(labels)
    if scheme is not None:
        return _of_scheme(scheme, parts_of, labels)
    pairs = {pair for sequence in label_sequences for pair in pairwise(sequence)} if parts_of else set()
    joined_in = {
        notation: [left for left, right in pairs if _joined(parts.get(left), parts.get(right))]
        for notation, parts in parts_of.items()
    }
    outside_in = {notation: _outside(labels - parts.keys()) for notation, parts in parts_of.items()}
    for notation, joined in joined_in.items():
        outside = outside_in[notation]
        if joined and outside is not None:
            return replace(notation, outside=outside)
    if USUAL in parts_of and "O" in labels:
        return USUAL  # detect_scheme reports what does not fit.
    doubts = []
    for notation, parts in parts_of.items():
        joined = joined_in[notation]
        if notation.separator and outside_in[notation] is not None:
            doubts.append(_at(label_sequences, min(parts), _undecided()))
        elif notation.separator and any(parts[label][0] == "B" for label in joined):
            odd = min(label for label in labels - parts.keys() if label != "O")
            doubts.append(_at(label_sequences, odd, _odd(min(joined))))
    if doubts:
        raise doubts[0]
    return USUAL


def outside_like(labels: Iterable[str]) -> list[str]:
    """Return those labels that commonly stand for O, sorted, without O itself."""
    return sorted(label for label in set(labels) if label != "O" and label.casefold() in _OUTSIDE)


def _are_bracketed(labels: Collection[str]) -> bool:
    """Return whether all labels are brackets and stars, some of each."""
    return all(map(_BRACKETS.fullmatch, labels)) and any(
        label.startswith("(") and ("*" in label or "*" in labels) for label in labels
    )


def _parts_by_notation(labels: Iterable[str]) -> dict[Notation, _Parts]:
    """Return every notation in which some labels are written, in the order of the table, with their parts."""
    candidates = [label for label in labels if {label[:1].upper(), label[-1:].upper()} & LETTERS]
    parts_of = {
        notation: {label: parts for label in candidates if (parts := notation.parts(label)) is not None}
        for notation in _NOTATIONS
    }
    return {notation: parts for notation, parts in parts_of.items() if parts}


def _of_scheme(scheme: LabelScheme, parts_of: dict[Notation, _Parts], labels: set[str]) -> Notation:
    """Return the first notation in which all labels have letters of the scheme; the usual one if there is none."""
    for notation, parts in parts_of.items():
        outside = _outside(labels - parts.keys())
        if outside is not None and {letter for letter, _ in parts.values()} <= LETTERS_OF[scheme]:
            return replace(notation, outside=outside)
    if scheme is LabelScheme.IO and "O" not in labels:
        likes = outside_like(labels)
        return Notation(outside=likes[0]) if len(likes) == 1 else USUAL
    return USUAL


def _outside(rest: Set[str]) -> str | None:
    """Return the remaining label if it is the only one and stands for O, O if none remains, else None."""
    if len(rest) > 1:
        return None
    label = next(iter(rest), "O")
    return label if label.casefold() in _OUTSIDE else None


def _joined(left: tuple[str, str] | None, right: tuple[str, str] | None) -> bool:
    """Return whether two labels, by letter and type, are neighbours in one span with different letters."""
    return left is not None and right is not None and left[1] == right[1] and (left[0], right[0]) in _JOINED


def _at(label_sequences: Iterable[Sequence[str]], label: str, reason: str) -> NoSchemeFits:
    """Return the error for a label where it first occurs; in the message, the reason follows the label."""
    sequence, labels = next(pair for pair in enumerate(label_sequences) if label in pair[1])
    position = list(labels).index(label)
    return NoSchemeFits(
        sequence,
        position,
        place=f"sentence {sequence + 1}, token {position + 1}",
        reason=f"label {shown(label)} {reason}",
    )


def _read_brackets(labels: Sequence[str]) -> tuple[str, ...]:
    """Return IOB2 labels for brackets; a bracket without its partner is kept."""
    read = list(labels)
    opened: int | None = None
    type_ = ""
    for position, label in enumerate(labels):
        match = _FLAT.fullmatch(label)
        if match is None or (match["type"] and opened is not None):
            continue
        if match["type"]:
            opened, type_ = position, match["type"]
            read[position] = f"B-{type_}"
        elif opened is not None:
            read[position] = f"I-{type_}"
        elif label == "*":
            read[position] = "O"
        if label.endswith(")"):
            opened = None
    if opened is not None:
        read[opened] = labels[opened]
    return tuple(read)


def _undecided() -> str:
    return (
        "may be the letter and the type of a span, or a plain label: no span of several tokens decides it. Pass "
        f"{option('data.scheme', 'iob2')} (or bioes, ...) to read spans, io for bare types, none for plain labels."
    )


def _odd(example: str) -> str:
    return (
        f"does not fit the others, which are a letter and a type such as {shown(example)}; mend it. If the labels are "
        f"not meant to be spans, pass {option('data.scheme', 'none')}."
    )
