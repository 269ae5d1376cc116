"""What is known of a published dataset: where it lives, how it is read, its labels, and where each fact is from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from tagger.formats.tables.column_choice import CLASSES, INTEGERS, STRINGS
from tagger.sources.request import DatasetRequest

CONVERTED: Final = "refs/convert/parquet"
"""The branch that holds the Hub's own conversion of a repository to Parquet, a folder for each configuration."""

USUAL_SPLITS: Final = {"train": "train", "dev": "validation", "test": "test"}

_PART: Final = "{part}"


@dataclass(frozen=True, slots=True)
class LabelColumn:
    """A column of labels.

    Attributes:
        name: of the column; dotted where it is nested.
        labels: as published, in the order of their integers; empty where they differ from part to part, or are not
            known for sure.
        scheme: how they mark spans: iob2, io, or none for labels of single tokens.
        kind: what the column holds: class labels, integers without names, or strings.
        order_matters: whether the integers are known too; if not, the labels are known as a set.
    """

    name: str
    labels: Sequence[str] = ()
    scheme: str = "iob2"
    kind: str = CLASSES
    order_matters: bool = True

    def __post_init__(self) -> None:
        assert self.kind in (CLASSES, INTEGERS, STRINGS)
        assert len(set(self.labels)) == len(self.labels)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a dataset that are read by themselves: the user names one.

    Attributes:
        kind: what a part is, such as a language.
        names: how the user names them.
        configurations: name to the configuration, where the repository calls it otherwise.
        complete: whether names holds all there are, or examples.
        default: the part that is read if none is named; None if one must be.
    """

    kind: str
    names: Sequence[str]
    configurations: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True
    default: str | None = None

    def configuration(self, name: str) -> str:
        """Return what the repository calls a part; a name that is not known may be new there, and stays."""
        known = {part.casefold(): part for part in self.names}
        part = known.get(name.casefold(), name)
        return self.configurations.get(part, part)

    def has(self, name: str) -> bool:
        """Return whether there is a part of this name, or may be."""
        return not self.complete or self.configuration(name) in {
            self.configurations.get(part, part) for part in self.names
        }


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a dataset that holds data files.

    Attributes:
        request: how it is read; in the configuration, ``{part}`` stands for the part.
        label_names: a file in it that names integer labels, or None if its labels have names.
    """

    request: DatasetRequest
    label_names: str | None = None

    def call(self, part: str | None = None) -> str:
        """Return what the caller writes to read it."""
        request = self.request if part is None else _of_part(self.request, part)
        return request.call(self.label_names)


@dataclass(frozen=True, slots=True)
class KnownDataset:
    """A published dataset.

    Attributes:
        names: short names that stand for it; the first is the one that messages and the documentation use.
        about: what it is, in a sentence.
        request: how it is read. In the configuration and in the names of files, ``{part}`` stands for the part.
        token_column: the column of tokens.
        label_columns: the columns of labels; the first is read if none is named.
        licence: as its authors or the repository state it.
        splits: role (train, dev, test) to the name of the split, in which ``{part}`` stands for the part.
        parts: what there is to choose from; None if it is read as a whole.
        label_file: a JSON file in the repository that names integer labels, on its main branch.
        copies: others' copies of it that hold data files.
        sources: fact to where it is from.
        checked: what of this was checked, and how.
    """

    names: Sequence[str]
    about: str
    request: DatasetRequest
    token_column: str
    label_columns: Sequence[LabelColumn]
    licence: str
    sources: Mapping[str, str]
    checked: str
    splits: Mapping[str, str] = field(default_factory=lambda: USUAL_SPLITS)
    parts: Parts | None = None
    label_file: str | None = None
    copies: Sequence[Copy] = ()

    @property
    def name(self) -> str:
        """The short name that messages use."""
        return self.names[0]

    @property
    def has_own_splits(self) -> bool:
        """Whether the names of splits do not tell their roles."""
        return any(_PART in split for split in self.splits.values())

    def column(self, name: str | None) -> LabelColumn | None:
        """Return what is known of a column of labels, by default of the first; None if nothing is."""
        if name is None:
            return self.label_columns[0]
        return next((column for column in self.label_columns if column.name == name), None)

    def request_for(self, part: str | None) -> DatasetRequest:
        """Return how a part is read, or the whole."""
        return self.request if part is None else _of_part(self.request, part)

    def splits_for(self, part: str | None) -> dict[str, str]:
        """Return role to split of a part, or of the whole."""
        return {role: _filled(split, part) for role, split in self.splits.items()}


def iob2(*types: str) -> tuple[str, ...]:
    """Return the labels of types in the usual order.

    >>> iob2("PER", "LOC")
    ('O', 'B-PER', 'I-PER', 'B-LOC', 'I-LOC')
    """
    return ("O", *(f"{prefix}-{kind}" for kind in types for prefix in "BI"))


def _filled(template: str, part: str | None) -> str:
    return template if part is None else template.replace(_PART, part)


def _of_part(request: DatasetRequest, part: str) -> DatasetRequest:
    return replace(
        request,
        name=None if request.name is None else _filled(request.name, part),
        data_files={
            split: [_filled(pattern, part) for pattern in patterns]
            for split, patterns in request.files_by_split().items()
        }
        or None,
    )
