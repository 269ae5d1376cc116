"""Resolution of short names of datasets, filling in from the table what the user leaves out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tagger.errors import UsageError
from tagger.options import argument
from tagger.sources.known.entry import KnownDataset, LabelColumn
from tagger.sources.known.table import close_parts, find, find_by_id
from tagger.sources.request import DatasetRequest

_SHOWN: Final = 20

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The data and columns to read, as far as known before opening the dataset.

    Attributes:
        request: the data to read.
        token_column: the column of tokens, or None.
        label_column: the column of labels, or None.
        splits: role to split, or None if their names are the usual ones.
        known: the entry of the dataset in the table, or None.
    """

    request: DatasetRequest
    token_column: str | None
    label_column: str | None
    splits: Mapping[str, str] | None
    known: KnownDataset | None

    def published(self, column: str) -> LabelColumn | None:
        """Return the published entry of a label column, or None."""
        return None if self.known is None else self.known.column(column)

    @property
    def label_file(self) -> str | None:
        """The file in the repository with the names of integer labels, or None."""
        return None if self.known is None else self.known.label_file

    def scheme(self, column: str) -> str:
        """Return ``io`` for a column of bare types, which look like labels of single tokens; ``auto`` for any other."""
        published = self.published(column)
        return published.scheme if published is not None and published.scheme == "io" else "auto"

    def names_of_integers(self, column: str) -> dict[int, str] | None:
        """Return the published names of a column's integers; None for a copy, which may number them differently."""
        published = self.published(column)
        if self.known is None or published is None or not published.labels or not published.order_matters:
            return None
        hub_id = self.request.dataset.removeprefix("hf://datasets/").casefold()
        return dict(enumerate(published.labels)) if hub_id == self.known.request.dataset.casefold() else None


def resolve(
    request: DatasetRequest,
    *,
    token_column: str | None = None,
    label_column: str | None = None,
    splits: Mapping[str, str] | None = None,
) -> Resolved:
    """Fill in what is known about a dataset given by a short name; the user's arguments take precedence.

    A local file or folder of the same name also takes precedence. A repository's id is left unchanged.

    Args:
        request: the user's request.
        token_column: the user's token column, or None.
        label_column: the user's label column, or None.
        splits: the user's role -> split, or None.

    Raises:
        UsageError: the dataset has parts, and none or an unknown one is named; or it has no parts, and one is named.
    """
    is_local = Path(request.dataset).expanduser().exists()
    known = None if is_local else find(request.dataset)
    if known is None:
        by_id = None if is_local else find_by_id(request.dataset.removeprefix("hf://datasets/"))
        return Resolved(request, token_column, label_column, splits, by_id)
    if request.data_dir is not None or request.data_files is not None:
        # The user chose the files, so the table's do not apply.
        filled, known_splits = replace(request, dataset=known.request.dataset), None
    else:
        part = _part(known, request)
        filled = known.request_for(part)
        if known.parts is None:
            filled = replace(filled, name=request.name or filled.name)
        filled = replace(filled, revision=request.revision or filled.revision)
        known_splits = known.splits_for(part) if known.has_own_splits else None
    resolved = Resolved(
        filled,
        token_column or known.token_column,
        label_column or known.label_columns[0].name,
        splits or known_splits,
        known,
    )
    logger.info(
        "%s is read as %s, tokens from column %r, labels from column %r; licence: %s",
        request.dataset,
        filled.call(),
        resolved.token_column,
        resolved.label_column,
        known.licence,
    )
    return resolved


def _part(known: KnownDataset, request: DatasetRequest) -> str | None:
    """Return the repository's name of the part that the user names, or of the default one.

    A revision other than that in the table may have other parts.
    """
    if known.parts is None:
        may_have_it = request.revision is not None and known.request.data_files is None
        if request.name not in (None, known.request.name) and not may_have_it:
            raise UsageError(
                f"{request.dataset}: {_named(str(request.name))}: has no effect, it is read as a whole. Leave it out"
            )
        return None
    name = request.name or known.parts.default
    if name is not None and (known.parts.has(name) or request.revision is not None):
        return known.parts.configuration(name)
    names = known.parts.names
    rest = len(names) - _SHOWN
    listed = ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
    there = f"{'there are' if known.parts.complete else 'examples'}: {listed}"
    if name is not None:
        close = close_parts(known.parts, name)
        meant = f"; did you mean {' or '.join(close)}?" if close else ""
        raise UsageError(
            f"{request.dataset}: {_named(name)}: no such {known.parts.kind}{meant or ';'} {there}"
        )
    raise UsageError(
        f"{request.dataset}: expected a {known.parts.kind}, found none. Name one, as in {_named(names[0])}; {there}"
    )


def _named(part: str) -> str:
    """Return the argument that names a part; in Python, that of ``load_splits``."""
    return argument("data.dataset_name", part).removeprefix("dataset_")
