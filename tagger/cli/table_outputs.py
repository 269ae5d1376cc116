"""Write answers as a table: each row is a text, a sentence of a running text, or a sentence of tokens."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from tagger.cli.annotated_inputs import AnnotatedRecord
from tagger.cli.annotated_outputs import Answered
from tagger.cli.input_files import by_file
from tagger.cli.inputs import Reading, Record
from tagger.cli.streams import STANDARD
from tagger.conversion.targets import refuse_packed
from tagger.errors import UsageError
from tagger.files import name_as_text
from tagger.formats import FORMATS, JsonKeys, JsonRecord, Losses, TextRecord
from tagger.formats.json_files.object_reader import DOCUMENT_KEY
from tagger.formats.sentences import is_tokens_alone
from tagger.integrations.answer_parquet import AnsweredRow, Filling, save_answers, save_beside
from tagger.prediction import Answer

PARQUET = "parquet"


def write_table(
    answered: Iterable[Answered],
    path: str,
    *,
    reading: Reading,
    inputs: Sequence[str],
    filling: Filling,
    losses: Losses,
) -> None:
    """Write answers as a Parquet file; with Parquet input, beside the input's own columns.

    Args:
        answered: the records, each with one answer for each of its sentences.
        path: of the output.
        reading: how the inputs are read.
        inputs: their paths.
        filling: how to fill the columns.
        losses: counts what cannot be written.

    Raises:
        DataError: as from :func:`save_answers` and :func:`save_beside`.
    """
    source = reading.kind
    if source != PARQUET:
        usual = JsonKeys()
        read = {
            reading.text_column or usual.text,
            str(reading.token_column or usual.tokens),
            reading.document_column or DOCUMENT_KEY,
        }
        rows = (_row(record, answers, source, read, losses) for record, answers in answered)
        save_answers((row for row in rows if row is not None), Path(path), filling)
        return

    def of_files() -> Iterator[tuple[str, Iterator[AnsweredRow]]]:
        for name, group in by_file(answered, inputs):
            yield name, (_numbered(record, answers) for record, answers in group)

    save_beside(of_files, inputs, Path(path), filling)


def check_table(path: str, inputs: Sequence[str], *, source: str) -> None:
    """Raise an error, before anything is tagged, if the output cannot hold a table or an input cannot be read twice.

    Raises:
        UsageError: with what to do instead.
    """
    if path == STANDARD:
        raise UsageError("--output parquet is no text for standard output; name a file with -o")
    refuse_packed(Path(path), FORMATS[PARQUET])
    for name in inputs:
        if source == PARQUET and (name == STANDARD or not Path(name).is_file()):
            raise UsageError(
                f"{name}: expected a file, whose other columns are read after its texts, found a stream; save it "
                "first, or pass --output jsonl"
            )


def _row(
    record: Record, answers: Sequence[Answer], source: str, read: Collection[str], losses: Losses
) -> AnsweredRow | None:
    file = name_as_text(record.name)
    if isinstance(record, TextRecord) and source == "text":
        if not record.ranges:
            return None
        first, end = record.ranges[0][0], record.ranges[-1][1]
        ranges = [(start - first, stop - first) for start, stop in record.ranges]
        return AnsweredRow(
            file,
            [record.example.tokens],
            answers,
            record.text[first:end],
            [ranges],
            document=file,
            offset=record.offset + first,
        )
    if isinstance(record, AnnotatedRecord):
        return _of_annotated(record, answers, file)
    if not record.sentences and not isinstance(record, JsonRecord):
        return None
    sentences = [example.tokens for example in record.sentences]
    if isinstance(record, JsonRecord):
        _count_fields(record, read, losses)
        return AnsweredRow(file, sentences, answers, record.text, record.ranges, record.document)
    return AnsweredRow(file, sentences, answers, document=record.sentences[0].document)


def _count_fields(record: JsonRecord, read: Collection[str], losses: Losses) -> None:
    """Count the other fields of an object, which are not written."""
    if others := [key for key in record.fields if key not in read]:
        where = (record.sentences[0].origin if record.sentences else None) or record.name
        losses.add(
            "objects with more than is read of them, which is not written (--output jsonl keeps it)",
            f"{where}: {', '.join(others)}",
        )


def _of_annotated(
    record: AnnotatedRecord, answers: Sequence[Answer], file: str, *, number: int = 0
) -> AnsweredRow:
    sentences = [example.tokens for example in record.sentences]
    text = record.text
    if not record.was_cut and len(sentences) < 2 and is_tokens_alone(text):
        return AnsweredRow(file, sentences or [()], answers or [Answer((), ())], document=text.document,
                           number=number)  # fmt: skip
    return AnsweredRow(file, sentences, answers, text.text, record.ranges, text.document, number=number)


def _numbered(record: Record, answers: Sequence[Answer]) -> AnsweredRow:
    from tagger.formats_extra.parquet import row_number

    assert isinstance(record, AnnotatedRecord), "of Parquet"
    return _of_annotated(record, answers, record.name, number=row_number(record.text.origin or ""))
