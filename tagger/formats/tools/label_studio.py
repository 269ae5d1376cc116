r"""Reader of Label Studio's full JSON export: tasks with their data, annotations and predictions.

``[{"id": 1, "data": {"text": "EU rejects"}, "annotations": [{"completed_by": 1, "result": [{"from_name": "label",
"to_name": "text", "type": "labels", "value": {"start": 0, "end": 2, "text": "EU", "labels": ["ORG"]}}]}]}]``

Offsets count code points (the editor converts them from browser units); an export of an old version that counts UTF-16
units is detected by the texts of its regions. HyperText is read without its tags, see ``hypertext``; its offsets are
``globalOffsets``.

A task is read if it is annotated: one without annotations, or with only cancelled ones or predictions, is left out (if
predictions are to be scored, they are read instead of annotations, ``label_studio_predictions``). Where several people
annotated it, an annotation marked as ground truth counts; if there is none, they must agree. A region with several
labels is a span for each. Other results (relations, choices, texts) are counted and not read. An annotation without any
labelled text ranges, but with other labels (paragraphs of a dialogue, boxes in an image), is left out, and a file with
only other results is refused. Server data of a task (dates, times, comments) are not read.

See ``label_studio_min`` and ``label_studio_conll`` for the less complete exports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tagger.errors import FormatError
from tagger.formats.annotated import AnnotatedText, CharacterSpan
from tagger.formats.annotators import Annotators, Names
from tagger.formats.claims import Claim, ClaimChecker
from tagger.formats.format import Format, Holds, ReadingContext
from tagger.formats.head import Head
from tagger.formats.json_files.items import read_json_items
from tagger.formats.json_files.objects import describe, list_keys
from tagger.formats.lines import Source
from tagger.formats.tools.label_studio_fields import (
    DOCUMENT_FIELD,
    Controls,
    Region,
    TextField,
    Unreadable,
    check_html,
    read_in_turn,
    with_line_breaks,
)
from tagger.formats.tools.label_studio_predictions import with_predictions
from tagger.formats.tools.label_studio_writing import TaskNames, write_label_studio, write_label_studio_tasks

_ANNOTATIONS: Final = ("annotations", "completions")
"""The keys of annotations; the second until version 1.0."""
_LABELS: Final = ("labels", "hypertextlabels")
"""The types of regions, which are also the keys of their labels."""
_MOST_HELD: Final = 1000
"""The most tasks held until the name of the control is known, if annotations are not read."""


def _read(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    items: Iterator[tuple[str, Mapping[str, Any]]]
    items = read_json_items(source, context.losses, name=context.name)
    if context.predicted:
        items = with_predictions(items, context.losses)
    return read_in_turn(items, _TaskReader(context, items))


class _TaskReader:
    """Reads tasks.

    Args:
        context: the reading context.
        rest: the tasks not yet read.
    """

    def __init__(self, context: ReadingContext, rest: Iterator[tuple[str, Mapping[str, Any]]]) -> None:
        self.field = TextField(context)
        self._name = context.name
        self._labelled = context.labelled
        self._losses = context.losses
        self._controls = Controls(context)
        self._annotators = Annotators(
            context, (names for where, task in rest for names in _people(task, where))
        )
        self._others: dict[str, None] = {}
        """The types of results that are not read."""
        self._has_regions = False
        self._objects: dict[str, str] = {}
        """Control name to the name of the object that it labels."""
        self._checker = ClaimChecker(
            context.name, context.options.offsets or "auto", LABEL_STUDIO.offsets, context.losses
        )

    def look(self, task: Mapping[str, Any], where: str) -> bool:
        """Look for the field that holds the text of a task; return whether the task has data."""
        data = task.get("data")
        if not isinstance(data, dict):
            self._losses.bad(
                "tasks without data",
                f"{where}: expected a task with an object under 'data', found {list_keys(task)}",
            )
            return False
        if not self._labelled and not self._objects:
            for result in (*_results(task), *_results(task, ("predictions",))):
                for item in result if isinstance(result, list) else ():
                    if isinstance(item, dict):
                        self._note(item)
        self.field.look(data, (region for result in _results(task) for region in self._drawn(result, where)))
        return True

    def read(self, number: int, where: str, task: Mapping[str, Any]) -> Iterator[AnnotatedText]:
        """Yield the text of a task, unless it is left out."""
        field, data = self.field.name, task["data"]
        text = self.field.text(data)
        if text is None:
            self._losses.bad(
                "tasks without a text",
                f"{where}: expected a string under {field!r} of the task's data, found {list_keys(data)}",
            )
            return
        spans = None
        if self._labelled:
            try:
                spans = self._spans(task, text, where)
            except Unreadable as error:
                self._losses.bad("tasks that cannot be read", str(error))
            if spans is None:
                return
        own = None if field == DOCUMENT_FIELD else data.get(DOCUMENT_FIELD)
        document = own if type(own) in (str, int) else task.get("id")
        fields = {
            key: value
            for key, value in data.items()
            if key != field and (key != DOCUMENT_FIELD or value is not own)
        }
        if self.field.is_html(data[field]):
            self._losses.add("texts in HTML, read without their tags", where)
        yield AnnotatedText(
            text,
            spans,
            document=None if document is None else str(document),
            is_document=True,
            origin=where,
            fields=fields,
            home=self._home(task, own),
        )

    def knows_enough(self, num_held: int) -> bool:
        """Return whether the field and the name of the control are known, or too many tasks are held."""
        knows_home = self._labelled or self._objects != {} or num_held >= _MOST_HELD
        return self.field.is_known and knows_home

    def _note(self, item: Mapping[str, Any]) -> None:
        """Record the names of the control and object of a region."""
        control, shown = item.get("from_name"), item.get("to_name")
        if item.get("type") == _LABELS[0] and isinstance(control, str) and isinstance(shown, str):
            self._objects.setdefault(control, shown)

    def _home(self, task: Mapping[str, Any], document: Any) -> TaskNames:
        """Return the project's names of the parts of a task."""
        wanted = [control for control in self._objects if self._controls.may_want(control)]
        shown = {self._objects[control] for control in wanted}
        id = task.get("id")
        return TaskNames(
            self.field.name,
            wanted[0] if len(wanted) == 1 else None,
            shown.pop() if len(shown) == 1 else None,
            id if type(id) in (int, str) else None,
            document if type(document) in (int, str) else None,
        )

    def settle(self) -> None:
        """After the last task, check the chosen control and decide which field holds the texts."""
        if self._labelled:
            self._controls.check_glanced()
        self.field.settle()

    def check(self) -> None:
        """After the last task, refuse a chosen control or annotator that does not occur."""
        if self._labelled:
            if self._others and not self._has_regions:
                raise FormatError(
                    f"{self._name}: expected labels of ranges of texts, found only results of other types: "
                    f"{', '.join(self._others)}"
                )
            self._controls.check()
            self._annotators.check()

    def _drawn(self, result: Any, where: str) -> Iterator[Region]:
        """Yield the unchecked regions of a result that may be read."""
        for item in result if isinstance(result, list) else ():
            if isinstance(item, dict) and item.get("type") in _LABELS and isinstance(item.get("value"), dict):
                region = read_region(str(item.get("from_name")), item["value"], where)
                if self._controls.glance(region.control):
                    yield region

    def _spans(self, task: Mapping[str, Any], text: str, where: str) -> tuple[CharacterSpan, ...] | None:
        annotations = self._finished(task, where)
        versions: list[tuple[Names, tuple[CharacterSpan, ...]]] = []
        is_html = self.field.is_html(task["data"][self.field.name])
        for annotation in annotations:
            regions = self._regions(annotation, where)
            if regions is None:
                continue
            claims = with_line_breaks(self._controls.claims(regions, where), text)
            if is_html:
                check_html(claims, text, where)
            versions.append((_names(annotation), self._checker.spans(text, claims, where)))
        if not versions or not self._annotators.agree(versions, where):
            return None
        return versions[0][1]

    def _finished(self, task: Mapping[str, Any], where: str) -> Sequence[Mapping[str, Any]]:
        """Return the annotations of a task that are read; if there are none, count the reason."""
        found = _annotations(task, where)
        kept = [annotation for annotation in found if not _is_cancelled(annotation)]
        cancelled = len(found) - len(kept)
        if cancelled:
            self._losses.add("cancelled annotations, left out", where, times=cancelled)
        if not kept:
            kind = "tasks that nobody annotated, left out"
            if cancelled:
                kind = "tasks whose annotations are all cancelled, left out"
            elif task.get("predictions"):
                kind = "tasks with predictions only, left out"
            self._losses.add(kind, where)
            return []
        mine = [annotation for annotation in kept if self._annotators.counts(_names(annotation), where)]
        if not mine:
            self._losses.add("tasks that the annotator did not annotate, left out", where)
        truths = [annotation for annotation in mine if annotation.get("ground_truth") is True]
        if truths and len(truths) < len(mine):
            self._losses.add(
                "annotations beside one that is ground truth, left out", where, times=len(mine) - len(truths)
            )
        return truths or mine

    def _regions(self, annotation: Mapping[str, Any], where: str) -> list[Region] | None:
        """Return the regions of an annotation; None if it labels only things other than text ranges."""
        result = annotation.get("result")
        if not isinstance(result, list):
            raise Unreadable(f"{where}: expected a list under 'result', found {describe(result)}")
        regions = []
        unread: set[str] = set()
        others: set[str] = set()
        for item in result:
            if not isinstance(item, dict):
                raise Unreadable(f"{where}: expected regions, objects, in the result, found {describe(item)}")
            kind = item.get("type")
            if kind in _LABELS:
                self._note(item)
                regions.append(read_region(str(item.get("from_name")), item.get("value"), where))
            elif kind == "relation":
                self._losses.add("relations, not read", where)
            else:
                unread.add(str(kind))
                if str(kind).endswith(_LABELS[0]) or _is_range(item.get("value")):
                    others.add(str(kind))
                self._losses.add(f"results of the type {kind}, not read", where)
        self._others.update(dict.fromkeys(sorted(unread)))
        self._has_regions = self._has_regions or regions != []
        if others and not regions:
            self._losses.add(f"annotations with {', '.join(sorted(others))} only, left out", where)
            return None
        return regions


