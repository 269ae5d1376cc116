"""Vocabularies: immutable two-way maps between strings and ids, built only from the train split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tagger.errors import DataError, LabelError

PAD_ID: Final = 0
UNK_ID: Final = 1
MOST_LABELS: Final = 5000
"""The largest known tag set, supertags of a tree-adjoining grammar, has 4,727; transitions grow quadratically."""


class Vocabulary:
    """Words or characters with their counts in the train split; ids 0 and 1 are padding and unknown.

    Args:
        counts: number of occurrences of each item, at least 1.

    Items are ordered by (-count, text), so the same counts always give the same ids.

    >>> words = Vocabulary.build(["b", "a", "b", "c"], min_count=1)
    >>> words.items, words.encode("b"), words.encode("never seen")
    (('b', 'a', 'c'), 2, 1)
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        for item, count in counts.items():
            if not isinstance(item, str) or type(count) is not int or not 1 <= count < 2**63:
                raise DataError(f"expected strings with counts from 1 on, found {count!r} for {item!r}")
        ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        self.items: Final[tuple[str, ...]] = tuple(item for item, _ in ordered)
        self.counts: Final[tuple[int, ...]] = tuple(count for _, count in ordered)
        self._ids: Final = {item: i for i, item in enumerate(self.items, start=UNK_ID + 1)}

    @classmethod
    def build(cls, occurrences: Iterable[str], *, min_count: int = 1) -> Vocabulary:
        """Return the vocabulary of the items that occur at least ``min_count`` times."""
        counts = Counter(occurrences)
        return cls({item: count for item, count in counts.items() if count >= min_count})

    def grown(self, other: Vocabulary) -> Vocabulary:
        """Return a vocabulary of the items of both, each with the higher of its counts.

        Not the sum, because the two corpora may share sentences.
        """
        counts = dict(zip(self.items, self.counts, strict=True))
        for item, count in zip(other.items, other.counts, strict=True):
            counts[item] = max(count, counts.get(item, 0))
        return Vocabulary(counts)

    def __len__(self) -> int:
        """Number of ids: the items, padding and unknown."""
        return len(self.items) + UNK_ID + 1

    def __contains__(self, item: str) -> bool:
        return item in self._ids

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and (self.items, self.counts) == (other.items, other.counts)

    def __hash__(self) -> int:
        return hash(self.items)

    def encode(self, item: str) -> int:
        """Return the id of an item, ``UNK_ID`` if it is not in the vocabulary."""
        return self._ids.get(item, UNK_ID)


class LabelVocabulary:
    """The labels of a model, in a fixed order; there are no ids for padding or unknown labels.

    Args:
        items: the labels, each once; at most :data:`MOST_LABELS`.
    """

    def __init__(self, items: Sequence[str]) -> None:
        if not isinstance(items, str) and len(items) > MOST_LABELS:
            raise LabelError(
                f"expected at most {MOST_LABELS:,} different labels, found {len(items):,}. Are these labels?"
            )
        if isinstance(items, str) or not all(isinstance(item, str) for item in items):
            raise LabelError(f"expected labels as a list of strings, found {items!r}")
        if not items:
            raise LabelError("expected at least one label, found none")
        if "" in items:
            raise LabelError("expected labels of at least one character, found an empty one")
        self.items: Final[tuple[str, ...]] = tuple(items)
        self._ids: Final = {item: i for i, item in enumerate(self.items)}
        if len(self._ids) != len(self.items):
            repeated = next(item for item, count in Counter(self.items).items() if count > 1)
            raise LabelError(f"expected each label once, found {repeated!r} more than once")

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, label: str) -> bool:
        return label in self._ids

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LabelVocabulary) and self.items == other.items

    def __hash__(self) -> int:
        return hash(self.items)

    def encode(self, label: str) -> int:
        """Return the id of a label.

        Raises:
            LabelError: if it is not one of the labels; lists them.
        """
        if label not in self._ids:
            raise LabelError(f"label {label!r} is not known; known labels: {', '.join(self.items)}")
        return self._ids[label]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Return the labels of a sequence of ids."""
        return [self.items[i] for i in ids]
