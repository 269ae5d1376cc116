"""Task: a text for an annotation tool, with the readings of several annotators or models.

Formats of tools that show several readings side by side have a writer for them (``Format.write_tasks``). Other formats
hold the first reading, and the others as text in its fields (``as_one_reading``).
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
    """The annotations of a text by one annotator or model.

    Attributes:
        name: the name of the annotator or model.
        spans: character spans, with their probabilities if known; None where tokens are labelled instead.
        labels: one for each token, where labels spell no spans.
        probability: the probability of the reading, in [0, 1], if known.
        is_annotation: whether tools show it as the annotation to be corrected, and the others as proposals.
    """

    name: str
    spans: tuple[CharacterSpan, ...] | None = None
    labels: tuple[str, ...] | None = None
    probability: float | None = None
    is_annotation: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A text to be reviewed.

    Attributes:
        text: the text, unchanged.
        tokens: the ranges of its tokens, in order.
        readings: one or more, with distinct names; at most one of them is the annotation.
        fields: named values shown with it, JSON-ready, such as its rank and the reason.
        document: id of the document that it is, or is part of.
        origin: where it was read, as ``file:line``; for messages.

    Raises:
        DataError: there is no reading; two have the same name, or are annotations; a field has the name of a reading; a
            reading has not exactly one of spans and labels, or not one label for each token.
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
    """Convert token spans to character spans, with their probabilities.

    >>> character_spans([(0, 2), (3, 6), (7, 11)], [Span(1, 3, "LOC", 0.5)])
    (CharacterSpan(start=3, end=11, label='LOC', fragments=(), probability=0.5),)

    Args:
        tokens: the range of each token.
        spans: spans of these tokens.
    """
    return tuple(
        CharacterSpan(
            tokens[span.start][0], tokens[span.end - 1][1], span.label, probability=span.probability
        )
        for span in spans
    )


def spelled_by_spans(task: Task) -> Task:
    """Return a task with token labels as one-token spans, for tools that know only spans."""
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
    """Return the first reading of a task, with the others as text in its fields, under their names.

    >>> readings = [Reading(name="gold", spans=()), Reading(name="a", spans=(CharacterSpan(3, 7, "LOC"),))]
    >>> text = as_one_reading(Task(text="in Oslo", tokens=((0, 2), (3, 7)), readings=tuple(readings)))
    >>> text.spans, text.fields
    ((), {'a': 'in [Oslo](LOC)'})
    """
    first, *others = task.readings
    written = {reading.name: _written(task, reading) for reading in others}
    return replace(task.annotated(first), fields={**written, **task.fields})


def _written(task: Task, reading: Reading) -> str:
    """Return a reading as text: with its entities marked inline, or each token with its label."""
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
