r"""Reader and writer of spaCy's JSON: the output of ``Doc.to_json`` in version 3, and the training format of version 2.

``{"text": "EU rejects", "ents": [{"start": 0, "end": 2, "label": "ORG"}], "tokens": [{"id": 0, "start": 0, "end": 2},
...], "sents": [{"start": 0, "end": 10}], "spans": {"sc": [...]}}``
    a document; one without ``ents`` is not annotated. spaCy writes missing entities of single words as none, which
    cannot be detected.
``[{"id": 1, "paragraphs": [{"raw": "EU rejects", "sentences": [{"tokens": [{"orth": "EU", "ner": "U-ORG"}, ...]}]}]}]``
    documents of paragraphs; entities are labels in BILUO, ``-`` where missing. Without ``raw`` there are only tokens.

The option ``label_column`` chooses the labels: entities, a span group (``spans:sc``), or a key of tokens (``tag``);
spans of other groups and links of spans are counted. White space that spaCy keeps as a token is not a token here.
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from tagger.errors import FormatError
from tagger.formats.annotated import AnnotatedText, CharacterSpan, Item, Range
from tagger.formats.claims import Claim, ClaimChecker
from tagger.formats.columns.records import excerpt
from tagger.formats.format import Format, Holds, ReadingContext, WritingContext
from tagger.formats.head import Head
from tagger.formats.json_files.beside import with_fields
from tagger.formats.json_files.items import read_json_items
from tagger.formats.json_files.objects import describe, format_json, how_many, list_keys
from tagger.formats.lines import Source
from tagger.formats.losses import Losses
from tagger.formats.offsets import OffsetMap
from tagger.formats.tools.spacy_paragraphs import read_paragraph
from tagger.formats.tools.spacy_words import WHITE_SPACE_TAG, only_words_labelled, to_words
from tagger.options import argument

_LOG: Final = logging.getLogger(__name__)

_GROUP: Final = "spans:"
_WORD_LABELS: Final = ("tag", "pos")
_OF_THE_DOC: Final = ("text", "ents", "sents", "tokens", "spans", "cats")


def _read(source: Source, context: ReadingContext) -> Iterator[Item]:
    reader = _DocReader(context)
    for number, (where, fields) in enumerate(
        read_json_items(source, context.losses, name=context.name), start=1
    ):
        try:
            if "paragraphs" in fields:
                yield from _paragraphs(fields, context, where)
            elif (text := reader.read(fields, number, where)) is not None:
                yield text
        except FormatError as error:
            context.losses.bad("documents that cannot be read", str(error))


def _paragraphs(fields: Mapping[str, Any], context: ReadingContext, where: str) -> Iterator[Item]:
    paragraphs = fields["paragraphs"]
    if not isinstance(paragraphs, list):
        raise FormatError(f"{where}: expected a list under 'paragraphs', found {describe(paragraphs)}")
    document = fields.get("id")
    for number, paragraph in enumerate(paragraphs, start=1):
        place = f"{where}, paragraph {number}"
        try:
            yield from read_paragraph(paragraph, context, place, None if document is None else str(document))
        except FormatError as error:
            context.losses.bad("paragraphs that cannot be read", str(error))


class _DocReader:
    """Reads the output of ``Doc.to_json``."""

    def __init__(self, context: ReadingContext) -> None:
        self._labelled = context.labelled
        self._losses = context.losses
        self._name = context.name
        self._chosen = None if context.options.label_column is None else str(context.options.label_column)
        self._group: str | None = None
        """The only span group, if none is chosen and there are no entities."""
        self._checker = ClaimChecker(
            context.name, context.options.offsets or "auto", SPACY_JSON.offsets, context.losses
        )

    def read(self, fields: Mapping[str, Any], number: int, where: str) -> AnnotatedText | None:
        """Return the text of a document; None if it is left out."""
        text = fields.get("text")
        if not isinstance(text, str):
            raise FormatError(
                f"{where}: expected a string under 'text', or paragraphs, found {list_keys(fields)}"
            )
        words = _objects(fields, "tokens", where)
        ranges = self._ranges(text, words, "token", where)
        kept = [place for place, (start, end) in enumerate(ranges) if text[start:end].strip()]
        tokens = tuple(ranges[place] for place in kept) if "tokens" in fields else None
        sentences = self._ranges(text, _objects(fields, "sents", where), "sentence", where)
        spans = labels = None
        if self._labelled:
            chosen = self._choice(fields, where)
            if chosen is None:
                labels_of_words = [key for key in _WORD_LABELS if any(word.get(key) for word in words)]
                kind = "documents that nobody annotated, left out"
                if self._chosen is None and labels_of_words:
                    kind = only_words_labelled(labels_of_words[0])
                self._losses.add(kind, where)
                return None
            if chosen == "ents" or chosen.startswith(_GROUP):
                claims = _claims(fields, chosen, where)
                spans = self._checker.spans(text, claims, where)
                _count_links(fields, chosen, where, self._losses)
            else:
                labels = tuple(_label(words[place], chosen, where) for place in kept)
            _count_groups(fields, chosen, where, self._losses)
        document = fields.get("id")
        rest = {key: value for key, value in fields.items() if key not in (*_OF_THE_DOC, "id")}
        if cats := fields.get("cats"):
            rest["cats"] = cats
        return AnnotatedText(
            text,
            spans,
            tokens,
            first_tokens(tokens, sentences) if tokens is not None and sentences else None,
            labels,
            document=None if document is None else str(document),
            is_document=True,
            origin=where,
            fields=rest,
        )

    def _choice(self, fields: Mapping[str, Any], where: str) -> str | None:
        """Return the name of the annotations to read; None if the document lacks them."""
        groups = fields.get("spans")
        names = [f"{_GROUP}{name}" for name in groups] if isinstance(groups, dict) else []
        chosen = self._chosen
        if chosen is None:
            if "ents" in fields:
                return "ents"
            if len(names) > 1:
                raise FormatError(
                    f"{where}: expected entities or one group of spans, found {list_keys(names)}. Choose one: "
                    f"{argument('data.label_column', names[0])}"
                )
            if names and self._group is None:
                self._group = names[0]
                _LOG.info("%s: labels are those of %s, where there are no entities", self._name, names[0])
            return names[0] if names else None
        if chosen == "ents":
            return chosen if chosen in fields else None
        if chosen.startswith(_GROUP):
            return chosen if chosen in names else None
        return chosen if any(chosen in word for word in _objects(fields, "tokens", where)) else None

    def _ranges(self, text: str, values: Sequence[Mapping[str, Any]], kind: str, where: str) -> list[Range]:
        """Return ranges, checked like spans."""
        claims = [Claim([(value.get("start"), value.get("end"))], kind) for value in values]
        ranges = [(start, end) for start, end, *_ in self._checker.spans(text, claims, where)]
        if len(ranges) < len(claims) or any(end > start for (_, end), (start, _) in pairwise(ranges)):
            raise FormatError(f"{where}: expected the ranges of each {kind} in their order")
        return ranges


def first_tokens(tokens: Sequence[Range], sentences: Iterable[Range]) -> tuple[int, ...]:
    """Return the index of the first token of each sentence that has tokens.

    >>> first_tokens([(0, 2), (3, 4), (6, 8)], [(0, 4), (5, 8)])
    (0, 2)
    """
    numbers = [0] if tokens else []
    for start, _ in sentences:
        first = bisect_left(tokens, (start, start))
        if numbers and numbers[-1] < first < len(tokens):
            numbers.append(first)
    return tuple(numbers)


def _claims(fields: Mapping[str, Any], chosen: str, where: str) -> list[Claim]:
    return [
        Claim([(value.get("start"), value.get("end"))], value.get("label"))
        for value in _spans(fields, chosen, where)
    ]


def _spans(fields: Mapping[str, Any], chosen: str, where: str) -> Sequence[Mapping[str, Any]]:
    if chosen == "ents":
        return _objects(fields, "ents", where)
    return _objects(fields["spans"], chosen.removeprefix(_GROUP), where)


def _count_links(fields: Mapping[str, Any], chosen: str, where: str, losses: Losses) -> None:
    """Count links and ids of the spans that are read."""
    for key, kind in {"kb_id": "links of spans to a knowledge base", "id": "ids of spans"}.items():
        if count := sum(bool(span.get(key)) for span in _spans(fields, chosen, where)):
            losses.add(f"{kind}, not read", where, times=count)


def _count_groups(fields: Mapping[str, Any], chosen: str, where: str, losses: Losses) -> None:
    """Count the spans that are not read."""
    groups = {"ents": fields.get("ents")}
    if isinstance(named := fields.get("spans"), dict):
        groups |= {f"{_GROUP}{name}": spans for name, spans in named.items()}
    for name, spans in groups.items():
        if name != chosen and spans:
            losses.add(f"spans of {name}, not read", where, times=how_many(spans))


def _label(word: Mapping[str, Any], key: str, where: str) -> str:
    label = word.get(key)
    if not isinstance(label, str) or not label.strip():
        raise FormatError(f"{where}: expected a string under {key!r} of each token, found {describe(label)}")
    return label.strip()


def _objects(fields: Mapping[str, Any], key: str, where: str) -> Sequence[Mapping[str, Any]]:
    values = fields.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise FormatError(
            f"{where}: expected a list of objects under {key!r}, found {excerpt(describe(values))}"
        )
    return values


def _recognises(head: Head) -> bool:
    for fields in head.objects:
        if isinstance(fields.get("paragraphs"), list):
            return True
        tokens, ents = fields.get("tokens"), fields.get("ents")
        if isinstance(fields.get("text"), str) and isinstance(tokens, list):
            keys = set(tokens[0]) if tokens and isinstance(tokens[0], dict) else set()
            if ({"id", "start", "end"} <= keys and "text" not in keys) or isinstance(ents, list):
                return True
    return False


def _write(texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[str]:
    for text in texts:
        words, spans = to_words(text, context.segmenter, context.losses)
        offsets = OffsetMap(text.text, context.offsets or SPACY_JSON.offsets)
        fields: dict[str, Any] = {"text": text.text}
        if text.document is not None:
            fields["id"] = text.document
        if text.spans is not None:
            fields["ents"] = [
                {**_place(span.start, span.end, offsets), "label": span.label}
                for span in sorted(spans, key=CharacterSpan.order)
            ]
        if text.sentence_starts is not None:
            starts = [place for place, is_start in enumerate(words.sentence_starts) if is_start]
            fields["sents"] = [
                _place(words.ranges[first][0], words.ranges[after - 1][1], offsets)
                for first, after in pairwise((*starts, len(words.ranges)))
            ]
        fields["tokens"] = [
            {"id": number, **_place(start, end, offsets)} for number, (start, end) in enumerate(words.ranges)
        ]
        if text.labels is not None:
            for word, token in zip(fields["tokens"], words.tokens, strict=True):
                word["tag"] = WHITE_SPACE_TAG if token is None else text.labels[token]
        if isinstance(cats := text.fields.get("cats"), dict):
            fields["cats"] = cats
        yield format_json(with_fields(fields, text, context.losses, taken=(*_OF_THE_DOC, "id", "paragraphs")))


def _place(start: int, end: int, offsets: OffsetMap) -> dict[str, int]:
    return {"start": offsets.from_code_points(start), "end": offsets.from_code_points(end)}


SPACY_JSON: Final = Format(
    name="spacy-json",
    title="spaCy JSON",
    read=_read,
    recognises=_recognises,
    write=_write,
    holds=Holds(labels=True, tokens=True, documents=True, fields=True),
)
