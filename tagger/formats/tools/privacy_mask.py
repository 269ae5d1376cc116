r"""Reader and writer of texts with personal data to be masked, as in the Ai4Privacy sets; JSON Lines or a list.

``{"source_text": ..., "privacy_mask": [{"value": "Zoë", "start": 1, "end": 4, "label": "FIRSTNAME"}], ...}``
    sets from 200k on; values are compared with their slices. The list may be a string of JSON or Python;
``{"unmasked_text": ..., "masked_text": "Dear [FIRSTNAME_1]", "privacy_mask": "{'[FIRSTNAME_1]': 'Zoë'}"}``
    older sets, without offsets: the masked text shows the place of each placeholder; if filling in the values does not
    give the text, the values are placed like ``mentions``, with the number in the key removed from the label;
``{"source_text": ..., "span_labels": [[0, 5, "O"], [5, 8, "FIRSTNAME_1"]]}``
    ranges only, whose O entries are not spans; read only if ``privacy_mask`` has no offsets.

Offsets count code points. An object without any of these is not annotated. The first form is written, with the masked
text, made from the spans, under ``target_text``; one that was read is not kept.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import regex

from tagger.errors import FormatError
from tagger.formats.annotated import AnnotatedText, CharacterSpan
from tagger.formats.claims import Claim, ClaimChecker
from tagger.formats.format import Format, Holds, ReadingContext, WritingContext
from tagger.formats.head import Head
from tagger.formats.json_files.beside import with_fields
from tagger.formats.json_files.items import read_json_items
from tagger.formats.json_files.objects import decode, describe, format_json, list_keys
from tagger.formats.lines import Source
from tagger.formats.offsets import OffsetMap
from tagger.formats.tools.placed_spans import placed_spans
from tagger.formats.tools.placing import Mention

_TEXT: Final = ("source_text", "unmasked_text")
_MASKED: Final = ("masked_text", "target_text")
_MASK: Final = "privacy_mask"
_RANGES: Final = "span_labels"
_PLACEHOLDER: Final = regex.compile(r"\[[\p{L}\p{N}_-]+\]")
_NUMBER: Final = regex.compile(r"_\d+$")
_OUTSIDE: Final = "O"


def _read(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    losses = context.losses
    checker = ClaimChecker(context.name, context.options.offsets or "auto", PRIVACY_MASK.offsets, losses)
    for where, fields in read_json_items(source, losses, name=context.name):
        key = next((key for key in _TEXT if key in fields), None)
        text = None if key is None else fields[key]
        if not isinstance(text, str):
            losses.bad(
                "items without a text",
                f"{where}: expected a string under one of {list_keys(_TEXT)}, found {list_keys(fields)}",
            )
            continue
        rest = {
            name: value for name, value in fields.items() if name not in (key, _MASK, _RANGES, *_MASKED, "id")
        }
        spans = None
        if context.labelled:
            if fields.get(_MASK) is None and fields.get(_RANGES) is None:
                losses.add("items that nobody annotated, left out", where)
                continue
            try:
                said = _said(text, fields, where)
            except FormatError as error:
                losses.bad("items whose masks cannot be read", str(error))
                continue
            if isinstance(said, tuple):
                spans = said
            elif isinstance(said, list):
                spans = checker.spans(text, said, where)
            else:
                mentions = [Mention(value, _label(key)) for key, value in said.items()]
                spans = placed_spans(text, mentions, where, losses)
        document = fields.get("id")
        yield AnnotatedText(
            text, spans, document=None if document is None else str(document), origin=where, fields=rest
        )


def _said(
    text: str, fields: Mapping[str, Any], where: str
) -> tuple[CharacterSpan, ...] | list[Claim] | dict[str, str]:
    """Return the annotations of an item: spans, claims to be checked, or values to be placed."""
    mask = _value(fields.get(_MASK), _MASK, where)
    if isinstance(mask, list):
        return [_claim(value, where) for value in mask]
    if (ranges := _value(fields.get(_RANGES), _RANGES, where)) is not None:
        return list(_range_claims(ranges, where))
    if not isinstance(mask, dict) or not all(isinstance(part, str) for part in (*mask, *mask.values())):
        raise FormatError(
            f"{where}: expected a list, or strings by placeholder, under {_MASK!r}, found {describe(mask)}"
        )
    masked = next((fields[key] for key in _MASKED if isinstance(fields.get(key), str)), "")
    filled = _filled_in(masked, mask)
    return filled[1] if filled is not None and filled[0] == text else mask


def _value(value: Any, key: str, where: str) -> Any:
    """Return a value that may be a string of JSON or Python."""
    if not isinstance(value, str):
        return value
    try:
        return decode(value, where)
    except FormatError:
        pass
    try:
        literal = ast.literal_eval(value)
        json.dumps(
            literal, ensure_ascii=False
        ).encode()  # no bytes, sets, half surrogate pairs, endless numbers
        return literal
    except (TypeError, ValueError, SyntaxError, MemoryError, RecursionError):
        raise FormatError(
            f"{where}: expected JSON or a Python literal under {key!r}, found {describe(value)}"
        ) from None


def _claim(value: Any, where: str) -> Claim:
    if not isinstance(value, dict) or not isinstance(mention := value.get("value"), str | None):
        raise FormatError(
            f"{where}: expected objects with value, start, end and label under {_MASK!r}, found {describe(value)}"
        )
    return Claim([(value.get("start"), value.get("end"))], value.get("label"), mention)


def _range_claims(ranges: Any, where: str) -> Iterator[Claim]:
    if not isinstance(ranges, list):
        raise FormatError(f"{where}: expected a list under {_RANGES!r}, found {describe(ranges)}")
    for value in ranges:
        if not isinstance(value, (list, tuple)) or len(value) != 3:
            raise FormatError(f"{where}: expected ranges [start, end, label], found {describe(value)}")
        start, end, label = value
        if label != _OUTSIDE:
            yield Claim([(start, end)], _label(label) if isinstance(label, str) else label)


def _label(placeholder: str) -> str:
    """Return the label of a placeholder such as ``[FIRSTNAME_1]``."""
    return _NUMBER.sub("", placeholder.strip("[]")) or placeholder


def _filled_in(masked: str, values: Mapping[str, str]) -> tuple[str, tuple[CharacterSpan, ...]] | None:
    """Fill the values into the placeholders of a masked text; return the text and spans, None without placeholders."""
    pieces: list[str] = []
    spans: list[CharacterSpan] = []
    length = done = 0
    for match in _PLACEHOLDER.finditer(masked):
        key = match[0] if match[0] in values else match[0][1:-1]
        if value := values.get(key):
            before = masked[done : match.start()]
            pieces += [before, value]
            spans.append(CharacterSpan(length + len(before), length + len(before) + len(value), _label(key)))
            length += len(before) + len(value)
            done = match.end()
    return ("".join([*pieces, masked[done:]]), tuple(spans)) if spans else None


def _write(texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[str]:
    for text in texts:
        offsets = OffsetMap(text.text, context.offsets or PRIVACY_MASK.offsets)
        spans = sorted(text.spans or (), key=CharacterSpan.order)
        mask = [
            {
                "value": text.text[span.start : span.end],
                "start": offsets.from_code_points(span.start),
                "end": offsets.from_code_points(span.end),
                "label": span.label,
            }
            for span in spans
        ]
        document = {} if text.document is None else {"id": text.document}
        own = {"source_text": text.text, "target_text": _masked(text.text, spans), _MASK: mask, **document}
        yield format_json(with_fields(own, text, context.losses))


def _masked(text: str, spans: Iterable[CharacterSpan]) -> str:
    """Return a text with ``[LABEL]`` in place of each span."""
    pieces: list[str] = []
    done = 0
    for span in spans:
        pieces += [text[done : span.start], f"[{span.label}]"]
        done = span.end
    return "".join([*pieces, text[done:]])


def _recognises(head: Head) -> bool:
    first = head.objects[0] if head.objects else {}
    return any(key in first for key in _TEXT) and any(key in first for key in (_MASK, _RANGES))


PRIVACY_MASK: Final = Format(
    name="privacy-mask",
    title="personal data to be masked, as in the sets of Ai4Privacy",
    read=_read,
    recognises=_recognises,
    write=_write,
    holds=Holds(documents=True, fields=True),
)
