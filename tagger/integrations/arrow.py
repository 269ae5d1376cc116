"""The one Arrow schema of a tagger's answers, used for every table, batch and file of answers.

The types are fixed, so that any two batches can be concatenated: if they were inferred from the rows, a batch without
entities would have a list of nulls.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tagger.errors import MissingExtraError
from tagger.prediction import Answer
from tagger.spans import Span

try:
    import pyarrow
except ModuleNotFoundError:
    raise MissingExtraError("pyarrow", "Arrow tables") from None

Range = tuple[int, int]


def output_schema(prefix: str = "") -> pyarrow.Schema:
    """Return the schema of the answer columns of a row, which is a text or a sentence of tokens.

    - ``tokens``: the tokens of all sentences of the row, in order.
    - ``labels``: one for each token.
    - ``probabilities``: of each label; null unless probabilities are requested.
    - ``sentences``: the token range of each sentence.
    - ``spans``: labelled spans, as token ranges of the row; null where labels have no spans.
    - ``entities``: the same as character (code point) ranges of the text: ``text[start:end]``. Null where labels
      have no spans, and in a row of tokens, which has no text.

    Ranges are half-open. The probability of a span or entity is null unless probabilities are requested. A row whose
    text or tokens are null has null in all columns.

    Args:
        prefix: put before the name of each column.
    """
    start, end = ("start", pyarrow.int64()), ("end", pyarrow.int64())
    label, probability = ("label", pyarrow.string()), ("probability", pyarrow.float64())
    text = ("text", pyarrow.string())
    columns = {
        "tokens": pyarrow.list_(pyarrow.string()),
        "labels": pyarrow.list_(pyarrow.string()),
        "probabilities": pyarrow.list_(pyarrow.float64()),
        "sentences": pyarrow.list_(pyarrow.struct([start, end])),
        "spans": pyarrow.list_(pyarrow.struct([start, end, label, probability])),
        "entities": pyarrow.list_(pyarrow.struct([start, end, text, label, probability])),
    }
    return pyarrow.schema([pyarrow.field(prefix + name, type_) for name, type_ in columns.items()])


def answer_row(
    sentences: Sequence[Sequence[str]],
    answers: Sequence[Answer],
    *,
    text: str | None = None,
    ranges: Sequence[Sequence[Range]] = (),
    has_spans: bool,
    with_probabilities: bool,
    prefix: str = "",
) -> dict[str, Any]:
    """Return the values of :func:`output_schema` for one row.

    Args:
        sentences: the tokens of each sentence of the row.
        answers: the tagger's answer for each sentence.
        text: the text of the row; None for a row of tokens.
        ranges: for a text, the character range of each token of each sentence.
        has_spans: whether labels have spans.
        with_probabilities: whether answers have probabilities.
        prefix: as in :func:`output_schema`.
    """
    bounds, spans = [], []
    first = 0
    for tokens, answer in zip(sentences, answers, strict=True):
        bounds.append({"start": first, "end": first + len(tokens)})
        spans += [_shifted(span, first) for span in answer.spans]
        first += len(tokens)
    entities = None
    if text is not None and has_spans:
        offsets = [pair for sentence in ranges for pair in sentence]
        entities = [_entity(span, text, offsets) for span in spans]
    return {
        prefix + "tokens": [token for tokens in sentences for token in tokens],
        prefix + "labels": [label for answer in answers for label in answer.labels],
        prefix + "probabilities": (
            [value for answer in answers for value in answer.probabilities or ()]
            if with_probabilities
            else None
        ),
        prefix + "sentences": bounds,
        prefix + "spans": spans if has_spans else None,
        prefix + "entities": entities,
    }


def null_row(prefix: str = "") -> dict[str, None]:
    """Return the values of :func:`output_schema` for a row whose text or tokens are null."""
    return dict.fromkeys(output_schema(prefix).names)


def _shifted(span: Span, first: int) -> dict[str, Any]:
    return {
        "start": first + span.start,
        "end": first + span.end,
        "label": span.label,
        "probability": span.probability,
    }


def _entity(span: dict[str, Any], text: str, offsets: Sequence[Range]) -> dict[str, Any]:
    start, end = offsets[span["start"]][0], offsets[span["end"] - 1][1]
    return {**span, "start": start, "end": end, "text": text[start:end]}
