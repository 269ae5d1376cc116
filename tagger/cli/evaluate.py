"""``tagger evaluate``: score a model on annotated files."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tagger.cli.arguments import (
    add_document_arguments,
    add_format_argument,
    add_model_arguments,
    add_reading_arguments,
    load_tagger,
    parse_scheme,
    reading_options,
    reads_documents,
)
from tagger.cli.program import say
from tagger.cli.progress import Progress
from tagger.cli.streams import STANDARD, input_source, output_to
from tagger.errors import LabelError, UsageError
from tagger.examples import Example
from tagger.formats import FORMATS, GoldCorpus, read_gold, reads_csv
from tagger.metrics import SpanScores, TokenScores, require_seqeval, score, seqeval_report
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
  tagger evaluate runs/ner/model eng.testb --input conll --scheme iob1 --seqeval
"""

_SCHEMES: Final = ("auto", *(scheme.value for scheme in LabelScheme))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model_arguments(parser)
    parser.add_argument("gold", metavar="GOLD", nargs="+", help="annotated files; - for standard input")
    reading = parser.add_argument_group("reading")
    add_format_argument(reading, ("auto", *FORMATS))
    add_reading_arguments(reading)
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
    if arguments.seqeval:
        require_seqeval()
    tagger = load_tagger(arguments)
    in_documents = reads_documents(arguments, tagger, has_csv=reads_csv(arguments.input, arguments.gold))
    corpus = read_gold(
        [input_source(path) for path in arguments.gold],
        reading_options(arguments, arguments.input),
        lambda: tagger.segmenter,
        scheme=parse_scheme(arguments.scheme, tagger),
        documents=in_documents,
    )
    for line in corpus.losses.lines():
        say("tagger", line)
    _check_kind(corpus, tagger)
    examples, scheme = corpus.examples, corpus.scheme
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
        return score(examples, labels, scheme, predicted_scheme=own_scheme, known_words=tagger.in_vocabulary)

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


def _check_kind(corpus: GoldCorpus, tagger: Tagger) -> None:
    """Refuse spans for a model of plain labels and the other way round; say how labels were read if not as usual."""
    scheme = corpus.scheme
    if scheme.has_spans != _own_scheme(tagger, scheme).has_spans:
        found = ", ".join(
            sorted({label for example in corpus.examples for label in example.labels or ()})[:5]
        )
        kinds = ("spans", "plain labels") if tagger.scheme.has_spans else ("plain labels", "spans")
        raise UsageError(
            f"expected gold labels that are {kinds[0]}, as the model's are, found {kinds[1]} ({found}). "
            "Choose the labels with --label-column, or name their scheme with --scheme."
        )
    if not corpus.notation.is_usual:
        say("tagger", f"note: {corpus.notation}")


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
