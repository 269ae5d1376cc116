"""Answers in the format of a transformers pipeline for token classification: one JSON array per line and text.

Spans have the format of ``aggregation_strategy="simple"``, labels without spans that of ``"none"``: O is left out, and
``index`` counts the tokens of the text from 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from tagger.cli.annotated_outputs import Answered, answered_text
from tagger.cli.input_files import by_file
from tagger.formats import AnnotatedText, ColumnRecord, TextRecord, format_json

_DIGITS: Final = 6
_OUTSIDE: Final = "O"


def pipeline_pieces(
    answered: Iterable[Answered], *, source: str, has_spans: bool, inputs: Sequence[str]
) -> Iterator[str]:
    """Yield the pieces of the lines, in constant memory; a running text is one line, even if it is empty.

    Args:
        answered: the records, each with one answer with probabilities for each of its sentences.
        source: the kind of the input.
        has_spans: whether labels encode spans.
        inputs: the paths of the inputs.
    """
    if source == "text":
        for _, group in by_file(answered, inputs):
            yield from _running_text(group, has_spans=has_spans)
        return
    for record, answers in answered:
        if not isinstance(record, ColumnRecord) or record.sentences:  # not just comments and blank lines
            yield format_json(_entries(answered_text(record, answers, has_spans=has_spans)))


def _running_text(group: Iterable[Answered], *, has_spans: bool) -> Iterator[str]:
    num_tokens = 0
    before = "["
    for record, answers in group:
        assert isinstance(record, TextRecord), "of running text"
        text = answered_text(record, answers, has_spans=has_spans)
        for entry in _entries(text, offset=record.offset, num_tokens=num_tokens):
            yield before + format_json(entry).rstrip("\n")
            before = ", "
        num_tokens += len(record.ranges)
    yield "[]\n" if before == "[" else "]\n"


def _entries(text: AnnotatedText, *, offset: int = 0, num_tokens: int = 0) -> list[dict[str, Any]]:
    """Return the entries of a part of a text, preceded by ``offset`` characters and ``num_tokens`` tokens."""
    if text.labels is None:
        return [
            {"entity_group": span.label, **_place(text, span.start, span.end, span.probability, offset)}
            for span in text.spans or ()
        ]
    entries = []
    for number, ((start, end), label, probability) in enumerate(
        zip(text.tokens or (), text.labels, text.probabilities or (), strict=True), start=num_tokens + 1
    ):
        if label != _OUTSIDE:
            place = _place(text, start, end, probability, offset)
            entries.append({"entity": label, "score": place.pop("score"), "index": number, **place})
    return entries


def _place(
    text: AnnotatedText, start: int, end: int, probability: float | None, offset: int
) -> dict[str, Any]:
    assert probability is not None, "asked for"
    return {
        "score": round(probability, _DIGITS),
        "word": text.text[start:end],
        "start": start + offset,
        "end": end + offset,
    }
