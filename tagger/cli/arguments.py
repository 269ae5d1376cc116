"""Arguments that the sub-commands share, and what becomes of them."""

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
    "join_sentences": "make one sentence of two that a span goes across: where texts are cut into sentences, and "
    "where a sentence of tokens begins with I-TYPE directly after one that ends within a span of this type",
    "skip_bad": "go on without what is wrong, such as spans past the end of their text and sentences whose "
    "labels break their scheme; count and list it (default: stop)",
}


def add_model_arguments(
    parser: argparse.ArgumentParser, *, tags: bool = True, folder: bool = True
) -> argparse._ArgumentGroup:
    """Add the model folder and how to compute with it.

    Args:
        parser: of the command.
        tags: whether the command tags, and so has a use for the two ways to decode and for a cache.
        folder: whether to add the folder itself.

    Returns:
        The group of the arguments that say how to compute, for more of them.
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
        "--workers, since reading, writing and short steps take turns; on the CPU"
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
            help=f"memory for what is kept of words, not to be computed again (default: {CACHE_MEGABYTES}); on the CPU",
        )
    return group


def load_tagger(arguments: argparse.Namespace, folder: str | None = None) -> Tagger:
    """Load the model as the arguments want it.

    Args:
        arguments: those of :func:`add_model_arguments`.
        folder: of another model than theirs.

    Raises:
        MissingExtraError: the device is not the CPU and torch is not installed.
        ModelError: the folder is no model, or is damaged.
        UsageError: the device is not there.
    """
    from tagger.api import Tagger

    return Tagger.load(arguments.model if folder is None else folder, **load_options(arguments))


def mention_cores(arguments: argparse.Namespace) -> None:
    """Say so if more is to be computed side by side than there are cores to compute it on.

    Args:
        arguments: those of :func:`add_model_arguments`, perhaps a number of workers.
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
    """Add the format of the files that are read.

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
        help=f"format of the files that are read: {', '.join(formats)} (default: auto, told by content or name)",
    )


def add_reading_arguments(
    group: argparse._ArgumentGroup,
    *,
    helps: Mapping[str, str] = MappingProxyType({}),
    without: Collection[str] = (),
) -> None:
    """Add how annotated files are read, but for their format.

    Args:
        group: of arguments.
        helps: what options mean that mean more here than elsewhere.
        without: the names of options that have no meaning here.
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
    """Add how annotated files are read, but for their format, where documents are only carried over.

    Args:
        group: of arguments.
        without: as in :func:`add_reading_arguments`.
    """
    add_reading_arguments(group, helps=_HELPS_OF_CONVERSION, without=without)
    group.add_argument("--document-column", metavar="COLUMN", help=_help_of("document_column", FORMATS))


def reading_options(arguments: argparse.Namespace, format: str) -> ReadingOptions:
    """Return how annotated files are read.

    Args:
        arguments: those of :func:`add_reading_arguments`, perhaps those of documents.
        format: of the files.
    """
    given = {name: getattr(arguments, name) for name in READING_OPTIONS if name in arguments}
    if given.get("offsets") == "auto":
        given["offsets"] = None
    return ReadingOptions(format=format, **given)


def parse_scheme(name: str | None, tagger: Tagger) -> LabelScheme | None:
    """Return the scheme of gold labels; None where it is to be found out."""
    if name not in (None, "auto"):
        return LabelScheme.parse(name)
    return None if tagger.scheme.has_spans else tagger.scheme


def _help_of(name: str, formats: Collection[str]) -> str:
    """Return what an option of reading means in some of the formats, once for those in which it means the same."""
    formats_of: dict[str, list[str]] = {}
    for format, meaning in READING_OPTIONS[name].items():
        if format in formats:
            formats_of.setdefault(meaning, []).append(format)
    return "; ".join(f"{', '.join(names)}: {meaning}" for meaning, names in formats_of.items())


def add_document_arguments(group: argparse._ArgumentGroup, *, formats: Collection[str] = FORMATS) -> None:
    """Add what is said of documents, to the arguments about reading.

    Args:
        group: those arguments.
        formats: that are read.
    """
    group.add_argument("--document-column", metavar="COLUMN", help=_help_of("document_column", formats))
    group.add_argument(
        "--document-consistency",
        type=weight,
        metavar="WEIGHT",
        help=f"how much other occurrences of a word in its document count (default: {CONSISTENCY}); 0: each sentence "
        "stands alone",
    )
    group.add_argument(
        "--document-tokens",
        type=positive_number,
        metavar="N",
        help=f"tokens of a document that are looked at together (default: {DOCUMENT_TOKENS}); of a longer document a "
        "part of whole sentences at a time",
    )


def reads_documents(
    arguments: argparse.Namespace, tagger: Tagger | WorkerPool, *, has_csv: bool = False
) -> bool:
    """Return whether an answer depends on the other sentences of a document.

    Args:
        arguments: those of :func:`add_document_arguments`.
        tagger: what tags.
        has_csv: whether CSV is read, where a column of documents has an effect in any case.

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
    """Return the arguments that are options of ``Tagger.load``, without those that are left to their defaults."""
    names = (
        *("device", "batch_tokens", "cache_megabytes", "threads"),
        *("document_consistency", "document_tokens"),
    )
    given = {name: getattr(arguments, name, None) for name in names}
    return {name: value for name, value in given.items() if value is not None}


def check_effects(options: Mapping[str, object], effective: Collection[str], kind: str) -> None:
    """Refuse options that have a value but no effect.

    Args:
        options: values by name, as argparse names them; None: not given.
        effective: the names of those that have an effect.
        kind: the kind of input, for the message.

    Raises:
        UsageError: names the first such option.
    """
    for option, value in options.items():
        if value is not None and option not in effective:
            raise UsageError(f"--{option.replace('_', '-')} has no effect on {kind} input")


def positive_number(text: str) -> int:
    """Read a whole number of 1 or more, for argparse."""
    if not re.fullmatch(r"0*[1-9][0-9]*", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"expected a whole number of 1 or more, found {text!r}")
    return int(text)


def parse_seed(text: str) -> int:
    """Read a seed, a whole number of 0 or more, for argparse."""
    if not re.fullmatch(r"[0-9]+", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"expected a whole number of 0 or more, found {text!r}")
    return int(text)


def parallel_number(text: str) -> int:
    """Read a number of threads or processes, for argparse."""
    number = positive_number(text)
    if number > _MOST_PARALLEL:
        raise argparse.ArgumentTypeError(f"expected {_MOST_PARALLEL} at most, found {text}")
    return number


def seconds(text: str) -> float:
    """Read a time for argparse, infinite ones included."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not number > 0:
        raise argparse.ArgumentTypeError(f"expected more than 0 seconds, or inf, found {text!r}")
    return number


def weight(text: str) -> float:
    """Read the weight of document consistency, for argparse."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not is_weight(number):
        raise argparse.ArgumentTypeError(f"expected {WEIGHTS}, found {text!r}")
    return number


def probability(text: str) -> float:
    """Read a probability for argparse."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, found {text!r}")
    return number


def parse_column(text: str) -> int | str:
    """Read a column for argparse: a number for columns that are counted, else a name."""
    return int(text) if re.fullmatch(r"-?[0-9]+", text, re.ASCII) else text


def label_names(text: str) -> list[str] | dict[str, int] | str:
    """Read names of labels for argparse."""
    try:
        return parse_label_names(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
