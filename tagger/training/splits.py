"""Splits: the examples of a run as they are given or read, before anything is checked or converted."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.options import option
from tagger.sources.huggingface import load_splits
from tagger.text import NamedSegmenter, get_segmenter
from tagger.training.config import DataConfig
from tagger.training.file_reading import read_earlier_files, read_files

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
        replay: earlier training sentences to learn from beside the new ones.
    """

    train: Sequence[Example]
    dev: Sequence[Example] = ()
    test: Sequence[Example] = ()
    identity: Mapping[str, Any] = field(default_factory=dict)
    segmenter: NamedSegmenter | None = None
    replay: Sequence[Example] = ()


def read_splits(
    config: DataConfig,
    *,
    segmenter: NamedSegmenter | None = None,
    replay: Sequence[str | Path] = (),
) -> Splits:
    """Read the configured data.

    Args:
        config: where they are.
        segmenter: cuts texts, if none is configured; None for rules that fit the training texts.
        replay: files of earlier training sentences, read as those of train are.

    Raises:
        DataError: if it cannot be read as configured; names file and line.
        UsageError: if no data is configured, or an option has no effect on it.
    """
    if config.dataset is None and config.train is None:
        raise UsageError(f"no data: pass {option('data.train', 'FILE')}, or {option('data.dataset', 'ID')}")
    segmenter = _segmenter(config) if config.segmenter else segmenter
    splits = (
        _read_files(config, segmenter)
        if config.dataset is None
        else _read_dataset(config, config.dataset, segmenter)
    )
    if not replay:
        return splits
    return _with_replay(splits, replay, config, segmenter)


def _with_replay(
    splits: Splits, entries: Sequence[str | Path], config: DataConfig, segmenter: NamedSegmenter | None
) -> Splits:
    """Return the splits with earlier training sentences, texts among them cut as those of the train split."""
    paths = [str(entry) for entry in entries]
    examples, identity = read_earlier_files(paths, config, splits.segmenter or segmenter)
    return replace(splits, replay=examples, identity={**splits.identity, "replay": identity})


def _read_dataset(config: DataConfig, dataset: str, segmenter: NamedSegmenter | None) -> Splits:
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
        segmenter,
    )


def _read_files(config: DataConfig, segmenter: NamedSegmenter | None) -> Splits:
    read = read_files(config, segmenter)
    return Splits(
        read.examples["train"],
        read.examples.get("dev", []),
        read.examples.get("test", []),
        {"files": read.identity},
        read.segmenter,
    )


def _segmenter(config: DataConfig) -> NamedSegmenter:
    return get_segmenter("rules", config.segmenter)


def _name_or_none(option: str, column: str | int | None) -> str | None:
    if isinstance(column, int):
        raise UsageError(f"data.{option}: a dataset's columns have names, found the number {column}")
    return column


def with_dev_in_train(splits: Splits) -> tuple[Splits, str]:
    """Return the splits with the dev sentences after those of train and no dev split, and what to say of that.

    Raises:
        UsageError: if there is no dev split.
    """
    if not splits.dev:
        raise UsageError("data.merge_dev: expected a dev split to learn from as well, found none in the data")
    # The same id in both splits is that of two documents.
    dev = [
        example if example.document is None else replace(example, document=f"{example.document} (dev)")
        for example in splits.dev
    ]
    said = f"{len(splits.train)} sentences of the train split and all {len(dev)} of the dev split"
    _LOG.info(
        "learning from %s: none is left to choose the best weights by, so those of the last epoch count", said
    )
    return replace(splits, train=[*splits.train, *dev], dev=[]), said
