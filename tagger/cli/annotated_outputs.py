"""Output of predictions in any format for annotated data, such as the format of the input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby
from pathlib import Path

from tagger.cli.annotated_inputs import AnnotatedRecord
from tagger.cli.inputs import Record
from tagger.cli.streams import STANDARD, output_to
from tagger.conversion.fitting import Fitter
from tagger.conversion.targets import refuse_packed, write_texts
from tagger.errors import UsageError
from tagger.files import name_as_text
from tagger.formats import (
    AnnotatedText,
    CharacterSpan,
    Format,
    JsonRecord,
    TextRecord,
    WritingContext,
    join_tokens,
)
from tagger.formats.annotated import Range
from tagger.prediction import Answer

Answered = tuple[Record, Sequence[Answer]]


def check_output(format: Format, path: str, *, has_spans: bool, probabilities: bool) -> None:
    """Raise an error if the format cannot hold the output, before anything is tagged.

    Args:
        format: of the output.
        path: of the output.
        has_spans: whether the labels of the model encode spans.
        probabilities: whether probabilities are requested.

    Raises:
        UsageError: with what to do instead.
    """
    if format.write is None and format.save is None:
        raise UsageError(f"--output {format.name}: this format is read and not written; choose another")
    if format.write is None and path == STANDARD:
        raise UsageError(
            f"--output {format.name} is no text for standard output; name a file or folder with -o"
        )
    refuse_packed(Path(path), format)
    if not (format.holds.spans if has_spans else format.holds.labels):
        what = "spans" if has_spans else "a label for every token"
        raise UsageError(f"--output {format.name} has no place for {what}; choose another")
    if probabilities and not format.holds.probabilities:
        raise UsageError(f"--probabilities has no effect on {format.name} output")


def write_annotated(
    answered: Iterable[Answered],
    format: Format,
    path: str,
    context: WritingContext,
    *,
    has_spans: bool,
    overwrite: bool = False,
) -> None:
    """Write records with their predictions, as texts with spans or with a label for each token.

    Args:
        answered: the records, each with one answer per sentence.
        format: of the output.
        path: of the output.
        context: how to write.
        has_spans: whether labels encode spans.
        overwrite: whether to replace a folder whatever it contains.

    Raises:
        DataError: the output cannot be written, or the format cannot represent it.
    """
    fitter = Fitter(format, context.segmenter)
    needs_tokens = not has_spans or format.holds.tokens or not format.holds.parts_of_tokens

    def fitted() -> Iterator[AnnotatedText]:
        for known, answers, was_cut in _in_texts(answered):
            text = _text(known, answers, has_spans=has_spans)
            if was_cut and not needs_tokens:  # the tagger's own tokens, not needed in the output
                text = replace(text, tokens=None, sentence_starts=None)
            yield fitter.fit(text, context.losses)

    if path != STANDARD:
        write_texts(format, fitted(), Path(path), context, overwrite=overwrite)
        return
    assert format.write is not None, "checked before"
    with output_to(path) as write:
        for piece in format.write(fitted(), context):
            write(piece)


def answered_text(record: Record, answers: Sequence[Answer], *, has_spans: bool) -> AnnotatedText:
    """Return the text of a record with its predictions; tokens without a text are joined by spaces.

    Args:
        record: the record; for running text one sentence, with the white space around it.
        answers: one for each of its sentences.
        has_spans: whether labels encode spans.
    """
    return _text(_known_text(record), answers, has_spans=has_spans)


def _in_texts(answered: Iterable[Answered]) -> Iterator[tuple[AnnotatedText, Sequence[Answer], bool]]:
    """Yield texts with the answers to their sentences, and whether the tagger tokenized them.

    The sentences of a running text are joined again.
    """
    for name, group in groupby(
        answered, key=lambda pair: pair[0].name if isinstance(pair[0], TextRecord) else None
    ):
        if name is None:
            for record, answers in group:
                was_cut = (
                    record.was_cut
                    if isinstance(record, AnnotatedRecord)
                    else isinstance(record, JsonRecord) and record.text is not None
                )
                yield _known_text(record), answers, was_cut
            continue
        pairs = [(record, answers) for record, answers in group if isinstance(record, TextRecord)]
        text = "".join(record.text for record, _ in pairs)
        offset = 0
        tokens: list[Range] = []
        starts = []
        for record, _ in pairs:
            if record.example.tokens:
                starts.append(len(tokens))
            tokens += [(start + offset, end + offset) for start, end in record.ranges]
            offset += len(record.text)
        whole = AnnotatedText(
            text,
            tokens=tuple(tokens),
            sentence_starts=tuple(starts),
            document=name_as_text(name),
            origin=name,
        )
        yield whole, list(chain.from_iterable(answers for _, answers in pairs)), True


def _known_text(record: Record) -> AnnotatedText:
    """Return the text of a record, with tokens and sentences."""
    if isinstance(record, AnnotatedRecord):
        return record.text
    origin = (record.sentences[0].origin if record.sentences else None) or record.name
    if isinstance(record, TextRecord):
        starts = [0] if record.example.tokens else []
        return AnnotatedText(record.text, tokens=record.ranges, sentence_starts=tuple(starts), origin=origin)
    if isinstance(record, JsonRecord) and record.text is not None:
        tokens = tuple(token for sentence in record.ranges for token in sentence)
        starts, place = [], 0
        for sentence in record.ranges:
            starts.append(place)
            place += len(sentence)
        return AnnotatedText(
            record.text,
            tokens=tokens,
            sentence_starts=tuple(starts),
            document=record.document,
            is_document=True,
            origin=origin,
        )
    words = record.sentences[0].tokens if record.sentences else ()
    text, ranges = join_tokens(words)
    return AnnotatedText(
        text,
        tokens=tuple(ranges),
        sentence_starts=(0,) if words else (),
        document=record.sentences[0].document if record.sentences else None,
        origin=origin,
    )


def _text(text: AnnotatedText, answers: Sequence[Answer], *, has_spans: bool) -> AnnotatedText:
    """Return a text with the predictions of the model."""
    tokens = text.tokens or ()
    if not has_spans:
        probabilities = [answer.probabilities for answer in answers if answer.probabilities is not None]
        return replace(
            text,
            labels=tuple(label for answer in answers for label in answer.labels),
            probabilities=tuple(chain.from_iterable(probabilities)) if probabilities else None,
        )
    spans = []
    first = 0
    for answer in answers:
        spans += [
            CharacterSpan(
                tokens[first + span.start][0],
                tokens[first + span.end - 1][1],
                span.label,
                probability=span.probability,
            )
            for span in answer.spans
        ]
        first += len(answer.labels)
    return replace(text, spans=tuple(spans))