def _is_range(value: Any) -> bool:
    return isinstance(value, dict) and {"start", "end"} <= value.keys()


def read_region(control: str, value: Any, where: str) -> Region:
    """Return the labels of a range as claims.

    Args:
        control: the name of the control.
        value: the value of the region: ``start``, ``end``, ``text`` and ``labels``.
        where: the place of the task.

    Raises:
        Unreadable: it is not an object.
    """
    if not isinstance(value, dict):
        raise Unreadable(f"{where}: expected an object as the value of a region, found {describe(value)}")
    offsets = value.get("globalOffsets")
    place = offsets if isinstance(offsets, dict) else value
    labels = next((value[key] for key in _LABELS if isinstance(value.get(key), list)), None) or [None]
    mention = value.get("text")
    ranges = [(place.get("start"), place.get("end"))]
    return Region(
        control,
        [Claim(ranges, label, mention if isinstance(mention, str) else None) for label in labels],
        is_html=_LABELS[1] in value or isinstance(value.get("start"), str),
    )


def _results(task: Mapping[str, Any], keys: Sequence[str] = _ANNOTATIONS) -> Iterator[Any]:
    for key in keys:
        annotations = task.get(key)
        for annotation in annotations if isinstance(annotations, list) else ():
            if isinstance(annotation, dict):
                yield annotation.get("result")


