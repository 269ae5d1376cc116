"""Constraints on decoding: boolean tables of allowed transitions, and label masks that fix one span."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from tagger.errors import DataError, LabelError, UsageError
from tagger.schemes.letters import OUTSIDE, Edge, LabelScheme, ParsedLabel, letter_for, parse_label
from tagger.spans import Span

_NO_TYPE: Final = " "
"""A type that no label has."""


class TransitionConstraints(NamedTuple):
    """Which labels may follow each other, start and end a sentence; True = allowed.

    ``allowed_transitions`` builds it from nested tuples of bool. For custom constraints, any nested sequence, array or
    tensor of booleans of these shapes will do.

    Attributes:
        transitions: ``[L, L]``; entry (i, j): label j may follow label i.
        start: ``[L]``; label j may be the first.
        end: ``[L]``; label i may be the last.
    """

    transitions: Any
    start: Any
    end: Any


def allowed_transitions(labels: Sequence[str], scheme: LabelScheme | str) -> TransitionConstraints:
    """Return the tables that allow exactly the legal sequences of a scheme.

    ``labels`` may be in any order and need not be complete. A label whose partners are missing is a dead end, such as
    B-X of BIOES without E-X: no legal sequence contains it. ``scheme_labels`` returns a complete list. NONE allows
    everything.

    Raises:
        LabelError: if a label cannot belong to the scheme.
    """
    scheme = LabelScheme.parse(scheme)
    if not scheme.has_spans:
        everything = (True,) * len(labels)
        return TransitionConstraints((everything,) * len(labels), everything, everything)
    parsed = _parse_all(labels, scheme)
    return TransitionConstraints(
        transitions=_transitions(parsed),
        start=tuple(OUTSIDE.allows(label) for label in parsed),
        end=tuple(label.allows(OUTSIDE) for label in parsed),
    )


def _transitions(parsed: Sequence[ParsedLabel]) -> tuple[tuple[bool, ...], ...]:
    """Return which label may follow which, ``[L, L]``, without checking each of the L x L pairs.

    Whether a label allows labels of other types depends only on its right edge.
    """
    same_type: dict[str, list[int]] = {}
    for index, label in enumerate(parsed):
        same_type.setdefault(label.type, []).append(index)
    other_types: dict[Edge, list[bool]] = {}
    rows: dict[tuple[str, Edge], tuple[bool, ...]] = {}
    for left in parsed:
        key = (left.type, left.right)
        if key in rows:
            continue
        if left.right not in other_types:
            stranger = left._replace(type=_NO_TYPE)
            other_types[left.right] = [stranger.allows(right) for right in parsed]
        row = other_types[left.right].copy()
        for index in same_type[left.type]:
            row[index] = left.allows(parsed[index])
        rows[key] = tuple(row)
    return tuple(rows[left.type, left.right] for left in parsed)


def span_label_mask(
    span: Span, length: int, labels: Sequence[str], scheme: LabelScheme | str
) -> tuple[tuple[bool, ...], ...]:
    """Return a label mask that admits exactly the labellings with exactly this span.

    Among the legal sequences of the scheme (``allowed_transitions``), those within the mask are the ones whose spans
    include one with this start, end and type. Their total probability is the probability of the span.

    IOB1 and IOE1 have no such mask: their letter at an edge depends on the neighbouring label.

    Args:
        span: the span; its probability is ignored.
        length: tokens of the sentence.
        labels: labels in the order of the model.
        scheme: the scheme of these labels.

    Returns:
        ``[length][L]``, True = allowed.

    Raises:
        DataError: if the span is empty or lies outside the sentence.
        LabelError: if a label cannot belong to the scheme.
        UsageError: if the scheme is IOB1, IOE1 or NONE.
    """
    scheme = LabelScheme.parse(scheme)
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
