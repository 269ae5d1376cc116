"""Splits: the examples of a run as they are given or read, before anything is checked or converted."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.formats import (
    READING_OPTIONS,
    Losses,
    Misaligned,
    ReadingOptions,
    check_misfits,
    guess_format,
    read_file,
)
from tagger.options import option
from tagger.sources.huggingface import load_splits
from tagger.text import NamedSegmenter, get_segmenter
from tagger.training.collection import no_collection
from tagger.training.config import DataConfig
from tagger.training.cutting import TextCutter

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Splits:
    """The examples of a run; ``dev`` and ``test`` may be empty.

    Attributes:
        train: what the model learns from.
        dev: what the best weights are chosen by; if empty, ``dev_fraction`` of train is set aside.
        test: what is scored once, at the end.
        identity: what says which data it was, for the model card; JSON-ready.
        segmenter: what the model is to cut raw text with; None for rules that fit the training tokens.
    """

    train: Sequence[Example]
    dev: Sequence[Example] = ()
    test: Sequence[Example] = ()
    identity: Mapping[str, Any] = field(default_factory=dict)
    segmenter: NamedSegmenter | None = None


@no_collection()
def read_splits(config: DataConfig) -> Splits:
    """Read the configured data.

    Raises:
        DataError: if it cannot be read as configured; names file and line.
        UsageError: if no data is configured, or an option has no effect on it.
    """
    if config.dataset is not None:
        return _read_dataset(config, config.dataset)
    if config.train is None:
        raise UsageError(f"no data: pass {option('data.train', 'FILE')}, or {option('data.dataset', 'ID')}")
    return _read_files(config)


def _read_dataset(config: DataConfig, dataset: str) -> Splits:
    loaded = load_splits(
        dataset,
        name=config.dataset_name,
        revision=config.revision,
        data_dir=config.data_dir,
        data_files=config.data_files,
        token_column=_name_or_none("token_column", config.token_column),
        label_column=_name_or_none("label_column", config.label_column),
        document_column=config.document_column,
        label_names=config.label_names,
        splits=config.splits,
    )
    for name, examples in loaded.items():
        if not examples:
            raise DataError(f"{dataset}: expected sentences in the {name} split, found none")
    return Splits(
        loaded.get("train", []),
        loaded.get("dev", []),
        loaded.get("test", []),
        asdict(loaded.identity),
        _segmenter(config) if config.segmenter else None,
    )


def _read_files(config: DataConfig) -> Splits:
    cutter = TextCutter(_segmenter(config), is_free=config.segmenter is None)
    examples: dict[str, list[Example]] = {}
    identity: dict[str, Any] = {}
    for split in ("train", "dev", "test"):
        if getattr(config, split) is None:
            continue
        path = Path(config.root or "") / getattr(config, split)
        examples[split], losses = _read_file(path, config, cutter)
        cutter.is_free = False  # as the training texts are cut, so are the others, and the texts to come
        identity[split] = {"file": path.name, "sha256": _sha256(path), "sentences": len(examples[split])}
        if losses:
            identity[split]["left_out"] = {entry["kind"]: entry["count"] for entry in losses.to_list()}
    return Splits(
        examples["train"],
        examples.get("dev", []),
        examples.get("test", []),
        {"files": identity},
        cutter.segmenter if cutter.used or config.segmenter else None,
    )


def _read_file(path: Path, config: DataConfig, cutter: TextCutter) -> tuple[list[Example], Losses]:
    """Return the examples of a file, and what was left out."""
    options = ReadingOptions(
        format=guess_format(path) if config.format == "auto" else config.format,
        **{name: getattr(config, name) for name in READING_OPTIONS},
    )
    losses = Losses(skip_bad=config.skip_bad)

    def read(on_misaligned: Callable[[Misaligned], None]) -> list[Example]:
        nonlocal losses
        losses = Losses(skip_bad=config.skip_bad)
        return read_file(path, options, lambda: cutter, on_misaligned, losses)

    _LOG.info("%s: read as %s", path, options.description(options.format))
    examples, misfits = cutter.read(path, read, options)
    advice = cutter.advice(path, len(misfits), options) if misfits and not config.skip_bad else ""
    check_misfits(
        misfits,
        losses,
        f"{advice}Correct the spans, have texts cut otherwise ({option('data.segmenter')}), or pass "
        f"{option('data.skip_bad', True)} to go on without them.",
    )
    losses.log(str(path))
    return examples, losses


def _segmenter(config: DataConfig) -> NamedSegmenter:
    return get_segmenter("rules", config.segmenter)


def _name_or_none(option: str, column: str | int | None) -> str | None:
    if isinstance(column, int):
        raise UsageError(f"data.{option}: a dataset's columns have names, found the number {column}")
    return column


def _sha256(path: Path) -> str | None:
    """Return the digest of a file, or of the names and files of a folder; None for a pipe, which is read only once."""
    if path.is_dir():
        digest = hashlib.sha256()
        for file in sorted(path.rglob("*")):
            if file.is_file():
                digest.update(f"{file.relative_to(path)}\n{_sha256(file)}\n".encode())
        return digest.hexdigest()
    if not path.is_file():
        return None
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
