r"""JSON Lines: an object a line, holding either a sentence as tokens or a text with character spans.

``{"tokens": ["EU", "rejects"], "labels": ["B-ORG", "O"]}``
    one sentence;
``{"text": "EU rejects it.", "spans": [{"start": 0, "end": 2, "label": "ORG"}]}``
    a text, which a segmenter cuts into sentences. Offsets count characters (code points). A span may also be
    a list, ``[0, 2, "ORG"]``.

Blank lines between objects are skipped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tagger.errors import DataError, FormatError, UsageError
from tagger.examples import Example
from tagger.formats.alignment import CharacterSpan, Misaligned, Range, align
from tagger.formats.columns import excerpt
from tagger.formats.lines import Source, read_lines, source_name
from tagger.text.tokens import Segmenter
from tagger.text.windows import windows

_SPAN_KEYS: Final = ("spans", "entities")
_DOCUMENT_KEY: Final = "document"
_HALF_PAIR: Final = re.compile("[\ud800-\udfff]")
"""The one thing that JSON can spell and UTF-8 cannot."""

_LISTED_KEYS: Final = 20
"""How many keys a message about a whole file lists at most."""

_KINDS: Final = {
    bool: "the truth value ",
    int: "the number ",
    float: "the number ",
    str: "the string ",
    list: "the list ",
    dict: "the object ",
    type(None): "",
}
_LONGEST_VALUE: Final = 60
"""In characters, of a value in a message."""


@dataclass(frozen=True, slots=True)
class JsonKeys:
    """The keys under which an object holds what is read.

    Attributes:
        tokens: the list of tokens.
        text: the text, looked for where there are no tokens.
        labels: the list of labels or of spans; None: ``labels`` beside tokens, ``spans`` or ``entities``
            beside a text.
        document: the id of the document, a string or a number. Lines may do without it, but a key that is
            named here must be on one of them; None: ``document``, if it is there. A text is a document anyway,
            named by its line unless it has an id.
    """

    tokens: str = "tokens"
    text: str = "text"
    labels: str | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """An object and the sentences in it.

    Attributes:
        fields: the whole object.
        sentences: one sentence if the object holds tokens, any number if it holds a text.
        text: the text, or None if the object holds tokens.
        ranges: for each sentence of the text, the character ranges of its tokens; empty beside tokens.
    """

    fields: Mapping[str, Any]
    sentences: tuple[Example, ...]
    text: str | None = None
    ranges: tuple[tuple[Range, ...], ...] = ()


def read_jsonl(
    source: Source,
    *,
    name: str | None = None,
    keys: JsonKeys | None = None,
    labelled: bool = True,
    segmenter: Segmenter | None = None,
    on_misaligned: Callable[[Misaligned], None] | None = None,
) -> Iterator[JsonRecord]:
    """Yield the objects of a JSON Lines file with their sentences, in constant memory.

    Args:
        source: a path or an open stream; an empty one yields nothing.
        name: what messages call the source.
        keys: the names of the keys, if they are not the usual ones.
        labelled: whether to read labels; if not, none need be there.
        segmenter: cuts texts into sentences and tokens; needed only if there are texts.
        on_misaligned: called with every span that does not fit the tokens, which is then left out. Without
            it, such a span is an error.

    Raises:
        DataError: the source cannot be read.
        FormatError: a line is not an object, or does not hold what it should; or, at the end, no line has the
            key of the document that ``keys`` names.
        UsageError: there is a text, but no segmenter.
    """
    name = source_name(source, name)
    keys = keys or JsonKeys()
    reader = _Reader(keys, labelled, segmenter, on_misaligned)
    lines = enumerate(read_lines(source, name=name), start=1)
    records = (
        reader.record(line, f"{name}:{number}", f"line {number}") for number, line in lines if line.strip()
    )
    yield from records if keys.document is None else _with_documents(records, keys.document, name)


def _with_documents(records: Iterable[JsonRecord], key: str, name: str) -> Iterator[JsonRecord]:
    """Yield the records of a source; at its end, refuse a key of the document that none of them had."""
    is_there = False
    found: dict[str, None] = {}
    for record in records:
        is_there = is_there or key in record.fields
        if len(found) < _LISTED_KEYS:
            found.update(dict.fromkeys(record.fields))
        yield record
    if found and not is_there:
        raise FormatError(
            f"{name}: expected the id of a document under {key!r} on one line at least, found "
            f"{_listed(list(found)[:_LISTED_KEYS])}. "
            f"Name the key that tells the documents, or leave the option out."
        )


def format_json(fields: Mapping[str, Any]) -> str:
    r"""Return an object as one line.

    >>> format_json({"tokens": ["Zoë"]})
    '{"tokens": ["Zoë"]}\n'
    """
    return json.dumps(fields, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns one line after another into a record; the attributes are the arguments of ``read_jsonl``."""

    keys: JsonKeys
    labelled: bool
    segmenter: Segmenter | None
    on_misaligned: Callable[[Misaligned], None] | None

    def record(self, line: str, where: str, document: str) -> JsonRecord:
        fields = _object(line, where)
        document_key = self.keys.document or _DOCUMENT_KEY
        own_document = fields.get(document_key)
        if type(own_document) not in (str, int, type(None)):
            raise FormatError(
                f"{where}: expected a string or whole number under {document_key!r}, "
                f"found {_found(own_document)}"
            )
        if self.keys.tokens in fields:
            return self._sentence(fields, where, None if own_document is None else str(own_document))
        if self.keys.text in fields:
            return self._text(fields, where, document if own_document is None else str(own_document))
        raise FormatError(
            f"{where}: expected an object with {self.keys.tokens!r} or {self.keys.text!r}, "
            f"found {_listed(fields)}"
        )

    def _sentence(self, fields: Mapping[str, Any], where: str, document: str | None) -> JsonRecord:
        tokens = _strings(fields, self.keys.tokens, where)
        labels = None
        if self.labelled:
            key = self.keys.labels or "labels"
            labels = _strings(fields, key, where)
            if len(labels) != len(tokens):
                raise FormatError(
                    f"{where}: expected one label per token, found {len(tokens)} under {self.keys.tokens!r} "
                    f"and {len(labels)} under {key!r}"
                )
        for kind, values in (("token", tokens), ("label", labels or ())):
            if "" in values:
                raise FormatError(
                    f"{where}: expected a {kind} at place {values.index('')}, found the empty text"
                )
        return JsonRecord(fields, (Example(tokens, labels, document, where),))

    def _text(self, fields: Mapping[str, Any], where: str, document: str) -> JsonRecord:
        text = fields[self.keys.text]
        if not isinstance(text, str):
            raise FormatError(f"{where}: expected a string under {self.keys.text!r}, found {_found(text)}")
        if self.segmenter is None:
            raise UsageError(f"{where}: a text needs a segmenter that cuts it into tokens, found none")
        ranges = tuple(sentence.spans for sentence in windows(text, self.segmenter) if sentence.spans)
        labels: list[tuple[str, ...] | None] = [None] * len(ranges)
        if self.labelled:
            spans = self._spans(fields, text, where)
            rows, misfits = align(text, ranges, spans, origin=where)
            labels = [tuple(row) for row in rows]
            for misfit in misfits:
                if self.on_misaligned is None:
                    raise DataError(f"{misfit}. Correct the span, or have texts cut otherwise.")
                self.on_misaligned(misfit)
        sentences = tuple(
            Example(tuple(text[start:end] for start, end in tokens), row, document, where)
            for tokens, row in zip(ranges, labels, strict=True)
        )
        return JsonRecord(fields, sentences, text, ranges)

    def _spans(self, fields: Mapping[str, Any], text: str, where: str) -> list[CharacterSpan]:
        keys = [key for key in ([self.keys.labels] if self.keys.labels else _SPAN_KEYS) if key in fields]
        if len(keys) != 1:
            expected = repr(self.keys.labels) if self.keys.labels else f"either of {_listed(_SPAN_KEYS)}"
            raise FormatError(f"{where}: expected {expected} beside the text, found {_listed(fields)}")
        values = fields[keys[0]]
        if not isinstance(values, list):
            raise FormatError(f"{where}: expected a list of spans under {keys[0]!r}, found {_found(values)}")
        return [_span(value, len(text), where) for value in values]


