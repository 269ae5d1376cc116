"""Outputs of ``tagger tag`` that work for any input: HTML pages, pipeline lists, Parquet tables."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tagger.cli.annotated_outputs import Answered
from tagger.cli.inputs import Reading
from tagger.cli.pipeline_outputs import pipeline_pieces
from tagger.cli.streams import output_to
from tagger.errors import UsageError
from tagger.formats import Losses
from tagger.schemes import split_label

if TYPE_CHECKING:
    from tagger.api import Tagger
    from tagger.workers import WorkerPool


def check_for_readers(source: str, inputs: Sequence[str], arguments: argparse.Namespace) -> None:
    """Raise an error for options that have no effect or are impossible; pipeline output turns probabilities on.

    Args:
        source: the kind of the inputs.
        inputs: their paths.
        arguments: of the command.

    Raises:
        UsageError: with what to do instead.
    """
    output = arguments.output
    for name in ("label_column", "output_offsets"):
        if getattr(arguments, name) is not None:
            raise UsageError(f"--{name.replace('_', '-')} has no effect on {output} output of {source} input")
    if output == "parquet":
        from tagger.cli.table_outputs import check_table

        check_table(arguments.output_file, inputs, source=source)
    elif output == "pipeline":
        if arguments.probabilities:
            raise UsageError("--probabilities has no effect on pipeline output, which always has them")
        arguments.probabilities = True


def write_for_readers(
    tagger: Tagger | WorkerPool,
    reading: Reading,
    arguments: argparse.Namespace,
    answered: Iterable[Answered],
    output: str,
    inputs: Sequence[str],
    losses: Losses,
) -> None:
    """Write the answers to inputs as one output.

    Args:
        tagger: the tagger that predicted.
        reading: how the inputs are read.
        arguments: of the command.
        answered: the records of the inputs with the answers.
        output: the file, or ``-``.
        inputs: the paths of the inputs.
        losses: counts what cannot be written.

    Raises:
        TaggerError: an input cannot be read, or the output cannot be written.
    """
    has_spans = tagger.scheme.has_spans
    if arguments.output == "parquet":
        from tagger.cli.table_outputs import write_table
        from tagger.integrations.answer_parquet import Filling

        write_table(
            answered,
            output,
            reading=reading,
            inputs=inputs,
            filling=Filling(has_spans, arguments.probabilities, arguments.column_prefix or ""),
            losses=losses,
        )
        return
    if arguments.output == "html":
        from tagger.cli.page_outputs import page_pieces

        pieces = page_pieces(
            answered,
            labels=_marked_labels(tagger),
            has_spans=has_spans,
            has_probabilities=arguments.probabilities,
            inputs=inputs,
        )
    else:
        pieces = pipeline_pieces(answered, source=reading.kind, has_spans=has_spans, inputs=inputs)
    with output_to(output) as write:
        for piece in pieces:
            write(piece)


def _marked_labels(tagger: Tagger | WorkerPool) -> list[str]:
    """Return the types of spans, or the labels of tokens, sorted."""
    if not tagger.scheme.has_spans:
        return sorted(tagger.labels)
    return sorted({split_label(label, tagger.scheme)[1] for label in tagger.labels} - {""})
