"""Split into parts, such as train, dev and test: whole documents, near-copies together, reproducible by seed."""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from tagger.conversion.near_copies import NearCopies
from tagger.errors import DataError, UsageError
from tagger.formats import AnnotatedText
from tagger.options import argument

_NAME: Final = re.compile(r"[\w][\w.-]*")


def parse_shares(text: str) -> dict[str, float]:
    """Return the share of each part, as in ``train=0.8,dev=0.1,test=0.1``.

    Raises:
        UsageError: the syntax is wrong, or the shares do not add up to 1.
    """
    shares: dict[str, float] = {}
    for pair in text.split(","):
        name, _, number = pair.partition("=")
        try:
            share = float(number)
        except ValueError:
            share = math.nan
        if not _NAME.fullmatch(name) or name in shares or not 0 < share <= 1:
            raise UsageError(
                f"{argument('split')}: expected parts with their shares, such as train=0.8,dev=0.1,test=0.1, found "
                f"{text!r}"
            )
        shares[name] = share
    if not math.isclose(sum(shares.values()), 1, abs_tol=1e-6):
        raise UsageError(
            f"{argument('split')}: expected shares that make 1, found {sum(shares.values()):g}: {text!r}"
        )
    return shares


@dataclass(frozen=True, slots=True)
class Split:
    """The assignment of texts to parts.

    Attributes:
        parts: the names of the parts.
        part_of_text: the index of the part of each text, in the order of the texts.
        documents: number of documents; a text without a document id counts as one.
        near_copies: number of documents that are near-copies of others.
        groups_of_copies: number of groups of near-copies.
    """

    parts: tuple[str, ...]
    part_of_text: array[int]
    documents: int
    near_copies: int
    groups_of_copies: int

    def to_dict(self) -> dict[str, Any]:
        """Return the figures for the report, JSON-ready."""
        return {
            "documents": self.documents,
            "near_copies": self.near_copies,
            "groups_of_copies": self.groups_of_copies,
        }


def split_texts(texts: Iterable[AnnotatedText], shares: Mapping[str, float], seed: int) -> Split:
    """Return the assignment of texts to parts.

    Documents stay whole, and near-copies of a document are in its part; shares are matched as closely as that allows.

    Args:
        texts: all texts; memory is bounded for each document.
        shares: of all texts, by the name of the part; they add up to 1.
        seed: of the assignment.

    Raises:
        DataError: there are fewer documents, copies not counted, than parts.
    """
    numbers: dict[str, int] = {}
    document_of_text = array("L")
    copies = NearCopies()
    num_documents = 0
    for text in texts:
        number = num_documents if text.document is None else numbers.setdefault(text.document, num_documents)
        num_documents = max(num_documents, number + 1)
        document_of_text.append(number)
        copies.add(number, text.text)
    groups = copies.groups()
    if (num_groups := len(set(groups))) < len(shares):
        raise DataError(
            f"{argument('split')}: expected a document for each of {len(shares)} parts at least, found {num_groups}, "
            "near-copies counted once"
        )
    part_of_group = share_out(
        Counter(groups[number] for number in document_of_text), list(shares.values()), seed
    )
    sizes = [count for count in Counter(groups).values() if count > 1]
    return Split(
        tuple(shares),
        array("L", [part_of_group[groups[number]] for number in document_of_text]),
        num_documents,
        sum(sizes) - len(sizes),
        len(sizes),
    )


def share_out(sizes: Mapping[int, int], shares: Sequence[float], seed: int) -> dict[int, int]:
    """Assign groups, in random order, to parts: always to the part that lacks most of its share.

    Args:
        sizes: of the groups, by number; at least as many groups as parts.
        shares: of the parts in the total size; they add up to 1.
        seed: of the order.

    Returns:
        The index of its part, by group; no part is empty.
    """
    random = Random(seed)
    order = sorted(sizes, key=lambda group: (random.random(), group))
    lacking = [share * sum(sizes.values()) for share in shares]
    empty = set(range(len(lacking)))
    part_of_group = {}
    for place, group in enumerate(order):
        parts = empty if len(order) - place <= len(empty) else range(len(lacking))
        part = max(parts, key=lambda part: (lacking[part], -part))
        lacking[part] -= sizes[group]
        empty.discard(part)
        part_of_group[group] = part
    return part_of_group
