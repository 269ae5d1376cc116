"""Conversion of labels to spans, spans to labels, and labels of one scheme to another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from tagger.errors import DataError, LabelError, UsageError
from tagger.schemes.letters import OUTSIDE, Edge, LabelScheme, is_type, letter_for, parse_label
from tagger.spans import Span

# Schemes in which the letter alone determines whether a span begins.
_SINGLE: Final = (
    LabelScheme.IOB2,
    LabelScheme.BIOES,
    LabelScheme.BILOU,
    LabelScheme.BMES,
    LabelScheme.BMEWO,
)


def labels_to_spans(labels: Sequence[str], scheme: LabelScheme | str) -> list[Span]:
    """Return the spans that a label sequence encodes, in order.

    Sequences that break the rules of the scheme are read like conlleval does (Tjong Kim Sang and Buchholz 2000): two
    neighbours of one type are in the same span unless a letter starts or ends one between them. So a span starts at an
    I- after O or after another type, and ends where its labels end, with or without the required E-. NONE has no
    spans: the list is empty.

    >>> labels_to_spans(["B-PER", "I-PER", "O", "I-LOC"], LabelScheme.IOB2)  # doctest: +ELLIPSIS
    [Span(start=0, end=2, label='PER', ...), Span(start=3, end=4, label='LOC', ...)]

    Raises:
        LabelError: if a label cannot belong to the scheme; names its token, counted from 1.
    """
    scheme = LabelScheme.parse(scheme)
    if not scheme.has_spans:
        return []
    if set(labels) <= {"O"}:
        return []  # fast path
    spans = []
    start = 0
    previous = OUTSIDE
    for position, label in enumerate(labels):
        try:
            current = parse_label(label, scheme)
        except LabelError as error:
            raise LabelError(f"token {position + 1}: {error}") from None
        if current is OUTSIDE and previous is OUTSIDE:
            continue
        if not previous.joins(current):
            if previous.type:
                spans.append(Span(start, position, previous.type))
            start = position
        previous = current
    if previous.type:
        spans.append(Span(start, len(labels), previous.type))
    return spans


def spans_to_labels(spans: Iterable[Span], length: int, scheme: LabelScheme | str) -> list[str]:
    """Return the labels of ``length`` tokens that encode the given spans, which may be in any order.

    IO cannot separate adjacent spans of one type: its labels are read back as one span. All other schemes preserve
    the spans exactly.

    Raises:
        DataError: if a span is empty, lies outside the sentence, has no type, or overlaps another.
        UsageError: if the scheme is NONE.
    """
    scheme = LabelScheme.parse(scheme)
    if not scheme.has_spans:
        raise UsageError("labels of the scheme none encode no spans; name a scheme such as iob2")
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    for span in ordered:
        if not 0 <= span.start < span.end <= length or not is_type(span.label):
            raise DataError(
                f"expected a span with a type, not empty, within 0 to {length} tokens, found {span}"
            )
    for left, right in pairwise(ordered):
        if right.start < left.end:
            raise DataError(f"expected spans that do not overlap, found {left} and {right}")
    labels = ["O"] * length
    for index, span in enumerate(ordered):
        before = ordered[index - 1] if index else None
        after = ordered[index + 1] if index + 1 < len(ordered) else None
        for position in range(span.start, span.end):
            letter = letter_for(
                scheme,
                joined_left=position > span.start,
                joined_right=position < span.end - 1,
                touched_left=before is not None and before.end == position and before.label == span.label,
                touched_right=after is not None and after.start == position + 1 and after.label == span.label,
            )
            labels[position] = f"{letter}-{span.label}"
    return labels


def convert_labels(labels: Sequence[str], source: LabelScheme | str, target: LabelScheme | str) -> list[str]:
    """Return labels of the scheme ``target`` that encode the spans of ``labels``, which are in the scheme ``source``.

    The result is always legal in ``target``, even if ``labels`` break the rules of ``source`` (see
    ``labels_to_spans``); so converting to the same scheme repairs a sequence. NONE only converts to NONE, unchanged.

    Raises:
        LabelError: if a label cannot belong to ``source``.
        UsageError: if one of the schemes is NONE and the other is not.
    """
    source, target = LabelScheme.parse(source), LabelScheme.parse(target)
    if source.has_spans != target.has_spans:
        raise UsageError(
            f"labels cannot be converted from the scheme {source} to {target}: none encodes no spans"
        )
    if not target.has_spans:
        return list(labels)
    return spans_to_labels(labels_to_spans(labels, source), len(labels), target)


def iob2_label(label: str, scheme: LabelScheme | str) -> str:
    """Return the IOB2 label that corresponds to a single label of a legal sequence.

    B- and S- of BIOES correspond to B-, I- and E- to I-. So the probability of an IOB2 label is the sum over its
    corresponding labels. In IOB1, IOE1, IOE2 and IO the letter depends on the neighbours: convert the whole sequence
    instead.

    Raises:
        LabelError: if the label cannot belong to the scheme.
        UsageError: if the scheme has no such mapping.
    """
    scheme = LabelScheme.parse(scheme)
    if scheme not in _SINGLE:
        raise UsageError(f"a single label of the scheme {scheme} does not determine one of iob2")
    parsed = parse_label(label, scheme)
    if parsed is OUTSIDE:
        return "O"
    return f"{'B' if parsed.left is Edge.CUT else 'I'}-{parsed.type}"
