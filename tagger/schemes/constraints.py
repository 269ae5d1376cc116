"""What a decoder may produce: boolean tables of allowed transitions, and masks that pin down one span."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from tagger.errors import DataError, LabelError, UsageError
from tagger.schemes.letters import OUTSIDE, Edge, LabelScheme, ParsedLabel, letter_for, parse_label
from tagger.spans import Span


class TransitionConstraints(NamedTuple):
    """Which label may follow which, start and end a sentence; True = allowed.

    ``allowed_transitions`` builds it from nested tuples of bool. Any nested sequence, array or tensor of
    booleans of these shapes does as well, for constraints of your own.

    Attributes:
        transitions: ``[L, L]``; entry (i, j): label j may follow label i.
        start: ``[L]``; label j may be the first.
        end: ``[L]``; label i may be the last.
    """

    transitions: Any
    start: Any
    end: Any


def allowed_transitions(labels: Sequence[str], scheme: LabelScheme) -> TransitionConstraints:
    """Return the tables under which exactly the legal sequences of a scheme are allowed.

    ``labels`` may stand in any order and need not be complete. A label whose partners are missing is then a
    dead end, as B-X of BIOES is without E-X: no legal sequence holds it. ``scheme_labels`` gives a complete
    list. NONE allows everything.

    Raises:
        LabelError: if a label cannot belong to the scheme.
    """
    if not scheme.has_spans:
        everything = (True,) * len(labels)
        return TransitionConstraints((everything,) * len(labels), everything, everything)
    parsed = _parse_all(labels, scheme)
    same_type: dict[str, list[int]] = {}
    for index, label in enumerate(parsed):
        same_type.setdefault(label.type, []).append(index)
    # Of labels of different types only the edges matter: a row for each kind of edge, as a start.
    between_types = {
        edge: [not {Edge.JOIN, Edge.SPLIT} & {edge, right.left} for right in parsed]
        for edge in {left.right for left in parsed}
    }
    transitions = []
    for left in parsed:
        row = between_types[left.right].copy()
        for index in same_type[left.type]:
            row[index] = left.allows(parsed[index])
        transitions.append(tuple(row))
    return TransitionConstraints(
        transitions=tuple(transitions),
        start=tuple(OUTSIDE.allows(label) for label in parsed),
        end=tuple(label.allows(OUTSIDE) for label in parsed),
    )


def span_label_mask(
    span: Span, length: int, labels: Sequence[str], scheme: LabelScheme
) -> tuple[tuple[bool, ...], ...]:
    """Return a mask under which exactly the labellings that hold exactly this span remain.

    Among the legal sequences of the scheme (``allowed_transitions``), those that take only labels marked True
    are those whose spans include one with this start, end and type. The mass of these is the probability of
    the span.

    IOB1 and IOE1 have no such mask: their letter of an edge depends on the neighbour, which takes a rule on
    pairs.

    Args:
        span: the span; its probability is not read.
        length: tokens of the sentence.
        labels: labels in the order of the model.
        scheme: the scheme of these labels.

    Returns:
        ``[length][L]``, True = may be taken.

    Raises:
        DataError: if the span is empty or lies outside the sentence.
        LabelError: if a label cannot belong to the scheme.
        UsageError: if the scheme is IOB1, IOE1 or NONE.
    """
    if scheme in (LabelScheme.IOB1, LabelScheme.IOE1, LabelScheme.NONE):
        raise UsageError(
            f"no mask of labels pins down a span in the scheme {scheme}; use iob2, bioes, ioe2 or io"
        )
    if not 0 <= span.start < span.end <= length:
        raise DataError(f"expected a span within 0 to {length} tokens, not empty, found {span}")
    parsed = _parse_all(labels, scheme)
    inside = []
    for index in range(span.start, span.end):
        letter = letter_for(scheme, joined_left=index > span.start, joined_right=index < span.end - 1)
        inside.append(parse_label(f"{letter}-{span.label}", scheme))
    rows = [(True,) * len(labels)] * length
    rows[span.start : span.end] = [tuple(label == wanted for label in parsed) for wanted in inside]
    if span.start > 0:
        rows[span.start - 1] = tuple(not label.joins(inside[0]) for label in parsed)
    if span.end < length:
        rows[span.end] = tuple(not inside[-1].joins(label) for label in parsed)
    return tuple(rows)


def _parse_all(labels: Sequence[str], scheme: LabelScheme) -> list[ParsedLabel]:
    parsed = []
    for index, label in enumerate(labels):
        try:
            parsed.append(parse_label(label, scheme))
        except LabelError as error:
            raise LabelError(f"label {index + 1} of {len(labels)}: {error}") from None
    return parsed
