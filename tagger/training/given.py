"""Read data passed to ``train`` by a program, in place of configured data."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.formats import ReadingOptions
from tagger.formats.tables.label_names import read_label_names
from tagger.sources.given import by_role, open_given
from tagger.sources.streams import StreamTable
from tagger.sources.table_splits import RoleTables, TablesRead, read_tables
from tagger.text import NamedSegmenter
from tagger.training.config import DataConfig
from tagger.training.cutting import TextCutter, chosen_segmenter, text_cutter
from tagger.training.splits import Splits

_LOG = logging.getLogger(__name__)

_OPTIONS: Final = (
    *("token_column", "label_column", "text_column", "document_column", "sentence_column"),
    *("offsets", "join_sentences", "skip_bad"),
)
"""Reading options that apply to tables."""


def read_given(given: Any, config: DataConfig, *, segmenter: NamedSegmenter | None = None) -> Splits:
    """Return the examples in the given data.

    Args:
        given: ``Splits``, a mapping of splits by name (such as a ``DatasetDict``), or only the train split. A split is
            a list or an iterator of Examples, a ``Dataset`` or ``IterableDataset``, a pandas ``DataFrame``, or a
            pyarrow ``Table``.
        config: how to read the data.
        segmenter: for texts, unless splits have one; None for rules that fit the training texts.

    Raises:
        DataError: the data cannot be read.
        UsageError: the type is not supported, data are also configured, or an option has no effect on them.
    """
    if config.train is not None or config.dataset is not None:
        raise UsageError("splits: data.train or data.dataset is configured too; expected one source of data")
    segmenter = chosen_segmenter(config, segmenter)
    identity: dict[str, Any] = {}
    replay: Sequence[Example] = ()
    scheme = "auto"
    if isinstance(given, Splits):
        if config.splits is not None:
            raise UsageError(
                "data.splits: has no effect on Splits; it says which is which in a dictionary of splits"
            )
        if given.segmenter is not None and config.segmenter is not None:
            raise UsageError("data.segmenter: the splits have a segmenter too; expected one of them")
        identity, replay, scheme = dict(given.identity), given.replay, given.scheme
        segmenter = given.segmenter or segmenter
        parts = {role: (role, getattr(given, role)) for role in ("train", "dev", "test")}
        parts = {role: part for role, part in parts.items() if not _is_absent(part[1])}
    else:
        parts = by_role(given, config.splits)
    options = ReadingOptions(**{name: getattr(config, name) for name in _OPTIONS})
    opened = {role: open_given(value, split, options) for role, (split, value) in parts.items()}
    examples = {role: part.examples for role, part in opened.items() if part.examples is not None}
    tables = {
        role: RoleTables(part.split, f"splits[{part.split}]", [part.table])
        for role, part in opened.items()
        if part.table is not None
    }
    cutter = text_cutter(segmenter)
    if tables:
        read = _read(tables, options, config, cutter)
        examples |= read.examples
        identity = {
            "given": {
                role: {**part.identity, "rows": read.num_rows[role], **_told(examples[role])}
                if role in tables
                else {**part.identity, **_told(examples[role])}
                for role, part in opened.items()
            },
            "token_column": read.token_column,
            "label_column": read.label_column,
            "label_names": list(read.class_names),
            "left_out": {role: dict(counts) for role, counts in read.left_out.items() if counts},
            **identity,
        }
    else:
        _refuse_options(config)
    if not isinstance(given, Splits):
        for role, part in opened.items():
            if not examples[role]:
                raise DataError(f"splits[{part.split}]: expected sentences, found none")
    _warn_of_copies({part.split: examples[role] for role, part in opened.items()})
    return Splits(
        examples.get("train", ()),
        examples.get("dev", ()),
        examples.get("test", ()),
        identity,
        cutter.segmenter if cutter.used or segmenter else None,
        replay,
        scheme,
    )


def _read(
    tables: dict[str, RoleTables], options: ReadingOptions, config: DataConfig, cutter: TextCutter
) -> TablesRead:
    """Return the examples of the splits that are tables."""
    read = read_tables(
        tables,
        options,
        where="splits",
        names=read_label_names(config.label_names),
        cut=partial(cutter.cut, join_sentences=config.join_sentences),
        are_alike=False,
    )
    for role, part in tables.items():
        table = part.tables[0]
        if isinstance(table, StreamTable):
            read.num_rows[role] = table.num_rows
        if not read.examples[role]:
            raise DataError(f"{part.where}: expected sentences, found none")
    return read


def _told(examples: Sequence[Example]) -> dict[str, Any]:
    """Return what identifies the sentences of a split: their number and digest."""
    digest = hashlib.sha256()
    for example in examples:
        if isinstance(example, Example):  # anything else is rejected later
            known = repr((example.tokens, example.labels, example.document))
            digest.update(known.encode("utf-8", "surrogatepass"))
    return {"sentences": len(examples), "sha256": digest.hexdigest()}


def _warn_of_copies(examples: Mapping[str, Sequence[Example]]) -> None:
    """Log a warning for splits with the same sentences in the same order."""
    seen: list[str] = []
    for split, sentences in examples.items():
        for earlier in seen:
            if _are_same(sentences, examples[earlier]):
                scored = "scores on it flatter" if earlier == seen[0] else "its scores are not two"
                _LOG.warning(
                    "splits[%s]: its sentences are those of the %s split: %s", split, earlier, scored
                )
                break
        seen.append(split)


def _are_same(one: Sequence[Example], other: Sequence[Example]) -> bool:
    """Return whether two non-empty splits have the same sentences."""
    return len(one) == len(other) > 0 and all(
        isinstance(a, Example) and isinstance(b, Example) and (a.tokens, a.labels) == (b.tokens, b.labels)
        for a, b in zip(one, other, strict=True)
    )


def _is_absent(value: Any) -> bool:
    """Return whether a split of Splits is empty."""
    return isinstance(value, Sequence) and not value


def _refuse_options(config: DataConfig) -> None:
    """Raise an error for reading options, since Examples need no reading."""
    for name in (*_OPTIONS, "label_names"):
        if getattr(config, name) != getattr(DataConfig, name):
            raise UsageError(f"data.{name}: has no effect on Examples")
