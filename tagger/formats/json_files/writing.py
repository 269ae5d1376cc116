"""Writer of JSON Lines: on each line a text with its spans, or a sentence of tokens with its labels."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Any

from tagger.formats.annotated import AnnotatedText, CharacterSpan
from tagger.formats.format import WritingContext
from tagger.formats.json_files.beside import with_fields
from tagger.formats.json_files.object_reader import SPAN_KEYS
from tagger.formats.json_files.objects import format_json
from tagger.formats.offsets import OffsetMap
from tagger.formats.sentences import is_tokens_alone, labels_of_tokens


def write_jsonl(texts: Iterable[AnnotatedText], context: WritingContext) -> Iterator[str]:
    """Yield a line for each text: an object with text and spans, or with tokens and labels.

    The latter is written if tokens are labelled, and for a sentence that is just its tokens joined by blanks: its spans
    become IOB2 labels, unless they overlap. If the spans have probabilities, they are added as ranges of tokens.

    Args:
        texts: the texts.
        context: how to write them.
    """
    for text in texts:
        document = {} if text.document is None else {"document": text.document}
        labels = text.labels if text.labels is not None else labels_of_tokens(text)
        if labels is not None:
            tokens = [text.text[start:end] for start, end in text.tokens or ()]
            if text.text != " ".join(tokens):
                context.losses.add(
                    "texts of which tokens are kept, and white space is not", text.origin or tokens[0]
                )
            probabilities = {} if text.probabilities is None else {"probabilities": list(text.probabilities)}
            ranges = {} if text.labels is not None else _spans_of_tokens(text)
            own = {"tokens": tokens, "labels": list(labels), **ranges, **probabilities, **document}
            yield format_json(with_fields(own, text, context.losses))
        else:
            if text.tokens and is_tokens_alone(text):
                context.losses.add("sentences whose tokens are not written", text.origin or text.text)
            offsets = OffsetMap(text.text, context.offsets or "codepoint")
            spans = [
                _written(span, text.text, offsets)
                for span in sorted(text.spans or (), key=CharacterSpan.order)
            ]
            own = {"text": text.text, "spans": spans, **document}
            yield format_json(with_fields(own, text, context.losses, taken=("tokens", *SPAN_KEYS)))


def _spans_of_tokens(text: AnnotatedText) -> dict[str, list[dict[str, Any]]]:
    """Return the spans of a sentence as ranges of its tokens if they have probabilities, else an empty object."""
    if all(span.probability is None for span in text.spans or ()):
        return {}
    starts, ends = ([range[side] for range in text.tokens or ()] for side in (0, 1))
    spans = [
        {
            "start": bisect_right(ends, span.start),
            "end": bisect_left(starts, span.end),
            "label": span.label,
            **({} if span.probability is None else {"probability": span.probability}),
        }
        for span in sorted(text.spans or (), key=CharacterSpan.order)
    ]
    return {"spans": spans}


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
