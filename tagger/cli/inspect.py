"""``tagger inspect``: a page that shows what happens inside a model while it reads a text."""

from __future__ import annotations

import argparse
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tagger.cli.arguments import (
    add_model_arguments,
    check_effects,
    load_tagger,
    parse_column,
    positive_number,
)
from tagger.cli.streams import STANDARD, input_source, output_to
from tagger.errors import DataError, UsageError
from tagger.formats import (
    Misaligned,
    checked_gold,
    describe_misfits,
    gold_scheme,
    guess_format,
    read_examples,
    read_plain,
    read_token_lines,
)
from tagger.schemes import LabelScheme

if TYPE_CHECKING:
    from tagger.api import Tagger
    from tagger.inspection import Corpus

NAME: Final = "inspect"
SUMMARY: Final = "show what happens inside a model while it reads a text"
DESCRIPTION: Final = """\
Write one HTML page, complete in itself, that shows and explains what a model does with a text.

views
  crf        emissions, transitions, probabilities, the two best labellings (not for the decoder softmax)
  context    the labels when only some words on either side are seen; with --corpus also over the corpus
  occlusion  which words the labels of which others hang on
  gates      every gate and state while the words are read, memory lengths, saturation (not for the cell rnn)
  gradients  how far back the gradient reaches
  units      which units tell a property of words, beside a control and the loss without them (needs --corpus)
"""
EXAMPLES: Final = """\
examples:
  tagger inspect runs/ner/model "EU rejects German call." -o report.html
  tagger inspect runs/ner/model "EU rejects German call." --views gates,gradients -o gates.html
  tagger inspect runs/pos/model - --corpus dev.conllu --label-column upos -o report.html < text.txt
"""

