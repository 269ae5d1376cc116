"""Task: a text for an annotation tool to show with what several annotators or models say of it.

Tools that show several readings of a text side by side have a writer of their own (``Format.write_tasks``). Where a
format holds one reading, that is the first, and the others stand in its fields as text (``as_one_reading``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from tagger.errors import DataError
from tagger.formats.annotated import AnnotatedText, CharacterSpan, Range
from tagger.formats.texts.inline import format_inline
from tagger.spans import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one annotator, or model, says of a text.

    Attributes:
        name: of who says it.
        spans: of characters, with their probabilities where these are known; None where tokens are labelled instead.
        labels: one for each token, where labels spell no spans.
        probability: of the reading, in [0, 1], if it has one.
        is_annotation: whether tools are to take it for the annotation, which is to be corrected; all others are
            proposals beside it.
    """

    name: str
    spans: tuple[CharacterSpan, ...] | None = None
    labels: tuple[str, ...] | None = None
    probability: float | None = None
    is_annotation: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A text to look at again.

    Attributes:
        text: the characters, as they are.
        tokens: the ranges of its tokens, in order.
        readings: one or more; names differ, and at most one of them is the annotation.
        fields: what is shown beside it under names, JSON-ready: its rank, and why it is one.
        document: id of the document that it is, or is part of.
        origin: where it was read, as ``file:line``; for messages.

    Raises:
        DataError: there is no reading; two have one name, or are annotations; a field is called like a reading; labels
            are not one for each token.
    """

    text: str
    tokens: tuple[Range, ...]
    readings: tuple[Reading, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)
    document: str | None = None
    origin: str | None = None

    def __post_init__(self) -> None:
        where = f"{self.origin}: " if self.origin else ""
        names = [reading.name for reading in self.readings]
        if not names or len(set(names)) < len(names):
            raise DataError(f"{where}expected readings of different names, found {_quoted(names)}")
        annotations = [reading.name for reading in self.readings if reading.is_annotation]
        if len(annotations) > 1:
            raise DataError(
                f"{where}expected at most one reading that is the annotation, found {_quoted(annotations)}"
            )
        if taken := set(names) & set(self.fields):
            raise DataError(
                f"{where}expected other names for fields than those of readings, found {_quoted(sorted(taken))}"
            )
        for reading in self.readings:
            if (reading.spans is None) == (reading.labels is None):
                raise DataError(f"{where}expected either spans or labels in the reading of {reading.name!r}")
            if reading.labels is not None and len(reading.labels) != len(self.tokens):
                raise DataError(
                    f"{where}expected {len(self.tokens)} labels, one for each token, in the reading of "
                    f"{reading.name!r}, found {len(reading.labels)}"
                )

    def annotated(self, reading: Reading) -> AnnotatedText:
        """Return the text with one of its readings."""
        return AnnotatedText(
            self.text,
            reading.spans,
            self.tokens,
            (0,) if self.tokens else (),
            reading.labels,
            document=self.document,
            origin=self.origin,
            fields=self.fields,
        )


def character_spans(tokens: Sequence[Range], spans: Iterable[Span]) -> tuple[CharacterSpan, ...]:
    """Return spans of tokens as spans of characters, with their probabilities.

    >>> character_spans([(0, 2), (3, 6), (7, 11)], [Span(1, 3, "LOC", 0.5)])
    (CharacterSpan(start=3, end=11, label='LOC', fragments=(), probability=0.5),)

    Args:
        tokens: the range of each token.
        spans: of these tokens.
    """
    return tuple(
        CharacterSpan(
            tokens[span.start][0], tokens[span.end - 1][1], span.label, probability=span.probability
        )
        for span in spans
    )


def spelled_by_spans(task: Task) -> Task:
    """Return a task whose labels of tokens are spans of one token each, as tools that know only spans show them."""
    return replace(
        task,
        readings=tuple(
            reading
            if reading.labels is None
            else replace(
                reading,
                labels=None,
                spans=tuple(
                    CharacterSpan(start, end, label)
                    for (start, end), label in zip(task.tokens, reading.labels, strict=True)
                ),
            )
            for reading in task.readings
        ),
    )


def as_one_reading(task: Task) -> AnnotatedText:
    """Return a task as its first reading, with the others written out among its fields, under their names.

    >>> readings = [Reading(name="gold", spans=()), Reading(name="a", spans=(CharacterSpan(3, 7, "LOC"),))]
    >>> text = as_one_reading(Task(text="in Oslo", tokens=((0, 2), (3, 7)), readings=tuple(readings)))
    >>> text.spans, text.fields
    ((), {'a': 'in [Oslo](LOC)'})
    """
    first, *others = task.readings
    written = {reading.name: _written(task, reading) for reading in others}
    return replace(task.annotated(first), fields={**written, **task.fields})


def _written(task: Task, reading: Reading) -> str:
    """Return a reading as people read it: the text with its entities marked, or each token with its label."""
    if reading.labels is not None:
        return " ".join(
            f"{task.text[start:end]}/{label}"
            for (start, end), label in zip(task.tokens, reading.labels, strict=True)
        )
    spans = sorted(reading.spans or (), key=CharacterSpan.order)
    if any(first.end > second.start for first, second in pairwise(spans)):
        return ", ".join(f"[{task.text[span.start : span.end]}]({span.label})" for span in spans)
    return format_inline(task.text, [(span.start, span.end, span.label) for span in spans])


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names)) or "none"
