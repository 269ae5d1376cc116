"""Comparison of a dataset's labels with the published ones, so that swapped labels do not go unnoticed."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal

from tagger.examples import Example
from tagger.sources.known.entry import LabelColumn
from tagger.sources.known.resolving import Resolved

NameSource = Literal["data", "given", "table"]

_ENDING: Final[Mapping[NameSource, str]] = {
    "data": "The data are read by their own names; published scores may be about other labels",
    "given": "The names that were given are used; check them",
    "table": "The integers of the data have no names, and the published ones are used; check some sentences",
}

logger = logging.getLogger(__name__)


def compare_labels(
    resolved: Resolved,
    column: str,
    names: Sequence[str],
    examples: Mapping[str, Sequence[Example]],
    *,
    source: NameSource,
) -> None:
    """Warn where the labels that were read are not the published ones.

    Args:
        resolved: the dataset.
        column: the column of labels.
        names: the names of its integers, in order; empty if it held strings.
        examples: the sentences read, by split.
        source: the source of the names: the data, the user, or the table of known datasets.
    """
    published = resolved.published(column)
    if published is None or not published.labels:
        return
    occurring = {label for split in examples.values() for example in split for label in example.labels or ()}
    if source == "table":
        absent = [label for label in published.labels if label not in occurring]
        words = (
            f"expected {len(published.labels)} labels, found all but {', '.join(absent)}" if absent else None
        )
    else:
        words = difference(published, names) if names else unexpected(published, sorted(occurring))
    if words is not None:
        logger.warning("%s: column %r: %s. %s", resolved.request.dataset, column, words, _ENDING[source])


def difference(column: LabelColumn, found: Sequence[str]) -> str | None:
    """Describe how label names, in the order of their integers, differ from the published ones; None if they do not.

    >>> difference(LabelColumn("tags", ("O", "B-PER")), ["B-PER", "O"])
    'expected the labels in the order O, B-PER, found B-PER, O'
    """
    words = unexpected(column, found)
    if not column.labels or words is not None:
        return words
    if column.order_matters and list(found) != [label for label in column.labels if label in found]:
        return f"expected the labels in the order {', '.join(column.labels)}, found {', '.join(found)}"
    missing = [label for label in column.labels if label not in found]
    if missing and column.order_matters:
        return f"expected labels not found: {', '.join(missing)}"
    return None


def unexpected(column: LabelColumn, found: Collection[str]) -> str | None:
    """Describe the labels that are not published ones; None if all are.

    >>> unexpected(LabelColumn("tags", ("O", "B-PER")), ["O", "B-LOC"])
    'expected labels among O, B-PER, found B-LOC'
    """
    others = [label for label in found if label not in column.labels]
    if not column.labels or not others:
        return None
    return f"expected labels among {', '.join(column.labels)}, found {', '.join(others)}"
