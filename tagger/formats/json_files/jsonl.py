r"""JSON Lines: an object a line, holding either a sentence as tokens or a text with character spans.

``{"tokens": ["EU", "rejects"], "labels": ["B-ORG", "O"]}``
    one sentence; a whole list of such objects, over any number of lines, is read as well. The labels may have another
    usual name (``ner_tags``, ``tags``, ...), and be integers whose names are given;
``{"text": "EU rejects it.", "spans": [{"start": 0, "end": 2, "label": "ORG"}]}``
    a text, which a segmenter cuts into sentences. Offsets count characters (code points), unless the texts that spans
    carry tell otherwise. A span may also be a list, ``[0, 2, "ORG"]``; one of several fragments has them under
    ``fragments``.

Blank lines between objects are skipped. Where labels are read, so are objects that an annotator did not accept
(``"answer": "reject"`` or ``"ignore"``, as Prodigy marks them), which are counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

from tagger.errors import FormatError, UsageError
from tagger.formats.alignment import align
from tagger.formats.annotated import AnnotatedText, CharacterSpan, Item
from tagger.formats.claims import Claim, ClaimChecker
from tagger.formats.columns.records import excerpt
from tagger.formats.format import Format, Holds, ReadingContext, WritingContext
from tagger.formats.head import Head
from tagger.formats.json_files.beside import with_fields
from tagger.formats.json_files.items import SPLITTING, list_items
from tagger.formats.json_files.objects import (
    RepeatedKeys,
    decode,
    describe,
    format_json,
    list_keys,
    list_of,
    parse_object,
)
from tagger.formats.json_files.sentences import SentenceReader
from tagger.formats.lines import Source, join_lines, read_lines
from tagger.formats.losses import Losses
from tagger.formats.offsets import OffsetMap
from tagger.formats.reading_options import ReadingOptions
from tagger.formats.tables.label_names import read_label_names, span_label
from tagger.options import argument

_WHOLE: Final = ("[", '{"classes"')
"""How files begin that are no lines of JSON but one value."""

_SPAN_KEYS: Final = ("spans", "entities")
_DOCUMENT_KEY: Final = "document"

REFUSING_ANSWERS: Final = ("reject", "ignore")
"""What Prodigy writes under ``answer`` where an annotator does not accept what the object says."""

_LISTED_KEYS: Final = 20
"""How many keys a message about a whole file lists at most."""


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

    @classmethod
    def of(cls, options: ReadingOptions) -> JsonKeys:
        """Return the keys that options name, the usual ones where they name none."""
        usual = cls()
        for name in ("token_column", "label_column"):
            value = getattr(options, name)
            if value is not None and not isinstance(value, str):
                raise UsageError(
                    f"{name}: expected a name, found {value!r}; columns have numbers in the format conll only"
                )
        return cls(
            tokens=str(options.token_column or usual.tokens),
            text=options.text_column or usual.text,
            labels=None if options.label_column is None else str(options.label_column),
            document=options.document_column,
        )


def read_jsonl(source: Source, context: ReadingContext) -> Iterator[Item]:
    """Yield the sentences and texts of a JSON Lines file, in constant memory.

    Tokens are kept with any blanks at their ends, labels without.

    Args:
        source: a path or an open stream; an empty one yields nothing.
        context: how to read it.

    Raises:
        DataError: the source cannot be read.
        FormatError: a line is not an object, or does not hold what it should; or, at the end, no line has the
            key of the document that is named.
    """
    return _items(source, context, JsonKeys.of(context.options))


def _items(source: Source, context: ReadingContext, keys: JsonKeys) -> Iterator[Item]:
    offsets = context.options.offsets or "auto"
    checker = ClaimChecker(context.name, offsets, JSONL.offsets, context.losses, is_certain=False)
    names = read_label_names(context.options.label_names) if context.labelled else None
    reader = ObjectReader(keys, context.labelled, names)
    seen = SeenKeys(context.name, keys.document)
    for value, where, document in _objects(source, context.name, context.losses):
        try:
            fields = reader.fields(value, where) if isinstance(value, str) else reader.checked(value, where)
            if context.labelled and fields.get("answer") in REFUSING_ANSWERS:
                context.losses.add(f"lines with the answer {fields['answer']!r}, left out", where)
                continue
            item = reader.item(fields, where, document)
            claims = reader.claims(fields, where) if isinstance(item, AnnotatedText) else None
        except FormatError as error:
            context.losses.bad("lines that cannot be read", str(error))
            continue
        seen.add(fields)
        if isinstance(item, AnnotatedText) and claims is not None:
            item = replace(item, spans=checker.spans(item.text, claims, where))
        yield item
    seen.check()


def write_jsonl(texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[str]:
    """Yield a line for each text: an object with text and spans, or with tokens and labels.

    The latter where tokens are labelled, and for a sentence that is nothing but its tokens with a blank between them,
    as files of tokens are read: its spans become labels in IOB2, unless they overlap or have probabilities.

    Args:
        texts: the texts.
        context: how to write them.
    """
    for text in texts:
        document = {} if text.document is None else {"document": text.document}
        labels = text.labels if text.labels is not None else _own_labels(text)
        if labels is not None:
            tokens = [text.text[start:end] for start, end in text.tokens or ()]
            if text.text != " ".join(tokens):
                context.losses.add(
                    "texts of which tokens are kept, and white space is not", text.origin or tokens[0]
                )
            probabilities = {} if text.probabilities is None else {"probabilities": list(text.probabilities)}
            own = {"tokens": tokens, "labels": list(labels), **probabilities, **document}
            yield format_json(with_fields(own, text, context.losses))
        else:
            offsets = OffsetMap(text.text, context.offsets or JSONL.offsets)
            spans = [
                _written(span, text.text, offsets)
                for span in sorted(text.spans or (), key=CharacterSpan.order)
            ]
            own = {"text": text.text, "spans": spans, **document}
            yield format_json(with_fields(own, text, context.losses, taken=("tokens", *_SPAN_KEYS)))


def _own_labels(text: AnnotatedText) -> list[str] | None:
    """Return the labels that spell the spans of a sentence that is its tokens alone; None if it is not, or none do."""
    tokens, spans = text.tokens, text.spans
    if not tokens or spans is None or text.sentence_starts != (0,):
        return None
    if text.text != " ".join([text.text[start:end] for start, end in tokens]):
        return None
    if not spans:
        return ["O"] * len(tokens)
    if any(span.probability is not None for span in spans):
        return None
    rows, misfits = align(text.text, [tokens], spans, origin="")
    return None if misfits else rows[0]


def _written(span: CharacterSpan, text: str, offsets: OffsetMap) -> dict[str, Any]:
    ranges = [[offsets.from_code_points(place) for place in range] for range in span.ranges]
    fields: dict[str, Any] = {
        "start": ranges[0][0],
        "end": ranges[-1][1],
        "label": span.label,
        "text": " ".join(text[start:end] for start, end in span.ranges),
    }
    if span.fragments:
        fields["fragments"] = ranges
    if span.probability is not None:
        fields["probability"] = span.probability
    return fields


def _objects(source: Source, name: str, losses: Losses) -> Iterator[tuple[str | dict[str, Any], str, str]]:
    """Yield each line, or each object of a list that takes the whole file, with its place as ``numbered_objects``."""
    lines = numbered_objects(source, name)
    first = next(lines, None)
    if first is None:
        return
    line, where, _ = first
    if not line.lstrip().startswith(_WHOLE):
        yield from chain([first], lines)
        return
    items = list_of(decode(join_lines(chain([line], (line for line, _, _ in lines)), name, SPLITTING), where))
    if items is None:
        raise FormatError(f"{where}: expected a list of objects, found {excerpt(line)}")
    for where, item in list_items(items, name, losses):
        yield item, where, where.rpartition(": ")[2]


def numbered_objects(source: Source, name: str) -> Iterator[tuple[str, str, str]]:
    """Yield each line that is not blank, ``file:line`` of it, and the document that it is if it names none."""
    for number, line in enumerate(read_lines(source, name=name), start=1):
        if line.strip():
            yield line, f"{name}:{number}", f"line {number}"


class SeenKeys:
    """Looks whether the key of the document that is named is on some line.

    Args:
        name: what messages call the source.
        key: the one that is named; None if none is.
    """

    def __init__(self, name: str, key: str | None) -> None:
        self._name = name
        self._key = key
        self._is_there = key is None
        self._found: dict[str, None] = {}

    def add(self, fields: Mapping[str, Any]) -> None:
        """Look at the next object."""
        self._is_there = self._is_there or self._key in fields
        if not self._is_there and len(self._found) < _LISTED_KEYS:
            self._found.update(dict.fromkeys(fields))

    def check(self) -> None:
        """Refuse a key that no object had.

        Raises:
            FormatError: names it, and keys that objects have.
        """
        if self._found and not self._is_there:
            raise FormatError(
                f"{self._name}: expected the id of a document under {self._key!r} on one line at least, found "
                f"{list_keys(list(self._found)[:_LISTED_KEYS])}. "
                f"Name the key that tells the documents, or leave the option out."
            )


class ObjectReader:
    """Turns one line after another into a sentence or text.

    Args:
        keys: where an object holds what.
        labelled: whether to read labels; if not, none need be there.
        names: of labels that are integers.
    """

    def __init__(self, keys: JsonKeys, labelled: bool, names: Mapping[int, str] | None = None) -> None:
        self.keys = keys
        self.labelled = labelled
        self.names = names
        self._sentences = SentenceReader(keys.tokens, keys.labels, labelled=labelled, names=names)

    def fields(self, line: str, where: str) -> dict[str, Any]:
        """Return the object of a line."""
        return self.checked(parse_object(line, where), where)

    def checked(self, fields: dict[str, Any], where: str) -> dict[str, Any]:
        """Return an object as it is, if what is read of it stands in it once."""
        if isinstance(fields, RepeatedKeys):
            self._check_repeated(fields, where)
        return fields

    def item(self, fields: Mapping[str, Any], where: str, document: str) -> Item:
        """Return the sentence of an object, or its text, whose spans are read apart.

        Args:
            fields: the object.
            where: ``file:line``.
            document: that of a text which names none.
        """
        document_key = self.keys.document or _DOCUMENT_KEY
        own_document = fields.get(document_key)
        if type(own_document) not in (str, int, type(None)):
            raise FormatError(
                f"{where}: expected a string or whole number under {document_key!r}, "
                f"found {describe(own_document)}"
            )
        if self.keys.tokens in fields:
            return self._sentences.sentence(
                fields, where, None if own_document is None else str(own_document)
            )
        if self.keys.text in fields:
            text = fields[self.keys.text]
            if not isinstance(text, str):
                raise FormatError(
                    f"{where}: expected a string under {self.keys.text!r}, found {describe(text)}"
                )
            taken = (self.keys.text, document_key, *([self.keys.labels] if self.keys.labels else _SPAN_KEYS))
            return AnnotatedText(
                text,
                document=document if own_document is None else str(own_document),
                origin=where,
                fields={key: value for key, value in fields.items() if key not in taken},
            )
        raise FormatError(
            f"{where}: expected an object with {self.keys.tokens!r} or {self.keys.text!r}, "
            f"found {list_keys(fields)}"
        )

    def claims(self, fields: Mapping[str, Any], where: str) -> list[Claim] | None:
        """Return the spans of an object that holds a text; None if annotations are not wanted."""
        if not self.labelled:
            return None
        keys = [key for key in ([self.keys.labels] if self.keys.labels else _SPAN_KEYS) if key in fields]
        if len(keys) != 1:
            expected = repr(self.keys.labels) if self.keys.labels else f"either of {list_keys(_SPAN_KEYS)}"
            advice = (
                ""
                if self.keys.labels
                else ". Labels of whole texts are not read"
                if isinstance(fields.get("label"), (str, int))
                else f". Choose the key of the spans with {argument('data.label_column', next(iter(keys), ...))}"
            )
            raise FormatError(
                f"{where}: expected {expected} beside the text, found {list_keys(fields)}{advice}"
            )
        values = fields[keys[0]]
        if not isinstance(values, list):
            raise FormatError(
                f"{where}: expected a list of spans under {keys[0]!r}, found {describe(values)}"
            )
        claims = [_claim(value, where) for value in values]
        place = f"{where}: {keys[0]!r}"
        return [claim._replace(label=span_label(claim.label, self.names, place)) for claim in claims]

    def _check_repeated(self, fields: RepeatedKeys, where: str) -> None:
        keys = [self.keys.tokens, self.keys.text, self.keys.document or _DOCUMENT_KEY]
        if self.labelled:
            keys += [self.keys.labels] if self.keys.labels else ["labels", *_SPAN_KEYS]
        for key in keys:
            if key in fields.repeated:
                raise FormatError(f"{where}: expected the key {key!r} once, found it several times")


def _claim(value: object, where: str) -> Claim:
    """Return what a span claims: an object, or a list of start, end and label."""
    if isinstance(value, RepeatedKeys):
        raise FormatError(
            f"{where}: expected every key of a span once, found {value.repeated[0]!r} several times"
        )
    if isinstance(value, dict):
        start, end, label = (value.get(key) for key in ("start", "end", "label"))
        fragments, text = value.get("fragments"), value.get("text")
        ranges = [(start, end)]
        if isinstance(fragments, list) and all(
            isinstance(range, list) and len(range) == 2 for range in fragments
        ):
            ranges = [(first, after) for first, after in fragments]
        return Claim(
            ranges,
            label,
            text if isinstance(text, str) else None,
            value.get("probability"),
        )
    if isinstance(value, list) and len(value) == 3:
        return Claim([(value[0], value[1])], value[2])
    raise FormatError(f"{where}: expected a span [start, end, label], found {describe(value)}")


def _recognises(head: Head) -> bool:
    if head.has("tokens") or head.has("classes", "annotations"):
        return True
    is_list = head.text.lstrip().startswith("[")
    return head.has("text") and (not is_list or any(key in head.objects[0] for key in _SPAN_KEYS))


JSONL: Final = Format(
    name="jsonl",
    title="JSON Lines",
    read=read_jsonl,
    recognises=_recognises,
    suffixes=(".jsonl", ".ndjson"),
    write=write_jsonl,
    holds=Holds(
        labels=True, overlaps=True, discontinuous=True, probabilities=True, documents=True, fields=True
    ),
)
