"""Label Studio, the export JSON-MIN: a row for each annotation, flat, with the labels under the control's name.

``[{"id": 1, "text": "EU rejects", "label": [{"start": 0, "end": 2, "text": "EU", "labels": ["ORG"]}], "annotator": 1,
"annotation_id": 7, "lead_time": 4.2}]``

A task that nobody annotated is a row too, with ``annotation_id`` null; it is left out. An annotation without a region
is a row without the key of the control, which means that there is nothing. Several annotators of a task are rows with
one ``id``; where they differ and what is bad is skipped, the first row stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tagger.formats.annotated import AnnotatedText
from tagger.formats.annotators import Annotators
from tagger.formats.claims import ClaimChecker
from tagger.formats.format import Format, ReadingContext
from tagger.formats.head import Head
from tagger.formats.json_files.items import read_json_items
from tagger.formats.json_files.objects import list_keys
from tagger.formats.lines import Source
from tagger.formats.tools.label_studio import annotator_names, read_region
from tagger.formats.tools.label_studio_fields import Controls, Region, TextField, with_line_breaks

_ANNOTATION: Final = "annotation_id"
_OF_THE_SERVER: Final = frozenset(
    ("id", "annotator", _ANNOTATION, "created_at", "updated_at", "lead_time", "agreement", "history")
)
_LABEL_KEYS: Final = ("labels", "hypertextlabels")


def _read(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    reader = _RowReader(context)
    held: list[tuple[int, str, Mapping[str, Any]]] = []
    """Rows that wait until it is known which key holds their texts; mostly the first one only."""
    items = read_json_items(source, context.losses, name=context.name)
    for number, (where, row) in enumerate(items, start=1):
        reader.look(row, where)
        held.append((number, where, row))
        if reader.field.known is not None:
            for waiting in held:
                yield from reader.read(*waiting)
            held.clear()
    if held:
        reader.field.settle()
        for waiting in held:
            yield from reader.read(*waiting)
    reader.check()


class _RowReader:
    """Reads one row after another; its arguments are those of the format's reader."""

    def __init__(self, context: ReadingContext) -> None:
        self.field = TextField(context)
        self._labelled = context.labelled
        self._losses = context.losses
        self._controls = Controls(context)
        self._annotators = Annotators(context)
        self._texts: set[str] = set()
        """The ids of the tasks so far, where annotations are not wanted."""
        self._checker = ClaimChecker(
            context.name, context.options.offsets or "auto", LABEL_STUDIO_MIN.offsets, context.losses
        )

    def look(self, row: Mapping[str, Any], where: str) -> None:
        """Look which key may hold the text of a row."""
        if self.field.known is None:
            wanted = (region for region in _regions(row, where) if self._controls.may_want(region.control))
            fields = {key: value for key, value in row.items() if key not in _OF_THE_SERVER}
            self.field.look(fields, [claim for region in wanted for claim in region.claims])

    def read(self, number: int, where: str, row: Mapping[str, Any]) -> Iterator[AnnotatedText]:
        """Yield the text of a row, unless it is left out."""
        key = self.field.known or ""
        text = row.get(key)
        if not isinstance(text, str):
            self._losses.bad(
                "rows without a text", f"{where}: expected a string under {key!r}, found {list_keys(row)}"
            )
            return
        id = str(row.get("id", number))
        spans = None
        if self._labelled:
            if row.get(_ANNOTATION) is None:
                self._losses.add("tasks that nobody annotated, left out", where)
                return
            names = annotator_names(row.get("annotator"))
            if not self._annotators.counts(names, where):
                return
            regions = self._controls.claims(_regions(row, where), where)
            spans = self._checker.spans(text, with_line_breaks(regions, text), where)
            if not self._annotators.is_new(id, names, spans, where):
                return
        elif id in self._texts:
            return
        self._texts.add(id)
        fields = {
            name: value
            for name, value in row.items()
            if name != key and name not in _OF_THE_SERVER and not _is_labels(value)
        }
        yield AnnotatedText(text, spans, document=id, origin=where, fields=fields)

    def check(self) -> None:
        """Refuse, after the last row, what is named and was not there."""
        if self._labelled:
            self._controls.check()
            self._annotators.check()


def _regions(row: Mapping[str, Any], where: str) -> list[Region]:
    return [
        read_region(control, value, where)
        for control, values in row.items()
        if _is_labels(values)
        for value in values
    ]


def _is_labels(value: Any) -> bool:
    return (
        isinstance(value, list)
        and value != []
        and all(isinstance(item, dict) and any(key in item for key in _LABEL_KEYS) for item in value)
    )


def _recognises(head: Head) -> bool:
    return head.has("id", _ANNOTATION, "lead_time") and not head.has("data")


LABEL_STUDIO_MIN: Final = Format(
    name="label-studio-min",
    title="Label Studio (JSON-MIN)",
    read=_read,
    recognises=_recognises,
)
