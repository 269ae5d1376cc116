"""Arguments shared by the sub-commands, and functions that parse and check them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tagger.cli.program import say
from tagger.documents import CONSISTENCY, DOCUMENT_TOKENS, WEIGHTS, is_weight
from tagger.errors import UsageError
from tagger.formats import FORMATS, READING_OPTIONS, ReadingOptions
from tagger.formats.offsets import UNITS
from tagger.formats.tables.label_names import parse_label_names
from tagger.inference.lookahead import BATCH_TOKENS, CACHE_MEGABYTES
from tagger.options import usable_cores
from tagger.schemes import LabelScheme

if TYPE_CHECKING:
    from tagger.api import Tagger
    from tagger.workers import WorkerPool

_MOST_PARALLEL: Final = 1024
_HELPS_OF_CONVERSION: Final = {
    "join_sentences": "join two sentences if a span crosses their boundary: where texts are split into sentences, and "
    "where a sentence of tokens begins with I-TYPE directly after one that ends within a span of this type",
    "skip_bad": "skip invalid items, such as spans past the end of their text and sentences whose "
    "labels violate their scheme; count and list them (default: stop)",
}


def add_model_arguments(
    parser: argparse.ArgumentParser, *, tags: bool = True, folder: bool = True
) -> argparse._ArgumentGroup:
    """Add the model folder and the options for running the model.

    Args:
        parser: of the command.
        tags: whether the command tags, and so has a use for ``--decode`` and the cache.
        folder: whether to add the folder itself.

    Returns:
        The argument group "computing", to which the caller can add more.
    """
    if folder:
        parser.add_argument("model", metavar="MODEL", help="a model folder, such as runs/ner/model")
    group = parser.add_argument_group("computing")
    if tags:
        group.add_argument(
            "--decode",
            choices=("viterbi", "posterior"),
            default="viterbi",
            help="the most probable label sequence (viterbi, the default), or the legal one with the most labels "
            "expected right (posterior)",
        )
    group.add_argument(
        "--device", default="cpu", metavar="DEVICE", help="cpu (the default), cuda, cuda:1, ..."
    )
    group.add_argument(
        "--threads",
        dest="threads" if tags else "torch_threads",
        type=parallel_number,
        default=1,
        metavar="N",
        help="batches to compute side by side (default: 1); more pay for long inputs, though less than as many "
        "--workers, since reading, writing and short steps take turns; CPU only"
        if tags
        else "threads that PyTorch computes with (default: 1)",
    )
    group.add_argument(
        "--batch-tokens",
        type=positive_number,
        default=BATCH_TOKENS,
        metavar="N",
        help=f"tokens computed at once (default: {BATCH_TOKENS}); more takes more memory",
    )
    if tags:
        group.add_argument(
            "--cache-megabytes",
            type=positive_number,
            default=CACHE_MEGABYTES,
            metavar="N",
            help=f"memory for caching vectors of words (default: {CACHE_MEGABYTES}); CPU only",
        )
    return group


def load_tagger(arguments: argparse.Namespace, folder: str | None = None) -> Tagger:
    """Load the model as specified by the arguments.

    Args:
        arguments: those of :func:`add_model_arguments`.
        folder: of another model to load instead.

    Raises:
        MissingExtraError: the device is not the CPU and torch is not installed.
        ModelError: the folder is not a model, or is damaged.
        UsageError: the device is not available.
    """
    from tagger.api import Tagger

    return Tagger.load(arguments.model if folder is None else folder, **load_options(arguments))


def mention_cores(arguments: argparse.Namespace) -> None:
    """Print a note if workers times threads exceed the usable cores.

    Args:
        arguments: those of :func:`add_model_arguments`, possibly with a number of workers.
    """
    threads = "torch_threads" if "torch_threads" in arguments else "threads"
    given = {"workers": getattr(arguments, "workers", None) or 1, "threads": getattr(arguments, threads)}
    cores = usable_cores()
    if given["workers"] * given["threads"] > cores:
        options = " ".join(f"--{name} {number}" for name, number in given.items() if number > 1)
        of = "the one core" if cores == 1 else f"the {cores} cores"
        say(
            "tagger",
            f"note: {options}: more than {of} that this process may use; it costs memory and is no faster",
        )


def add_format_argument(group: argparse._ArgumentGroup, formats: Sequence[str]) -> None:
    """Add the option for the input format.

    Args:
        group: of the arguments about reading.
        formats: their names, ``auto`` first.
    """
    group.add_argument(
        "--input",
        "--format",
        dest="input",
        choices=formats,
        default="auto",
        metavar="FORMAT",
        help=f"format of the input files: {', '.join(formats)} (default: auto, detected from content or name)",
    )


def add_reading_arguments(
    group: argparse._ArgumentGroup,
    *,
    helps: Mapping[str, str] = MappingProxyType({}),
    without: Collection[str] = (),
) -> None:
    """Add the options for reading annotated files, except their format.

    Args:
        group: of arguments.
        helps: help texts of options that differ here from the usual ones.
        without: names of options to leave out.
    """
    for name in READING_OPTIONS:
        if name == "document_column" or name in without:
            continue  # for the former see add_document_arguments
        help = helps.get(name) or _help_of(name, FORMATS)
        flag = f"--{name.replace('_', '-')}"
        if name in ("header", "join_sentences", "trim_entities", "skip_bad"):
            group.add_argument(flag, action="store_true", help=help)
        elif name == "offsets":
            group.add_argument(flag, choices=("auto", *UNITS), help=help)
        elif name in ("token_column", "label_column"):
            group.add_argument(flag, type=parse_column, metavar="COLUMN", help=help)
        elif name == "label_names":
            group.add_argument(flag, type=label_names, metavar="NAMES", help=help)
        elif name == "annotator":
            group.add_argument(flag, metavar="NAME", help=help)
        else:
            metavar = {"comment_prefix": "TEXT", "sentence_column": "COLUMN"}.get(name, "KEY")
            group.add_argument(flag, metavar=metavar, help=help)


def add_conversion_reading(group: argparse._ArgumentGroup, *, without: Collection[str] = ()) -> None:
    """Add the options for reading annotated files, except their format, for commands that only pass documents on.

    Args:
        group: of arguments.
        without: as in :func:`add_reading_arguments`.
    """
    add_reading_arguments(group, helps=_HELPS_OF_CONVERSION, without=without)
    group.add_argument("--document-column", metavar="COLUMN", help=_help_of("document_column", FORMATS))


def reading_options(arguments: argparse.Namespace, format: str) -> ReadingOptions:
    """Return the reading options given in the arguments.

    Args:
        arguments: those of :func:`add_reading_arguments`, possibly with those of documents.
        format: of the files.
    """
    given = {name: getattr(arguments, name) for name in READING_OPTIONS if name in arguments}
    if given.get("offsets") == "auto":
        given["offsets"] = None
    return ReadingOptions(format=format, **given)


def parse_scheme(name: str | None, tagger: Tagger) -> LabelScheme | None:
    """Return the scheme of gold labels; None if it is to be detected."""
    if name not in (None, "auto"):
        return LabelScheme.parse(name)
    return None if tagger.scheme.has_spans else tagger.scheme


def _help_of(name: str, formats: Collection[str]) -> str:
    """Return the help of a reading option, grouped by the formats in which it has the same meaning."""
    formats_of: dict[str, list[str]] = {}
    for format, meaning in READING_OPTIONS[name].items():
        if format in formats:
            formats_of.setdefault(meaning, []).append(format)
    return "; ".join(f"{', '.join(names)}: {meaning}" for meaning, names in formats_of.items())


def add_document_arguments(group: argparse._ArgumentGroup, *, formats: Collection[str] = FORMATS) -> None:
    """Add the options about documents.

    Args:
        group: of the arguments about reading.
        formats: the formats that can be read.
    """
    group.add_argument("--document-column", metavar="COLUMN", help=_help_of("document_column", formats))
    group.add_argument(
        "--document-consistency",
        type=weight,
        metavar="WEIGHT",
        help=f"weight of other occurrences of a word in its document (default: {CONSISTENCY}); 0: each sentence "
        "stands alone",
    )
    group.add_argument(
        "--document-tokens",
        type=positive_number,
        metavar="N",
        help=f"tokens of a document that are considered together (default: {DOCUMENT_TOKENS}); longer documents are "
        "split into parts of whole sentences",
    )


def reads_documents(
    arguments: argparse.Namespace, tagger: Tagger | WorkerPool, *, has_csv: bool = False
) -> bool:
    """Return whether predictions depend on the other sentences of a document.

    Args:
        arguments: those of :func:`add_document_arguments`.
        tagger: the tagger.
        has_csv: whether CSV is read, for which ``--document-column`` always has an effect.

    Raises:
        UsageError: an option about documents has no effect.
    """
    for name in ("document_consistency", "document_column", "document_tokens"):
        if getattr(arguments, name) is None or (has_csv and name == "document_column"):
            continue
        option = f"--{name.replace('_', '-')}"
        if not tagger.scheme.has_spans:
            raise UsageError(f"{option} has no effect on a model whose labels have no spans")
        if not tagger.reads_documents and name != "document_consistency":
            raise UsageError(f"{option} has no effect with --document-consistency 0")
    return tagger.reads_documents


def load_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments that are options of ``Tagger.load``, without those not given."""
    names = (
        *("device", "batch_tokens", "cache_megabytes", "threads"),
        *("document_consistency", "document_tokens"),
    )
    given = {name: getattr(arguments, name, None) for name in names}
    return {name: value for name, value in given.items() if value is not None}


