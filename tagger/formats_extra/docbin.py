"""Reader and writer of spaCy's DocBin (``.spacy``), by means of spaCy.

Reads entities; or, by the option ``label_column``, a span group (``spans:sc``), or ``tag`` or ``pos`` of the words. A
document with words whose entity annotation is missing, in spaCy's sense, is not annotated and is left out. White space
that spaCy keeps as a word is not a token here, but stays in the text. Spans of other groups, links of spans, and custom
data and attributes are counted and not read.

Writes entities, or, if spans overlap in any of the texts, all spans as the group ``sc``, from which spaCy trains its
``spancat``; token labels as ``tag``; the id of the document in ``doc.user_data``.
"""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from tagger.errors import DataError, FormatError, MissingExtraError
from tagger.files.replacing import replace_file
from tagger.formats.annotated import AnnotatedText, CharacterSpan
from tagger.formats.format import ReadingContext, WritingContext
from tagger.formats.json_files.objects import list_keys
from tagger.formats.lines import Source, open_source
from tagger.formats.tools.spacy_words import WHITE_SPACE_TAG, only_words_labelled, overlap, to_words
from tagger.options import argument

try:
    import srsly
    from spacy.tokens import Doc, DocBin, Span
    from spacy.vocab import Vocab
except ModuleNotFoundError:
    raise MissingExtraError("spacy", "The format docbin") from None

_LOG: Final = logging.getLogger(__name__)

MOST_BYTES: Final = 2**30
"""The size limit of a decompressed file, enough for some ten million words."""

_BLOCK: Final = 2**20
_ENTITIES: Final = "ents"
_GROUP: Final = "spans:"
_OVERLAPPING: Final = "sc"
"""The name of the span group of spaCy's span categorizer."""
_WORD_LABELS: Final[dict[str, Callable[[Any], str]]] = {
    "tag": lambda word: str(word.tag_),
    "pos": lambda word: str(word.pos_),
}
_DOCUMENT: Final = "document"
_FIELDS: Final = "tagger_fields"
"""The key in ``user_data`` under which we keep the other fields of a text, as JSON."""


def read_docbin(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    """Yield the texts of a DocBin, whose serialised form is held in memory as a whole.

    Args:
        source: a path or an open binary stream.
        context: how to read it.

    Raises:
        DataError: it cannot be read.
        FormatError: it is not a DocBin, holds more than 1 GiB, or lacks the chosen annotations.
    """
    docs = _Docs(source, context.name)
    chosen = _choice(docs, context) if context.labelled else None
    for number, doc in enumerate(docs, start=1):
        where = f"{context.name}: document {number}"
        words = [word for word in doc if _is_token(word)]
        spans = labels = None
        if chosen in _WORD_LABELS:
            labels = tuple(map(_WORD_LABELS[chosen], words))
            if _is_missing([not label for label in labels], "labels", context, where):
                continue
        elif chosen is not None:
            spans = _spans(doc, words, chosen, context, where)
            if spans is None:
                continue
        fields = _fields(doc)
        if chosen is not None:
            _count_others(doc, chosen, context, where)
        document = _document(doc)
        yield AnnotatedText(
            doc.text,
            spans,
            tuple((word.idx, word.idx + len(word)) for word in words),
            _sentence_starts(doc),
            labels,
            document=None if document is None else str(document),
            is_document=True,
            origin=where,
            fields=fields,
        )


def save_docbin(texts: Iterable[AnnotatedText], path: Path, context: WritingContext) -> None:
    """Write texts as a DocBin, atomically.

    Args:
        texts: the texts; all are held in memory.
        path: the file.
        context: how to write them.

    Raises:
        DataError: it cannot be written.
    """
    kept = list(texts)
    as_group = any(overlap(text.spans or ()) for text in kept)
    if as_group:
        _LOG.info("%s: some spans overlap: all are written as spans of the group %s", path, _OVERLAPPING)
    bin = DocBin()
    vocab = Vocab()
    packed: dict[tuple[tuple[str, str], ...], bytes] = {}
    for text in kept:
        doc = _doc(text, vocab, context, as_group=as_group)
        bin.add(doc)
        # DocBin can do this itself, but that takes twice as long as everything else.
        data = tuple(doc.user_data.items())
        if data not in packed:
            packed[data] = srsly.msgpack_dumps(doc.user_data)
        bin.user_data.append(packed[data])
    bin.store_user_data = any(packed)
    try:
        replace_file(path, lambda file: file.write(bin.to_bytes()))
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or error}") from None


