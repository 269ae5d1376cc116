"""The label schemes, and the table that defines the meaning of each letter in each of them.

A letter constrains both edges of its token. The boundary between two tokens follows from the right edge of the left
letter and the left edge of the right letter. Nothing else is needed to read, write and check labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from tagger.errors import LabelError, UsageError


class LabelScheme(StrEnum):
    """A scheme by which labels encode spans; the value is the name used in options and files."""

    IOB1 = "iob1"
    IOB2 = "iob2"
    IOE1 = "ioe1"
    IOE2 = "ioe2"
    BIOES = "bioes"
    BILOU = "bilou"
    BMES = "bmes"
    BMEWO = "bmewo"
    IO = "io"
    NONE = "none"

    @classmethod
    def parse(cls, name: LabelScheme | str) -> LabelScheme:
        """Return the scheme of the given name, in upper or lower case; common aliases work too.

        Raises:
            UsageError: for an unknown name; lists the known ones.
        """
        if isinstance(name, cls):
            return name
        key = name.strip().lower() if isinstance(name, str) else ""
        try:
            return cls(_ALIASES.get(key, key))
        except ValueError:
            known = ", ".join([*cls, *_ALIASES])
            raise UsageError(f"unknown label scheme {shown(name)}; known names: {known}") from None

    @property
    def has_spans(self) -> bool:
        """Whether labels of this scheme encode spans."""
        return self is not LabelScheme.NONE


class Edge(Enum):
    """The meaning of a letter for one edge of its token."""

    CUT = "a span starts or ends here"
    JOIN = "the span goes on here: the neighbour must belong to it"
    FREE = "the span goes on here if the neighbour has the same type and does not object"
    SPLIT = "a span starts or ends here, and a span of the same type must touch it"

    @property
    def closed(self) -> bool:
        """Whether no span crosses this edge."""
        return self in (Edge.CUT, Edge.SPLIT)


class ParsedLabel(NamedTuple):
    """A parsed label: its letter, its type, and the meaning of the letter for both edges of the token."""

    prefix: str
    type: str
    left: Edge
    right: Edge

    def joins(self, following: ParsedLabel) -> bool:
        """Return whether this label and the following one are in the same span; defined for illegal pairs too."""
        return self.type == following.type != "" and not self.right.closed and not following.left.closed

    def allows(self, following: ParsedLabel) -> bool:
        """Return whether the scheme allows ``following`` after this label."""
        edges = (self.right, following.left)
        if Edge.JOIN in edges:
            return self.joins(following)
        return Edge.SPLIT not in edges or self.type == following.type


_ALIASES: Final = {
    "iob": "iob1",
    "bio1": "iob1",
    "bio": "iob2",
    "bio2": "iob2",
    "iobes": "bioes",
    "bioul": "bilou",
    "biluo": "bilou",
    "bmeso": "bmes",
    "bmeow": "bmewo",
    "pos": "none",
}

# (left edge, right edge) of every letter. If several letters fit a token of a span, the first is used.
_EDGES: Final[dict[LabelScheme, dict[str, tuple[Edge, Edge]]]] = {
    LabelScheme.IOB1: {"B": (Edge.SPLIT, Edge.FREE), "I": (Edge.FREE, Edge.FREE)},
    LabelScheme.IOB2: {"B": (Edge.CUT, Edge.FREE), "I": (Edge.JOIN, Edge.FREE)},
    LabelScheme.IOE1: {"E": (Edge.FREE, Edge.SPLIT), "I": (Edge.FREE, Edge.FREE)},
    LabelScheme.IOE2: {"E": (Edge.FREE, Edge.CUT), "I": (Edge.FREE, Edge.JOIN)},
    LabelScheme.IO: {"I": (Edge.FREE, Edge.FREE)},
    LabelScheme.NONE: {},
} | {
    scheme: dict(
        zip(
            letters,
            [(Edge.CUT, Edge.JOIN), (Edge.JOIN, Edge.JOIN), (Edge.JOIN, Edge.CUT), (Edge.CUT, Edge.CUT)],
            strict=True,
        )
    )
    for scheme, letters in [
        (LabelScheme.BIOES, "BIES"),
        (LabelScheme.BILOU, "BILU"),
        (LabelScheme.BMES, "BMES"),
        (LabelScheme.BMEWO, "BMEW"),
    ]
}

# O, and also the neighbour beyond either end of a sentence.
OUTSIDE: Final = ParsedLabel("O", "", Edge.CUT, Edge.CUT)

LETTERS_OF: Final = {scheme: frozenset(edges) for scheme, edges in _EDGES.items()}
"""The letters of every scheme."""

LETTERS: Final = frozenset[str]().union(*LETTERS_OF.values())
"""The letters of all schemes together."""

_SHOWN: Final = 80
"""Maximum characters of a label in a message."""
_LISTED: Final = 20
"""Maximum number of labels that a message lists."""

_LETTER_FIRST: Final = re.compile(r"[A-Za-z](-|\Z)")


def is_type(text: str) -> bool:
    """Return whether a text may be the type of a span: not empty, and without white space at its ends."""
    return text != "" and text == text.strip()


def is_bare_type(label: str) -> bool:
    """Return whether IO takes the whole label as a type: not a single letter, nor a letter and a hyphen first."""
    return is_type(label) and _LETTER_FIRST.match(label) is None


def shown(value: object) -> str:
    """Return a label as messages show it: quoted, control characters escaped, the middle of long ones left out."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN // 2]}...{text[-_SHOWN // 2 :]}"


