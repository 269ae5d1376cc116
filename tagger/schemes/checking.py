"""Detecting the scheme of labels, and finding violations of a scheme."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto
from itertools import pairwise
from typing import Final, NamedTuple

from tagger.errors import LabelError
from tagger.options import option
from tagger.schemes.letters import (
    LETTERS,
    OUTSIDE,
    LabelScheme,
    is_bare_type,
    is_type,
    parse_label,
    shown,
    split_label,
)
from tagger.schemes.notation import NoSchemeFits, find_notation

# Where several schemes fit, the first is chosen (see detect_scheme). IO is for bare types: I- alone is IOB1.
_PREFERENCE: Final = (
    LabelScheme.IOB2,
    LabelScheme.BIOES,
    LabelScheme.BILOU,
    LabelScheme.BMES,
    LabelScheme.BMEWO,
    LabelScheme.IOB1,
    LabelScheme.IOE2,
    LabelScheme.IOE1,
)


class Violation(NamedTuple):
    """A place where labels break the rules of a scheme.

    Attributes:
        position: index of the token, from 0.
        message: what is wrong and how to fix it; counts tokens from 1.
    """

    position: int
    message: str


def violations(labels: Sequence[str], scheme: LabelScheme | str) -> list[Violation]:
    """Return every place where labels break the rules of a scheme, in order; empty for a legal sequence.

    Of two labels that cannot be adjacent, the second is reported. A label that cannot belong to the scheme at all is a
    violation too; its neighbours are then not checked against it. If the whole sequence is legal in another scheme,
    the messages say so. Positions count from 0, messages count tokens from 1.
    """
    scheme = LabelScheme.parse(scheme)
    found = list(_violations(labels, scheme))
    if not found:
        return []
    try:
        notation = find_notation([labels])
        other = detect_scheme([labels])
    except LabelError:
        return found
    if not notation.is_usual:
        hint = f" Labels here are written {notation.form}; write all of the data alike."
    else:
        kind = "is plain labels without spans" if other is LabelScheme.NONE else f"is {other.name}"
        hint = f" If the data {kind}, pass {option('data.scheme', str(other))}."
    return [Violation(position, message + hint) for position, message in found]


def _violations(labels: Sequence[str], scheme: LabelScheme) -> Iterator[Violation]:
    """Yield the violations without advice."""
    previous = OUTSIDE if scheme.has_spans else None
    for position, label in enumerate(labels):
        try:
            if not scheme.has_spans:
                split_label(label, scheme)
                continue
            current = parse_label(label, scheme)
        except LabelError as error:
            yield Violation(position, f"token {position + 1}: {error}.")
            previous = None
            continue
        if previous is not None and not previous.allows(current):
            place = f"follows {shown(labels[position - 1])}" if position else "starts the sentence"
            yield Violation(
                position,
                f"label {shown(label)} at token {position + 1} {place}, not allowed in {scheme.name}.",
            )
        previous = current
    if labels and previous is not None and not previous.allows(OUTSIDE):
        yield Violation(
            len(labels) - 1,
            f"label {shown(labels[-1])} at token {len(labels)} ends the sentence, not allowed in {scheme.name}.",
        )


def detect_scheme(label_sequences: Iterable[Sequence[str]]) -> LabelScheme:
    """Return the scheme in which all given sequences are legal, reading them once in constant memory.

    - Labels of a letter, a hyphen and a type, with or without O, encode spans. Where several schemes fit, the
      spans are the same in all of them: only O is IOB2; only I- and O is IOB1 (rather than IO or IOE1: a B- may
      still follow); only B-, E- and O is BIOES (rather than BMES).
    - Bare types are IO if O is among them (``person-actor``), and NONE if not (``NOUN``). With other
      labels among them, such as the single letters of some tag sets, they are always NONE.
    - A mixture of both kinds fits no scheme if O is among them, and is NONE if not.
    - Only letters without a type, such as B, I and O, fit no scheme.

    Labels in another notation, such as ``B_PER``, have to be converted first (``find_notation``).

    Raises:
        NoSchemeFits: if no scheme fits; names the place, sentences and tokens counted from 1.
        LabelError: if there are no labels at all.
    """
    scan = _Scan()
    for sequence, labels in enumerate(label_sequences):
        scan.add(labels, sequence)
    return scan.scheme()


class _Kind(Enum):
    """The form of a label, before its scheme is known."""

    OUTSIDE = auto()  # O
    SPELLED = auto()  # B-PER
    BARE = auto()  # PER, person-actor, NOUN
    LETTER = auto()  # B, B-: a letter without a type
    ODD = auto()  # X, X-PER: any other form


class _Place(NamedTuple):
    """A label and the indices of its sequence and token, from 0."""

    sequence: int
    position: int
    label: str

    def error(self, reason: str) -> NoSchemeFits:
        """Return the error for this label; in the message, the reason follows the label."""
        return NoSchemeFits(
            self.sequence,
            self.position,
            place=f"sentence {self.sequence + 1}, token {self.position + 1}",
            reason=f"label {shown(self.label)} {reason}" if self.label != "" else reason,
        )


class _Scan:
    """The state of detect_scheme; it grows with the number of distinct labels, not with the data."""

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}
        self._first: dict[_Kind, _Place] = {}  # where each kind was first seen
        self._pairs: set[tuple[str, str]] = set()
        self._read: set[tuple[str | None, str | None]] = set()  # all pairs so far, None beyond both ends
        self._candidates: tuple[LabelScheme, ...] = _PREFERENCE
        self._failure: NoSchemeFits | None = None

    def add(self, labels: Sequence[str], sequence: int) -> None:
        """Read one sentence."""
        neighbours = (None, *labels, None)
        if self._read.issuperset(pairwise(neighbours)):
            return  # fast path: nothing new
        previous: str | None = "O"
        for position, label in enumerate(labels):
            kind = self._kinds.get(label) or self._classify(_Place(sequence, position, label))
            if kind in (_Kind.OUTSIDE, _Kind.SPELLED):
                self._narrow(previous, label, labels, sequence)
                previous = label
            else:
                previous = None
        self._narrow(previous, "O", labels, sequence)
        self._read.update(pairwise(neighbours))

    def _classify(self, place: _Place) -> _Kind:
        label = place.label
        if not isinstance(label, str):
            raise place.error("is not a string; expected labels as strings.")
        letter, hyphen, type_ = label.partition("-")
        if label == "":
            raise place.error("expected a label, found an empty string")
        if label != label.strip():
            raise place.error(
                f"begins or ends with white space; remove it, or pass {option('data.scheme', 'none')} to learn "
                "labels as they are."
            )
        if label == "O":
            kind = _Kind.OUTSIDE
        elif letter in LETTERS:
            kind = _Kind.SPELLED if hyphen and is_type(type_) else _Kind.LETTER
        else:
            kind = _Kind.BARE if is_bare_type(label) else _Kind.ODD
        self._kinds[label] = kind
        self._first.setdefault(kind, place)
        return kind

    def _narrow(self, left: str | None, right: str, labels: Sequence[str], sequence: int) -> None:
        """Keep the candidates in which ``right`` may follow ``left``; a ``left`` of None is unknown."""
        if left is None or (left, right) in self._pairs:
            return
        self._pairs.add((left, right))
        remaining = tuple(scheme for scheme in self._candidates if _may_follow(left, right, scheme))
        if self._candidates and not remaining:
            violation = next(_violations(labels, self._candidates[0]))
            self._failure = NoSchemeFits(
                sequence,
                violation.position,
                place=f"sentence {sequence + 1}",
                reason=f"{violation.message} No scheme fits all labels up to here; mend them, or name the scheme "
                f"that they are meant in: {option('data.scheme')}.",
            )
        self._candidates = remaining

    def scheme(self) -> LabelScheme:
        """Return the scheme that fits all sentences."""
        kinds = set(self._first)
        if not kinds:
            raise LabelError("expected labels from which to detect the scheme, found none")
        others = kinds - {_Kind.OUTSIDE, _Kind.SPELLED}
        if not others:
            if self._failure:
                raise self._failure
            return self._candidates[0]
        if _Kind.OUTSIDE in kinds and _Kind.SPELLED in kinds:
            place = next(place for kind, place in self._first.items() if kind in others)
            raise place.error(
                "is neither O nor a letter and a type such as B-PER, but others are; mend it, or pass "
                f"{option('data.scheme', 'none')} to read all labels as they are."
            )
        if kinds <= {_Kind.OUTSIDE, _Kind.LETTER}:
            raise self._first[_Kind.LETTER].error(
                "has no type. Write B-TYPE for B, and so on; "
                f"or, if the labels are not meant to be spans, pass {option('data.scheme', 'none')}."
            )
        return LabelScheme.IO if kinds == {_Kind.OUTSIDE, _Kind.BARE} else LabelScheme.NONE


def _may_follow(left: str, right: str, scheme: LabelScheme) -> bool:
    try:
        return parse_label(left, scheme).allows(parse_label(right, scheme))
    except LabelError:
        return False
