r"""JSON Lines: an object a line, holding either a sentence as tokens or a text with character spans.

``{"tokens": ["EU", "rejects"], "labels": ["B-ORG", "O"]}``
    one sentence;
``{"text": "EU rejects it.", "spans": [{"start": 0, "end": 2, "label": "ORG"}]}``
    a text, which a segmenter cuts into sentences. Offsets count characters (code points). A span may also be
    a list, ``[0, 2, "ORG"]``. Tokens that are objects, as Prodigy writes them beside a text, are passed over.

Blank lines between objects are skipped. Where labels are read, so are objects that an annotator did not accept, as
Prodigy marks them (``"answer": "reject"`` or ``"ignore"``); a message to the log counts them.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tagger.errors import DataError, FormatError, UsageError
from tagger.examples import Example
from tagger.formats.alignment import CharacterSpan, Misaligned, Range, align
from tagger.formats.columns import excerpt
from tagger.formats.json_objects import RepeatedKeys, describe, list_keys, parse_object
from tagger.formats.lines import Source, read_lines, source_name
from tagger.options import argument, option
from tagger.text.tokens import Segmenter
from tagger.text.windows import windows

_LOG: Final = logging.getLogger(__name__)

_SPAN_KEYS: Final = ("spans", "entities")
_DOCUMENT_KEY: Final = "document"
_ANSWER_KEY: Final = "answer"
_NOT_ACCEPTED: Final = ("reject", "ignore")
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


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """An object and the sentences in it.

    Attributes:
        name: what messages call the file.
        line: the line as it was, for ``restore_json``.
        fields: the whole object.
        sentences: one sentence if the object holds tokens, any number if it holds a text.
        text: the text, or None if the object holds tokens.
        ranges: for each sentence of the text, the character ranges of its tokens; empty beside tokens.
    """

    name: str
    line: str
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

    At the end of the file a message is logged about objects left out because an annotator did not accept them. Tokens
    are kept with any blanks at their ends, labels without.

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
    reader = _Reader(name, keys, labelled, segmenter, on_misaligned)
    lines = enumerate(read_lines(source, name=name), start=1)
    records = (
        record
        for number, line in lines
        if line.strip() and (record := reader.record(line, f"{name}:{number}", f"line {number}"))
    )
    yield from records if keys.document is None else _with_documents(records, keys.document, name)
    reader.report()


def count_misfits(
    source: Source, segmenters: Sequence[Segmenter], *, keys: JsonKeys | None = None
) -> list[int]:
    """Return how many spans of the texts of a file do not fit the tokens of each segmenter, for choosing one.

    Args:
        source: a path; a stream would be used up.
        segmenters: what may cut the texts.
        keys: the names of the keys, if they are not the usual ones.

    Raises:
        DataError: as from :func:`read_jsonl`.
    """
    name = source_name(source)
    counts = []
    for segmenter in segmenters:
        misfits: list[Misaligned] = []
        reader = _Reader(name, keys or JsonKeys(), True, segmenter, misfits.append)
        for number, line in enumerate(read_lines(source), start=1):
            if line.strip():
                reader.record(line, f"{name}:{number}", f"line {number}")
        counts.append(len(misfits))
    return counts


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
            f"{list_keys(list(found)[:_LISTED_KEYS])}. "
            f"Name the key that tells the documents, or leave the option out."
        )


@dataclass(slots=True)
class _Reader:
    """Turns one line after another into a record; the first attributes are the arguments of ``read_jsonl``.

    Attributes:
        left_out: how many objects had which answer of an annotator who did not accept them.
        num_recut: how many objects had tokens that are objects themselves, beside their text.
    """

    name: str
    keys: JsonKeys
    labelled: bool
    segmenter: Segmenter | None
    on_misaligned: Callable[[Misaligned], None] | None
    left_out: Counter[str] = field(default_factory=Counter)
    num_recut: int = 0

    def record(self, line: str, where: str, document: str) -> JsonRecord | None:
        """Return the record of a line; None if an annotator did not accept it."""
        fields = parse_object(line, where)
        document_key = self.keys.document or _DOCUMENT_KEY
        if isinstance(fields, RepeatedKeys):
            self._check_repeated(fields, (self.keys.tokens, self.keys.text, document_key), where)
        answer = fields.get(_ANSWER_KEY) if self.labelled else None
        if isinstance(answer, str) and answer in _NOT_ACCEPTED:
            self.left_out[answer] += 1
            return None
        own_document = fields.get(document_key)
        if type(own_document) not in (str, int, type(None)):
            raise FormatError(
                f"{where}: expected a string or whole number under {document_key!r}, "
                f"found {describe(own_document)}"
            )
        has_text = self.keys.text in fields
        if self.keys.tokens in fields and not (has_text and _are_objects(fields[self.keys.tokens])):
            example = self._sentence(fields, where, None if own_document is None else str(own_document))
            return JsonRecord(self.name, line, fields, (example,))
        if has_text:
            self.num_recut += self.keys.tokens in fields
            document = document if own_document is None else str(own_document)
            text, sentences, ranges = self._text(fields, where, document)
            return JsonRecord(self.name, line, fields, sentences, text, ranges)
        raise FormatError(
            f"{where}: expected an object with {self.keys.tokens!r} or {self.keys.text!r}, "
            f"found {list_keys(fields)}"
        )

    def report(self) -> None:
        """Log what was left out, and what looks like a mistake."""
        if self.left_out:
            found = ", ".join(f"{number} with {answer!r}" for answer, number in self.left_out.items())
            _LOG.warning("%s: left out lines by their %r: %s", self.name, _ANSWER_KEY, found)
        if self.num_recut:
            _LOG.warning(
                "%s: the objects under %r are not read in %d lines: their texts are cut into tokens again",
                self.name,
                self.keys.tokens,
                self.num_recut,
            )

    def _check_repeated(self, fields: RepeatedKeys, keys: tuple[str, ...], where: str) -> None:
        if self.labelled:
            keys = (
                *keys,
                _ANSWER_KEY,
                *((self.keys.labels,) if self.keys.labels else ("labels", *_SPAN_KEYS)),
            )
        for key in keys:
            if key in fields.repeated:
                raise FormatError(f"{where}: expected the key {key!r} once, found it several times")

    def _sentence(self, fields: Mapping[str, Any], where: str, document: str | None) -> Example:
        tokens = _strings(fields, self.keys.tokens, where)
        labels = None
        if self.labelled:
            key = self.keys.labels or "labels"
            labels = tuple(map(str.strip, _strings(fields, key, where)))
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
        return Example(tokens, labels, document, where)

    def _text(
        self, fields: Mapping[str, Any], where: str, document: str
    ) -> tuple[str, tuple[Example, ...], tuple[tuple[Range, ...], ...]]:
        text = fields[self.keys.text]
        if not isinstance(text, str):
            raise FormatError(f"{where}: expected a string under {self.keys.text!r}, found {describe(text)}")
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
        return text, sentences, ranges

    def _spans(self, fields: Mapping[str, Any], text: str, where: str) -> list[CharacterSpan]:
        keys = [key for key in ([self.keys.labels] if self.keys.labels else _SPAN_KEYS) if key in fields]
        if len(keys) != 1:
            expected = repr(self.keys.labels) if self.keys.labels else f"either of {list_keys(_SPAN_KEYS)}"
            advice = (
                ""
                if self.keys.labels
                else f". Choose the key of the spans with {argument('data.label_column')}"
            )
            raise FormatError(
                f"{where}: expected {expected} beside the text, found {list_keys(fields)}{advice}"
            )
        values = fields[keys[0]]
        if not isinstance(values, list):
            raise FormatError(
                f"{where}: expected a list of spans under {keys[0]!r}, found {describe(values)}"
            )
        return [_span(value, text, where) for value in values]


def _strings(fields: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    if key not in fields:
        raise FormatError(f"{where}: expected a list of strings under {key!r}, found {list_keys(fields)}")
    values = fields[key]
    if not isinstance(values, list):
        raise FormatError(f"{where}: expected a list of strings under {key!r}, found {describe(values)}")
    if set(map(type, values)) <= {str}:
        return tuple(values)
    for place, value in enumerate(values):
        if not isinstance(value, str):
            advice = _advice_on_numbers() if type(value) is int else ""
            raise FormatError(
                f"{where}: expected a list of strings under {key!r}, found {describe(value)} at place {place}{advice}"
            )
    return tuple(values)


def _are_objects(tokens: object) -> bool:
    """Return whether tokens are objects, as Prodigy writes them beside a text."""
    return isinstance(tokens, list) and tokens != [] and isinstance(tokens[0], dict)


def _span(value: object, text: str, where: str) -> CharacterSpan:
    """Check a span: an object or a list of start, end and label; if it holds its own text, that is compared."""
    if isinstance(value, RepeatedKeys):
        raise FormatError(
            f"{where}: expected every key of a span once, found {value.repeated[0]!r} several times"
        )
    parts = [value.get(key) for key in ("start", "end", "label")] if isinstance(value, dict) else value
    match parts:
        case [bool(), _, _] | [_, bool(), _]:
            pass
        case [int(start), int(end), str(label)] if 0 <= start < end <= len(text) and label.strip():
            own = value.get("text") if isinstance(value, dict) else None
            if isinstance(own, str) and own.split() != text[start:end].split():
                raise FormatError(
                    f"{where}: expected the characters {start}-{end} to be {excerpt(own)}, as the span says, found "
                    f"{excerpt(text[start:end])}. Offsets count characters (code points) of this text, from 0."
                )
            return CharacterSpan(start, end, label.strip())
    raise FormatError(
        f"{where}: expected a span [start, end, label] with 0 <= start < end <= {len(text)}, found {describe(value)}"
    )


def _advice_on_numbers() -> str:
    return (
        f". Numbers do not tell the labels: write the names, or train with {option('data.dataset', of_training=True)} "
        f"and {option('data.label_names', of_training=True)}"
    )
