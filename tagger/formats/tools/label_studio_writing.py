"""Tasks for Label Studio, ready to be imported: texts with predictions of a model, or with annotations of people.

What comes from a project goes back under the names that its labelling configuration uses, with the ids of the tasks.
For what does not, a warning shows the configuration that fits: a ``Text`` called ``text`` with the value ``$text``, and
``Labels`` called ``label``. The score of a prediction is that of its least sure span (0 to 1), so that tasks sorted by
score begin with those that most need a look; a prediction without spans has none.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple
from xml.sax.saxutils import quoteattr

from tagger.formats.annotated import AnnotatedText, CharacterSpan
from tagger.formats.format import WritingContext
from tagger.formats.json_files.beside import with_fields
from tagger.formats.json_files.objects import format_json
from tagger.formats.offsets import OffsetMap
from tagger.formats.probabilities import tell_predictions
from tagger.formats.tools.label_studio_fields import DOCUMENT_FIELD

_LOG: Final = logging.getLogger(__name__)

_CONTROL: Final = "label"
_OBJECT: Final = "text"


class TaskNames(NamedTuple):
    """What a project calls the parts of a task: the home of its text.

    Attributes:
        text: the key of the text in its data.
        control: the name of the labelling control; None if it is not known.
        object: the name of the object that shows the text; None if it is not known.
        id: of the task; None if it has none.
        document: what is kept under this key in its data; None if there is nothing.
    """

    text: str = _OBJECT
    control: str | None = None
    object: str | None = None
    id: int | str | None = None
    document: int | str | None = None


def write_label_studio(texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[str]:
    """Yield a list of tasks in pieces, one for each text.

    A text that is not annotated is a task without annotations. Predictions are what a model is said to have made, and
    what has probabilities, with texts without spans among it; all else are annotations.

    Args:
        texts: the texts.
        context: how to write them.
    """
    opening = "[\n"
    labels: dict[TaskNames, set[str]] = {}
    """Of the spans of each kind of tasks that do not come from a project, or from one whose names are not known."""
    for number, (text, is_predicted) in enumerate(tell_predictions(texts, context.model), start=1):
        names = text.home if isinstance(text.home, TaskNames) else TaskNames()
        task = _task(text, names, number, context, is_predicted=is_predicted)
        yield opening + format_json(task).rstrip("\n")
        opening = ",\n"
        if text.home is not names or (text.spans and None in (names.control, names.object)):
            labels.setdefault(names._replace(id=None, document=None), set()).update(
                span.label for span in text.spans or ()
            )
    yield "[]\n" if opening == "[\n" else "\n]\n"
    for names, found in labels.items():
        _LOG.warning(
            "these tasks are for a project of Label Studio with the labelling configuration %s",
            _configuration(names, sorted(found)),
        )


def _configuration(names: TaskNames, labels: Sequence[str]) -> str:
    """Return the labelling configuration that shows texts and spans."""
    control, shown = quoteattr(names.control or _CONTROL), quoteattr(names.object or _OBJECT)
    values = "".join(f"<Label value={quoteattr(label)}/>" for label in labels)
    return (
        f"<View><Labels name={control} toName={shown}>{values}</Labels>"
        f"<Text name={shown} value={quoteattr(f'${names.text}')}/></View>"
    )


def _task(
    text: AnnotatedText, names: TaskNames, number: int, context: WritingContext, *, is_predicted: bool
) -> dict[str, Any]:
    data: dict[str, Any] = {names.text: text.text}
    # Of several projects, documents have got other names, since the ids of tasks would come again.
    is_own = text.document is not None and text.document in (str(names.document), str(names.id))
    document = names.document if is_own else text.document
    if document is not None and names.text == DOCUMENT_FIELD:
        context.losses.add(
            "ids of documents whose place the text has, left out", text.origin or f"text {number}"
        )
    elif document is not None:
        data[DOCUMENT_FIELD] = document
    task: dict[str, Any] = {"id": names.id} if is_own and names.id is not None else {}
    task["data"] = with_fields(data, text, context.losses)
    if text.spans is None:
        return task
    offsets = OffsetMap(text.text, context.offsets or "codepoint")
    spans = sorted(text.spans, key=CharacterSpan.order)
    result = [
        _region(span, text.text, names, offsets, f"t{number}s{place}")
        for place, span in enumerate(spans, start=1)
    ]
    scores = [span.probability for span in spans if span.probability is not None]
    if not is_predicted:
        return {**task, "annotations": [{"result": result}]}
    prediction: dict[str, Any] = {} if context.model is None else {"model_version": context.model}
    if scores:
        prediction["score"] = min(scores)
    return {**task, "predictions": [{**prediction, "result": result}]}


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
