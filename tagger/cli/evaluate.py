"""``tagger evaluate``: score a model on annotated files."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tagger.cli.arguments import (
    add_document_arguments,
    add_model_arguments,
    check_effects,
    load_tagger,
    parse_column,
    reads_documents,
)
from tagger.cli.program import say
from tagger.cli.progress import Progress
from tagger.cli.streams import STANDARD, input_source, output_to
from tagger.errors import DataError, LabelError, UsageError
from tagger.examples import Example
from tagger.formats import (
    DocumentOrder,
    Misaligned,
    checked_gold,
    describe_misfits,
    gold_scheme,
    guess_format,
    read_examples,
)
from tagger.metrics import SpanScores, TokenScores, score, seqeval_report
from tagger.schemes import LabelScheme, listed, split_label

if TYPE_CHECKING:
    from tagger.api import Tagger

NAME: Final = "evaluate"
SUMMARY: Final = "score a model on annotated files"
DESCRIPTION: Final = """\
Label annotated sentences again and compare: precision, recall and F1 of spans, or accuracy where labels have no
spans; also on words the model never saw in training. The report goes to standard output, the speed to standard
error. Lines of jsonl that an annotator did not accept ("answer": "reject" or "ignore", as Prodigy writes them) are not
scored; how many is said. Spans are found in documents, where the files have some, as tagger tag does it; how well they
are found in each sentence alone is said too.
"""
EXAMPLES: Final = """\
examples:
  tagger evaluate runs/ner/model test.conll
  tagger evaluate runs/pos/model test.conllu --label-column upos --json -o scores.json
  tagger evaluate runs/ner/model eng.testb --format conll --scheme iob1 --seqeval
