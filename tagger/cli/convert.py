"""``tagger convert``: convert annotated files from any format to any other."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tagger.cli.arguments import add_conversion_reading, add_format_argument, parse_seed, reading_options
from tagger.cli.program import say
from tagger.cli.progress import Progress
from tagger.cli.streams import STANDARD, input_source, output_to
from tagger.conversion import ConversionOptions, Report, TypeChanges, convert, parse_shares
from tagger.errors import DataError, UsageError
from tagger.files import is_special
from tagger.formats import FORMATS, AnnotatedText
from tagger.formats.offsets import UNITS
from tagger.schemes import LabelScheme

NAME: Final = "convert"
SUMMARY: Final = "convert annotated files from any format to any other"
_SCHEMES: Final = ("auto", *(scheme.value for scheme in LabelScheme))
_FORMATS: Final = "\n".join(f"  {format.name:<14} {format.title}" for format in FORMATS.values())
_WRITTEN: Final = tuple(
    format.name for format in FORMATS.values() if format.write is not None or format.save is not None
)

DESCRIPTION: Final = f"""\
Read annotated files, optionally change the types of their spans, and write them in another format.

formats (--input; by default detected from the content or the name of a file)
{_FORMATS}

formats that can be written (--output; by default determined by the ending of OUT): {", ".join(_WRITTEN)}

Anything that the format of OUT cannot represent is left out or flattened, never silently: of overlapping spans the one
that begins first is kept, and of those the longest; a span of several fragments is left out, and so is one that cuts
through a token if the format consists of tokens. Counts of each kind are printed at the end, and --report lists them.
Unannotated text is left out, so that it cannot be mistaken for text without spans.

Labels of tokens are checked: their scheme is detected for each file, which is read twice for that, or set by --scheme.
If the format of OUT consists of tokens, texts are tokenized by the rules that fit most spans.

With several files, the ids of documents are prefixed by the names of their files. OUT appears when all is done, and may
be an input; an input of another format is replaced only with --overwrite. With --split, and for formats that are
folders, OUT is a folder; one that contains anything else is replaced only with --overwrite.

--split keeps documents whole, and near-copies of a document in the same part: texts that are the same except for case,
numbers and white space, or that share most of their phrases. Without document ids every text stands alone.
"""
EXAMPLES: Final = """\
examples:
  tagger convert export.json train.conll
  tagger convert doccano.jsonl corpus.jsonl --map person=PER --map place=LOC --drop MISC --report report.json
  tagger convert corpus.jsonl corpus --output conll --split train=0.8,dev=0.1,test=0.1 --seed 1
  tagger convert a.conll b.conll all.jsonl --scheme iob1
  zcat corpus.conll.gz | tagger convert - - --input conll --output jsonl > corpus.jsonl
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "inputs", metavar="IN", nargs="+", help="annotated files or folders; - for standard input"
    )
    parser.add_argument("output", metavar="OUT", help="file or folder to write; - for standard output")
    reading = parser.add_argument_group("reading")
    add_format_argument(reading, ("auto", *FORMATS))
    add_conversion_reading(reading)
    reading.add_argument(
        "--scheme",
        choices=_SCHEMES,
        default="auto",
        metavar="SCHEME",
        help=f"scheme of the labels of tokens: {', '.join(_SCHEMES)} (default: auto, detected for each file)",
    )
    types = parser.add_argument_group("types of spans")
    types.add_argument(
        "--map",
        action="append",
        type=_renaming,
        default=[],
        metavar="OLD=NEW",
        help="rename a type, or a label that is not a span; can be repeated",
    )
    types.add_argument(
        "--keep", type=_types, default=(), metavar="A,B", help="keep only spans of these types, as renamed"
    )
    types.add_argument(
        "--drop", type=_types, default=(), metavar="A,B", help="leave out spans of these types, as renamed"
    )
    writing = parser.add_argument_group("writing")
    writing.add_argument(
        "--output",
        dest="output_format",
        choices=("auto", *_WRITTEN),
        default="auto",
        metavar="FORMAT",
        help="format of the output",
    )
    writing.add_argument(
        "--output-offsets",
        choices=UNITS,
        help="unit of the offsets written (default: the one that programs reading the format expect)",
    )
    writing.add_argument(
        "--split",
        metavar="SHARES",
        help="split into parts, such as train=0.8,dev=0.1,test=0.1, in files of these names in a folder",
    )
    writing.add_argument("--seed", type=parse_seed, metavar="N", help="random seed of the split (default: 0)")
    writing.add_argument(
        "--overwrite",
        action="store_true",
        help="replace a folder, whatever it contains, or an input of another format",
    )
    writing.add_argument(
        "--report",
        metavar="FILE",
        help="write a report as JSON: what was read, changed, lost and written, and where",
    )
    writing.add_argument(
        "--progress",
        action=argparse.BooleanOptionalAction,
        help="show progress on standard error (default: if it is a terminal)",
    )


