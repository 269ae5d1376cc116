"""What ``tagger tag`` writes of any input for people or other programs to read: pages, pipelines' lists, tables."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tagger.cli.annotated_outputs import Answered
from tagger.cli.answering import GiveAnswers, answered
from tagger.cli.arguments import reads_documents
from tagger.cli.inputs import Reading, read_inputs
from tagger.cli.page_outputs import page_pieces
from tagger.cli.pipeline_outputs import pipeline_pieces
from tagger.cli.progress import Progress
from tagger.cli.streams import output_to
from tagger.errors import UsageError

if TYPE_CHECKING:
    from tagger.api import Tagger
    from tagger.workers import WorkerPool


def check_for_readers(source: str, arguments: argparse.Namespace) -> None:
    """Refuse what would have no effect on such outputs, or cannot be; the pipeline's form asks for probabilities.

    Args:
        source: the kind of the input.
        arguments: of the command.

    Raises:
        UsageError: says what to do.
    """
    output = arguments.output
    for name in ("label_column", "output_offsets"):
        if getattr(arguments, name) is not None:
            raise UsageError(f"--{name.replace('_', '-')} has no effect on {output} output of {source} input")
    if output == "pipeline":
        if arguments.probabilities:
            raise UsageError("--probabilities has no effect on pipeline output, which always has them")
        arguments.probabilities = True


def write_for_readers(
    tagger: Tagger | WorkerPool, reading: Reading, arguments: argparse.Namespace, answer: GiveAnswers
) -> None:
    """Write the answers to all inputs.

    Args:
        tagger: who is asked.
        reading: how the inputs are read.
        arguments: of the command.
        answer: gives the answers.

    Raises:
        TaggerError: an input cannot be read, or the output cannot be written.
    """
    documents = reads_documents(arguments, tagger)
    records = read_inputs(arguments.inputs, reading, tagger.segmenter, documents=documents)
    has_spans = tagger.scheme.has_spans

    def counted() -> Iterator[Answered]:
        for record, found in answered(records, answer):
            yield record, found
            for example in record.sentences:
                progress.add(len(example.tokens))

    with Progress(shown=arguments.progress) as progress:
        if arguments.output == "html":
            pieces = page_pieces(
                counted(),
                labels=_marked_labels(tagger),
                has_spans=has_spans,
                has_probabilities=arguments.probabilities,
                inputs=arguments.inputs,
            )
        else:
            pieces = pipeline_pieces(
                counted(), source=reading.kind, has_spans=has_spans, inputs=arguments.inputs
            )
        with output_to(arguments.output_file) as write:
            for piece in pieces:
                write(piece)


def _marked_labels(tagger: Tagger | WorkerPool) -> list[str]:
    """Return the types of spans, or the labels of tokens, in an order that is always the same."""
    if not tagger.scheme.has_spans:
        return sorted(tagger.labels)
    return sorted({label.split("-", 1)[1] for label in tagger.labels if "-" in label})
