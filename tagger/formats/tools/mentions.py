r"""Reader of texts with lists of mentions without offsets, as written by language models; JSON Lines or a list.

``{"text": "Zoë lives in Oslo.", "entities": [{"text": "Zoë", "label": "PER"}, {"text": "Oslo", "type": "LOC"}]}``
    objects, with an optional ``score``; the keys have several usual names;
``{"text": ..., "entities": [["Zoë", "PER"], ["Oslo", "LOC"]]}``
    pairs, the mention first;
``{"text": ..., "entities": {"PER": ["Zoë"], "LOC": ["Oslo"]}}``
    lists of mentions (strings or objects) by label, as in GLiNER2 training data under ``output``;
``{"text": ..., "output": "```json\n[...]\n```"}``
    each of these as a string of JSON, fenced or not.

``placing`` finds the mentions in the text; those not found, or found in another spelling, are counted and listed.
Offsets of mentions are counted and not read: language models cannot count. An object without mentions, or with null, is
not annotated; an empty list means no entities.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import regex

from tagger.errors import FormatError
from tagger.formats.annotated import AnnotatedText
from tagger.formats.claims import is_probability
from tagger.formats.format import Format, Holds, ReadingContext
from tagger.formats.head import Head
from tagger.formats.json_files.items import read_json_items
from tagger.formats.json_files.objects import decode, describe, list_keys
from tagger.formats.lines import Source
from tagger.formats.losses import Losses
from tagger.formats.tools.placed_spans import placed_spans
from tagger.formats.tools.placing import Mention

_TEXT: Final = ("text", "sentence", "input")
_LISTS: Final = ("entities", "mentions", "output")
_MENTION: Final = ("text", "mention", "span", "word", "name", "value", "entity")
_LABEL: Final = ("label", "type", "entity_type", "entity_group", "category", "tag", "entity")
_PROBABILITY: Final = ("probability", "score", "confidence")
_OFFSETS: Final = ("start", "end", "start_offset", "end_offset", "offset", "position")
_OTHERS: Final = ("tokens", "labels", "spans")
_FENCE: Final = regex.compile(r"\s*```\w*\s*\n(.*?)\n?\s*```\s*", regex.DOTALL)


class _Listed(NamedTuple):
    mention: Mention
    probability: float | None = None


def _read(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    losses = context.losses
    for where, fields in read_json_items(source, losses, name=context.name):
        key = _first(fields, _TEXT)
        text = None if key is None else fields[key]
        if not isinstance(text, str):
            losses.bad(
                "items without a text",
                f"{where}: expected a string under one of {list_keys(_TEXT)}, found {list_keys(fields)}",
            )
            continue
        list_key = _first(fields, _LISTS)
        spans = None
        if context.labelled:
            value = None if list_key is None else fields[list_key]
            if value is None:
                losses.add("items that nobody annotated, left out", where)
                continue
            try:
                is_ordered, listed = _listed(value, where, losses)
            except FormatError as error:
                losses.bad("items whose mentions cannot be read", str(error))
                continue
            mentions = [mention for mention, _ in listed]
            probabilities = [probability for _, probability in listed]
            spans = placed_spans(
                text, mentions, where, losses, is_ordered=is_ordered, probabilities=probabilities
            )
        rest = {name: value for name, value in fields.items() if name not in (key, list_key, "id")}
        document = fields.get("id")
        yield AnnotatedText(
            text, spans, document=None if document is None else str(document), origin=where, fields=rest
        )


def _first(fields: Mapping[str, Any], keys: tuple[str, ...]) -> str | None:
    return next((key for key in keys if key in fields), None)


def _listed(value: Any, where: str, losses: Losses) -> tuple[bool, list[_Listed]]:
    """Return whether mentions are in the order of the text, and the mentions."""
    if isinstance(value, str):
        fenced = _FENCE.fullmatch(value)
        value = decode(fenced[1] if fenced else value, where)
    if isinstance(value, dict) and (key := _first(value, _LISTS)) and not isinstance(value[key], str):
        value = value[key]
    if isinstance(value, dict):
        listed = []
        for label, items in value.items():
            if not isinstance(items, list):
                raise FormatError(
                    f"{where}: expected a list of mentions under the label {label!r}, found {describe(items)}"
                )
            listed += [_one(item, where, losses, label=label) for item in items]
        return False, listed
    if not isinstance(value, list):
        raise FormatError(
            f"{where}: expected a list of mentions, or one for each label, found {describe(value)}"
        )
    return True, [_one(item, where, losses) for item in value]


def _one(value: Any, where: str, losses: Losses, *, label: str | None = None) -> _Listed:
    """Return one mention; ``label`` is given if the file has lists by label."""
    text: Any = None
    probability = None
    if isinstance(value, dict):
        key = _first(value, _MENTION)
        label_key = _first(value, tuple(name for name in _LABEL if name != key))
        text = None if key is None else value[key]
        label = label if label is not None or label_key is None else value[label_key]
        probability = _probability(value, where)
        if any(name in value for name in _OFFSETS):
            losses.add("offsets beside mentions, not read", f"{where}: {describe(value)}")
    elif label is not None:
        text = value
    elif isinstance(value, list) and len(value) == 2:
        text, label = value
    if not (isinstance(text, str) and text.strip() and isinstance(label, str) and label.strip()):
        expected = "mentions with text and label" if label is None else f"mentions under the label {label!r}"
        raise FormatError(f"{where}: expected {expected}, found {describe(value)}")
    return _Listed(Mention(text, label.strip()), probability)


def _probability(fields: Mapping[str, Any], where: str) -> float | None:
    key = _first(fields, _PROBABILITY)
    value = None if key is None else fields[key]
    if value is None:
        return None
    if not is_probability(value):
        raise FormatError(f"{where}: expected a number from 0 to 1 as {key!r}, found {describe(value)}")
    return float(value)


def _recognises(head: Head) -> bool:
    for fields in head.objects:
        if not isinstance(fields.get(_first(fields, _TEXT) or ""), str) or _first(fields, _OTHERS):
            return False
        value = fields.get(_first(fields, _LISTS) or "")
        if isinstance(value, str) and value.lstrip()[:1] in ("[", "{", "`"):
            try:
                _listed(value, "", Losses())
            except FormatError:
                return False
            return True
        if isinstance(value, dict) and (key := _first(value, _LISTS)):
            value = value[key]
        if isinstance(value, dict) and value:
            return all(isinstance(items, list) for items in value.values())
        if isinstance(value, list) and value:
            return _is_mention(value[0])
    return False


def _is_mention(value: Any) -> bool:
    if isinstance(value, dict):
        key = _first(value, _MENTION)
        has_label = _first(value, tuple(name for name in _LABEL if name != key)) is not None
        return key is not None and has_label and not any(name in value for name in _OFFSETS)
    return isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value)


MENTIONS: Final = Format(
    name="mentions",
    title="mentions without offsets",
    read=_read,
    recognises=_recognises,
    holds=Holds(overlaps=True, probabilities=True),
)
