"""Reader of JSON Lines to be tagged: objects without their annotations, kept so that they can be restored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tagger.errors import UsageError
from tagger.examples import Example
from tagger.formats.annotated import Range
from tagger.formats.json_files.object_reader import JsonKeys, ObjectReader, SeenKeys, numbered_objects
from tagger.formats.lines import Source, source_name
from tagger.text.tokens import Segmenter
from tagger.text.windows import windows


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """An object without its annotations, and its sentences.

    Attributes:
        name: what messages call the file.
        line: the original line, for ``restore_json``.
        fields: the whole object.
        sentences: one sentence if the object holds tokens, any number if it holds a text.
        document: id of the document, or None.
        text: the text, or None if the object holds tokens.
        ranges: for each sentence of the text, the character ranges of its tokens; empty beside tokens.
    """

    name: str
    line: str
    fields: Mapping[str, Any]
    sentences: tuple[Example, ...]
    document: str | None = None
    text: str | None = None
    ranges: tuple[tuple[Range, ...], ...] = ()


def read_json_records(
    source: Source,
    *,
    name: str | None = None,
    keys: JsonKeys | None = None,
    segmenter: Segmenter | None = None,
) -> Iterator[JsonRecord]:
    """Yield the objects of a JSON Lines file with their sentences, without annotations, in constant memory.

    Args:
        source: a path or an open stream; an empty one yields nothing.
        name: what messages call the source.
        keys: the names of the keys, if not the usual ones.
        segmenter: splits texts into sentences and tokens; needed only if there are texts.

    Raises:
        DataError: the source cannot be read.
        FormatError: as from :func:`read_jsonl`.
        UsageError: there is a text, but no segmenter.
    """
    name = source_name(source, name)
    keys = keys or JsonKeys()
    reader = ObjectReader(keys, labelled=False)
    seen = SeenKeys(name, keys.document)
    for line, where in numbered_objects(source, name):
        fields = reader.fields(line, where)
        seen.add(fields)
        item = reader.item(fields, where)
        if isinstance(item, Example):
            yield JsonRecord(name, line, fields, (item,), item.document)
            continue
        if segmenter is None:
            raise UsageError(f"{where}: a text needs a segmenter that cuts it into tokens, found none")
        ranges = tuple(sentence.spans for sentence in windows(item.text, segmenter) if sentence.spans)
        text = item.text
        sentences = tuple(
            Example(tuple([text[start:end] for start, end in tokens]), None, item.document_key, where)
            for tokens in ranges
        )
        yield JsonRecord(name, line, fields, sentences, item.document, text, ranges)
    seen.check()