def check_effects(options: Mapping[str, object], effective: Collection[str], kind: str) -> None:
    """Raise an error for options that were given but have no effect.

    Args:
        options: values by argparse name; None if not given.
        effective: the names of options that have an effect.
        kind: the kind of input, for the message.

    Raises:
        UsageError: names the first such option.
    """
    for option, value in options.items():
        if value is not None and option not in effective:
            raise UsageError(f"--{option.replace('_', '-')} has no effect on {kind} input")


def positive_number(text: str) -> int:
    """Parse a whole number of 1 or more, for argparse."""
    if not re.fullmatch(r"0*[1-9][0-9]*", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"expected a whole number of 1 or more, found {text!r}")
    return int(text)


def parse_seed(text: str) -> int:
    """Parse a seed, a whole number of 0 or more, for argparse."""
    if not re.fullmatch(r"[0-9]+", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"expected a whole number of 0 or more, found {text!r}")
    return int(text)


def parallel_number(text: str) -> int:
    """Parse a number of threads or processes, for argparse."""
    number = positive_number(text)
    if number > _MOST_PARALLEL:
        raise argparse.ArgumentTypeError(f"expected {_MOST_PARALLEL} at most, found {text}")
    return number


def seconds(text: str) -> float:
    """Parse a time in seconds, possibly infinite, for argparse."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not number > 0:
        raise argparse.ArgumentTypeError(f"expected more than 0 seconds, or inf, found {text!r}")
    return number


def weight(text: str) -> float:
    """Parse the weight of document consistency, for argparse."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not is_weight(number):
        raise argparse.ArgumentTypeError(f"expected {WEIGHTS}, found {text!r}")
    return number


def probability(text: str) -> float:
    """Parse a probability, for argparse."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, found {text!r}")
    return number


def parse_column(text: str) -> int | str:
    """Parse a column for argparse: an integer as an index, anything else as a name."""
    return int(text) if re.fullmatch(r"-?[0-9]+", text, re.ASCII) else text


def label_names(text: str) -> list[str] | dict[str, int] | str:
    """Parse names of labels, for argparse."""
    try:
        return parse_label_names(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