def _annotations(task: Mapping[str, Any], where: str) -> list[Mapping[str, Any]]:
    keys = [key for key in _ANNOTATIONS if key in task]
    value = task[keys[0]] if keys else []
    if not isinstance(value, list) or not all(isinstance(annotation, dict) for annotation in value):
        raise Unreadable(f"{where}: expected a list of objects under {keys[0]!r}, found {describe(value)}")
    return value


def _is_cancelled(annotation: Mapping[str, Any]) -> bool:
    return bool(annotation.get("was_cancelled") or annotation.get("skipped"))


def _people(task: Mapping[str, Any], where: str) -> list[Names]:
    """Return the annotators of a task whose annotations are not cancelled."""
    return [_names(annotation) for annotation in _annotations(task, where) if not _is_cancelled(annotation)]


def _names(annotation: Mapping[str, Any]) -> Names:
    return annotator_names(annotation.get("completed_by"))


def annotator_names(person: Any) -> Names:
    """Return the names of an annotator: the e-mail address first, then the number.

    >>> annotator_names({"id": 7, "email": "ann@example.org"}), annotator_names(7), annotator_names(None)
    (('ann@example.org', '7'), ('7',), ())
    """
    values = [person.get("email"), person.get("id")] if isinstance(person, dict) else [person]
    return tuple(str(value) for value in values if isinstance(value, (str, int)))


_OF_IMPORTED_TASKS: Final = {"id", "data", "meta"}
"""The keys of tasks for import, not yet annotated."""


def _recognises(head: Head) -> bool:
    keys = (*_ANNOTATIONS, "predictions")
    return any(
        isinstance(task.get("data"), dict)
        and (any(isinstance(task.get(key), list) for key in keys) or task.keys() <= _OF_IMPORTED_TASKS)
        for task in head.objects
    )


LABEL_STUDIO: Final = Format(
    name="label-studio",
    title="Label Studio (JSON)",
    read=_read,
    recognises=_recognises,
    write=write_label_studio,
    write_tasks=write_label_studio_tasks,
    holds=Holds(overlaps=True, probabilities=True, documents=True, fields=True),
)