def _object(line: str, where: str) -> Mapping[str, Any]:
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise FormatError(
            f"{where}: expected a JSON object, found {excerpt(line.strip())}: "
            f"{error.msg} at column {error.colno}"
        ) from None
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, lists in lists in lists
        raise FormatError(f"{where}: expected a JSON object that can be read: {error}") from None
    if not isinstance(value, dict):
        raise FormatError(f"{where}: expected a JSON object, found {_found(value)}")
    if "\\u" in line and (half := _HALF_PAIR.search(json.dumps(value, ensure_ascii=False))):
        raise FormatError(f"{where}: expected text, found half a surrogate pair: \\u{ord(half[0]):04x}")
    return value


def _strings(fields: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    if key not in fields:
        raise FormatError(f"{where}: expected a list of strings under {key!r}, found {_listed(fields)}")
    values = fields[key]
    if not isinstance(values, list):
        raise FormatError(f"{where}: expected a list of strings under {key!r}, found {_found(values)}")
    for place, value in enumerate(values):
        if not isinstance(value, str):
            raise FormatError(
                f"{where}: expected a list of strings under {key!r}, found {_found(value)} at place {place}"
            )
    return tuple(values)


def _span(value: object, length: int, where: str) -> CharacterSpan:
    """Check a span: an object or a list of start, end and label, within a text of ``length`` characters."""
    if isinstance(value, dict):
        value = [value.get(key) for key in ("start", "end", "label")]
    match value:
        case [int(start), int(end), str(label)] if 0 <= start < end <= length and label:
            return CharacterSpan(start, end, label)
    raise FormatError(
        f"{where}: expected a span [start, end, label] with 0 <= start < end <= {length}, "
        f"found {excerpt(json.dumps(value))}"
    )


def _found(value: object) -> str:
    """Say the JSON type of a value and the value, cut off where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    if not text.isprintable():
        text = json.dumps(value)
    return _KINDS[type(value)] + (text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…")


def _listed(keys: Mapping[str, Any] | Sequence[str]) -> str:
    return ", ".join(repr(key) for key in keys) or "no keys"
