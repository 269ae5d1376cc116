"""``tagger tag``: label the sentences of files or of standard input."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Final

from tagger.cli import inputs, outputs
from tagger.cli.answer_outputs import check_for_readers
from tagger.cli.answering import Withheld, answered, answers, bounds_of
from tagger.cli.arguments import (
    add_document_arguments,
    add_format_argument,
    add_model_arguments,
    load_options,
    load_tagger,
    mention_cores,
    parallel_number,
    parse_column,
    positive_number,
    probability,
    reads_documents,
    seconds,
)
from tagger.cli.choosing_place import destination
from tagger.cli.found_files import find_files
from tagger.cli.inputs import Placed, Reading, kind_of, read_inputs
from tagger.cli.output_choice import (
    ANNOTATED,
    FOR_READERS,
    annotated_output,
    is_annotated_output,
    output_by_name,
    usual_output,
)
from tagger.cli.program import say
from tagger.cli.progress import Progress
from tagger.cli.streams import STANDARD
from tagger.cli.tag_description import DESCRIPTION, EXAMPLES
from tagger.cli.tag_writers import check_extras, make_writer
from tagger.errors import UsageError
from tagger.formats.offsets import UNITS
from tagger.prediction import Answer

if TYPE_CHECKING:
    from tagger.api import Tagger
    from tagger.workers import WorkerPool

_BATCHES_OF_A_UNIT: Final = 24
"""Batches that make up a unit of several inputs: with the rest of its last input, about a lookahead."""

__all__ = ["DESCRIPTION", "EXAMPLES", "NAME", "SUMMARY", "add_arguments", "run"]

NAME: Final = "tag"
SUMMARY: Final = "label the sentences of files or of standard input"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    computing = add_model_arguments(parser)
    computing.add_argument(
        "--workers",
        type=parallel_number,
        metavar="N",
        help="tag in N processes, which pays off for long inputs; each loads the model, uses --threads threads "
        "(default: 1), and has its own context on a GPU (default: in this process)",
    )
    computing.add_argument(
        "--worker-timeout",
        type=seconds,
        metavar="SECONDS",
        help="time limit of a worker to load the model, and for each share of the sentences, some 33,000 "
        "tokens (some 100,000 with several files); then it is killed and another one retries the share "
        "(default: 1800; inf: no limit)",
    )
    parser.add_argument(
        "inputs",
        metavar="INPUT",
        nargs="*",
        default=[STANDARD],
        help="files to tag, folders of files, or quoted patterns ('texts/**/*.txt'); - or none: standard input",
    )
    reading = parser.add_argument_group("reading")
    add_format_argument(reading, inputs.KINDS)
    reading.add_argument(
        "--token-column",
        type=parse_column,
        metavar="COLUMN",
        help="tokens: conll: index (from 0; default: 0) or name of their column; jsonl: key (default: tokens)",
    )
    reading.add_argument("--text-column", metavar="KEY", help="jsonl: key of a text (default: text)")
    reading.add_argument(
        "--sentence-column",
        metavar="COLUMN",
        help="csv with a token per row: name of the column of sentence ids (default: by its usual names)",
    )
    reading.add_argument(
        "--comment-prefix",
        metavar="TEXT",
        help="conll: lines that start with it are comments",
    )
    reading.add_argument(
        "--header",
        action="store_true",
        default=None,
        help="conll: the first row contains the names of the columns, by which they can then be chosen",
    )
    reading.add_argument(
        "--skip-bad",
        action="store_true",
        help="annotated formats: skip unreadable texts; count and list them (default: stop)",
    )
    reading.add_argument(
        "--lines",
        choices=("join", "split"),
        help="text: whether sentences can continue across line breaks (default: as the model was trained)",
    )
    add_document_arguments(reading, formats=inputs.KINDS)
    writing = parser.add_argument_group("writing")
    writing.add_argument(
        "--output",
        choices=(*outputs.KINDS, *FOR_READERS, *ANNOTATED),
        default="auto",
        help="format of the output",
    )
    writing.add_argument(
        "--output-offsets",
        choices=UNITS,
        help="annotated formats: unit of offsets (default: the one that programs reading the format expect)",
    )
    writing.add_argument(
        "-o",
        "--output-file",
        default=STANDARD,
        metavar="FILE",
        help="write to a file, which appears on completion, or to a folder (a name that ends in /, or an existing "
        "one) with a file for each input; compressed if it ends in .gz or .zst (default: standard output)",
    )
    writing.add_argument(
        "--overwrite",
        action="store_true",
        help="replace existing outputs and an unfinished run (default: they are kept, and an error)",
    )
    writing.add_argument(
        "--resume",
        action="store_true",
        help="resume a killed run over several files; begin if there is none, do nothing if all outputs exist",
    )
    writing.add_argument(
        "--label-column",
        type=parse_column,
        metavar="COLUMN",
        help="labels: conll: column to replace (default: a new last one); conllu: field (default: upos, or "
        "misc:NE for labels with spans); jsonl: key (default: labels)",
    )
    writing.add_argument(
        "--column-prefix",
        metavar="TEXT",
        help="parquet: prefix for the names of the added columns, if the input has columns of these names",
    )
    writing.add_argument(
        "--probabilities",
        action="store_true",
        help="add the probability of each label (conll: last column; conllu: misc:Prob) and of each span (jsonl)",
    )
    writing.add_argument(
        "--thresholds",
        action="store_true",
        help="withhold spans that are less probable than the thresholds stored in the model (tagger evaluate --store)",
    )
    writing.add_argument(
        "--min-probability",
        type=probability,
        metavar="P",
        help="withhold spans of any type that are less probable than P, from 0 to 1; their tokens are O, and "
        "their number is printed at the end",
    )
    writing.add_argument(
        "--nbest", type=positive_number, metavar="N", help="jsonl: add the N most probable label sequences"
    )
    writing.add_argument(
        "--progress",
        action=argparse.BooleanOptionalAction,
        help="show progress on standard error (default: if it is a terminal)",
    )


def run(arguments: argparse.Namespace) -> None:
    """Tag the inputs as specified by the arguments."""
    files = find_files(arguments.inputs, arguments.input, arguments.output_file)
    paths = [file.path for file in files]
    source = kind_of(paths) if arguments.input == "auto" else arguments.input
    if arguments.output == "auto":
        arguments.output = output_by_name(arguments.output_file, source)
    reading = Reading(
        source,
        arguments.token_column,
        arguments.text_column,
        arguments.comment_prefix,
        arguments.document_column,
        arguments.lines,
        arguments.header,
        arguments.skip_bad,
        arguments.sentence_column,
    )
    if arguments.label_column is not None and source == "jsonl":
        columns = (arguments.token_column, arguments.text_column, arguments.document_column)
        if arguments.label_column in columns:
            raise UsageError(
                f"--label-column: {arguments.label_column!r} is a key that is read; choose another"
            )
    annotated = is_annotated_output(source, arguments.output)
    if arguments.output in FOR_READERS:
        check_for_readers(source, paths, arguments)
    check_extras(
        arguments,
        annotated_output(source, arguments.output) if annotated else usual_output(source, has_spans=True),
        annotated=annotated,
    )
    with ExitStack() as stack:
        place = stack.enter_context(destination(source, files, arguments))
        if place is None:
            return
        tagger = stack.enter_context(_tagger(arguments))
        progress = stack.enter_context(Progress(shown=arguments.progress))
        withheld = Withheld(bounds_of(tagger, arguments))
        writer = make_writer(tagger, source, reading, arguments, joins=place.joins, several=len(files) > 1)
        records = read_inputs(
            paths,
            reading,
            tagger.segmenter,
            documents=reads_documents(arguments, tagger),
            first=place.begin(tagger),
            joined=place.joins,
            unit_tokens=None if len(files) == 1 else arguments.batch_tokens * _BATCHES_OF_A_UNIT,
        )
        place.write(
            _counted(
                answered(records, partial(answers, tagger, arguments, withheld, in_units=len(files) > 1)),
                progress,
            ),
            writer,
        )
        writer.report()
        if withheld.thresholds is not None:
            say("tagger", withheld.summary())


def _counted(
    answered: Iterable[tuple[Placed, Sequence[Answer]]], progress: Progress
) -> Iterator[tuple[Placed, Sequence[Answer]]]:
    for placed, found in answered:
        yield placed, found
        for example in placed.record.sentences:
            progress.add(len(example.tokens))


def _tagger(arguments: argparse.Namespace) -> AbstractContextManager[Tagger | WorkerPool]:
    """Return a context manager for the tagger: in this process, or in workers that end with the block."""
    mention_cores(arguments)
    if arguments.workers is None:
        if arguments.worker_timeout is not None:
            raise UsageError("--worker-timeout has no effect without workers; pass --workers N")
        return nullcontext(load_tagger(arguments))

    from tagger.workers import WorkerPool

    timeout = {} if arguments.worker_timeout is None else {"timeout": arguments.worker_timeout}
    return WorkerPool(
        arguments.model,
        workers=arguments.workers,
        on_death=partial(say, "tagger"),
        **timeout,
        **load_options(arguments),
    )