def run(arguments: argparse.Namespace) -> None:
    """Convert as specified by the arguments."""
    if arguments.inputs.count(STANDARD) > 1:
        raise UsageError(f"expected standard input ({STANDARD}) once, found it several times")
    if arguments.report is not None:
        _check_report(arguments.report, arguments.inputs, arguments.output)
    if arguments.seed is not None and arguments.split is None:
        raise UsageError("--seed has no effect without --split")
    renamed: dict[str, str] = {}
    for old, new in arguments.map:
        if renamed.setdefault(old, new) != new:
            raise UsageError(f"--map: expected one new name for {old}, found {renamed[old]} and {new}")
    options = ConversionOptions(
        reading=reading_options(arguments, arguments.input),
        format=arguments.output_format,
        scheme=None if arguments.scheme == "auto" else LabelScheme.parse(arguments.scheme),
        offsets=arguments.output_offsets,
        changes=TypeChanges(renamed=renamed, kept=arguments.keep, dropped=arguments.drop),
        split=None if arguments.split is None else parse_shares(arguments.split),
        seed=arguments.seed or 0,
        overwrite=arguments.overwrite,
    )
    report = _converted(arguments, options)
    for line in report.lines():
        say("tagger", line)
    if arguments.report is not None:
        with output_to(arguments.report) as write:
            write(json.dumps(report.to_dict(), indent=2, ensure_ascii=False) + "\n")


def _check_report(report: str, inputs: Sequence[str], output: str) -> None:
    """Raise an error early if the report would overwrite an input or the output, or cannot be written.

    Raises:
        DataError: it cannot be written.
        UsageError: it is an input or the output, or in one of these.
    """
    if report == STANDARD:
        if output == STANDARD:
            raise UsageError("--report -: expected standard output for one thing, found OUT there as well")
        return
    path = Path(report)
    for other, what in ((output, "OUT"), *((one, "an input") for one in inputs)):
        if other != STANDARD and (place := _place_of(path, Path(other))) is not None:
            raise UsageError(
                f"--report {report}: expected a file of its own, found one that is {place}{what}"
            )
    if path.is_dir():
        raise DataError(f"{report}: expected the name of a file to write, found a directory")
    if not path.resolve().parent.is_dir():
        raise DataError(f"{report}: cannot be written: there is no folder {path.resolve().parent}")


def _place_of(path: Path, other: Path) -> str | None:
    """Return the relation of a path to another: empty if they are the same, ``in ``, or None if unrelated."""
    if is_special(path):
        return None
    own, others = path.resolve(), other.resolve()
    if own == others or (path.exists() and other.exists() and path.samefile(other)):
        return ""
    return "in " if others in own.parents else None


def _converted(arguments: argparse.Namespace, options: ConversionOptions) -> Report:
    sources = [input_source(path) for path in arguments.inputs]
    with (
        Progress(shown=arguments.progress, things=("texts", "characters")) as progress,
        ExitStack() as stack,
    ):

        def count(text: AnnotatedText) -> None:
            progress.add(len(text.text))

        output: str | Callable[[str], object] = arguments.output
        if arguments.output == STANDARD:
            output = stack.enter_context(output_to(STANDARD))
        return convert(sources, output, options, on_text=count)


def _renaming(text: str) -> tuple[str, str]:
    """Parse OLD=NEW, for argparse."""
    old, divider, new = text.rpartition("=")
    if not divider or not old.strip() or not new.strip():
        raise argparse.ArgumentTypeError(f"expected OLD=NEW, found {text!r}")
    return old.strip(), new.strip()


def _types(text: str) -> tuple[str, ...]:
    """Parse types separated by commas, for argparse."""
    types = tuple(type.strip() for type in text.split(","))
    if "" in types:
        raise argparse.ArgumentTypeError(f"expected types with commas between them, found {text!r}")
    return types
