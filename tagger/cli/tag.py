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
from tagger.cli.tag_writers import check_extras, make_writer
from tagger.errors import UsageError
from tagger.formats.offsets import UNITS
from tagger.prediction import Answer

if TYPE_CHECKING:
    from tagger.api import Tagger
    from tagger.workers import WorkerPool

_BATCHES_OF_A_UNIT: Final = 24
"""Of several inputs, so many are computed apart from others: with the rest of the last one hardly a lookahead."""

NAME: Final = "tag"
SUMMARY: Final = "label the sentences of files or of standard input"
DESCRIPTION: Final = """\
Label the sentences of files or of standard input, in their order and in constant memory.

input formats (--input; by default told by the content or the name of the file, text on standard input)
  text     running text, which the model's segmenter cuts into sentences and tokens
  tokens   a sentence a line, tokens divided by spaces
  conll    a token a line, in columns; a blank line after each sentence
  conllu   CoNLL-U
  jsonl    an object a line, with "tokens" or "text"
  any annotated format that tagger convert reads, such as the export of an annotation tool: its texts are tagged,
  whoever annotated them, or nobody yet

output formats (--output; by default told by the name of the output, or that of the input, for text inline or conll)
  conll    conll input with the labels in a new last column, all else as it was; other input as columns
  conllu   conllu input with the labels in one field of the words, all else as it was
  jsonl    an object a line, with tokens, labels and, if labels have spans, spans (numbers of tokens, from 0) and, for
           text, entities (characters). All ends are exclusive. See below.
  inline   the text with its entities marked: [Anna Smith](PER) lives in [Oslo](LOC).
  html     one page that needs nothing else: the texts as they are, entities (or words) in the colour of their label,
           with --probabilities in shades of it
  pipeline a JSON array a line, as pipeline("token-classification", aggregation_strategy="simple") of transformers gives
           a list for each text: entity_group, score, word (as it stands in the text), start, end. Labels without spans
           are as "none" gives them: entity, score, index (of the token in the text, from 1), word, start, end, without
           those of O. A file of running text is one text, and so is a sentence of tokens, with a blank between them
  csv      a token a row: sentence_id, document, token, label, probability and, of a text, start and end in it (to read
           it with pandas: read_csv(FILE, keep_default_na=False), lest a token such as NA be taken for none)
  parquet  a table, each text a row, or sentence (of running text with its "offset" in the file, which entities do not
           count), or sentence of tokens: file, document, offset, text, tokens, labels, probabilities, sentences, spans,
           entities, of the same types whatever is found. Of parquet input all rows and columns, and these beside them
  any annotated format that tagger convert writes, with the probabilities where it has a place for them. A running text
  is one text, and so is a sentence of tokens. What comes from an annotation tool goes back in its format. -o names a
  folder where the format is one

jsonl output
  of jsonl input, the objects with these fields added, in place of fields of the same names; all others stay as they
  were spelled. A text gets "entities", which count its own characters, and "sentences" with the rest. Of several files,
  "file" is added to objects that have no such field.
  Of other input, an object for each sentence with the name of its "file" (<stdin> for standard input). Of running text
  also "text", the sentence, and "offset", where it begins; that, and "start" and "end" of "entities", count characters
  (code points, with each of \\r\\n) from the beginning of the file, without its byte order mark.

byte order marks
  One at the beginning of a file is no part of its text, and is not written.

several files
  A folder stands for the files in it and its folders, in the order of their bytes, without hidden and temporary ones;
  one of brat is an input itself.
  conllu output has a comment "# file = NAME" where one begins. conll and inline have no place for it: the sentences
  stand in the order of the files. An error in one ends the output, with status 1, after the sentences before it (in
  running text up to 262,144 characters earlier); an output file (-o) is then not written at all.
  With -o FOLDER/ each file becomes one, below FOLDER as it lies below the folder or pattern that was given.

runs that are killed
  What is there is kept, unless you pass --overwrite. A run over several files keeps what is finished, in
  FOLDER/.unfinished or beside FILE in .FILE.unfinished; --resume goes on with it, and ends with the same bytes as if
  nothing had happened. It must be the same model, inputs and options, but for --workers and --threads.

conllu for other programs
  Labels with spans are written as B-TYPE, I-TYPE and O. spaCy reads them under NE= (the default) if types are capitals
  and _ only, stanza under ner= (--label-column misc:ner).

Up to some 130,000 tokens (32 times --batch-tokens) are read ahead, so that sentences of similar length are computed
together: answers come after that, or when the input ends. A program that writes a sentence and waits for its labels
before it goes on calls Tagger.tag from Python instead.

Where labels have spans, other occurrences of a word in its document are evidence of what it is: sentences are decoded a
second time with it (--document-consistency). A text is one document; other documents begin with -DOCSTART- (conll) or
# newdoc (conllu), or are named by "document" (jsonl). No document goes on in the next file.
"""
EXAMPLES: Final = """\
examples:
  echo 'Anna Smith lives in Oslo.' | tagger tag runs/ner/model
  tagger tag runs/ner/model --output jsonl *.txt
  tagger tag runs/ner/model letter.txt --output jsonl --probabilities -o letter.jsonl
  tagger tag runs/ner/model dev.conll --token-column 0 > tagged.conll
  tagger tag runs/pos/model treebank.conllu --label-column upos -o tagged.conllu
  tagger tag runs/ner/model letter.txt --output label-studio --probabilities -o tasks.json
  tagger tag runs/ner/model letter.txt --probabilities -o letter.html
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    computing = add_model_arguments(parser)
    computing.add_argument(
        "--workers",
        type=parallel_number,
        metavar="N",
        help="tag in N processes, which pays for long inputs; each loads the model, computes with one thread unless "
        "--threads says otherwise, and has a context of its own on a GPU (default: in this process)",
    )
    computing.add_argument(
        "--worker-timeout",
        type=seconds,
        metavar="SECONDS",
        help="longest that a worker may take to load the model, and for its share of the sentences, some 33,000 "
        "tokens (some 100,000 of several files), before it is killed and another one tries the share once more "
        "(default: 1800; inf: wait for ever)",
    )
    parser.add_argument(
        "inputs",
        metavar="INPUT",
        nargs="*",
        default=[STANDARD],
        help="files to tag, folders of such, or patterns in quotes ('texts/**/*.txt'); - or none: standard input",
    )
    reading = parser.add_argument_group("reading")
    add_format_argument(reading, inputs.KINDS)
    reading.add_argument(
        "--token-column",
        type=parse_column,
        metavar="COLUMN",
        help="where tokens are: conll: number (from 0; default: 0) or name of the column; jsonl: key (default: tokens)",
    )
    reading.add_argument("--text-column", metavar="KEY", help="jsonl: key of a text (default: text)")
    reading.add_argument(
        "--sentence-column",
        metavar="COLUMN",
        help="csv: name of the column of sentence ids, where a token is a row (default: by its usual names)",
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
        help="conll: the first row holds the names of the columns, by which they can then be chosen",
    )
    reading.add_argument(
        "--skip-bad",
        action="store_true",
        help="annotated formats: go on without texts that cannot be read; count and list them (default: stop)",
    )
    reading.add_argument(
        "--lines",
        choices=("join", "split"),
        help="text: whether sentences go on over the end of a line (default: as the model was made)",
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
        help="annotated formats: what offsets are to count (default: what programs that read the format expect)",
    )
    writing.add_argument(
        "-o",
        "--output-file",
        default=STANDARD,
        metavar="FILE",
        help="write to a file, which appears when all is done, or to a folder (a name that ends in /, or one that is "
        "there) with a file for each input; packed if its name ends in .gz or .zst (default: standard output)",
    )
    writing.add_argument(
        "--overwrite",
        action="store_true",
        help="replace what is there of the same name, and an unfinished run (default: it is kept, and an error)",
    )
    writing.add_argument(
        "--resume",
        action="store_true",
        help="go on where a killed run over several files stopped; begin if there is none, do nothing if all is there",
    )
    writing.add_argument(
        "--label-column",
        type=parse_column,
        metavar="COLUMN",
        help="where labels go: conll: column to replace (default: a new last one); conllu: field (default: upos, or "
        "misc:NE for labels with spans); jsonl: key (default: labels)",
    )
    writing.add_argument(
        "--column-prefix",
        metavar="TEXT",
        help="parquet: stands before the names of the columns of answers, where the input has columns of these names",
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
        help="withhold spans that are less probable than P, from 0 to 1, whatever their type; their tokens are O, and "
        "how many there were is said at the end",
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
    """Tag the inputs as the arguments say."""
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
    """Return what tags: in this process or in workers, which end with the block."""
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
