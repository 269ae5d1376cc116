r"""Reader and writer of doccano: JSON Lines (or a list) of texts with labelled ranges, in three forms.

``{"id": 1, "text": "EU rejects", "label": [[0, 2, "ORG"]]}``
    the form for export and import;
``{"text": ..., "labels": [[0, 2, "ORG"]]}``
    the form of versions before 1.0;
``{"text": ..., "entities": [{"id": 7, "label": "ORG", "start_offset": 0, "end_offset": 2}], "relations": [...]}``
    the form of projects with relations, which are counted and not read.

Offsets count code points; spans carry no texts. doccano cannot mark a text as unfinished: a text without spans is read
as one without entities (a warning counts them), so unfinished projects should be exported with "export only approved
documents". When predictions are imported, doccano keeps the first of overlapping labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from tagger.errors import FormatError
from tagger.formats.annotated import AnnotatedText, CharacterSpan
from tagger.formats.claims import Claim, ClaimChecker
from tagger.formats.empty_texts import EmptyTexts
from tagger.formats.format import Format, Holds, ReadingContext, WritingContext
from tagger.formats.head import Head
from tagger.formats.json_files.beside import with_fields
from tagger.formats.json_files.items import read_json_items
from tagger.formats.json_files.objects import describe, format_json, how_many, list_keys
from tagger.formats.lines import Source
from tagger.formats.offsets import OffsetMap

_KEYS: Final = ("label", "labels", "entities")
_UNFINISHED: Final = "If some are open, export only approved documents."


def _read(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    losses = context.losses
    empty = EmptyTexts(context.name, _UNFINISHED)
    checker = ClaimChecker(context.name, context.options.offsets or "auto", DOCCANO.offsets, losses)
    for where, fields in read_json_items(source, losses, name=context.name):
        text = fields.get("text", fields.get("data"))
        if not isinstance(text, str):
            losses.bad(
                "items without a text",
                f"{where}: expected a string under 'text', found {list_keys(fields)}",
            )
            continue
        id = fields.get("id")
        rest = {
            key: value
            for key, value in fields.items()
            if key not in (*_KEYS, "text", "data", "id", "relations")
        }
        spans = None
        if context.labelled:
            try:
                claims = _claims(fields, where)
            except FormatError as error:
                losses.bad("items whose labels cannot be read", str(error))
                continue
            spans = checker.spans(text, claims, where)
            if relations := fields.get("relations"):
                losses.add("relations, not read", where, times=how_many(relations))
        empty.add(spans)
        document = None if id is None else str(id)
        yield AnnotatedText(text, spans, document=document, is_document=True, origin=where, fields=rest)
    empty.report()


def _claims(fields: Mapping[str, Any], where: str) -> list[Claim]:
    keys = [key for key in _KEYS if key in fields]
    if len(keys) != 1:
        raise FormatError(
            f"{where}: expected one of {list_keys(_KEYS)} beside the text, found {list_keys(fields)}"
        )
    values = fields[keys[0]]
    if not isinstance(values, list):
        raise FormatError(f"{where}: expected a list under {keys[0]!r}, found {describe(values)}")
    claims = []
    for value in values:
        if isinstance(value, dict):
            claims.append(Claim([(value.get("start_offset"), value.get("end_offset"))], value.get("label")))
        elif isinstance(value, list) and len(value) == 3:
            claims.append(Claim([(value[0], value[1])], value[2]))
        else:
            raise FormatError(f"{where}: expected spans [start, end, label], found {describe(value)}")
    return claims


def _write(texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[str]:
    for text in texts:
        offsets = OffsetMap(text.text, context.offsets or DOCCANO.offsets)
        spans = sorted(text.spans or (), key=CharacterSpan.order)
        label = [
            [offsets.from_code_points(span.start), offsets.from_code_points(span.end), span.label]
            for span in spans
        ]
        own = {"text": text.text, "label": label}
        yield format_json(with_fields(own, text, context.losses, taken=_KEYS))


def _recognises(head: Head) -> bool:
    if not head.has("text") or any(key in head.objects[0] for key in ("spans", "tokens")):
        return False
    for fields in head.objects:
        for key in _KEYS:
            values = fields.get(key)
            for value in values if isinstance(values, list) else ():
                if isinstance(value, dict) and "start_offset" in value:
                    return True
                if key != "entities" and isinstance(value, list) and len(value) == 3:
                    return True
    return all(fields.get("label", fields.get("labels")) == [] for fields in head.objects)


DOCCANO: Final = Format(
    name="doccano",
    title="doccano",
    read=_read,
    recognises=_recognises,
    write=_write,
    holds=Holds(overlaps=True, fields=True),
)
