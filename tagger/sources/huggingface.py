"""Reader of Hugging Face datasets: by Hub id, local folder or file, or a folder written by save_to_disk."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.formats import ReadingOptions
from tagger.formats.offsets import OffsetUnit
from tagger.formats.tables.column_choice import INTEGERS
from tagger.formats.tables.label_names import LabelNames, name_integers
from tagger.options import argument
from tagger.sources.known import NameSource, Resolved, compare_labels, resolve
from tagger.sources.opening import OpenedDataset, open_dataset
from tagger.sources.request import DataFiles, DatasetRequest
from tagger.sources.table_splits import Cut, RoleTables, read_tables

ROLE_OF_SPLIT: Final = {
    "train": "train",
    "training": "train",
    "validation": "dev",
    "valid": "dev",
    "val": "dev",
    "dev": "dev",
    "devel": "dev",
    "development": "dev",
    "test": "test",
    "testing": "test",
}
_ROLES: Final = ("train", "dev", "test")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DatasetIdentity:
    """An exact description of what was read, for the model card and for reading it again.

    Attributes:
        dataset: the id as spelled by the Hub, or the local path as given.
        name: configuration, or None.
        revision: the requested branch, tag or commit; None for the main branch and for local data.
        commit: the commit on the Hub that was read; None for local data.
        data_dir: the only folder inside the dataset that was read, or None.
        data_files: the files that were named, by split; empty if none were.
        token_column: the column that held the tokens.
        label_column: the column that held the labels.
        label_names: the labels in the order of their integers, or empty if the column held strings. Where files number
            them differently, in the order of the first file, followed by those of later ones.
        splits: role (train, dev, test) to the dataset's own name of the split.
        left_out: role to what was left out, as kind -> count; see ``tagger.sources.columns``.
    """

    dataset: str
    name: str | None
    revision: str | None
    commit: str | None
    data_dir: str | None
    data_files: Mapping[str, Sequence[str]]
    token_column: str
    label_column: str
    label_names: tuple[str, ...]
    splits: Mapping[str, str]
    left_out: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Splits(Mapping[str, list[Example]]):
    """The splits of a dataset, ``splits["train"]``, and ``"dev"`` and ``"test"`` if there are any.

    Attributes:
        examples: role to sentences, in the order of the dataset.
        identity: what was read.
        scheme: the label scheme of a known dataset whose labels do not determine it; auto otherwise.
    """

    examples: Mapping[str, list[Example]] = field(repr=False)
    identity: DatasetIdentity
    scheme: str = "auto"

    def __getitem__(self, role: str) -> list[Example]:
        return self.examples[role]

    def __iter__(self) -> Iterator[str]:
        return iter(self.examples)

    def __len__(self) -> int:
        return len(self.examples)


def load_splits(
    dataset: str,
    *,
    name: str | None = None,
    revision: str | None = None,
    data_dir: str | None = None,
    data_files: DataFiles | None = None,
    token_column: str | None = None,
    label_column: str | None = None,
    document_column: str | None = None,
    label_names: LabelNames | None = None,
    splits: Mapping[str, str] | None = None,
    text_column: str | None = None,
    offsets: OffsetUnit | None = None,
    sentence_column: str | None = None,
    join_sentences: bool = False,
    skip_bad: bool = False,
    cut: Cut | None = None,
) -> Splits:
    """Read a whole dataset into memory.

    Args:
        dataset: a Hub id (``owner/name``), the short name of a known dataset (``conll2003``; the table in
            ``tagger.sources.known`` then provides the other arguments), a local folder of Parquet, JSON, CSV or Arrow
            files, a single such file (read as the train split), or a folder written by ``save_to_disk``. Local data
            take precedence over the Hub.
        name: configuration, for datasets that have several; the language or treebank of a known one.
        revision: branch, tag or commit on the Hub; the main branch if left out.
        data_dir: the only folder inside the dataset to read.
        data_files: files inside the dataset, by split: ``{"train": "a.jsonl", "dev": ["b.jsonl", "c*"]}``; a
            bare list is the train split.
        token_column: the column of tokens; detected by type and name if left out. A nested column has a dotted name,
            ``sentences.words``; if a row has several sentences, they belong to one document.
        label_column: the column of labels, or of spans; detected by type and name if left out.
        document_column: the column that identifies the document of a sentence.
        label_names: names for integer labels: the names in order, or name -> integer, or the path of a JSON file (local
            or in the dataset) that holds either.
        splits: role to the dataset's name of the split, ``{"train": "train_en", "dev": "dev_en"}``; only these are then
            read. If left out, splits are recognised by their usual names.
        text_column: the column of texts, if another one holds spans; detected by type and name if left out.
        offsets: the unit of span offsets: codepoint, utf16 or byte; detected from the texts of spans if left out.
        sentence_column: the column of sentence ids in CSV files with one token per row; detected by name if left out.
        join_sentences: whether to join two sentences that a span crosses.
        skip_bad: whether to skip and count bad data.
        cut: converts texts with spans to sentences; if left out, the rules for English are used, and all spans must
            fit.

    Returns:
        The splits under "train", "dev" and "test", as far as they exist, in that order. The origin of an Example is
        ``dataset[split]:row``, with rows counted from 0.

    Raises:
        DataError: the dataset cannot be found, reached or read.
        UsageError: an option is invalid or has no effect.
        MissingExtraError: the ``datasets`` library is not installed.
    """
    resolved = resolve(
        DatasetRequest(dataset, name, revision, data_dir, data_files),
        token_column=token_column,
        label_column=label_column,
        splits=splits,
    )
    options = ReadingOptions(
        token_column=resolved.token_column,
        label_column=resolved.label_column,
        text_column=text_column,
        document_column=document_column,
        sentence_column=sentence_column,
        offsets=offsets,
        join_sentences=join_sentences,
        skip_bad=skip_bad,
    )
    with open_dataset(resolved.request) as opened:
        where = opened.request.dataset
        roles = assign_roles(list(opened.splits), resolved.splits, where=where)
        names_given = None if label_names is None else _integer_to_name(label_names, opened)
        names_known = _published_names(resolved, opened) if label_names is None else None
        found = read_tables(
            {
                role: RoleTables(split, f"{where}[{split}]", opened.splits[split])
                for role, split in roles.items()
            },
            options,
            where=where,
            names=names_given or names_known,
            declared=opened.class_names,
            files_of_names=opened.files_of_names,
            cut=cut,
        )
    source: NameSource = "data" if label_names is None else "given"
    if names_known is not None and resolved.label_file is None:
        source = "table"
    compare_labels(resolved, found.label_column, tuple(found.class_names), found.examples, source=source)
    identity = DatasetIdentity(
        dataset=where,
        name=opened.request.name,
        revision=opened.request.revision,
        commit=opened.commit,
        data_dir=opened.request.data_dir,
        data_files=opened.request.files_by_split(),
        token_column=found.token_column,
        label_column=found.label_column,
        label_names=tuple(found.class_names),
        splits=roles,
        left_out={role: dict(counts) for role, counts in found.left_out.items() if counts},
    )
    return Splits(found.examples, identity, resolved.scheme(found.label_column))


def assign_roles(found: Sequence[str], chosen: Mapping[str, str] | None, *, where: str) -> dict[str, str]:
    """Return role -> split name, in the order train, dev, test.

    >>> assign_roles(["test", "train", "valid"], None, where="data")
    {'train': 'train', 'dev': 'valid', 'test': 'test'}
    >>> assign_roles(["en", "de"], {"train": "de"}, where="data")
    {'train': 'de'}
    """
    if not found:
        raise DataError(f"{where}: expected a train split, found none")
    listed = ", ".join(found)
    if chosen is not None:
        for role, split in chosen.items():
            if role not in _ROLES:
                raise UsageError(
                    f"{argument('data.splits', dict(chosen))}: expected roles among {', '.join(_ROLES)}, found {role!r}"
                )
            if split not in found:
                raise UsageError(
                    f"{where}: {argument('data.splits', dict(chosen))}: no split {split!r}; found: {listed}"
                )
        if not chosen or len(set(chosen.values())) < len(chosen):
            raise UsageError(
                f"{argument('data.splits', dict(chosen))}: expected a different split for each role; found: {listed}"
            )
        return {role: chosen[role] for role in _ROLES if role in chosen}

    by_role: dict[str, list[str]] = {}
    for split in found:
        by_role.setdefault(ROLE_OF_SPLIT.get(split.lower(), ""), []).append(split)
    unknown = by_role.pop("", [])
    for role, candidates in by_role.items():
        if len(candidates) > 1:
            choices = " or ".join(repr(split) for split in candidates)
            example = {other: by_role[other][0] for other in _ROLES if other in by_role}
            raise DataError(
                f"{where}: several splits could be {role}: {choices}. Choose, as in {argument('data.splits', example)}"
            )
    if not by_role:
        raise DataError(
            f"{where}: no split has a usual name (train, validation, test); found: {listed}. "
            f"Say which is which, as in {argument('data.splits', {'train': found[0]})}"
        )
    if unknown:
        logger.warning(
            "%s: splits not read: %s. To use them, choose as in %s",
            where,
            ", ".join(unknown),
            argument("data.splits", {"train": "..."}),
        )
    return {role: by_role[role][0] for role in _ROLES if role in by_role}


def _published_names(resolved: Resolved, opened: OpenedDataset) -> dict[int, str] | None:
    """Return the published names of integer labels, from the repository's own list if it has one, or None."""
    column = resolved.label_column
    kinds = {table.kinds.get(column) for tables in opened.splits.values() for table in tables if column}
    names = resolved.names_of_integers(column) if column and INTEGERS in kinds else None
    if names is None or resolved.label_file is None:
        return names
    return _integer_to_name(resolved.label_file, opened)


def _integer_to_name(label_names: LabelNames, opened: OpenedDataset) -> dict[int, str]:
    """Return label_names, given in any form, as integer -> name."""
    where = "label_names"
    given: Any = label_names
    if isinstance(given, str):
        path = opened.find_file(given)
        where = argument("data.label_names", given)
        given = _read_json(path, where)
    return name_integers(given, where)


def _read_json(path: Path, where: str) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{where}: {path} is not a JSON file: {error}") from error