VIEWS: Final = ("crf", "context", "occlusion", "gates", "gradients", "units")
_SCHEMES: Final = ("auto", *(scheme.value for scheme in LabelScheme))
_READING: Final = ("corpus_format", "token_column", "label_column", "comment_prefix", "header", "scheme")
_EFFECTIVE: Final = {
    "conll": _READING,
    "conllu": ("corpus_format", "label_column", "scheme"),
    "jsonl": ("corpus_format", "token_column", "label_column", "scheme"),
    "csv": ("corpus_format", "token_column", "label_column", "scheme"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model_arguments(parser, tags=False)
    parser.add_argument("text", metavar="TEXT", help="the text itself; - for standard input")
    parser.add_argument(
        "--input",
        choices=("text", "tokens"),
        default="text",
        help="text: running text (default); tokens: a sentence a line, tokens divided by spaces",
    )
    parser.add_argument(
        "--sentence",
        type=positive_number,
        default=1,
        metavar="N",
        help="which sentence of the text to look into (default: 1)",
    )
    parser.add_argument(
        "--views",
        type=_parse_views,
        metavar="VIEW[,VIEW...]",
        help="what to show (default: all that the model has and the corpus allows)",
    )
    corpus = parser.add_argument_group("corpus")
    corpus.add_argument("--corpus", metavar="FILE", help="annotated sentences, for views over many of them")
    corpus.add_argument("--corpus-format", choices=tuple(_EFFECTIVE), help="format of the corpus")
    corpus.add_argument(
        "--token-column",
        type=parse_column,
        metavar="COLUMN",
        help="conll: number (from 0; default: 0) or name of the column; jsonl: key (default: tokens); csv: name",
    )
    corpus.add_argument(
        "--label-column",
        type=parse_column,
        metavar="COLUMN",
        help="conll: number (default: -1, the last) or name of the column; conllu: field (default: upos); jsonl: key; "
        "csv: name",
    )
    corpus.add_argument(
        "--comment-prefix",
        metavar="TEXT",
        help="conll: lines that start with it are comments",
    )
    corpus.add_argument(
        "--header",
        action="store_true",
        default=None,
        help="conll: the first row holds the names of the columns, by which they can then be chosen",
    )
    corpus.add_argument(
        "--scheme",
        choices=_SCHEMES,
        metavar="SCHEME",
        help=f"scheme of the corpus's labels: {', '.join(_SCHEMES)} (default: auto, detected)",
    )
    parser.add_argument(
        "-o",
        "--output-file",
        default=STANDARD,
        metavar="FILE",
        help="write to a file, which appears when all is done (default: standard output)",
    )


def run(arguments: argparse.Namespace) -> None:
    """Write the page as the arguments say."""
    given = [name for name in _READING if getattr(arguments, name) is not None]
    if arguments.corpus is None and given:
        raise UsageError(f"--{given[0].replace('_', '-')} has no effect without --corpus")
    if arguments.corpus == arguments.text == STANDARD:
        raise UsageError("text and corpus cannot both be standard input")
    if arguments.views and "units" in arguments.views and arguments.corpus is None:
        raise UsageError("the view units needs an annotated corpus; pass --corpus FILE")
    tagger = load_tagger(arguments)
    from tagger.inspection import inspection_page

    sentences = _sentences(arguments, tagger)
    if not sentences:
        raise UsageError("expected a text of at least one word to look into, found none")
    if arguments.sentence > len(sentences):
        raise UsageError(
            f"--sentence: expected 1 to {len(sentences)}, the sentences of the text, found {arguments.sentence}"
        )
    page = inspection_page(
        tagger,
        sentences,
        model_name=os.fspath(Path(arguments.model)),
        chosen=arguments.sentence - 1,
        views=arguments.views,
        corpus=None if arguments.corpus is None else _corpus(arguments, tagger),
    )
    with output_to(arguments.output_file) as write:
        write(page)


def _sentences(arguments: argparse.Namespace, tagger: Tagger) -> list[tuple[str, ...]]:
    """Return the tokens of each sentence of the text that has any."""
    if arguments.text == STANDARD:
        source, name = input_source(STANDARD)
    else:
        if _names_file(arguments.text):
            raise UsageError(
                f"TEXT: expected the text itself, found the name of a file, {arguments.text!r}; pass - and the file on "
                "standard input"
            )
        # Bytes of the command line that are not UTF-8 come back as they were, for the reader to refuse.
        source, name = io.BytesIO(arguments.text.encode("utf-8", "surrogateescape")), "TEXT"
    if arguments.input == "tokens":
        records = read_token_lines(source, name=name)
    else:
        records = read_plain(source, tagger.segmenter, name=name)
    return [record.example.tokens for record in records if record.example.tokens]


def _corpus(arguments: argparse.Namespace, tagger: Tagger) -> Corpus:
    """Return the annotated sentences, their labels checked against their scheme."""
    from tagger.inspection import Corpus

    source, name = input_source(arguments.corpus)
    format = arguments.corpus_format
    if format is None:
        if arguments.corpus == STANDARD:
            raise UsageError(
                "a corpus from standard input has no name to tell its format; pass --corpus-format"
            )
        format = guess_format(arguments.corpus)
    check_effects(
        {name: getattr(arguments, name) for name in _READING}, _EFFECTIVE.get(format, _READING), format
    )
    misfits: list[Misaligned] = []
    examples = list(
        read_examples(
            source,
            format=format,
            name=name,
            token_column=arguments.token_column,
            label_column=arguments.label_column,
            comment_prefix=arguments.comment_prefix,
            header=bool(arguments.header),
            segmenter=tagger.segmenter if format == "jsonl" else None,
            on_misaligned=misfits.append if format == "jsonl" else None,
        )
    )
    if misfits:
        raise DataError(f"{describe_misfits(misfits)}. Correct the spans.")
    known = None if tagger.scheme.has_spans else tagger.scheme
    if arguments.scheme not in (None, "auto"):
        known = LabelScheme.parse(arguments.scheme)
    scheme, notation = gold_scheme(examples, known)
    return Corpus(checked_gold(examples, scheme, notation), scheme)


def _parse_views(text: str) -> tuple[str, ...]:
    """Read names of views, for argparse."""
    names = tuple(text.split(","))
    for name in names:
        if name not in VIEWS:
            raise argparse.ArgumentTypeError(f"expected views among {', '.join(VIEWS)}, found {name!r}")
    return names


def _names_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or with characters that none has
        return False
