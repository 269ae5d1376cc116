"""Writer of tasks to be imported into Label Studio: texts with predictions of a model, or with human annotations.

Tasks from a project keep the names that its labelling configuration uses, and their ids. For others, a warning shows a
suitable configuration: a ``Text`` called ``text`` with the value ``$text``, and ``Labels`` called ``label``. The score
of a prediction is the lowest of its spans (0 to 1), so that tasks sorted by score begin with the most uncertain; a
prediction without spans has no score, unless given.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from tagger.formats.annotated import AnnotatedText, CharacterSpan
from tagger.formats.format import WritingContext
from tagger.formats.json_files.beside import with_fields
from tagger.formats.json_files.objects import format_json
from tagger.formats.offsets import OffsetMap
from tagger.formats.probabilities import tell_predictions
from tagger.formats.tasks import Task
from tagger.formats.tools.label_studio_fields import DOCUMENT_FIELD

_LOG: Final = logging.getLogger(__name__)

_CONTROL: Final = "label"
_OBJECT: Final = "text"


class TaskNames(NamedTuple):
    """A project's names of the parts of a task, kept as the ``home`` of its text.

    Attributes:
        text: the key of the text in its data.
        control: the name of the labelling control; None if unknown.
        object: the name of the object that shows the text; None if unknown.
        id: the id of the task, or None.
        document: the value under this key in its data, or None.
    """

    text: str = _OBJECT
    control: str | None = None
    object: str | None = None
    id: int | str | None = None
    document: int | str | None = None


def write_label_studio(texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[str]:
    """Yield a list of tasks in pieces, one for each text.

    A text that is not annotated is a task without annotations. Spans are written as predictions if the context names a
    model, or if they have probabilities; a text without spans as the one before it. All others are annotations.

    Args:
        texts: the texts.
        context: how to write them.
    """
    labels: dict[TaskNames, set[str]] = {}
    """The labels of tasks by their names, for tasks that are not from a project with known names."""

    def tasks() -> Iterator[dict[str, Any]]:
        for number, (text, is_predicted) in enumerate(tell_predictions(texts, context.model), start=1):
            names = text.home if isinstance(text.home, TaskNames) else TaskNames()
            yield _task(text, names, number, context, is_predicted=is_predicted)
            if text.home is not names or (text.spans and None in (names.control, names.object)):
                labels.setdefault(names._replace(id=None, document=None), set()).update(
                    span.label for span in text.spans or ()
                )

    yield from _as_list(tasks())
    for names, found in labels.items():
        _show_configuration(names, found)


def write_label_studio_tasks(tasks: Iterable[Task], context: WritingContext) -> Iterator[str]:
    """Yield a list of tasks in pieces, each with the annotation and a prediction for every other reading.

    The name of a reading is the model version of its prediction, even for human readings: tools show it, and an
    annotation would need the number of its author in the project.

    Args:
        tasks: tasks with spans.
        context: how to write them.
    """
    labels: set[str] = set()

    def written() -> Iterator[dict[str, Any]]:
        for number, task in enumerate(tasks, start=1):
            spans = [span for reading in task.readings for span in reading.spans or ()]
            labels.update(span.label for span in spans)
            yield _several(task, number, context)

    yield from _as_list(written())
    _show_configuration(TaskNames(), labels)


def _as_list(tasks: Iterable[dict[str, Any]]) -> Iterator[str]:
    opening = "[\n"
    for task in tasks:
        yield opening + format_json(task).rstrip("\n")
        opening = ",\n"
    yield "[]\n" if opening == "[\n" else "\n]\n"


def _show_configuration(names: TaskNames, labels: Iterable[str]) -> None:
    _LOG.warning(
        "these tasks are for a project of Label Studio with the labelling configuration %s",
        _configuration(names, sorted(labels)),
    )


def _several(task: Task, number: int, context: WritingContext) -> dict[str, Any]:
    """Return a task with all its readings."""
    annotations: list[dict[str, Any]] = []
    predictions: list[dict[str, Any]] = []
    for order, reading in enumerate(task.readings, start=1):
        text = task.annotated(reading)
        prefix = f"t{number}r{order}"
        if reading.is_annotation:
            annotations.append({"result": _result(text, TaskNames(), context, prefix)})
            continue
        prediction: dict[str, Any] = {"model_version": reading.name}
        score = _least_sure(text) if reading.probability is None else reading.probability
        if score is not None:
            prediction["score"] = score
        predictions.append({**prediction, "result": _result(text, TaskNames(), context, prefix)})
    one: dict[str, Any] = {
        "data": _data(task.annotated(task.readings[0]), TaskNames(), task.document, context, number=number)
    }
    if annotations:
        one["annotations"] = annotations
    return {**one, "predictions": predictions} if predictions else one


def _configuration(names: TaskNames, labels: Sequence[str]) -> str:
    """Return the labelling configuration that shows texts and spans."""
    from xml.sax.saxutils import quoteattr  # slow to import

    control, shown = quoteattr(names.control or _CONTROL), quoteattr(names.object or _OBJECT)
    values = "".join(f"<Label value={quoteattr(label)}/>" for label in labels)
    return (
        f"<View><Labels name={control} toName={shown}>{values}</Labels>"
        f"<Text name={shown} value={quoteattr(f'${names.text}')}/></View>"
    )


def _task(
    text: AnnotatedText, names: TaskNames, number: int, context: WritingContext, *, is_predicted: bool
) -> dict[str, Any]:
    # Documents of several projects were renamed, since their task ids may repeat.
    is_own = text.document is not None and text.document in (str(names.document), str(names.id))
    document = names.document if is_own else text.document
    task: dict[str, Any] = {"id": names.id} if is_own and names.id is not None else {}
    task["data"] = _data(text, names, document, context, number=number)
    if text.spans is None:
        return task
    result = _result(text, names, context, f"t{number}")
    if not is_predicted:
        return {**task, "annotations": [{"result": result}]}
    prediction: dict[str, Any] = {} if context.model is None else {"model_version": context.model}
    score = _least_sure(text)
    if score is not None:
        prediction["score"] = score
    return {**task, "predictions": [{**prediction, "result": result}]}


def _data(
    text: AnnotatedText,
    names: TaskNames,
    document: int | str | None,
    context: WritingContext,
    *,
    number: int,
) -> dict[str, Any]:
    """Return the data of a task: the text, the id of its document, and its other fields."""
    data: dict[str, Any] = {names.text: text.text}
    if document is not None and names.text == DOCUMENT_FIELD:
        context.losses.add(
            "ids of documents whose place the text has, left out", text.origin or f"text {number}"
        )
    elif document is not None:
        data[DOCUMENT_FIELD] = document
    return with_fields(data, text, context.losses)


def _result(
    text: AnnotatedText, names: TaskNames, context: WritingContext, prefix: str
) -> list[dict[str, Any]]:
    """Return the spans of a text as regions, whose ids begin with a prefix."""
    offsets = OffsetMap(text.text, context.offsets or "codepoint")
    return [
        _region(span, text.text, names, offsets, f"{prefix}s{place}")
        for place, span in enumerate(sorted(text.spans or (), key=CharacterSpan.order), start=1)
    ]


def _least_sure(text: AnnotatedText) -> float | None:
    return min((span.probability for span in text.spans or () if span.probability is not None), default=None)


def _region(span: CharacterSpan, text: str, names: TaskNames, offsets: OffsetMap, id: str) -> dict[str, Any]:
    region: dict[str, Any] = {
        "id": id,
        "from_name": names.control or _CONTROL,
        "to_name": names.object or _OBJECT,
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
