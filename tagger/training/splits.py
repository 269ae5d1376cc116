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
from tagger.formats import JsonKeys, Misaligned, ReadingOptions, describe_misfits, guess_format, read_file
from tagger.options import option
from tagger.sources.huggingface import load_splits
from tagger.text import NamedSegmenter, get_segmenter
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
        examples[split], left_out = _read_file(path, config, cutter)
        cutter.is_free = False  # as the training texts are cut, so are the others, and the texts to come
        identity[split] = {"file": path.name, "sha256": _sha256(path), "sentences": len(examples[split])}
        if config.misaligned == "leave_out":
            identity[split]["spans_left_out"] = left_out
    return Splits(
        examples["train"],
        examples.get("dev", []),
        examples.get("test", []),
        {"files": identity},
        cutter.segmenter if cutter.used or config.segmenter else None,
    )


def _read_file(path: Path, config: DataConfig, cutter: TextCutter) -> tuple[list[Example], int]:
    """Return the examples of a file, and how many spans of its texts were left out as they do not fit the tokens."""
    format = guess_format(path) if config.format == "auto" else config.format
    if config.misaligned != DataConfig.misaligned and format != "jsonl":
        raise UsageError(f"data.misaligned: has no effect on the format {format}")

    options = ReadingOptions(
        format=format,
        token_column=config.token_column,
        label_column=config.label_column,
        comment_prefix=config.comment_prefix,
        header=config.header,
        text_column=config.text_column,
        document_column=config.document_column,
    )

    def read(on_misaligned: Callable[[Misaligned], None]) -> list[Example]:
        return read_file(path, options, lambda: cutter, on_misaligned)

    if format != "jsonl":
        return read(lambda _: None), 0
    examples, misfits = cutter.read(path, read, _json_keys(config))
    for misfit in misfits if config.misaligned == "leave_out" else ():
        _LOG.warning("left out: %s", misfit)
    if misfits and config.misaligned == "error":
        raise DataError(
            f"{describe_misfits(misfits)}. {cutter.advice(path, len(misfits), _json_keys(config))}Correct the spans, "
            f"have texts cut otherwise ({option('data.segmenter')}), or pass "
            f"{option('data.misaligned', 'leave_out')} to go on without them."
        )
    return examples, len(misfits)


def _json_keys(config: DataConfig) -> JsonKeys:
    usual = JsonKeys()
    return JsonKeys(
        tokens=usual.tokens if config.token_column is None else str(config.token_column),
        text=config.text_column or usual.text,
        labels=None if config.label_column is None else str(config.label_column),
    )


def _segmenter(config: DataConfig) -> NamedSegmenter:
    return get_segmenter("rules", config.segmenter)


def _name_or_none(option: str, column: str | int | None) -> str | None:
    if isinstance(column, int):
        raise UsageError(f"data.{option}: a dataset's columns have names, found the number {column}")
    return column


def _sha256(path: Path) -> str | None:
    """Return the digest of a file; None for a pipe, which cannot be read again."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
