"""Folds for cross-validation: sentences or whole documents, with near-copies together, assigned at random."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from tagger.conversion.near_copies import NearCopies
from tagger.conversion.splitting import share_out
from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.training import Splits

_LOG: Final = logging.getLogger("tagger.recipes.folds")

UNITS: Final = ("document", "sentence")
"""Units that can be kept whole."""


@dataclass(frozen=True)
class Folds:
    """The assignment of sentences to folds.

    Attributes:
        count: number of folds, which are numbered from 1.
        by: unit that is kept whole, one of ``UNITS``.
        of_sentence: the fold of each sentence; None for one without tokens, which is left out.
        units: number of documents or sentences; a sentence without a document counts as a document.
        near_copies: number of units that are near-copies of others.
        groups_of_copies: number of groups of near-copies.
    """

    count: int
    by: str
    of_sentence: tuple[int | None, ...]
    units: int
    near_copies: int
    groups_of_copies: int

    def members(self, fold: int) -> list[int]:
        """Return the indices of the sentences of a fold, in order."""
        return [number for number, own in enumerate(self.of_sentence) if own == fold]

    def others(self, fold: int) -> list[int]:
        """Return the indices of the sentences of all other folds, in order."""
        return [number for number, own in enumerate(self.of_sentence) if own not in (fold, None)]

    def fingerprint(self, examples: Sequence[Example]) -> str:
        """Return a digest of the sentences and their folds."""
        digest = hashlib.sha256()
        for example, fold in zip(examples, self.of_sentence, strict=True):
            digest.update(repr((example.tokens, example.labels, example.document, fold)).encode())
        return digest.hexdigest()


def pooled(splits: Splits) -> list[Example]:
    """Return the sentences of train and dev together; documents of the two are different.

    If an id occurs in both, such as a number, every id is prefixed by the name of its split.

    Raises:
        DataError: if a sentence has no labels.
    """
    soft = next((example for example in splits.train if example.labels is None), None)
    if soft is not None:
        raise DataError(
            f"{soft.origin}: expected labels, by which a fold is scored, found only soft or unknown ones"
        )
    ids = [{example.document for example in part} - {None} for part in (splits.train, splits.dev)]
    if ids[0].isdisjoint(ids[1]):
        return [*splits.train, *splits.dev]
    _LOG.info(
        "%d ids of documents occur in train and in dev: taken for different documents, 'train ID' and 'dev ID'",
        len(ids[0] & ids[1]),
    )
    return [
        example if example.document is None else replace(example, document=f"{name} {example.document}")
        for name, part in (("train", splits.train), ("dev", splits.dev))
        for example in part
    ]


def unit_of(examples: Sequence[Example], by: str | None) -> str:
    """Return the unit to keep whole: as requested, or documents if there are any.

    Raises:
        UsageError: documents are requested, and there are none.
    """
    has_documents = any(example.document is not None for example in examples)
    if by == "document" and not has_documents:
        raise UsageError(
            "--by document: expected sentences with documents, found none. Name what tells them "
            "(--data.document_column), or divide by sentence"
        )
    return by or ("document" if has_documents else "sentence")


def make_folds(examples: Sequence[Example], *, count: int, by: str, seed: int) -> Folds:
    """Return folds of about equal numbers of sentences.

    Args:
        examples: all sentences.
        count: number of folds, 2 or more.
        by: unit to keep whole, one of ``UNITS``.
        seed: of the assignment.

    Raises:
        UsageError: there are fewer documents or sentences, near-copies counted once, than folds.
    """
    numbers: dict[str | int, int] = {}
    unit_of_sentence: list[int | None] = []
    copies = NearCopies()
    for place, example in enumerate(examples):
        if not example.tokens:
            unit_of_sentence.append(None)
            continue
        key = example.document if by == "document" and example.document is not None else place
        number = numbers.setdefault(key, len(numbers))
        copies.add(number, " ".join(example.tokens))
        unit_of_sentence.append(number)
    groups = copies.groups()
    sizes = Counter(groups[unit] for unit in unit_of_sentence if unit is not None)
    if len(sizes) < count:
        advice = " or divide by sentence (--by sentence)" if by == "document" else ""
        raise UsageError(
            f"--folds: expected a {by} for each of {count} folds at least, found {len(sizes)}, near-copies counted "
            f"once. Ask for fewer folds{advice}"
        )
    fold_of_group = share_out(sizes, [1 / count] * count, seed)
    of_several = [size for size in Counter(groups).values() if size > 1]
    return Folds(
        count,
        by,
        tuple(None if unit is None else 1 + fold_of_group[groups[unit]] for unit in unit_of_sentence),
        len(groups),
        sum(of_several) - len(of_several),
        len(of_several),
    )
