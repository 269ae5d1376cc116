"""Writer of items for Prodigy: predictions without an answer and with the score of each span, annotations as accepted.

A task with several readings is one line for each, as Prodigy stores the answers of several annotators:
``prodigy review``, after ``prodigy db-in``, shows them side by side, under their names.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

from tagger.formats.annotated import AnnotatedText, CharacterSpan
from tagger.formats.columns.records import excerpt
from tagger.formats.format import WritingContext
from tagger.formats.json_files.beside import with_fields
from tagger.formats.json_files.objects import format_json
from tagger.formats.losses import Losses
from tagger.formats.offsets import OffsetMap
from tagger.formats.probabilities import tell_predictions
from tagger.formats.tasks import Task

KEYS: Final = ("text", "tokens", "spans", "answer", "relations")
SENTENCE_START: Final = "sent_start"


def write_prodigy(texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[str]:
    """Yield a line for each text.

    Args:
        texts: the texts.
        context: how to write them.
    """
    for text, is_predicted in tell_predictions(texts, context.model):
        own = _item(text, context, context.model)
        if text.spans is not None and not is_predicted:
            own["answer"] = "accept"
        yield _line(text, own, context)


def write_prodigy_tasks(tasks: Iterable[Task], context: WritingContext) -> Iterator[str]:
    """Yield a line for each reading of each task, as if its author had accepted it.

    Args:
        tasks: tasks with spans. Their fields become those that Prodigy shows with a task (``meta``).
        context: how to write them.
    """
    for number, task in enumerate(tasks, start=1):
        for reading in task.readings:
            text = task.annotated(reading)
            spans = sorted(text.spans or (), key=CharacterSpan.order)
            overlap = any(first.end > second.start for first, second in pairwise(spans))
            own = {
                **_item(text, context, None),
                "answer": "accept",
                "_view_id": "spans_manual" if overlap else "ner_manual",
                # Shared by the readings of a task, but different from other tasks, even of the same text.
                "_input_hash": zlib.crc32(f"{number} {task.text}".encode()),
                "_annotator_id": reading.name,
                "_session_id": reading.name,
            }
            shown = dict(task.fields)
            if reading.probability is not None:
                shown["probability"] = reading.probability
            yield _line(replace(text, fields={"meta": shown} if shown else {}), own, context)


def _item(text: AnnotatedText, context: WritingContext, model: str | None) -> dict[str, Any]:
    """Return the item of a text with its tokens and spans, the latter with the name of their model."""
    offsets = OffsetMap(text.text, context.offsets or "codepoint")
    fields: dict[str, Any] = {"text": text.text}
    if text.tokens is not None:
        sentence_starts = frozenset(text.sentence_starts or ())
        fields["tokens"] = [
            {
                "text": text.text[start:end],
                "start": offsets.from_code_points(start),
                "end": offsets.from_code_points(end),
                "id": number,
                "ws": text.text[end : end + 1] == " ",
                **({SENTENCE_START: True} if number in sentence_starts else {}),
            }
            for number, (start, end) in enumerate(text.tokens)
        ]
    if text.spans is not None:
        starts = {start: number for number, (start, _) in enumerate(text.tokens or ())}
        ends = {end: number for number, (_, end) in enumerate(text.tokens or ())}
        fields["spans"] = [
            _span(span, starts.get(span.start), ends.get(span.end), offsets, model)
            for span in sorted(text.spans, key=CharacterSpan.order)
        ]
    return fields


def _line(text: AnnotatedText, own: dict[str, Any], context: WritingContext) -> str:
    return format_json(with_fields(own, _with_document(text, context.losses), context.losses, taken=KEYS))


def _with_document(text: AnnotatedText, losses: Losses) -> AnnotatedText:
    """Return a text with its document id in the field ``meta``, which Prodigy shows with a task."""
    if text.document is None:
        return text
    meta = text.fields.get("meta", {})
    own = {"document": text.document}
    if not isinstance(meta, dict):
        losses.add("fields called 'meta', whose place is taken, left out", text.origin or excerpt(text.text))
        meta = {}
    merged = with_fields(own, replace(text, fields=meta), losses)
    return replace(text, fields={**text.fields, "meta": merged})


def _span(
    span: CharacterSpan, first: int | None, last: int | None, offsets: OffsetMap, model: str | None
) -> dict[str, Any]:
    """Return a span with the indices of its first and last token, if both are known."""
    fields: dict[str, Any] = {
        "start": offsets.from_code_points(span.start),
        "end": offsets.from_code_points(span.end),
        "label": span.label,
    }
    if first is not None and last is not None:
        fields |= {"token_start": first, "token_end": last}
    if span.probability is not None:
        fields["score"] = span.probability
    return fields if model is None else {**fields, "source": model}
