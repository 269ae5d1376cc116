r"""Prodigy: JSON Lines of texts with spans, tokens and the annotator's answer.

``{"text": "EU rejects", "tokens": [{"text": "EU", "start": 0, "end": 2, "id": 0, "ws": true}, ...], "spans": [{"start":
0, "end": 2, "token_start": 0, "token_end": 0, "label": "ORG"}], "answer": "accept", "_input_hash": 1, ...}``

Offsets count code points; ``token_end`` is the last token, not the one after it. What is not accepted is left out, and
so is what was only asked: a text without an answer and without spans, and the questions about one suggested span each
(``_view_id`` ner), which do not tell what else there is. Several annotators are told by ``_annotator_id`` or
``_session_id``, their texts by ``_input_hash``; where they differ and what is bad is skipped, the first one stays.

Prodigy has no place for sentences: ``"sent_start": true`` at the first token of each is ours, which it lets stand.
Predictions are written without an answer, and with the score of each span.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from tagger.errors import FormatError
from tagger.formats.annotated import AnnotatedText, CharacterSpan, Range
from tagger.formats.annotators import Annotators, Names
from tagger.formats.claims import Claim, ClaimChecker
from tagger.formats.format import Format, Holds, ReadingContext, WritingContext
from tagger.formats.head import Head
from tagger.formats.json_files.items import read_json_items
from tagger.formats.json_files.jsonl import REFUSING_ANSWERS
from tagger.formats.json_files.objects import describe, format_json, list_keys
from tagger.formats.lines import Source
from tagger.formats.offsets import OffsetMap
from tagger.formats.probabilities import probability_in, tell_predictions

_KEYS: Final = ("text", "tokens", "spans", "answer", "relations")
_BINARY_VIEW: Final = "ner"
_SENTENCE_START: Final = "sent_start"


def _read(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    losses = context.losses
    checker = ClaimChecker(context.name, context.options.offsets or "auto", PRODIGY.offsets, losses)
    annotators = Annotators(context)
    for number, (where, fields) in enumerate(read_json_items(source, losses, name=context.name), start=1):
        text = fields.get("text")
        if not isinstance(text, str):
            losses.bad(
                "items without a text", f"{where}: expected a string under 'text', found {list_keys(fields)}"
            )
            continue
        spans = None
        try:
            tokens, starts = _tokens(fields, text, checker, where)
            if context.labelled:
                names = _names(fields)
                if not _counts(fields, context, where) or not annotators.counts(names, where):
                    continue
                spans = checker.spans(text, _claims(fields, where), where)
                if not annotators.is_new(str(fields.get("_input_hash", number)), names, spans, where):
                    continue
                if relations := fields.get("relations"):
                    losses.add("relations, not read", where, times=len(relations))
        except _Unreadable as error:
            losses.bad("items that cannot be read", str(error))
            continue
        meta = fields.get("meta")
        document = meta.get("document") if isinstance(meta, dict) else None
        rest = {key: value for key, value in fields.items() if key not in _KEYS and not key.startswith("_")}
        if type(document) in (str, int):
            rest["meta"] = {key: value for key, value in fields["meta"].items() if key != "document"}
            rest = rest if rest["meta"] else {key: value for key, value in rest.items() if key != "meta"}
        else:
            document = None
        yield AnnotatedText(
            text,
            spans,
            tokens,
            starts,
            document=None if document is None else str(document),
            is_document=True,
            origin=where,
            fields=rest,
        )
    annotators.check()


class _Unreadable(FormatError):
    """An item of another form than expected."""


def _counts(fields: Mapping[str, Any], context: ReadingContext, where: str) -> bool:
    """Return whether an annotator finished and accepted an item; count it if not."""
    answer = fields.get("answer")
    if answer in REFUSING_ANSWERS:
        context.losses.add(f"items answered {answer!r}, left out", where)
    elif answer not in ("accept", None):
        raise _Unreadable(f"{where}: expected the answer accept, reject or ignore, found {describe(answer)}")
    elif answer is None and "spans" not in fields:
        context.losses.add("items that nobody annotated, left out", where)
    elif answer is not None and fields.get("_view_id") == _BINARY_VIEW:
        context.losses.add(
            "answers about one suggested span, which do not tell what else there is, left out", where
        )
    else:
        return True
    return False


def _claims(fields: Mapping[str, Any], where: str) -> list[Claim]:
    values = fields.get("spans", [])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise _Unreadable(f"{where}: expected a list of objects under 'spans', found {describe(values)}")
    return [
        Claim(
            [(value.get("start"), value.get("end"))],
            value.get("label"),
            mention if isinstance(mention := value.get("text"), str) else None,
            probability_in(value),
        )
        for value in values
    ]


def _tokens(
    fields: Mapping[str, Any], text: str, checker: ClaimChecker, where: str
) -> tuple[tuple[Range, ...] | None, tuple[int, ...] | None]:
    """Return the ranges of the tokens, without those of white space, and the numbers of those that begin sentences.

    Either is None if it is not known.

    They are claims of characters as spans are, and their texts tell what offsets count.
    """
    values = fields.get("tokens")
    if values is None:
        return None, None
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise _Unreadable(f"{where}: expected a list of objects under 'tokens', found {describe(values)}")
    claims = [Claim([(value.get("start"), value.get("end"))], "token", value.get("text")) for value in values]
    spans = checker.spans(text, claims, where)
    if len(spans) < len(claims):
        return None, None  # one was bad, and is counted
    if any(first.end > second.start for first, second in pairwise(spans)):
        raise _Unreadable(f"{where}: expected tokens in their order, found {describe(values)}")
    tokens: list[Range] = []
    starts: list[int] = []
    for (start, end, *_), value in zip(spans, values, strict=True):
        if value.get(_SENTENCE_START) is True and starts[-1:] != [len(tokens)]:
            starts.append(len(tokens))
        if text[start:end].strip():
            tokens.append((start, end))
    starts = [start for start in starts if start < len(tokens)]
    return tuple(tokens), tuple(starts) if starts[:1] == [0] else None


def _names(fields: Mapping[str, Any]) -> Names:
    values = (fields.get("_annotator_id"), fields.get("_session_id"))
    return tuple(dict.fromkeys(str(value) for value in values if isinstance(value, (str, int))))


def _write(texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[str]:
    for text, is_predicted in tell_predictions(texts, context.model):
        offsets = OffsetMap(text.text, context.offsets or PRODIGY.offsets)
        fields: dict[str, Any] = {
            "text": text.text,
            **{k: v for k, v in text.fields.items() if k not in _KEYS},
        }
        if text.document is not None:
            meta = text.fields.get("meta")
            fields["meta"] = {**(meta if isinstance(meta, dict) else {}), "document": text.document}
        if text.tokens is not None:
            starts = frozenset(text.sentence_starts or ())
            fields["tokens"] = [
                {
                    "text": text.text[start:end],
                    "start": offsets.from_code_points(start),
                    "end": offsets.from_code_points(end),
                    "id": number,
                    "ws": text.text[end : end + 1] == " ",
                    **({_SENTENCE_START: True} if number in starts else {}),
                }
                for number, (start, end) in enumerate(text.tokens)
            ]
        if text.spans is not None:
            fields["spans"] = [
                _span(span, text, offsets, context.model)
                for span in sorted(text.spans, key=CharacterSpan.order)
            ]
            if not is_predicted:
                fields["answer"] = "accept"
        yield format_json(fields)


def _span(span: CharacterSpan, text: AnnotatedText, offsets: OffsetMap, model: str | None) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "start": offsets.from_code_points(span.start),
        "end": offsets.from_code_points(span.end),
        "label": span.label,
    }
    tokens = text.tokens or ()
    first = next((number for number, token in enumerate(tokens) if token[0] == span.start), None)
    last = next((number for number, token in enumerate(tokens) if token[1] == span.end), None)
    if first is not None and last is not None:
        fields |= {"token_start": first, "token_end": last}
    if span.probability is not None:
        fields["score"] = span.probability
    return fields if model is None else {**fields, "source": model}


def _recognises(head: Head) -> bool:
    return any(
        isinstance(fields.get("text"), str)
        and ("_input_hash" in fields or _is_answered(fields) or _has_tokens(fields.get("tokens")))
        for fields in head.objects
    )


def _is_answered(fields: Mapping[str, Any]) -> bool:
    spans = fields.get("spans")
    has_objects = isinstance(spans, list) and all(isinstance(span, dict) for span in spans)
    return fields.get("answer") in ("accept", *REFUSING_ANSWERS) and has_objects and "data" not in fields


def _has_tokens(tokens: Any) -> bool:
    keys = ("text", "start", "end", "id")
    return (
        isinstance(tokens, list)
        and tokens != []
        and isinstance(tokens[0], dict)
        and all(key in tokens[0] for key in keys)
    )


PRODIGY: Final = Format(
    name="prodigy",
    title="Prodigy",
    read=_read,
    recognises=_recognises,
    write=_write,
    holds=Holds(overlaps=True, probabilities=True, tokens=True, documents=True, fields=True),
)
