"""``tagger inspect``: write a page that shows what happens inside a model as it processes a text."""

from __future__ import annotations

import argparse
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tagger.cli.arguments import (
    add_model_arguments,
    add_reading_arguments,
    load_tagger,
    mention_cores,
    parse_scheme,
    positive_number,
    reading_options,
)
from tagger.cli.program import say
from tagger.cli.streams import STANDARD, input_source, output_to
from tagger.errors import UsageError
from tagger.formats import FORMATS, READING_OPTIONS, read_gold, read_plain, read_token_lines
from tagger.schemes import LabelScheme

if TYPE_CHECKING:
    from tagger.api import Tagger
    from tagger.inspection import Corpus

NAME: Final = "inspect"
SUMMARY: Final = "show what happens inside a model as it processes a text"
DESCRIPTION: Final = """\
Write one self-contained HTML page that shows and explains what a model does with a text.

views
  crf        emissions, contribution of wide features, transitions, probabilities, the two best labellings
  context    the labels if only some words on either side are visible; with --corpus also over the corpus
  occlusion  which words the labels of other words depend on
  gates      every gate and state at every word, memory lengths, saturation
  steps      the computation of one unit at every word, with its sums (--unit selects it)
  gradients  how far back the gradient reaches
  units      units that detect a property of words, with a control and the loss without them (needs --corpus)
"""
EXAMPLES: Final = """\
examples:
  tagger inspect runs/ner/model "EU rejects German call." -o report.html
  tagger inspect runs/ner/model "EU rejects German call." --views gates,gradients -o gates.html
  tagger inspect runs/lstm/model "EU rejects German call." --views gradients --against runs/gru/model -o flow.html
  tagger inspect runs/ner/model "EU rejects German call." --views steps --unit forward:77 -o unit.html
  tagger inspect runs/pos/model - --corpus dev.conllu --label-column upos -o report.html < text.txt
"""

VIEWS: Final = ("crf", "context", "occlusion", "gates", "steps", "gradients", "units")
_MAX_OTHERS: Final = 6
_SCHEMES: Final = ("auto", *(scheme.value for scheme in LabelScheme))
_ABOUT_CORPUS: Final = (
    "corpus_format",
    *(name for name in READING_OPTIONS if name != "document_column"),
    "scheme",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_model_arguments(parser, tags=False)
    parser.add_argument("text", metavar="TEXT", help="the text itself; - for standard input")
    parser.add_argument(
        "--input",
        choices=("text", "tokens"),
        default="text",
        help="text: running text (default); tokens: one sentence per line, tokens separated by spaces",
    )
    parser.add_argument(
        "--sentence",
        type=positive_number,
        default=1,
        metavar="N",
        help="which sentence of the text to inspect (default: 1)",
    )
    parser.add_argument(
        "--views",
        type=_parse_views,
        metavar="VIEW[,VIEW...]",
        help="views to show (default: all that the model has and the corpus allows)",
    )
    parser.add_argument(
        "--unit",
        metavar="[LAYER:]DIRECTION:N",
        help="the unit that the view steps follows, such as forward:77 or, in the second layer, 2:backward:5 (default: "
        "an active one)",
    )
    parser.add_argument(
        "--against",
        nargs="+",
        default=[],
        metavar="MODEL",
        help="up to six other models, after TEXT, whose gradients are plotted along with this one's",
    )
    corpus = parser.add_argument_group("corpus")
    corpus.add_argument("--corpus", metavar="FILE", help="annotated sentences, for views over many of them")
    corpus.add_argument("--corpus-format", choices=FORMATS, help="format of the corpus")
    add_reading_arguments(corpus)
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
        help="write to a file, which appears on completion (default: standard output)",
    )


def run(arguments: argparse.Namespace) -> None:
    """Write the page specified by the arguments."""
    given = [name for name in _ABOUT_CORPUS if getattr(arguments, name) not in (None, False)]
    if arguments.corpus is None and given:
        raise UsageError(f"--{given[0].replace('_', '-')} has no effect without --corpus")
    if arguments.corpus == arguments.text == STANDARD:
        raise UsageError("text and corpus cannot both be standard input")
    if arguments.views and "units" in arguments.views and arguments.corpus is None:
        raise UsageError("the view units needs an annotated corpus; pass --corpus FILE")
    if arguments.unit is not None and arguments.views and "steps" not in arguments.views:
        raise UsageError("--unit has no effect without the view steps")
    if arguments.against and arguments.views and "gradients" not in arguments.views:
        raise UsageError("--against has no effect without the view gradients")
    if len(arguments.against) > _MAX_OTHERS:
        raise UsageError(f"--against: expected up to {_MAX_OTHERS} models, found {len(arguments.against)}")
    known = {Path(arguments.model).resolve()}
    for folder in arguments.against:
        if Path(folder).resolve() in known:
            raise UsageError(f"--against: expected other models than MODEL, each once, found {folder} again")
        known.add(Path(folder).resolve())
    mention_cores(arguments)
    tagger = load_tagger(arguments)
    from tagger.inspection import inspection_page

    _limit_threads(arguments.torch_threads)
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
        unit=arguments.unit,
        others={folder: load_tagger(arguments, folder) for folder in arguments.against},
    )
    with output_to(arguments.output_file) as write:
        write(page)


def _limit_threads(number: int) -> None:
    import torch

    torch.set_num_threads(number)


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
        # Restores bytes that are not UTF-8, for the reader to reject.
        source, name = io.BytesIO(arguments.text.encode("utf-8", "surrogateescape")), "TEXT"
    if arguments.input == "tokens":
        records = read_token_lines(source, name=name)
    else:
        records = read_plain(source, tagger.segmenter, name=name)
    return [record.example.tokens for record in records if record.example.tokens]


def _corpus(arguments: argparse.Namespace, tagger: Tagger) -> Corpus:
    """Return the annotated sentences, with labels checked against their scheme."""
    from tagger.inspection import Corpus

    if arguments.corpus_format is None and arguments.corpus == STANDARD:
        raise UsageError("a corpus from standard input has no name to tell its format; pass --corpus-format")
    gold = read_gold(
        [input_source(arguments.corpus)],
        reading_options(arguments, arguments.corpus_format or "auto"),
        lambda: tagger.segmenter,
        scheme=parse_scheme(arguments.scheme, tagger),
    )
    for line in gold.losses.lines():
        say("tagger", line)
    return Corpus(gold.examples, gold.scheme)


def _parse_views(text: str) -> tuple[str, ...]:
    """Parse names of views, for argparse."""
    names = tuple(text.split(","))
    for name in names:
        if name not in VIEWS:
            raise argparse.ArgumentTypeError(f"expected views among {', '.join(VIEWS)}, found {name!r}")
    return names


def _names_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a file name, or with illegal characters
        return False
