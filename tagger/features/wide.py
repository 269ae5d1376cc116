"""WideIndex: an exact index of the hand-crafted features of a CRF, from the words of sentences to rows of weights.

A feature is an attribute of a nearby word, such as "the previous word, in lower case, is 'of'", or a pair of them. The
attributes of each distinct word are computed once, as ids; the features of all tokens of a batch are then computed with
array operations. A feature that is too rare in training has no row of its own: it is mapped to row 0.

Letters: B sentences, T tokens of the longest, N tokens of all sentences, U distinct words, K attributes of a word, P
parts of templates, F features of a token.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tagger.errors import DataError
from tagger.features.wide_attributes import (
    ATTRIBUTES,
    FIRST,
    NONE,
    OUTSIDE,
    frequent_strings,
    word_attributes,
)

IntArray = NDArray[np.int64]

Part = tuple[str, int]
"""An attribute, and the distance of its token from the one with the feature: positive after, negative before it."""
Template = tuple[Part, ...]
"""The one or two parts of a feature."""

TEMPLATES: Final[tuple[Template, ...]] = (
    *(((attribute, 0),) for attribute in ATTRIBUTES),
    *(((attribute, distance),) for attribute in ("lower", "shape") for distance in (-2, -1, 1, 2)),
    *((("lower", left), ("lower", right)) for left, right in ((-2, -1), (-1, 0), (-1, 1), (0, 1), (1, 2))),
    *((("shape", left), ("shape", right)) for left, right in ((-1, 0), (0, 1))),
    (("lower", -1), ("shape", 0)),
    (("shape", 0), ("lower", 1)),
)

# A key holds the index of a template and the ids of its one or two parts.
_ID_BITS: Final = 29
_ID_MASK: Final = (1 << _ID_BITS) - 1
_MAX_TEMPLATES: Final = 32
_MAX_DISTANCE: Final = 9


class WideIndex:
    """The rows of weights of the features that have them.

    Created by :meth:`build`; a model folder stores the three arguments.

    Args:
        strings: by attribute, the strings that have ids.
        templates: the templates of the features.
        keys: the key of each feature that has a row, in the order of the rows, from 1.

    Raises:
        DataError: if they are inconsistent.
    """

    def __init__(
        self, strings: Mapping[str, Sequence[str]], templates: Sequence[Template], keys: IntArray
    ) -> None:
        _check_templates(templates)
        if strings.keys() != set(ATTRIBUTES):
            raise DataError(
                f"wide features: expected strings of {', '.join(ATTRIBUTES)}, found {list(strings)}"
            )
        self.strings: Final = {attribute: tuple(strings[attribute]) for attribute in ATTRIBUTES}
        self.templates: Final = tuple(templates)
        self.keys: Final = keys
        self._ids: list[dict[str | None, int]] = [
            {string: number for number, string in enumerate(of_attribute, start=FIRST)}
            for of_attribute in self.strings.values()
        ]
        for attribute, of_attribute, ids in zip(ATTRIBUTES, self.strings.values(), self._ids, strict=True):
            if len(ids) != len(of_attribute) or len(of_attribute) >= 1 << _ID_BITS - 1:
                raise DataError(
                    f"wide features: expected the strings of {attribute} once each, found some twice"
                )
        parts = list(dict.fromkeys(part for template in templates for part in template))
        self._reach = max(abs(distance) for _, distance in parts)
        self._offsets = np.array(
            [distance * len(ATTRIBUTES) + ATTRIBUTES.index(attribute) for attribute, distance in parts]
        )
        self._parts_of = [[parts.index(part) for part in template] for template in templates]
        singles = [number for number, of_it in enumerate(self._parts_of) if len(of_it) == 1]
        pairs = [number for number, of_it in enumerate(self._parts_of) if len(of_it) == 2]
        self._part_of_single = np.array([self._parts_of[number][0] for number in singles], dtype=np.int64)
        self._left_of_pair, self._right_of_pair = np.array(
            [self._parts_of[number] for number in pairs], dtype=np.int64
        ).reshape(-1, 2).T  # fmt: skip
        self._number_of_pair = np.array(pairs, dtype=np.int64)
        self._index(singles)

    def __reduce__(self) -> tuple[type[WideIndex], tuple[Any, ...]]:
        return type(self), (self.strings, self.templates, self.keys)

    def _index(self, singles: Sequence[int]) -> None:
        """Prepare the lookup of keys: a table for features of one part, a :class:`_Finder` for those of two."""
        keys = self.keys
        if keys.ndim != 1 or keys.dtype != np.int64 or (keys < 0).any():
            raise DataError("wide features: expected keys as whole numbers from 0 on, in one row")
        numbers, left, right = keys >> 2 * _ID_BITS, keys >> _ID_BITS & _ID_MASK, keys & _ID_MASK
        is_single = np.isin(numbers, singles)
        num_singles = int(is_single.sum())
        if not is_single[:num_singles].all():
            raise DataError("wide features: expected the keys of templates with one part first")
        if (numbers >= len(self.templates)).any():
            raise DataError(f"wide features: a key of a template beyond the {len(self.templates)} there are")
        # Number of ids of the first part of each template, and of the second, if there is one.
        sizes = np.array([[FIRST + len(self.strings[name]) for name, _ in of_it] + [1] * (2 - len(of_it))
                          for of_it in self.templates])  # fmt: skip
        for ids, num_ids in ((left, sizes[numbers, 0]), (right, sizes[numbers, 1])):
            for lost, what in (
                (ids >= num_ids, "an id beyond its"),
                ((ids == NONE) & (num_ids > 1), "no id of its"),
            ):
                if lost.any():
                    at = int(np.flatnonzero(lost)[0])
                    raise DataError(
                        f"wide features: a key of template {numbers[at]} has {what} {num_ids[at]}"
                    )
        if (keys[1:num_singles] <= keys[: max(num_singles - 1, 0)]).any():
            raise DataError("wide features: the keys of templates with one part are not in order")
        self._first_of_single = np.concatenate([[0], np.cumsum(sizes[singles, 0])]).astype(np.int64)
        self._row_of_single = np.zeros(self._first_of_single[-1], dtype=np.int64)
        for number, first in zip(singles, self._first_of_single, strict=False):
            chosen = numbers[:num_singles] == number
            self._row_of_single[first + left[:num_singles][chosen]] = 1 + np.flatnonzero(chosen)
        self._first_of_pairs = 1 + num_singles
        self._pairs = _Finder(keys[num_singles:])

    @classmethod
    def build(
        cls,
        sentences: Sequence[Sequence[str]],
        *,
        min_count: int,
        templates: Sequence[Template] = TEMPLATES,
    ) -> WideIndex:
        """Index the features that occur often enough in the sentences of the train split.

        Args:
            sentences: the tokens of each sentence.
            min_count: minimum occurrences of a feature to get a row.
            templates: the templates of the features.
        """
        counts = Counter(chain.from_iterable(sentences))
        strings, attributes = frequent_strings(counts, min_count)
        singles, pairs = _frequent_keys(sentences, counts, attributes, templates, min_count)
        return cls(strings, templates, _in_order(singles, pairs))

    def grown(self, sentences: Sequence[Sequence[str]], *, min_count: int) -> WideIndex:
        """Return an index extended by the features that occur often enough in further sentences.

        Args:
            sentences: the tokens of each sentence.
            min_count: minimum occurrences of a feature in them to get a row.
        """
        counts = Counter(chain.from_iterable(sentences))
        frequent, _ = frequent_strings(counts, min_count)
        # New strings come after the existing ones, whose ids, and so the keys, do not change.
        strings = {
            name: tuple(dict.fromkeys((*there, *frequent[name]))) for name, there in self.strings.items()
        }
        index = WideIndex(strings, self.templates, self.keys)
        singles, pairs = _frequent_keys(
            sentences, counts, index.attributes(list(counts)), self.templates, min_count
        )
        num_singles = self._first_of_pairs - 1
        return WideIndex(
            strings,
            self.templates,
            _in_order(
                np.union1d(self.keys[:num_singles], singles), np.union1d(self.keys[num_singles:], pairs)
            ),
        )

    def rows_in(self, grown: WideIndex) -> IntArray:
        """Return, for each row here, its row in an index grown from this one, ``[num_rows]``."""
        order = np.argsort(grown.keys)
        places = order[np.searchsorted(grown.keys, self.keys, sorter=order)]
        return np.concatenate([[NONE], places + 1])

    @property
    def num_rows(self) -> int:
        """Number of rows of weights, including that of :data:`NONE`."""
        return 1 + len(self.keys)

    def attributes(self, words: Sequence[str]) -> IntArray:
        """Return the ids of the attributes of U words, ``[U, K]``; :data:`NONE` for strings without an id."""
        ids = (
            known.get(string, NONE)
            for word in words
            for known, string in zip(self._ids, word_attributes(word), strict=True)
        )
        count = len(words) * len(ATTRIBUTES)
        return np.fromiter(ids, dtype=np.int64, count=count).reshape(-1, len(ATTRIBUTES))

    def rows(self, attributes: IntArray, tokens: IntArray, lengths: IntArray) -> IntArray:
        """Return the rows of the features of all tokens, ``[B, T, F]``; :data:`NONE` where there is none.

        Args:
            attributes: as in :meth:`rows_by_feature`.
            tokens: as in :meth:`rows_by_feature`.
            lengths: as in :meth:`rows_by_feature`.
        """
        real = np.arange(lengths.max(initial=0)) < lengths[:, None]
        rows = np.zeros((*real.shape, len(self.templates)), dtype=np.int64)
        rows[real] = self.rows_by_feature(attributes, tokens, lengths).T
        return rows

    def rows_by_feature(
        self, attributes: IntArray, tokens: IntArray, lengths: IntArray, *, order: IntArray | None = None
    ) -> IntArray:
        """Return the rows of the features of all tokens, feature by feature, ``[F, N]``.

        The features of a token depend only on its own sentence.

        Args:
            attributes: the attributes of U words, ``[U, K]``.
            tokens: the row in ``attributes`` of every token, sentence by sentence, ``[N]``.
            lengths: tokens of each sentence, ``[B]``.
            order: indices of the tokens in the order of the result, ``[N]``; sentence by sentence if left out.
        """
        ids = self._ids_of_parts(attributes, tokens, lengths, order)
        rows = np.empty((len(self.templates), len(tokens)), dtype=np.int64)
        num_singles = len(self._part_of_single)
        places = ids.take(self._part_of_single, axis=0)
        places += self._first_of_single[:-1, None]
        self._row_of_single.take(places, out=rows[:num_singles], mode="clip")
        # A key with a part that has no id is not among the known ones.
        keys = ids.take(self._left_of_pair, axis=0)
        keys <<= _ID_BITS
        keys |= ids.take(self._right_of_pair, axis=0)
        keys |= self._number_of_pair[:, None] << 2 * _ID_BITS
        positions = self._pairs.positions(keys.ravel()).reshape(keys.shape)
        rows[num_singles:] = np.where(positions >= 0, positions + self._first_of_pairs, NONE)
        return rows

    def _ids_of_parts(
        self, attributes: IntArray, tokens: IntArray, lengths: IntArray, order: IntArray | None
    ) -> IntArray:
        """Return the ids of the parts of the templates for all tokens, ``[P, N]``."""
        positions = _positions(lengths, self._reach)
        stream = np.full((len(tokens) + self._reach * (len(lengths) + 1), len(ATTRIBUTES)), OUTSIDE)
        stream[positions] = attributes.take(tokens, axis=0)
        if order is not None:
            positions = positions.take(order)
        # Flat, since NumPy indexes by one array several times faster than by two.
        places = positions * len(ATTRIBUTES) + self._offsets[:, None]
        ids: IntArray = stream.ravel().take(places)
        return ids


class _Finder:
    """Finds the positions of keys in a sorted array, for all keys of a batch at once.

    The array is sorted by a bijective hash. Its first bits give the approximate position of a key: one comparison
    usually finds it, or a later key, which means that it is missing.

    Args:
        keys: sorted by :func:`_mixed`.

    Raises:
        DataError: if they are in another order.
    """

    def __init__(self, keys: IntArray) -> None:
        self._mixed = _mixed(keys)
        if (self._mixed[1:] <= self._mixed[:-1]).any():
            raise DataError("wide features: the keys of templates with two parts are not in order")
        bits = len(keys).bit_length() + 1  # two to four buckets per key
        self._shift = np.uint64(64 - bits)
        sizes = np.bincount((self._mixed >> self._shift).astype(np.int64), minlength=1 << bits)
        self._starts = (np.cumsum(sizes) - sizes).astype(np.int32)
        # A sentinel after all others, which is not the hash of any key with ids below a hundred million
        self._mixed = np.append(self._mixed, ~np.uint64(0))

    def positions(self, keys: IntArray) -> IntArray:
        """Return the position of each of n keys, -1 for a missing key, ``[n]``."""
        mixed = _mixed(keys)
        at = self._starts.take((mixed >> self._shift).view(np.int64))
        there = self._mixed.take(at)
        positions = np.where(there == mixed, at, -1).astype(np.int64)
        open_ = np.flatnonzero(there < mixed)
        while len(open_):
            at[open_] += 1
            there, wanted = self._mixed.take(at[open_]), mixed[open_]
            hits = open_[there == wanted]
            positions[hits] = at[hits]
            open_ = open_[there < wanted]
        return positions


class _Seen:
    """The feature keys of all sentences of a corpus, one template at a time, since all at once would be large.

    Args:
        attributes: the attributes of U words, ``[U, K]``.
        tokens: the row in ``attributes`` of every token, sentence by sentence, ``[N]``.
        lengths: tokens of each sentence, ``[B]``.
        reach: maximum distance in templates.
    """

    def __init__(
        self, attributes: IntArray, tokens: NDArray[np.int32], lengths: IntArray, *, reach: int
    ) -> None:
        outside = np.full((1, attributes.shape[1]), OUTSIDE)
        self._attributes = np.concatenate([attributes, outside])
        self._positions = _positions(lengths, reach)
        self._stream = np.full(len(tokens) + reach * (len(lengths) + 1), len(attributes), dtype=np.int32)
        self._stream[self._positions] = tokens

    def keys(self, number: int, template: Template) -> IntArray:
        """Return the keys of the features of all tokens for the template with this index, ``[N]``."""
        left, *right = (self._ids(*part) for part in template)
        return _keys(number, left, right[0] if right else None)

    def _ids(self, attribute: str, distance: int) -> IntArray:
        rows = self._stream.take(self._positions + distance)
        return np.ascontiguousarray(self._attributes[:, ATTRIBUTES.index(attribute)]).take(rows)


def _frequent_keys(
    sentences: Sequence[Sequence[str]],
    counts: Counter[str],
    attributes: IntArray,
    templates: Sequence[Template],
    min_count: int,
) -> tuple[IntArray, IntArray]:
    """Return the keys of the features that occur often enough in sentences: those of one part, sorted, those of two.

    Args:
        sentences: the tokens of each sentence.
        counts: number of occurrences of each word in them.
        attributes: the attributes of these words, in their order, ``[U, K]``.
        templates: the templates of the features.
        min_count: minimum occurrences of a feature.
    """
    row_of = dict(zip(counts, range(len(counts)), strict=True))
    tokens = np.fromiter(
        map(row_of.__getitem__, chain.from_iterable(sentences)), dtype=np.int32, count=counts.total()
    )
    lengths = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))
    seen = _Seen(attributes, tokens, lengths, reach=max(abs(d) for of_it in templates for _, d in of_it))
    keys: dict[int, list[IntArray]] = {1: [], 2: []}
    for number, template in enumerate(templates):
        found, occurrences = np.unique(seen.keys(number, template), return_counts=True)
        keys[len(template)].append(found[(occurrences >= min_count) & (found != NONE)])
    none = np.zeros(0, dtype=np.int64)
    return np.concatenate([none, *keys[1]]), np.concatenate([none, *keys[2]])


def _in_order(singles: IntArray, pairs: IntArray) -> IntArray:
    """Return the keys of features in the order of their rows: those of one part, then those of two by their hash."""
    return np.concatenate([singles, pairs[np.argsort(_mixed(pairs))]])


def _positions(lengths: IntArray, reach: int) -> IntArray:
    """Return the positions of all tokens, ``[N]``, with all sentences in a row and gaps between them.

    Args:
        lengths: tokens of each sentence, ``[B]``.
        reach: maximum distance in templates, the size of the gap before and after each sentence.
    """
    sentence_of_token = np.repeat(np.arange(1, len(lengths) + 1), lengths)
    return np.arange(len(sentence_of_token)) + reach * sentence_of_token


def _keys(number: int | IntArray, left: IntArray, right: IntArray | None) -> IntArray:
    """Return the keys of features of the templates with these indices; :data:`NONE` where a part has no id."""
    keys: IntArray = np.asarray(number) << 2 * _ID_BITS | left << _ID_BITS
    known = left != NONE
    if right is not None:
        keys = keys | right
        known = known & (right != NONE)
    return np.where(known, keys, NONE)


def _mixed(keys: IntArray) -> NDArray[np.uint64]:
    """Return a bijective hash of keys whose first bits depend on all bits of the key."""
    bits = keys.astype(np.uint64)
    bits ^= bits >> np.uint64(32)
    bits *= np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: Knuth, TAOCP 3, section 6.4
    return bits


def _check_templates(templates: Sequence[Template]) -> None:
    if not 1 <= len(templates) <= _MAX_TEMPLATES:
        raise DataError(f"wide features: expected 1 to {_MAX_TEMPLATES} templates, found {len(templates)}")
    if len(set(templates)) != len(templates):
        raise DataError("wide features: expected each template once, found one twice")
    for template in templates:
        for attribute, distance in template:
            if attribute not in ATTRIBUTES or not -_MAX_DISTANCE <= distance <= _MAX_DISTANCE:
                raise DataError(f"wide features: unknown template {template}")
        if len(template) not in (1, 2):
            raise DataError(f"wide features: expected templates of one or two parts, found {template}")