class _Docs:
    """The documents of a file, which can be iterated over several times."""

    def __init__(self, source: Source, name: str) -> None:
        self._name = name
        with open_source(source, name) as stream:
            data = stream.read(MOST_BYTES + 1)
        _check_size(data, name)
        self._bin = self._guarded(lambda: DocBin().from_bytes(data))

    def __iter__(self) -> Iterator[Any]:
        docs = self._bin.get_docs(Vocab())
        while (doc := self._guarded(lambda: next(docs, None))) is not None:
            yield doc

    def _guarded(self, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except Exception as error:  # the libraries may raise anything on other bytes
            reason = str(error) or type(error).__name__
            raise FormatError(
                f"{self._name}: expected a DocBin of spaCy, found a file that it cannot read: {reason}"
            ) from None


def _check_size(data: bytes, name: str) -> None:
    """Refuse a file that would fill the memory, before it is decompressed as a whole."""
    length = 0
    unpacker = zlib.decompressobj()
    try:
        for start in range(0, len(data), _BLOCK):
            packed = data[start : start + _BLOCK]
            while packed and length <= MOST_BYTES:
                length += len(unpacker.decompress(packed, _BLOCK))
                packed = unpacker.unconsumed_tail
    except zlib.error:
        return  # spaCy raises the error
    if max(length, len(data)) > MOST_BYTES:
        raise FormatError(
            f"{name}: expected at most {MOST_BYTES // 2**20:,} MiB, unpacked, as spaCy reads it as a whole, found "
            "more. Split it into several files."
        )


def _choice(docs: _Docs, context: ReadingContext) -> str:
    """Return the name of the annotations to read."""
    if context.options.label_column is not None:
        chosen = str(context.options.label_column)
        if chosen != _ENTITIES and chosen not in _WORD_LABELS and not chosen.startswith(_GROUP):
            raise FormatError(
                f"{context.name}: expected ents, spans:NAME, tag or pos as {argument('data.label_column')}, found "
                f"{chosen!r}"
            )
        if chosen.startswith(_GROUP):
            groups = _groups(docs)
            if chosen not in groups:
                raise FormatError(
                    f"{context.name}: expected the spans {chosen!r}, found {list_keys(groups) if groups else 'none'}"
                )
        return chosen
    if any(word.ent_iob for doc in docs for word in doc):
        return _ENTITIES
    groups = _groups(docs)
    if len(groups) > 1:
        raise FormatError(
            f"{context.name}: expected entities or one group of spans, found {list_keys(groups)}. Choose one: "
            f"{argument('data.label_column', groups[0])}"
        )
    if groups:
        _LOG.info("%s: labels are those of %s, as there are no entities", context.name, groups[0])
    return groups[0] if groups else _ENTITIES


def _groups(docs: _Docs) -> list[str]:
    return list(dict.fromkeys(f"{_GROUP}{name}" for doc in docs for name in doc.spans))


def _spans(
    doc: Any, words: list[Any], chosen: str, context: ReadingContext, where: str
) -> tuple[CharacterSpan, ...] | None:
    if chosen == _ENTITIES:
        without_entities = [word.ent_iob == 0 for word in words]
        labels = [name for name, label_of in _WORD_LABELS.items() if any(map(label_of, words))]
        if labels and all(without_entities) and context.options.label_column is None:
            context.losses.add(only_words_labelled(labels[0]), where)
            return None
        if _is_missing(without_entities, "entities", context, where):
            return None
        spans = doc.ents
    else:
        name = chosen.removeprefix(_GROUP)
        if name not in doc.spans:
            context.losses.add("documents that nobody annotated, left out", where)
            return None
        spans = doc.spans[name]
    found = []
    for span in spans:
        if not span.label_:
            context.losses.bad(
                "spans without a label",
                f"{where}: expected a label for each span, found none for {span.text!r}",
            )
            continue
        found.append(CharacterSpan(span.start_char, span.end_char, span.label_))
    return tuple(found)


def _is_missing(missing: list[bool], what: str, context: ReadingContext, where: str) -> bool:
    """Return whether annotations of some words are missing; if so, count the document as left out."""
    if not any(missing):
        return False
    kind = (
        "documents that nobody annotated"
        if all(missing)
        else f"documents with words whose {what} are missing"
    )
    context.losses.add(f"{kind}, left out", where)
    return True


def _sentence_starts(doc: Any) -> tuple[int, ...] | None:
    """Return the indices of the tokens that begin sentences; None unless spaCy knows them for all words."""
    if not doc.has_annotation("SENT_START", require_complete=True):
        return None
    numbers = list(accumulate(map(_is_token, doc), initial=0))
    starts = (numbers[word.i] for word in doc if word.is_sent_start)
    return tuple(number for number in dict.fromkeys(starts) if number < numbers[-1])


def _is_token(word: Any) -> bool:
    """Return whether a word is more than white space; ``word.is_space`` needs the vocabulary of a language."""
    return bool(word.text.strip())


def _document(doc: Any) -> str | int | None:
    """Return the document id in the user data of a document, or None."""
    document = doc.user_data.get(_DOCUMENT)
    return document if type(document) in (str, int) else None


def _fields(doc: Any) -> dict[str, Any]:
    fields = _own_fields(doc) or {}
    return {**fields, "cats": dict(doc.cats)} if doc.cats else fields


def _own_fields(doc: Any) -> dict[str, Any] | None:
    """Return the fields that we wrote to the user data of a document; None if there are none, or not ours."""
    try:
        fields = json.loads(doc.user_data.get(_FIELDS, ""))
    except (TypeError, ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _count_others(doc: Any, chosen: str, context: ReadingContext, where: str) -> None:
    """Count the annotations of a document that are not read."""
    losses = context.losses
    groups: dict[str, Any] = {
        _ENTITIES: doc.ents,
        **{f"{_GROUP}{name}": doc.spans[name] for name in doc.spans},
    }
    for name, spans in groups.items():
        if name != chosen and len(spans):
            losses.add(f"spans of {name}, not read", where, times=len(spans))
    for kind, ids in {
        "links of spans to a knowledge base": [span.kb_id_ for span in groups.get(chosen, ())],
        "ids of spans": [span.id_ for span in groups.get(chosen, ())],
    }.items():
        if count := sum(map(bool, ids)):
            losses.add(f"{kind}, not read", where, times=count)
    is_read = {_DOCUMENT: _document(doc) is not None, _FIELDS: _own_fields(doc) is not None}
    others = [key for key in doc.user_data if not is_read.get(key, False)]
    if others:
        losses.add("custom data and attributes, not read", f"{where}: {others[0]!r}", times=len(others))


def _doc(text: AnnotatedText, vocab: Any, context: WritingContext, *, as_group: bool) -> Any:
    words, spans = to_words(text, context.segmenter, context.losses)
    labels = text.labels
    doc = Doc(
        vocab,
        words=[text.text[start:end] for start, end in words.ranges],
        spaces=words.spaces,
        sent_starts=None if text.sentence_starts is None else list(words.sentence_starts),
        tags=None
        if labels is None
        else [WHITE_SPACE_TAG if token is None else labels[token] for token in words.tokens],
    )
    assert doc.text == text.text, "words and their blanks are the text"
    if text.spans is not None:
        found = [Span(doc, *words.place(span), label=span.label) for span in spans]
        if as_group:
            doc.spans[_OVERLAPPING] = found
        else:
            doc.set_ents(found)
    fields = dict(text.fields)
    cats = fields.get("cats")
    if isinstance(cats, dict):
        doc.cats = fields.pop("cats")
    if text.document is not None:
        doc.user_data[_DOCUMENT] = text.document
    if fields:
        doc.user_data[_FIELDS] = json.dumps(fields, ensure_ascii=False)
    return doc
