"""Reader of Label Studio's export JSON-MIN: a flat row for each annotation, with the labels under the control's name.

``[{"id": 1, "text": "EU rejects", "label": [{"start": 0, "end": 2, "text": "EU", "labels": ["ORG"]}], "annotator": 1,
"annotation_id": 7, "lead_time": 4.2}]``

A task that is not annotated is a row with ``annotation_id`` null; it is left out. An annotation without regions is a
row without the key of the control, that is, without entities. Several annotators of a task are rows with the same
``id``; if they differ and bad data are skipped, the first row is kept.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tagger.formats.annotated import AnnotatedText
from tagger.formats.annotators import Annotators
from tagger.formats.claims import Claim, ClaimChecker
from tagger.formats.format import Format, ReadingContext
from tagger.formats.head import Head
from tagger.formats.json_files.items import read_json_items
from tagger.formats.json_files.objects import list_keys
from tagger.formats.lines import Source
from tagger.formats.tools.label_studio import annotator_names, read_region
from tagger.formats.tools.label_studio_fields import (
    Controls,
    Region,
    TextField,
    Unreadable,
    check_html,
    read_in_turn,
    with_line_breaks,
)
from tagger.formats.tools.label_studio_writing import TaskNames

_LOG: Final = logging.getLogger(__name__)

_ANNOTATION: Final = "annotation_id"
_OF_THE_SERVER: Final = frozenset(
    ("id", "annotator", _ANNOTATION, "created_at", "updated_at", "lead_time", "agreement", "history")
)
_LABEL_KEYS: Final = ("labels", "hypertextlabels")
_OF_A_RANGE: Final = frozenset(("start", "end", "text", "startOffset", "endOffset", "globalOffsets"))


def _read(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    items = read_json_items(source, context.losses, name=context.name)
    return read_in_turn(items, _RowReader(context, items))


class _RowReader:
    """Reads rows.

    Args:
        context: the reading context.
        rest: the rows not yet read.
    """

    def __init__(self, context: ReadingContext, rest: Iterator[tuple[str, Mapping[str, Any]]]) -> None:
        self.field = TextField(context)
        self._name = context.name
        self._labelled = context.labelled
        self._losses = context.losses
        self._controls = Controls(context)
        names = (annotator_names(row.get("annotator")) for _, row in rest if row.get(_ANNOTATION) is not None)
        self._annotators = Annotators(context, names)
        self._num_annotated = 0
        self._has_regions = False
        self._seen_controls: dict[str, None] = {}
        self._texts: set[str] = set()
        """The ids of the tasks so far, if annotations are not read."""
        self._checker = ClaimChecker(
            context.name, context.options.offsets or "auto", LABEL_STUDIO_MIN.offsets, context.losses
        )

    def look(self, row: Mapping[str, Any], where: str) -> bool:
        """Look for the key that holds the text of a row; every row is read."""
        fields = {key: value for key, value in row.items() if key not in _OF_THE_SERVER}
        self.field.look(fields, self._drawn(row, where))
        return True

    def knows_enough(self, num_held: int) -> bool:
        """Return whether the key of the texts is known."""
        return self.field.is_known

    def read(self, number: int, where: str, row: Mapping[str, Any]) -> Iterator[AnnotatedText]:
        """Yield the text of a row, unless it is left out."""
        key = self.field.name
        text = self.field.text(row)
        if text is None:
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
            try:
                claims = self._claims(row, text, where)
            except Unreadable as error:
                self._losses.bad("rows that cannot be read", str(error))
                return
            if claims is None:
                return
            spans = self._checker.spans(text, claims, where)
            if not self._annotators.is_new(id, names, spans, where):
                return
        elif id in self._texts:
            return
        self._texts.add(id)
        task = row.get("id")
        self._seen_controls.update(
            dict.fromkeys(control for control, _ in _drawings(row) if self._controls.may_want(control))
        )
        control = next(iter(self._seen_controls)) if len(self._seen_controls) == 1 else None
        fields = {
            name: value
            for name, value in row.items()
            if name != key and name not in _OF_THE_SERVER and not _is_labels(value)
        }
        if self.field.is_html(row[key]):
            self._losses.add("texts in HTML, read without their tags", where)
        yield AnnotatedText(
            text,
            spans,
            document=id,
            origin=where,
            fields=fields,
            home=TaskNames(key, control, id=task if type(task) in (int, str) else None),
        )

    def settle(self) -> None:
        """After the last row, check the chosen control and decide which key holds the texts."""
        if self._labelled:
            self._controls.check_glanced()
        self.field.settle()

    def _drawn(self, row: Mapping[str, Any], where: str) -> Iterator[Region]:
        """Yield the unchecked regions of a row that may be read."""
        for control, value in _drawings(row):
            if isinstance(value, dict) and self._controls.glance(control):
                yield read_region(control, value, where)

    def _claims(self, row: Mapping[str, Any], text: str, where: str) -> list[Claim] | None:
        """Return the claims of a row; None, counted, if it labels only things other than text ranges."""
        regions = [read_region(control, value, where) for control, value in _drawings(row)]
        self._num_annotated += 1
        self._has_regions = self._has_regions or regions != []
        others = sorted({key for value in row.values() for key in _other_labels(value)})
        for kind in others:
            self._losses.add(f"results of the type {kind}, not read", where)
        if others and not regions:
            self._losses.add(f"annotations with {', '.join(others)} only, left out", where)
            return None
        claims = with_line_breaks(self._controls.claims(regions, where), text)
        if self.field.is_html(row[self.field.name]):
            check_html(claims, text, where)
        return claims

    def check(self) -> None:
        """After the last row, refuse a chosen control or annotator that does not occur."""
        if self._labelled:
            if self._num_annotated and not self._has_regions:
                _LOG.warning(
                    "%s: none of %d annotated rows has a labelled range; if something other than ranges was "
                    "labelled, do not take them for texts without entities",
                    self._name,
                    self._num_annotated,
                )
            self._controls.check()
            self._annotators.check()


def _drawings(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each region with its control."""
    for control, values in row.items():
        if _is_labels(values):
            for value in values:
                yield control, value


def _is_labels(value: Any) -> bool:
    """Return whether a value is the regions of a control: some have labels, or are just ranges."""
    return isinstance(value, list) and any(
        isinstance(item, dict)
        and (any(key in item for key in _LABEL_KEYS) or ({"start", "end"} <= item.keys() <= _OF_A_RANGE))
        for item in value
    )


def _other_labels(value: Any) -> Iterator[str]:
    """Yield the keys of labels of things other than text ranges (``paragraphlabels``)."""
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict) and not any(key in item for key in _LABEL_KEYS):
            is_range = {"start", "end"} <= item.keys()
            for key in item.keys() - _OF_A_RANGE:
                if isinstance(item[key], list) and (is_range or key.endswith(_LABEL_KEYS[0])):
                    yield key


def _recognises(head: Head) -> bool:
    return head.has("id", _ANNOTATION, "lead_time") and not head.has("data")


LABEL_STUDIO_MIN: Final = Format(
    name="label-studio-min",
    title="Label Studio (JSON-MIN)",
    read=_read,
    recognises=_recognises,
)
