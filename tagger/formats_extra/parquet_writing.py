"""Writer of Parquet, with fixed column types, so that any two files can be concatenated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from tagger.errors import DataError, MissingExtraError
from tagger.files.replacing import replace_file
from tagger.formats.annotated import AnnotatedText, CharacterSpan
from tagger.formats.columns.row_sentences import row_sentences
from tagger.formats.format import WritingContext
from tagger.formats.offsets import OffsetMap
from tagger.formats.sentences import is_tokens_alone, labels_of_tokens

try:
    import pyarrow
    from pyarrow import parquet
except ModuleNotFoundError:
    raise MissingExtraError("pyarrow", "The format parquet") from None

TEXTS: Final = pyarrow.schema(
    [
        pyarrow.field("text", pyarrow.string(), nullable=False),
        (
            "spans",
            pyarrow.list_(
                pyarrow.struct(
                    [
                        ("start", pyarrow.int64()),
                        ("end", pyarrow.int64()),
                        ("label", pyarrow.string()),
                        ("probability", pyarrow.float64()),
                    ]
                )
            ),
        ),
        ("document", pyarrow.string()),
    ]
)
"""The columns of texts with spans; spans are null for a text that is not annotated."""

SENTENCES: Final = pyarrow.schema(
    [
        pyarrow.field("tokens", pyarrow.list_(pyarrow.string()), nullable=False),
        ("labels", pyarrow.list_(pyarrow.string())),
        ("probabilities", pyarrow.list_(pyarrow.float64())),
        ("document", pyarrow.string()),
    ]
)
"""The columns of sentences of labelled tokens."""

_ROWS: Final = 10_000
"""The most rows of a row group, and texts in memory."""


def save_parquet(texts: Iterable[AnnotatedText], path: Path, context: WritingContext) -> None:
    """Write texts as a Parquet file, with spans or as sentences of labelled tokens.

    They are written as sentences if the tokens of the first are labelled, or if the first 10,000 are just tokens joined
    by blanks; spans then become IOB2 labels.

    Args:
        texts: all with spans, or all with token labels.
        path: the file, written atomically.
        context: how to write them.

    Raises:
        DataError: the file cannot be written, or texts with spans and with labels are mixed.
    """
    texts = iter(texts)
    first = list(islice(texts, _ROWS))
    schema = SENTENCES if _are_sentences(first) else TEXTS
    rows = _rows(chain(first, texts), context, of_tokens=schema is SENTENCES)

    def write(stream: Any) -> None:
        with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
            while batch := list(islice(rows, _ROWS)):
                writer.write_table(pyarrow.Table.from_pylist(batch, schema=schema))

    try:
        replace_file(path, write)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or error}") from None


def _rows(
    texts: Iterable[AnnotatedText], context: WritingContext, *, of_tokens: bool
) -> Iterator[dict[str, Any]]:
    for text in texts:
        is_annotated = text.labels is not None or text.spans is not None
        is_of_tokens = text.labels is not None or (of_tokens and is_tokens_alone(text))
        if is_annotated and is_of_tokens != of_tokens:
            expected, found = ("labels of tokens", "spans") if of_tokens else ("spans", "labels of tokens")
            raise DataError(
                f"{text.origin or 'a text'}: expected {expected} as in the first text, found {found}; write JSON Lines "
                "instead"
            )
        if of_tokens:
            yield _sentence(text, context)
            continue
        if text.tokens and is_tokens_alone(text):
            context.losses.add("sentences whose tokens are not written", text.origin or text.text)
        offsets = OffsetMap(text.text, context.offsets or "codepoint")
        spans = None
        if text.spans is not None:
            spans = [
                {
                    "start": offsets.from_code_points(span.start),
                    "end": offsets.from_code_points(span.end),
                    "label": span.label,
                    "probability": span.probability,
                }
                for span in sorted(text.spans, key=CharacterSpan.order)
            ]
        yield {"text": text.text, "spans": spans, "document": text.document}


def _are_sentences(texts: Sequence[AnnotatedText]) -> bool:
    """Return whether texts are to be written as sentences of labelled tokens."""
    if not texts or texts[0].labels is not None:
        return bool(texts)
    return all(labels_of_tokens(text) is not None for text in texts)


def _sentence(text: AnnotatedText, context: WritingContext) -> dict[str, Any]:
    """Return the row of a sentence, in which each label of a span has the probability of the span."""
    row: dict[str, Any] = {
        "tokens": [text.text[start:end] for start, end in text.tokens or ()],
        "labels": text.labels,
        "probabilities": text.probabilities,
        "document": text.document,
    }
    if text.labels is None and text.spans is not None:
        row["labels"] = []
    if text.labels is None and text.spans is not None and text.tokens:
        (sentence,) = row_sentences([replace(text, sentence_starts=(0,))], context)
        row["labels"] = sentence.labels
        row["probabilities"] = sentence.probabilities
    return row
