"""Splits: the examples of a run as given or read, before they are checked or converted."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.formats.offsets import OffsetUnit
from tagger.options import option
from tagger.sources.huggingface import load_splits
from tagger.text import NamedSegmenter
from tagger.training.collection import no_collection
from tagger.training.config import DataConfig
from tagger.training.cutting import chosen_segmenter, text_cutter
from tagger.training.file_reading import read_earlier_files, read_files

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Splits:
    """The examples of a run; ``dev`` and ``test`` may be empty.

    ``train(config, splits=...)`` also accepts other data in place of examples: a ``Dataset`` or ``IterableDataset``, a
    pandas ``DataFrame``, a pyarrow ``Table``.

    Attributes:
        train: training data.
        dev: data to choose the best weights by; if empty, ``dev_fraction`` of train is set aside.
        test: data to score once, at the end.
        identity: description of the data for the model card; JSON-ready.
        segmenter: segmenter of the model for raw text; None for rules that fit the training tokens.
        replay: earlier training sentences to train on besides the new ones.
        scheme: the label scheme if it is known and cannot be detected from the labels; otherwise auto.
    """

    train: Any
    dev: Any = ()
    test: Any = ()
    identity: Mapping[str, Any] = field(default_factory=dict)
    segmenter: NamedSegmenter | None = None
    replay: Sequence[Example] = ()
    scheme: str = "auto"


@no_collection()
def read_splits(config: DataConfig, *, segmenter: NamedSegmenter | None = None) -> Splits:
    """Read the configured data.

    Args:
        config: the data.
        segmenter: for texts, if none is configured; None for rules that fit the training texts.

    Raises:
        DataError: if it cannot be read as configured; names file and line.
        UsageError: if no data is configured, or an option has no effect on it.
    """
    segmenter = chosen_segmenter(config, segmenter)
    if config.dataset is not None:
        return _read_dataset(config, config.dataset, segmenter)
    if config.train is None:
        raise UsageError(f"no data: pass {option('data.train', 'FILE')}, or {option('data.dataset', 'ID')}")
    read = read_files(config, segmenter)
    return Splits(
        read.examples["train"],
        read.examples.get("dev", []),
        read.examples.get("test", []),
        {"files": read.identity},
        read.segmenter,
    )


def _read_dataset(config: DataConfig, dataset: str, segmenter: NamedSegmenter | None) -> Splits:
    cutter = text_cutter(segmenter)
    loaded = load_splits(
        dataset,
        name=config.dataset_name,
        revision=config.revision,
        data_dir=config.data_dir,
        data_files=config.data_files,
        token_column=_name_or_none("token_column", config.token_column),
        label_column=_name_or_none("label_column", config.label_column),
        text_column=config.text_column,
        document_column=config.document_column,
        label_names=config.label_names,
        splits=config.splits,
        offsets=cast("OffsetUnit | None", config.offsets),
        sentence_column=config.sentence_column,
        join_sentences=config.join_sentences,
        skip_bad=config.skip_bad,
        cut=partial(cutter.cut, join_sentences=config.join_sentences),
    )
    for name, examples in loaded.items():
        if not examples:
            raise DataError(f"{dataset}: expected sentences in the {name} split, found none")
    return Splits(
        loaded.get("train", []),
        loaded.get("dev", []),
        loaded.get("test", []),
        asdict(loaded.identity),
        cutter.segmenter if cutter.used or segmenter else None,
        scheme=loaded.scheme,
    )


def with_replay(
    splits: Splits, entries: Sequence[str | Path], config: DataConfig, segmenter: NamedSegmenter | None
) -> Splits:
    """Return the splits with sentences to replay; texts are segmented as in the train split.

    Args:
        splits: the other splits.
        entries: files, patterns or folders; if empty, the splits are returned unchanged.
        config: how to read them: like those of train.
        segmenter: for texts, if the splits have none.

    Raises:
        DataError: if they cannot be read as configured; names file and line.
        UsageError: if there are earlier sentences already, or an option has no effect on them.
    """
    if not entries:
        return splits
    if splits.replay:
        raise UsageError("replay: the splits have earlier sentences too; expected one of them")
    paths = [str(entry) for entry in entries]
    segmenter = splits.segmenter or chosen_segmenter(config, segmenter)
    examples, identity = read_earlier_files(paths, config, segmenter)
    return replace(splits, replay=examples, identity={**splits.identity, "replay": identity})


def _name_or_none(option: str, column: str | int | None) -> str | None:
    if isinstance(column, int):
        raise UsageError(f"data.{option}: a dataset's columns have names, found the number {column}")
    return column


def with_dev_in_train(splits: Splits) -> tuple[Splits, str]:
    """Return the splits with the dev sentences appended to train and no dev split, and a description of that.

    Raises:
        UsageError: if there is no dev split.
    """
    if not splits.dev:
        raise UsageError("data.merge_dev: expected a dev split to learn from as well, found none in the data")
    # The same id in both splits means two documents.
    dev = [
        example if example.document is None else replace(example, document=f"{example.document} (dev)")
        for example in splits.dev
    ]
    said = f"{len(splits.train)} sentences of the train split and all {len(dev)} of the dev split"
    _LOG.info(
        "learning from %s: none is left to choose the best weights by, so those of the last epoch count", said
    )
    return replace(splits, train=[*splits.train, *dev], dev=[]), said
