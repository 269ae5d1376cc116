"""Tasks for Label Studio, ready to be imported: texts with predictions of a model, or with annotations of people.

The labelling configuration that shows them has a ``Text`` called ``text`` with the value ``$text``, and ``Labels``
called ``label``. The score of a prediction is that of its least sure span (0 to 1), so that tasks sorted by score begin
with those that most need a look; a prediction without spans has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from tagger.formats.annotated import AnnotatedText, CharacterSpan
from tagger.formats.format import WritingContext
from tagger.formats.json_files.beside import with_fields
from tagger.formats.json_files.objects import format_json
from tagger.formats.offsets import OffsetMap

_CONTROL: Final = "label"
_OBJECT: Final = "text"


def write_label_studio(texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[str]:
    """Yield a list of tasks in pieces, one for each text.

    A text that is not annotated is a task without annotations. Predictions are what a model is said to have made, and
    what has probabilities; all else are annotations.

    Args:
        texts: the texts.
        context: how to write them.
    """
    opening = "[\n"
    for number, text in enumerate(texts, start=1):
        yield opening + format_json(_task(text, number, context)).rstrip("\n")
        opening = ",\n"
    yield "[]\n" if opening == "[\n" else "\n]\n"


def _task(text: AnnotatedText, number: int, context: WritingContext) -> dict[str, Any]:
    data: dict[str, Any] = {_OBJECT: text.text}
    if text.document is not None:
        data["document"] = text.document
    task: dict[str, Any] = {"data": with_fields(data, text, context.losses)}
    if text.spans is None:
        return task
    offsets = OffsetMap(text.text, context.offsets or "codepoint")
    spans = sorted(text.spans, key=CharacterSpan.order)
    result = [
        _region(span, text.text, offsets, f"t{number}s{place}") for place, span in enumerate(spans, start=1)
    ]
    scores = [span.probability for span in spans if span.probability is not None]
    if context.model is None and not scores:
        return {**task, "annotations": [{"result": result}]}
    prediction: dict[str, Any] = {} if context.model is None else {"model_version": context.model}
    if scores:
        prediction["score"] = min(scores)
    return {**task, "predictions": [{**prediction, "result": result}]}


def _region(span: CharacterSpan, text: str, offsets: OffsetMap, id: str) -> dict[str, Any]:
    region: dict[str, Any] = {
        "id": id,
        "from_name": _CONTROL,
        "to_name": _OBJECT,
        "type": "labels",
        "value": {
            "start": offsets.from_code_points(span.start),
            "end": offsets.from_code_points(span.end),
            "text": text[span.start : span.end],
            "labels": [span.label],
        },
    }
    if span.probability is not None:
        region["score"] = span.probability
    return region
