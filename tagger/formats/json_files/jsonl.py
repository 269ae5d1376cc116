r"""Reader of JSON Lines: one object per line, holding either a sentence of tokens or a text with character spans.

``{"tokens": ["EU", "rejects"], "labels": ["B-ORG", "O"]}``
    one sentence; a list of such objects, over any number of lines, is read as well. The labels may have another usual
    name (``ner_tags``, ``tags``, ...), and be integers whose names are given. For training, ``soft_labels`` may be
    given in addition to the labels or instead of them, an object of probabilities by label for each token, ``{"B-ORG":
    0.9, "O": 0.1}``; and a label may be null, for an unknown one;
``{"text": "EU rejects it.", "spans": [{"start": 0, "end": 2, "label": "ORG"}]}``
    a text, which a segmenter splits into sentences. Offsets count characters (code points), unless the texts in the
    spans show otherwise. A span may also be a list, ``[0, 2, "ORG"]``; a discontinuous one has ``fragments``.

Blank lines between objects are skipped. Where labels are read, objects that an annotator did not accept (``"answer":
"reject"`` or ``"ignore"``, as in Prodigy) are counted and skipped, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any, Final

from tagger.errors import FormatError
from tagger.examples import Example
from tagger.formats.annotated import AnnotatedText, Item
from tagger.formats.claims import ClaimChecker
from tagger.formats.columns.records import excerpt
from tagger.formats.format import Format, Holds, ReadingContext
from tagger.formats.head import Head
from tagger.formats.json_files.answers import with_answers
from tagger.formats.json_files.items import SPLITTING, list_items
from tagger.formats.json_files.object_reader import (
    SPAN_KEYS,
    JsonKeys,
    ObjectReader,
    SeenKeys,
    numbered_objects,
)
from tagger.formats.json_files.objects import decode, list_of
from tagger.formats.json_files.sentences import SOFT
from tagger.formats.json_files.writing import write_jsonl
from tagger.formats.lines import Source, join_lines
from tagger.formats.losses import Losses
from tagger.formats.tables.label_names import read_label_names

_WHOLE: Final = ("[", '{"classes"')
"""The beginnings of files that are a single JSON value rather than lines."""

REFUSING_ANSWERS: Final = ("reject", "ignore")
"""Prodigy's values of ``answer`` for objects that an annotator did not accept."""


def read_jsonl(source: Source, context: ReadingContext) -> Iterator[Item]:
    """Yield the sentences and texts of a JSON Lines file, in constant memory.

    Tokens are kept with any blanks at their ends, labels without.

    Args:
        source: a path or an open stream; an empty one yields nothing.
        context: how to read it.

    Raises:
        DataError: the source cannot be read.
        FormatError: a line is not a valid object, and bad data are not skipped; or no line has the named document key.
    """
    return _items(source, context, JsonKeys.of(context.options))


def _items(source: Source, context: ReadingContext, keys: JsonKeys) -> Iterator[Item]:
    offsets = context.options.offsets or "auto"
    checker = ClaimChecker(context.name, offsets, JSONL.offsets, context.losses, is_certain=False)
    names = read_label_names(context.options.label_names) if context.labelled else None
    reader = ObjectReader(keys, context.labelled, names, taught=context.taught)
    seen = SeenKeys(context.name, keys.document)
    for value, where in read_objects(source, context.name, context.losses):
        try:
            fields = reader.fields(value, where) if isinstance(value, str) else reader.checked(value, where)
            if context.labelled and fields.get("answer") in REFUSING_ANSWERS:
                context.losses.add(f"lines with the answer {fields['answer']!r}, left out", where)
                continue
            item = reader.item(fields, where)
            if isinstance(item, Example) and context.whole:
                for key in reader.unread(fields):
                    context.losses.add(f"values under {key!r} beside tokens, not read", where)
            if isinstance(item, Example) and item.labels is not None:
                item = with_answers(item, fields, reader.label_key, context.losses)
            if context.taught and not isinstance(item, Example) and fields.get(SOFT) is not None:
                raise FormatError(f"{where}: expected {SOFT!r} beside tokens, found it beside a text")
            is_text = isinstance(item, AnnotatedText) and item.tokens is None
            claims = reader.claims(fields, where) if is_text else None
        except FormatError as error:
            context.losses.bad("lines that cannot be read", str(error))
            continue
        seen.add(fields)
        if isinstance(item, AnnotatedText) and claims is not None:
            item = replace(item, spans=checker.spans(item.text, claims, where))
        yield item
    seen.check()


def read_objects(source: Source, name: str, losses: Losses) -> Iterator[tuple[str | dict[str, Any], str]]:
    """Yield each line, or each object of a list that is the whole file, with its place."""
    lines = numbered_objects(source, name)
    first = next(lines, None)
    if first is None:
        return
    line, where = first
    if not line.lstrip().startswith(_WHOLE):
        yield from chain([first], lines)
        return
    items = list_of(decode(join_lines(chain([line], (line for line, _ in lines)), name, SPLITTING), where))
    if items is None:
        raise FormatError(f"{where}: expected a list of objects, found {excerpt(line)}")
    for where, item in list_items(items, name, losses):
        yield item, where


def _recognises(head: Head) -> bool:
    if head.has("tokens") or head.has("classes", "annotations"):
        return True
    is_list = head.text.lstrip().startswith("[")
    return head.has("text") and (not is_list or any(key in head.objects[0] for key in SPAN_KEYS))


JSONL: Final = Format(
    name="jsonl",
    title="JSON Lines",
    read=read_jsonl,
    recognises=_recognises,
    suffixes=(".jsonl", ".ndjson"),
    write=write_jsonl,
    holds=Holds(
        labels=True,
        overlaps=True,
        discontinuous=True,
        probabilities=True,
        sentences_of_tokens=True,
        documents=True,
        fields=True,
    ),
)