"""

_READING: Final = (
    *("token_column", "label_column", "text_column", "document_column"),
    *("comment_prefix", "header", "leave_out_misaligned"),
)
_EFFECTIVE: Final = {
    "conll": ("token_column", "label_column", "comment_prefix", "header"),
    "conllu": ("label_column",),
    "jsonl": ("token_column", "label_column", "text_column", "document_column", "leave_out_misaligned"),
    "csv": ("token_column", "label_column", "document_column"),
}
_SCHEMES: Final = ("auto", *(scheme.value for scheme in LabelScheme))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model_arguments(parser)
    parser.add_argument("gold", metavar="GOLD", nargs="+", help="annotated files; - for standard input")
    reading = parser.add_argument_group("reading")
    reading.add_argument(
        "--format", choices=("auto", *_EFFECTIVE), default="auto", help="format of the files"
    )
    reading.add_argument(
        "--token-column",
        type=parse_column,
        metavar="COLUMN",
        help="conll: number (from 0; default: 0) or name of the column; jsonl: key (default: tokens); csv: name",
    )
    reading.add_argument(
        "--label-column",
        type=parse_column,
        metavar="COLUMN",
        help="conll: number (default: -1, the last) or name of the column; conllu: field, such as misc:NE for entities "
        "(default: upos); jsonl: key; csv: name",
    )
    reading.add_argument("--text-column", metavar="KEY", help="jsonl: key of a text (default: text)")
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
        "--leave-out-misaligned",
        action="store_true",
        default=None,
        help="jsonl: go on without spans that do not fit the tokens, and list them (default: stop, and count them)",
    )
    add_document_arguments(reading)
    reading.add_argument(
        "--scheme",
        choices=_SCHEMES,
        default="auto",
        metavar="SCHEME",
        help=f"scheme of the gold labels: {', '.join(_SCHEMES)} (default: auto, detected)",
    )
    writing = parser.add_argument_group("writing")
    writing.add_argument("--json", action="store_true", help="print the scores as JSON")
    writing.add_argument(
        "--seqeval", action="store_true", help="print the table of the package seqeval instead"
    )
    writing.add_argument(
        "-o",
        "--output-file",
        default=STANDARD,
        metavar="FILE",
        help="write to a file (default: standard output)",
    )
    writing.add_argument(
        "--progress",
        action=argparse.BooleanOptionalAction,
        help="show progress on standard error (default: if it is a terminal)",
    )


def run(arguments: argparse.Namespace) -> None:
    """Score the model as the arguments say."""
    if arguments.json and arguments.seqeval:
        raise UsageError("--seqeval has no effect with --json")
    tagger = load_tagger(arguments)
    in_documents = reads_documents(arguments, tagger)
    misaligned: list[Misaligned] = []

    examples = list(_examples(arguments, tagger, misaligned.append, in_documents=in_documents))
    if misaligned and not arguments.leave_out_misaligned:
        raise DataError(
            f"{describe_misfits(misaligned)}. Correct the spans, or pass --leave-out-misaligned to go on without them."
        )
    for misfit in misaligned:
        say("tagger", f"left out: {misfit}")
    scheme, examples = _gold(arguments, examples, tagger)
    _mention_unknown(examples, scheme, tagger)
    predicted = []
    tokens = (example.tokens for example in examples)
    documents = (example.document for example in examples)
    with Progress(shown=arguments.progress) as progress:
        for labels in tagger.stream_labels(tokens, documents=documents, decode=arguments.decode):
            predicted.append(labels)
            progress.add(len(labels))
    if not progress.shown:
        say("tagger", progress.summary())
    with output_to(arguments.output_file) as write:
        write(_report(arguments, examples, predicted, scheme, tagger) + "\n")


def _report(
    arguments: argparse.Namespace,
    examples: Sequence[Example],
    predicted: Sequence[Sequence[str]],
    scheme: LabelScheme,
    tagger: Tagger,
) -> str:
    own_scheme = _own_scheme(tagger, scheme)
    if arguments.seqeval:
        gold = [example.labels or () for example in examples]
        return seqeval_report(gold, predicted, gold_scheme=scheme, predicted_scheme=own_scheme)

    def scored(labels: Sequence[Sequence[str]]) -> SpanScores | TokenScores:
        return score(examples, labels, scheme, predicted_scheme=own_scheme, known_words=tagger.knows)

    scores = scored(predicted)
    alone = None
    if any(example.document is not None for example in examples):
        tokens = [example.tokens for example in examples]
        alone = scored(tagger.tag(tokens, decode=arguments.decode))
    if arguments.json:
        fields = scores.to_dict()
        if alone is not None:
            fields["sentences_alone"] = alone.to_dict()
        return json.dumps(fields, indent=2, ensure_ascii=False)
    if alone is None:
        return scores.report()
    return f"{scores.report()}\nF1 with each sentence alone, without document consistency: {100 * alone.value:.2f} %"


def _examples(
    arguments: argparse.Namespace,
    tagger: Tagger,
    on_misaligned: Callable[[Misaligned], None],
    *,
    in_documents: bool,
) -> Iterator[Example]:
    """Yield the examples of all files, with documents, other ones in each file, if these are of concern."""
    for number, path in enumerate(arguments.gold, start=1):
        source, name = input_source(path)
        is_named = arguments.format != "auto" or path == STANDARD
        format = arguments.format if is_named else guess_format(path)
        check_effects(
            {name: getattr(arguments, name) for name in _READING}, _EFFECTIVE.get(format, _READING), format
        )
        examples = read_examples(
            source,
            format=format,
            name=name,
            token_column=arguments.token_column,
            label_column=arguments.label_column,
            comment_prefix=arguments.comment_prefix,
            header=bool(arguments.header),
            text_column=arguments.text_column,
            document_column=arguments.document_column,
            segmenter=tagger.segmenter if format == "jsonl" else None,
            on_misaligned=on_misaligned if format == "jsonl" else None,
        )
        order = DocumentOrder()
        for example in examples:
            document = None
            if in_documents:
                order.check(example)
                document = None if example.document is None else f"{number} {example.document}"
            yield replace(example, document=document)


def _gold(
    arguments: argparse.Namespace, examples: Sequence[Example], tagger: Tagger
) -> tuple[LabelScheme, list[Example]]:
    """Return the scheme of the gold labels, and the examples with these as the scheme has them, all checked."""
    known = None if tagger.scheme.has_spans else tagger.scheme
    if arguments.scheme != "auto":
        known = LabelScheme.parse(arguments.scheme)
    scheme, notation = gold_scheme(examples, known)
    if scheme.has_spans != _own_scheme(tagger, scheme).has_spans:
        found = ", ".join(sorted({label for example in examples for label in example.labels or ()})[:5])
        kinds = ("spans", "plain labels") if tagger.scheme.has_spans else ("plain labels", "spans")
        raise UsageError(
            f"expected gold labels that are {kinds[0]}, as the model's are, found {kinds[1]} ({found}). "
            "Choose the labels with --label-column, or name their scheme with --scheme."
        )
    if not notation.is_usual:
        say("tagger", f"note: {notation}")
    return scheme, checked_gold(examples, scheme, notation)


def _own_scheme(tagger: Tagger, gold: LabelScheme) -> LabelScheme:
    """Return the scheme to read the model's labels in: that of the gold labels if it learned such labels as plain."""
    if gold.has_spans and not tagger.scheme.has_spans:
        with suppress(LabelError):
            for label in tagger.labels:
                split_label(label, gold)
            return gold
    return tagger.scheme


def _mention_unknown(examples: Sequence[Example], scheme: LabelScheme, tagger: Tagger) -> None:
    """Say which gold types the model cannot predict, since they count as not found.

    Raises:
        LabelError: if the gold types and the model's differ, and in their writing alone (per, PER): no score would
            be meant.
    """
    labels = {label for example in examples for label in example.labels or ()} - {"O"}
    gold = {split_label(label, scheme)[1] for label in labels}
    own_scheme = _own_scheme(tagger, scheme)
    known = {split_label(label, own_scheme)[1] for label in tagger.labels if label != "O"}
    if gold.isdisjoint(known) and not set(map(_letters, gold)).isdisjoint(map(_letters, known)):
        raise LabelError(
            f"expected gold labels written as the model's are ({listed(known)}), found {listed(gold)}. "
            "Rename them."
        )
    if unknown := gold - known:
        say("tagger", f"note: the model does not know {listed(unknown)}; such gold labels count as not found")


def _letters(label: str) -> str:
    """Return what stays of a label, however it is written: its letters and digits."""
    return "".join(filter(str.isalnum, label)).casefold()
