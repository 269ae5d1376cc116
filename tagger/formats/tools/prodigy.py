r"""Reader of Prodigy: JSON Lines of texts with spans, tokens and the annotator's answer.

``{"text": "EU rejects", "tokens": [{"text": "EU", "start": 0, "end": 2, "id": 0, "ws": true}, ...], "spans": [{"start":
0, "end": 2, "token_start": 0, "token_end": 0, "label": "ORG"}], "answer": "accept", "_input_hash": 1, ...}``

Offsets count code points; ``token_end`` is the last token, not the one after it. Items that are not accepted are left
out, and so are mere questions: a text without an answer and without spans, and questions about one suggested span each
(``_view_id`` ner), which do not show the other spans. So are answers of tasks without spans, such as text
classification; an accepted item without ``spans`` is a text without entities only if its view, or its tokens, show that
spans were to be marked. Annotators are identified by ``_annotator_id`` or ``_session_id``, texts by ``_input_hash``; if
annotators differ and bad data are skipped, the first one is kept. Prodigy has no place for sentences: we write
``"sent_start": true`` at the first token of each, which it preserves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from tagger.errors import FormatError
from tagger.formats.annotated import AnnotatedText, Range
from tagger.formats.annotators import Annotators, Names
from tagger.formats.claims import Claim, ClaimChecker
from tagger.formats.format import Format, Holds, ReadingContext
from tagger.formats.head import Head
from tagger.formats.json_files.items import read_json_items
from tagger.formats.json_files.jsonl import REFUSING_ANSWERS
from tagger.formats.json_files.objects import describe, how_many, list_keys
from tagger.formats.lines import Source
from tagger.formats.probabilities import probability_in
from tagger.formats.tools.prodigy_writing import (
    KEYS,
    SENTENCE_START,
    write_prodigy,
    write_prodigy_tasks,
)

_BINARY_VIEW: Final = "ner"
_VIEWS_OF_SPANS: Final = ("ner_manual", "spans_manual", "relations", "pos_manual")
"""Views in which spans are marked on tokens; without spans the key may be missing."""

_MIXED_VIEWS: Final = (None, "blocks", "review")
"""Views that may be, or contain, one in which spans are marked; then there are tokens."""

_VIEWS_OF_TEXTS: Final = ("choice", "classification", "compare", "text", "text_input")
"""Views in which spans only show what a question is about."""


def _read(source: Source, context: ReadingContext) -> Iterator[AnnotatedText]:
    losses = context.losses
    checker = ClaimChecker(context.name, context.options.offsets or "auto", PRODIGY.offsets, losses)
    items = read_json_items(source, losses, name=context.name)
    annotators = Annotators(context, (_names(fields) for _, fields in items))
    for number, (where, fields) in enumerate(items, start=1):
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
                    losses.add("relations, not read", where, times=how_many(relations))
        except _Unreadable as error:
            losses.bad("items that cannot be read", str(error))
            continue
        meta = fields.get("meta")
        document = meta.get("document") if isinstance(meta, dict) else None
        rest = {key: value for key, value in fields.items() if key not in KEYS and not key.startswith("_")}
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
    """A malformed item."""


def _counts(fields: Mapping[str, Any], context: ReadingContext, where: str) -> bool:
    """Return whether an item was annotated and accepted; count it if not."""
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
    elif answer is not None and not _marks_spans(fields):
        context.losses.add(
            "answers of tasks in which no spans are marked, left out", f"{where}: {_view(fields)}"
        )
    else:
        return True
    return False


def _marks_spans(fields: Mapping[str, Any]) -> bool:
    """Return whether spans were to be marked in an item."""
    view = fields.get("_view_id")
    if view in _VIEWS_OF_TEXTS:
        return False
    if "spans" in fields or view in _VIEWS_OF_SPANS:
        return True
    return view in _MIXED_VIEWS and "tokens" in fields and "label" not in fields


def _view(fields: Mapping[str, Any]) -> str:
    view = fields.get("_view_id")
    return "no '_view_id'" if view is None else f"'_view_id' is {describe(view)}"


def _claims(fields: Mapping[str, Any], where: str) -> list[Claim]:
    values = fields.get("spans", [])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise _Unreadable(f"{where}: expected a list of objects under 'spans', found {describe(values)}")
    return [
        Claim(
            [(value.get("start"), value.get("end"))],
            value.get("label"),
            _mention(value, "span", where),
            probability_in(value),
        )
        for value in values
    ]


def _mention(value: Mapping[str, Any], kind: str, where: str) -> str | None:
    """Return the text that a span or token carries, or None."""
    mention = value.get("text")
    if not isinstance(mention, str | None):
        raise _Unreadable(f"{where}: expected a string as the text of a {kind}, found {describe(mention)}")
    return mention


def _tokens(
    fields: Mapping[str, Any], text: str, checker: ClaimChecker, where: str
) -> tuple[tuple[Range, ...] | None, tuple[int, ...] | None]:
    """Return the ranges of the tokens, except white space, and the indices of those that begin sentences.

    Either is None if unknown. Tokens are checked like spans, and their texts show the unit of offsets.
    """
    values = fields.get("tokens")
    if values is None:
        return None, None
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise _Unreadable(f"{where}: expected a list of objects under 'tokens', found {describe(values)}")
    claims = [
        Claim([(value.get("start"), value.get("end"))], "token", _mention(value, "token", where))
        for value in values
    ]
    spans = checker.spans(text, claims, where)
    if len(spans) < len(claims):
        return None, None  # one was bad, and is counted
    if any(first.end > second.start for first, second in pairwise(spans)):
        raise _Unreadable(f"{where}: expected tokens in their order, found {describe(values)}")
    tokens: list[Range] = []
    sentence_starts: list[int] = []
    for (start, end, *_), value in zip(spans, values, strict=True):
        if value.get(SENTENCE_START) is True and sentence_starts[-1:] != [len(tokens)]:
            sentence_starts.append(len(tokens))
        if text[start:end].strip():
            tokens.append((start, end))
    sentence_starts = [start for start in sentence_starts if start < len(tokens)]
    return tuple(tokens), tuple(sentence_starts) if sentence_starts[:1] == [0] else None


def _names(fields: Mapping[str, Any]) -> Names:
    values = (fields.get("_annotator_id"), fields.get("_session_id"))
    return tuple(dict.fromkeys(str(value) for value in values if isinstance(value, (str, int))))


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
    write=write_prodigy,
    write_tasks=write_prodigy_tasks,
    holds=Holds(overlaps=True, probabilities=True, tokens=True, documents=True, fields=True),
)
