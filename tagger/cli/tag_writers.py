"""Writers of ``tagger tag``: the input with labels, annotated data, or only the answers."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tagger.cli.annotated_outputs import Answered, check_output, write_annotated
from tagger.cli.answer_outputs import write_for_readers
from tagger.cli.inputs import Reading, Record
from tagger.cli.output_choice import FOR_READERS, annotated_output, is_annotated_output, usual_output
from tagger.cli.outputs import Writing, render
from tagger.cli.program import say
from tagger.cli.streams import STANDARD, output_to
from tagger.errors import UsageError
from tagger.formats import FORMATS, Losses, WritingContext
from tagger.formats.reading_options import WRITTEN_OFFSET_FORMATS
from tagger.prediction import Answer

if TYPE_CHECKING:
    from tagger.api import Tagger
    from tagger.workers import WorkerPool


def _nothing() -> None:
    return


@dataclass(frozen=True, slots=True)
class Writer:
    """A writer of answers.

    Attributes:
        write: writes records with their answers to a path, or ``-``; the last argument is the paths of the inputs.
        render: returns the output for one record, if the output is the concatenation of these; otherwise None.
        report: prints the final messages.
    """

    write: Callable[[Iterable[Answered], str, Sequence[str]], None]
    render: Callable[[Record, Sequence[Answer]], str] | None = None
    report: Callable[[], None] = _nothing


def make_writer(
    tagger: Tagger | WorkerPool,
    source: str,
    reading: Reading,
    arguments: argparse.Namespace,
    *,
    joins: bool,
    several: bool,
) -> Writer:
    """Return the writer for the answers.

    Args:
        tagger: the tagger.
        source: the kind of the inputs.
        reading: how they are read.
        arguments: of the command.
        joins: whether all inputs become one output.
        several: whether there are several inputs.

    Raises:
        UsageError: an option has no effect, or the output cannot hold the labels.
    """
    if arguments.output in FOR_READERS:
        losses = Losses()

        def report() -> None:
            for line in losses.lines():
                say("tagger", line)
            if arguments.output == "parquet":
                say("tagger", f"{arguments.output_file}: parquet, written")

        return Writer(
            lambda answered, output, inputs: write_for_readers(
                tagger, reading, arguments, answered, output, inputs, losses
            ),
            report=report,
        )
    if is_annotated_output(source, arguments.output):
        return _annotated(tagger, source, arguments, joins=joins)
    return _answers(tagger, source, reading, arguments, several=several and joins)


def _answers(
    tagger: Tagger | WorkerPool,
    source: str,
    reading: Reading,
    arguments: argparse.Namespace,
    *,
    several: bool,
) -> Writer:
    has_spans = tagger.scheme.has_spans
    kind = usual_output(source, has_spans=has_spans) if arguments.output == "auto" else arguments.output
    writing = Writing(
        kind,
        source,
        has_spans,
        arguments.label_column,
        token_column=0 if reading.token_column is None else reading.token_column,
        has_header=bool(reading.header),
        several=several,
    )
    if reading.header and kind == "conll" and several:
        raise UsageError(
            "--header: expected one input, lest header rows stand between sentences; tag one by one, or to a folder "
            "(-o FOLDER/)"
        )

    def write(answered: Iterable[Answered], output: str, _: Sequence[str]) -> None:
        with output_to(output) as write:
            for record, found in answered:
                write(render(record, found, writing))

    return Writer(write, render=lambda record, found: render(record, found, writing))


def _annotated(
    tagger: Tagger | WorkerPool, source: str, arguments: argparse.Namespace, *, joins: bool
) -> Writer:
    has_spans = tagger.scheme.has_spans
    format = FORMATS[annotated_output(source, arguments.output)]
    if arguments.label_column is not None:
        raise UsageError(f"--label-column has no effect on {format.name} output of {source} input")
    # In a folder of outputs, names are chosen here and always right.
    path = arguments.output_file if joins else str(Path(arguments.output_file) / "output")
    check_output(format, path, has_spans=has_spans, probabilities=arguments.probabilities)
    context = WritingContext(
        Losses(), tagger.segmenter, arguments.output_offsets, model=Path(arguments.model).resolve().name
    )

    def write(answered: Iterable[Answered], output: str, _: Sequence[str]) -> None:
        write_annotated(
            answered, format, output, context, has_spans=has_spans, overwrite=bool(arguments.overwrite)
        )

    def report() -> None:
        for line in context.losses.lines():
            say("tagger", line)
        if arguments.output_file != STANDARD:
            say("tagger", f"{arguments.output_file}: {format.name}, written")

    return Writer(write, report=report)


def check_extras(arguments: argparse.Namespace, usual_output: str, *, annotated: bool) -> None:
    """Raise an error for options without effect, before the model is loaded.

    Args:
        arguments: of the command.
        usual_output: the default format.
        annotated: whether annotated data are written.

    Raises:
        UsageError: names the option.
    """
    output = usual_output if arguments.output == "auto" else arguments.output
    if arguments.output_offsets is not None and output not in WRITTEN_OFFSET_FORMATS:
        raise UsageError(f"--output-offsets has no effect on {output} output")
    if arguments.column_prefix is not None and output != "parquet":
        raise UsageError(f"--column-prefix has no effect on {output} output")
    if arguments.probabilities and output == "inline":
        raise UsageError("--probabilities has no effect on inline output; pass --output conll or jsonl")
    if arguments.nbest is not None and (annotated or output != "jsonl"):
        raise UsageError(f"--nbest has no effect on {output} output; pass --output jsonl")
    withholds = arguments.thresholds or arguments.min_probability is not None
    if arguments.nbest is not None and withholds:
        raise UsageError(
            f"{'--thresholds' if arguments.thresholds else '--min-probability'} has no effect with --nbest, whose "
            "sequences are the most probable ones"
        )
    if arguments.nbest is not None and arguments.decode != "viterbi":
        raise UsageError(f"--decode {arguments.decode} has no effect with --nbest")
