r"""Reader of texts with inline tags, ``<PER>Zoë</PER> lives in Oslo``, as written by language models.

A text file holds one text per line, without the line end; blank lines are skipped. JSON Lines, or a list, hold objects:

``{"text": "<PER>Zoë</PER> lives in Oslo"}``
    the text itself has tags;
``{"text": "Zoë lives in Oslo", "output": "<PER>Zoe</PER> lives in Oslo"}``
    a copy has them (``copies``): mentions not found in the text, or found in another spelling, are counted and listed.

``tagged_text`` defines tags and the decoding of character references. In a copy they are also decoded if that makes it
equal to the text. An object whose copy is null is not annotated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import IO, Any, Final, cast

import regex

from tagger.errors import FormatError
from tagger.formats.annotated import AnnotatedText, CharacterSpan
from tagger.formats.format import Format, Holds, ReadingContext
from tagger.formats.head import Head
from tagger.formats.json_files.items import read_json_items
from tagger.formats.json_files.objects import describe, list_keys
from tagger.formats.lines import Source, read_lines
from tagger.formats.tools.copies import carry_over
from tagger.formats.tools.placed_spans import spans_of
from tagger.formats.tools.placing import Mention
from tagger.formats.tools.tagged_text import Untagged, has_tags, untag

_TEXT: Final = ("text", "sentence", "input")
_COPY: Final = ("output", "tagged", "annotated")
_JSON: Final = regex.compile(r"\s*(?:\{|\[\s*(?:\{|$))")
_BAD: Final = "texts whose tags cannot be read"


def _read(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    lines = read_lines(source, name=context.name)
    blank: list[str] = []
    for line in lines:
        if line.strip():
            everything = chain(blank, [line], lines)
            yield from _objects(everything, context) if _JSON.match(line) else _lines(everything, context)
            return
        blank.append(line)


def _lines(lines: Iterable[str], context: ReadingContext) -> Iterator[AnnotatedText]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            tagged = line.removesuffix("\n").removesuffix("\r")
            yield from _text(tagged, f"{context.name}:{number}", context)


def _objects(lines: Iterable[str], context: ReadingContext) -> Iterator[AnnotatedText]:
    losses = context.losses
    for where, fields in read_json_items(cast("IO[str]", _Lines(lines)), losses, name=context.name):
        key = next((key for key in _TEXT if key in fields), None)
        copy_key = next((key for key in _COPY if key in fields), None)
        text = None if key is None else fields[key]
        if not isinstance(text, str):
            losses.bad(
                "items without a text",
                f"{where}: expected a string under one of {list_keys(_TEXT)}, found {list_keys(fields)}",
            )
            continue
        document = fields.get("id")
        rest: dict[str, Any] = {
            "document": None if document is None else str(document),
            "fields": {name: value for name, value in fields.items() if name not in (key, copy_key, "id")},
        }
        if copy_key is None:
            yield from _text(text, where, context, rest)
        elif not context.labelled:
            yield AnnotatedText(text, origin=where, **rest)
        elif fields[copy_key] is None:
            losses.add("items that nobody annotated, left out", where)
        elif not isinstance(fields[copy_key], str):
            losses.bad(
                _BAD, f"{where}: expected a string under {copy_key!r}, found {describe(fields[copy_key])}"
            )
        else:
            yield from _with_copy(text, fields[copy_key], where, context, rest)


def _text(
    tagged: str, where: str, context: ReadingContext, rest: Mapping[str, Any] | None = None
) -> Iterator[AnnotatedText]:
    """Yield a text with its tags removed, unless they are malformed."""
    try:
        untagged = untag(tagged, where, attribute=_attribute(context))
    except FormatError as error:
        if context.labelled:
            context.losses.bad(_BAD, str(error))
            return
        untagged = Untagged(tagged, ())
    if untagged.decoded:
        context.losses.add("character references, decoded", where, times=untagged.decoded)
    yield AnnotatedText(
        untagged.text, untagged.spans if context.labelled else None, origin=where, **(rest or {})
    )


def _with_copy(
    text: str, tagged: str, where: str, context: ReadingContext, rest: Mapping[str, Any]
) -> Iterator[AnnotatedText]:
    try:
        copy = untag(tagged, where, attribute=_attribute(context), decodes=False)
        if copy.text != text:
            decoded = untag(tagged, where, attribute=_attribute(context), decodes=True)
            copy = decoded if decoded.text == text else copy
    except FormatError as error:
        context.losses.bad(_BAD, str(error))
        return
    ordered = sorted(copy.spans, key=CharacterSpan.order)
    mentions = [Mention(copy.text[span.start : span.end], span.label) for span in ordered]
    placements = carry_over(copy.text, ordered, text)
    spans = spans_of(text, mentions, placements, where, context.losses)
    yield AnnotatedText(text, spans, origin=where, **rest)


def _attribute(context: ReadingContext) -> str | None:
    column = context.options.label_column
    return None if column is None else str(column)


class _Lines:
    """An iterator of lines as a stream."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)

    def readline(self, _limit: int = -1, /) -> str:
        return next(self._lines, "")


_PROBED_LINES: Final = 50
"""The number of lines examined, half of which must have tags for a text file to be of this format."""

_MARKUP: Final = (".html", ".htm", ".xhtml", ".xml", ".tei", ".md")
_MARKUP_STARTS: Final = ("<?xml", "<!doctype", "<html")


def looks_tagged(head: Head) -> bool:
    """Return whether a text file looks like texts with inline tags, and not like markup."""
    if head.path.suffix.lower() in _MARKUP or head.text.lstrip().lower().startswith(_MARKUP_STARTS):
        return False
    lines = [line for line in head.lines if line.strip()][:_PROBED_LINES]
    return bool(lines) and 2 * sum(map(has_tags, lines)) >= len(lines)


def _recognises(head: Head) -> bool:
    if not head.objects:
        return False
    fields = head.objects[0]
    copy = next((fields[key] for key in _COPY if key in fields), None)
    return any(isinstance(fields.get(key), str) for key in _TEXT) and isinstance(copy, str) and has_tags(copy)


INLINE_TAGS: Final = Format(
    name="inline-tags",
    title="text with inline tags",
    read=_read,
    recognises=_recognises,
    holds=Holds(overlaps=True),
)
