"""Render a record and its answers for ``tagger tag`` as columns, CoNLL-U, JSON Lines or inline entities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tagger.cli.inputs import Record
from tagger.errors import UsageError
from tagger.files import name_as_text
from tagger.formats import (
    ColumnRecord,
    JsonRecord,
    TextRecord,
    format_conll,
    format_inline,
    format_json,
    join_tokens,
    restore_conll,
    restore_conllu,
    restore_json,
)
from tagger.prediction import Answer
from tagger.spans import Span

KINDS: Final = ("auto", "conll", "conllu", "jsonl", "inline")
_PROBABILITY_FIELD: Final = "misc:Prob"
_DIGITS: Final = 6
_OWN_KEYS: Final = (
    *("file", "document", "offset", "text", "tokens", "spans", "entities"),
    *("sentences", "probabilities", "nbest"),
)
"""Keys of other fields than the labels (jsonl)."""

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Writing:
    """How to write records and answers.

    Attributes:
        kind: one of ``KINDS``, but not ``auto``.
        source: the kind of the input.
        has_spans: whether the labels encode spans.
        label_column: for labels: the index or name of a column to replace (conll input and output), a field (conllu),
            or a key (jsonl). None: a new column, ``upos`` or ``misc:NE``, ``labels``.
        token_column: of the tokens of the input, by index or name (conll).
        has_header: whether the columns of the input have names.
        several: whether there are several inputs.
    """

    kind: str
    source: str
    has_spans: bool
    label_column: int | str | None = None
    token_column: int | str = 0
    has_header: bool = False
    several: bool = False

    def __post_init__(self) -> None:
        if self.kind == "conllu" and self.source != "conllu":
            raise UsageError(f"--output conllu needs conllu input, found {self.source} input")
        if self.kind == "inline" and not self.has_spans:
            raise UsageError("--output inline needs a model whose labels have spans; use conll or jsonl")
        if self.label_column is None:
            return
        if self.kind == "inline" or (self.kind == "conll" and self.source != "conll"):
            raise UsageError(f"--label-column has no effect on {self.kind} output of {self.source} input")
        if self.kind == "jsonl" and self.label_column in _OWN_KEYS:
            raise UsageError(
                f"--label-column: {self.label_column!r} is the key of something else; choose another"
            )
        wanted = str if self.kind != "conll" else (int, str) if self.has_header else int
        if not isinstance(self.label_column, wanted):
            what = "the number of a column, counted from 0" if self.kind == "conll" else "a name"
            raise UsageError(f"--label-column: expected {what}, found {self.label_column!r}")


def render(record: Record, answers: Sequence[Answer], writing: Writing) -> str:
    """Return the output for a record.

    Args:
        record: a record of the input.
        answers: one for each of its sentences.
        writing: how to write it.

    Raises:
        DataError: a token or label cannot be written in a column.
    """
    if writing.kind == "conll":
        return _conll(record, answers, writing)
    if writing.kind == "conllu":
        return _conllu(record, answers, writing)
    if writing.kind == "jsonl":
        return _jsonl(record, answers, writing)
    return _inline(record, answers)


def _conll(record: Record, answers: Sequence[Answer], writing: Writing) -> str:
    if isinstance(record, ColumnRecord) and writing.source == "conll":
        answer = answers[0] if answers else Answer((), ())
        columns = _columns(answer)
        if writing.label_column is not None:
            return restore_conll(
                record,
                replace={writing.label_column: columns[0]},
                append=columns[1:],
                token_column=writing.token_column,
            )
        return restore_conll(record, append=columns)
    if _is_whitespace(record, writing):
        return ""
    pairs = zip(record.sentences, answers, strict=True)
    return "".join(format_conll(example.tokens, *_columns(answer)) for example, answer in pairs)


def _columns(answer: Answer) -> list[Sequence[str]]:
    """Return the labels, and the probabilities if there are any, as columns."""
    if answer.probabilities is None:
        return [answer.labels]
    return [answer.labels, [_decimal(value) for value in answer.probabilities]]


def _conllu(record: Record, answers: Sequence[Answer], writing: Writing) -> str:
    assert isinstance(record, ColumnRecord), "checked by Writing"
    answer = answers[0] if answers else Answer((), ())
    field = writing.label_column or ("misc:NE" if writing.has_spans else "upos")
    columns = _columns(answer)
    return restore_conllu(record, dict(zip([str(field), _PROBABILITY_FIELD], columns, strict=False)))


def _inline(record: Record, answers: Sequence[Answer]) -> str:
    if isinstance(record, TextRecord):
        return format_inline(record.text, _marks(answers, [record.ranges]))
    if isinstance(record, JsonRecord) and record.text is not None:
        return format_inline(record.text, _marks(answers, record.ranges)) + "\n"
    lines = []
    for example, answer in zip(record.sentences, answers, strict=True):
        text, ranges = join_tokens(example.tokens)
        lines.append(format_inline(text, _marks([answer], [ranges])) + "\n")
    return "".join(lines)


def _marks(answers: Sequence[Answer], ranges: Sequence[Sequence[Range]]) -> list[tuple[int, int, str]]:
    """Return the spans of all sentences as character ranges with labels."""
    return [
        (tokens[span.start][0], tokens[span.end - 1][1], span.label)
        for answer, tokens in zip(answers, ranges, strict=True)
        for span in answer.spans
    ]


def _jsonl(record: Record, answers: Sequence[Answer], writing: Writing) -> str:
    file = {"file": name_as_text(record.name)}
    if isinstance(record, JsonRecord):
        named = file if writing.several and "file" not in record.fields else {}
        return restore_json(record.line, record.fields, {**named, **_of_json(record, answers, writing)})
    if isinstance(record, TextRecord) and writing.source == "text":
        if _is_whitespace(record, writing):
            return ""
        return format_json({**file, **_of_text(record, answers[0], writing)})
    lines = []
    for example, answer in zip(record.sentences, answers, strict=True):
        document = {} if example.document is None else {"document": example.document}
        sentence = {"tokens": example.tokens, **_of_sentence(answer, writing)}
        lines.append(format_json({**file, **document, **sentence}))
    return "".join(lines)


def _of_json(record: JsonRecord, answers: Sequence[Answer], writing: Writing) -> dict[str, Any]:
    """Return the fields to add to an object: labels if it has tokens, sentences if it has a text."""
    if record.text is None:
        return _of_sentence(answers[0], writing)
    sentences = [
        {"tokens": example.tokens, **_of_sentence(answer, writing)}
        for example, answer in zip(record.sentences, answers, strict=True)
    ]
    if not writing.has_spans:
        return {"sentences": sentences}
    return {"entities": _entities(record.text, answers, record.ranges), "sentences": sentences}


def _of_text(record: TextRecord, answer: Answer, writing: Writing) -> dict[str, Any]:
    """Return a sentence of running text as an object, without white space around it; offsets are those in the file."""
    ranges = [(record.offset + start, record.offset + end) for start, end in record.ranges]
    first, end = ranges[0][0], ranges[-1][1]
    fields = {
        "offset": first,
        "text": record.text[first - record.offset : end - record.offset],
        "tokens": record.example.tokens,
        **_of_sentence(answer, writing),
    }
    if writing.has_spans:
        fields["entities"] = _entities(record.text, [answer], [ranges], offset=record.offset)
    return fields


def _of_sentence(answer: Answer, writing: Writing) -> dict[str, Any]:
    """Return labels, token ranges of spans, and whatever else was requested."""
    fields: dict[str, Any] = {str(writing.label_column or "labels"): answer.labels}
    if writing.has_spans:
        fields["spans"] = [
            {"start": span.start, "end": span.end, "label": span.label, **_probability(span)}
            for span in answer.spans
        ]
    if answer.probabilities is not None:
        fields["probabilities"] = [round(value, _DIGITS) for value in answer.probabilities]
    if answer.alternatives:
        fields["nbest"] = [
            {"labels": one.labels, "probability": round(math.exp(one.log_probability), _DIGITS)}
            for one in answer.alternatives
        ]
    return fields


def _entities(
    text: str, answers: Sequence[Answer], ranges: Sequence[Sequence[Range]], *, offset: int = 0
) -> list[dict[str, Any]]:
    """Return the spans of all sentences of a text that is preceded by ``offset`` characters."""
    marks = _marks(answers, ranges)
    spans = [span for answer in answers for span in answer.spans]
    return [
        {
            "start": start,
            "end": end,
            "label": label,
            "text": text[start - offset : end - offset],
            **_probability(span),
        }
        for (start, end, label), span in zip(marks, spans, strict=True)
    ]


def _probability(span: Span) -> dict[str, float]:
    return {} if span.probability is None else {"probability": round(span.probability, _DIGITS)}


def _is_whitespace(record: Record, writing: Writing) -> bool:
    """Return whether a record of running text contains no sentence; an empty line of tokens is a sentence."""
    return isinstance(record, TextRecord) and writing.source == "text" and not record.ranges


def _decimal(probability: float) -> str:
    return f"{probability:.{_DIGITS}f}"
