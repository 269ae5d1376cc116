"""KnownDataset: the repository of a published dataset, how to read it, its labels, and the source of each fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from tagger.formats.tables.column_choice import CLASSES, INTEGERS, STRINGS
from tagger.sources.request import DatasetRequest

CONVERTED: Final = "refs/convert/parquet"
"""The branch with the Hub's own conversion of a repository to Parquet, one folder per configuration."""

USUAL_SPLITS: Final = {"train": "train", "dev": "validation", "test": "test"}

_PART: Final = "{part}"


@dataclass(frozen=True, slots=True)
class LabelColumn:
    """A column of labels.

    Attributes:
        name: the name of the column, dotted if nested.
        labels: as published, in the order of their integers; empty where they differ between parts, or are not known
            for certain.
        scheme: the label scheme: iob2, io, or none for labels of single tokens.
        kind: the kind of the column: class labels, integers without names, or strings.
        order_matters: whether the integers are known too; if not, the labels are known only as a set.
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
    """The parts of a dataset that are read separately; the user names one.

    Attributes:
        kind: what a part is, such as a language.
        names: their names for the user.
        configurations: name to configuration, where the repository uses another name.
        complete: whether ``names`` is complete rather than examples.
        default: the part that is read if none is named; None if one must be named.
    """

    kind: str
    names: Sequence[str]
    configurations: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True
    default: str | None = None

    def configuration(self, name: str) -> str:
        """Return the repository's name of a part; an unknown name may be new there, and is returned unchanged."""
        known = {part.casefold(): part for part in self.names}
        part = known.get(name.casefold(), name)
        return self.configurations.get(part, part)

    def has(self, name: str) -> bool:
        """Return whether there is, or may be, a part of this name."""
        return not self.complete or self.configuration(name) in {
            self.configurations.get(part, part) for part in self.names
        }


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a dataset that holds data files.

    Attributes:
        request: the request that reads it; in the configuration, ``{part}`` stands for the part.
        label_names: a file in it with the names of integer labels, or None if its labels have names.
    """

    request: DatasetRequest
    label_names: str | None = None

    def call(self, part: str | None = None) -> str:
        """Return the call, or the command-line options, that read it."""
        request = self.request if part is None else _of_part(self.request, part)
        return request.call(self.label_names)


@dataclass(frozen=True, slots=True)
class KnownDataset:
    """A published dataset.

    Attributes:
        names: its short names; messages and the documentation use the first.
        about: what it is, in a sentence.
        request: the request that reads it. In the configuration and in file names, ``{part}`` stands for the part.
        token_column: the column of tokens.
        label_columns: the columns of labels; the first is read if none is named.
        licence: as stated by its authors or the repository.
        splits: role (train, dev, test) to the name of the split, in which ``{part}`` stands for the part.
        parts: the parts to choose from; None if it is read as a whole.
        label_file: a JSON file with the names of integer labels, on the repository's main branch.
        copies: copies of it in other repositories, with data files.
        sources: fact to its source.
        checked: which facts were checked, and how.
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
        """Whether the names of its splits are not the usual ones."""
        return any(_PART in split for split in self.splits.values())

    def column(self, name: str | None) -> LabelColumn | None:
        """Return the entry of a label column, by default the first; None if unknown."""
        if name is None:
            return self.label_columns[0]
        return next((column for column in self.label_columns if column.name == name), None)

    def request_for(self, part: str | None) -> DatasetRequest:
        """Return the request that reads a part, or the whole dataset."""
        return self.request if part is None else _of_part(self.request, part)

    def splits_for(self, part: str | None) -> dict[str, str]:
        """Return role -> split of a part, or of the whole dataset."""
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
