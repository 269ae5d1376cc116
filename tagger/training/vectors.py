"""Read the pretrained vectors of a run, and report their coverage of the words in its data."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.training.config import VectorsConfig
from tagger.training.data import PreparedData
from tagger.vectors import Coverage, VectorTable, coverage, read_vectors

_LOG = logging.getLogger(__name__)
_EXAMPLES = 5


@dataclass(frozen=True)
class RunVectors:
    """The vectors of a run.

    Attributes:
        table: the vectors.
        identity: description of the vectors, and how many words of the data have one; JSON-ready.
        fingerprint: digest of the whole table, on which the finished model depends.
    """

    table: VectorTable
    identity: Mapping[str, Any]
    fingerprint: str


def read_run_vectors(config: VectorsConfig, data: PreparedData, *, dim: int) -> RunVectors | None:
    """Read the configured vectors, and log problems in the file and the coverage of the data.

    Args:
        config: the file, and how to read it.
        data: the splits they should cover.
        dim: expected dimension of the vectors.

    Returns:
        The vectors; None if none are configured.

    Raises:
        DataError: if the file cannot be read, has vectors of another dimension, or none for the train split's words.
        UsageError: if an option has no effect on this file.
    """
    if config.path is None:
        return None
    read = read_vectors(
        config.path,
        dim=dim,
        limit=config.limit or None,
        half=config.half,
        subwords=config.subwords,
        member=config.member,
        words=config.words,
    )
    if not config.subwords and read.report.format != "fastText binary":
        raise UsageError(f"vectors.subwords: has no effect on {read.report.format}, which has none")
    summary, *problems = read.report.describe()
    _LOG.info("%s", summary)
    for problem in problems:
        _LOG.warning("%s", problem)
    table = VectorTable.build(read.words, read.vectors, read.subwords)
    counts = {"train": _counts(data.train), "dev": _counts(data.dev)}
    covered = {name: coverage(table, words) for name, words in counts.items() if words}
    for name, found in covered.items():
        _LOG.info("%s split: %s", name, found.describe())
    _LOG.info("the vectors take %.1f MB in the model folder", table.num_bytes / 1e6)
    _check_any(covered["train"], counts["train"], read.report.source)
    identity = {
        "file": Path(config.path).name,
        "format": read.report.format,
        "vectors": read.report.kept,
        "dim": read.report.dim,
        "precision": "half" if config.half else "single",
        "megabytes": round(table.num_bytes / 1e6, 1),
        "left_out": {
            kind: problem.count
            for kind, problem in read.report.problems.items()
            if kind not in ("spaces", "zero")
        },
        "coverage": {name: asdict(found) for name, found in covered.items()},
    }
    digest = hashlib.sha256()
    for piece in table.pieces():
        digest.update(piece)
    return RunVectors(table, identity, digest.hexdigest())


def _counts(examples: Iterable[Example]) -> Counter[str]:
    return Counter(token for example in examples for token in example.tokens)


def _check_any(found: Coverage, counts: Counter[str], where: str) -> None:
    if found.types["missing"] == len(counts):
        words = ", ".join(repr(word) for word, _ in counts.most_common(_EXAMPLES))
        raise DataError(
            f"{where}: expected vectors for words of the train split, such as {words}, found none for any. "
            f"Are they for another language?"
        )