def listed(labels: Iterable[str]) -> str:
    """Return labels or types as messages list them: sorted, and only the first of many."""
    ordered = sorted(labels)
    names = [label if len(label) <= _SHOWN else shown(label) for label in ordered[:_LISTED]]
    more = f" and {len(ordered) - _LISTED} more" if len(ordered) > _LISTED else ""
    return ", ".join(names) + more


@lru_cache(maxsize=4096)
def parse_label(label: str, scheme: LabelScheme) -> ParsedLabel:
    """Return a label of a scheme with spans, parsed; errors as in ``split_label``."""
    if label == "O":
        return OUTSIDE
    prefix, _, type_ = label.partition("-") if isinstance(label, str) else ("", "", "")
    edges = _EDGES[scheme].get(prefix)
    if edges is not None and is_type(type_):
        return ParsedLabel(prefix, type_, *edges)
    if scheme is LabelScheme.IO and isinstance(label, str) and is_bare_type(label):
        return ParsedLabel("I", label, *_EDGES[scheme]["I"])
    forms = ["O", *(f"{letter}-TYPE" for letter in sorted(_EDGES[scheme]))]
    if scheme is LabelScheme.IO:
        forms.append("a bare TYPE")
    raise LabelError(
        f"expected {', '.join(forms[:-1])} or {forms[-1]} as a label in {scheme.name}, found {shown(label)}"
    )


def split_label(label: str, scheme: LabelScheme | str) -> tuple[str, str]:
    """Return the letter and the type of a label: ``B-creative-work`` gives ``("B", "creative-work")``.

    The letter ends at the first hyphen. ``O`` gives ``("O", "")``. In IO a bare type, which may contain hyphens, is a
    label too: ``person-actor`` gives ``("I", "person-actor")``. Such a bare type must not be a single letter or begin
    with a letter and a hyphen, so that ``B-PER`` is an error in IO; write ``I-e-commerce`` for a type of that kind. No
    type begins or ends with white space. In NONE every non-empty label is a type: ``NOUN`` gives ``("", "NOUN")``,
    ``O`` gives ``("", "O")``.

    Raises:
        LabelError: if the label cannot belong to the scheme.
    """
    scheme = LabelScheme.parse(scheme)
    if not scheme.has_spans:
        if label == "":
            raise LabelError("expected a label, found an empty string")
        return "", label
    return parse_label(label, scheme)[:2]


def scheme_labels(types: Iterable[str], scheme: LabelScheme | str) -> tuple[str, ...]:
    """Return all labels of a scheme for the given types: O first, then type by type in sorted order.

    For NONE these are the types themselves, sorted.

    >>> scheme_labels(["PER", "LOC"], LabelScheme.IOB2)
    ('O', 'B-LOC', 'I-LOC', 'B-PER', 'I-PER')

    Raises:
        LabelError: if a type is empty.
    """
    scheme = LabelScheme.parse(scheme)
    sorted_types = sorted(set(types))
    if "" in sorted_types:
        raise LabelError("expected types of at least one character, found an empty one")
    if not scheme.has_spans:
        return tuple(sorted_types)
    return ("O", *(f"{letter}-{type_}" for type_ in sorted_types for letter in _EDGES[scheme]))


def letter_for(
    scheme: LabelScheme,
    *,
    joined_left: bool,
    joined_right: bool,
    touched_left: bool = False,
    touched_right: bool = False,
) -> str:
    """Return the letter for a token of a span.

    Args:
        scheme: a scheme with spans.
        joined_left: the previous token belongs to the same span.
        joined_right: the next token belongs to the same span.
        touched_left: the previous token ends another span of the same type.
        touched_right: the next token starts another span of the same type.
    """
    for letter, (left, right) in _EDGES[scheme].items():
        if _suits(left, joined_left, touched_left) and _suits(right, joined_right, touched_right):
            return letter
    raise AssertionError(f"no letter of {scheme.name} fits")  # the table above has one for every case


def _suits(edge: Edge, joined: bool, touched: bool) -> bool:
    if joined:
        return not edge.closed
    return touched if edge is Edge.SPLIT else edge is not Edge.JOIN
