"""Attributes that divide spans (tokens, if labels are plain) into slices, such as length or position.

Letters: N gold tokens, M items of a side.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final, TypeVar

import numpy as np

from tagger.evaluation.comparison import Comparison
from tagger.evaluation.slices.training_statistics import Surface
from tagger.metrics.label_arrays import BoolArray, IntArray
from tagger.metrics.span_arrays import SpanArrays

_LENGTHS: Final = (1, 2, 3, 4, 5)
_SENTENCE_LENGTHS: Final = (1, 11, 21, 31, 41)
_POSITIONS: Final = ("first", "inside", "last", "whole sentence")
_CAPITALS: Final = ("lower", "Capitalised", "ALL CAPS", "mixed", "no cased letters")

Item = TypeVar("Item", bound=Hashable)


@dataclass(frozen=True, slots=True, eq=False)
class SliceItems:
    """The items that slices count: the M spans of one side, or the gold tokens if labels are plain.

    Attributes:
        firsts: the first gold token that each overlaps, ``[M]``.
        afters: the token after the last one, ``[M]``.
        kinds: id of its type or label, ``[M]``.
        surfaces: index of its surface, ``[M]``.
        is_right: whether the other side has the same, ``[M]``.
    """

    firsts: IntArray
    afters: IntArray
    kinds: IntArray
    surfaces: IntArray
    is_right: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """The items of both sides of a comparison.

    Attributes:
        gold: items of the gold side.
        predicted: items of the predicted side; None if labels are plain, since the tokens are the same.
        kinds: names of the types or labels.
        surfaces: the distinct surfaces.
        lengths: number of gold tokens of each sentence.
        starts: index of the first gold token of each sentence.
        sentences: the sentence of each gold token, ``[N]``.
    """

    gold: SliceItems
    predicted: SliceItems | None
    kinds: Sequence[str]
    surfaces: Sequence[Surface]
    lengths: IntArray
    starts: IntArray
    sentences: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """An attribute whose values define slices.

    Attributes:
        name: lower-case letters and underscores.
        title: its name for readers.
        values: the name of each value, in the order in which they are shown.
        gold: index of the value of each gold item, ``[M]``.
        predicted: index of the value of each predicted item; None if there are no predicted items.
        notes: remarks on its meaning.
    """

    name: str
    title: str
    values: Sequence[str]
    gold: IntArray
    predicted: IntArray | None
    notes: tuple[str, ...] = ()


def sides_of(comparison: Comparison) -> Sides:
    """Return the items of both sides of a comparison."""
    labels = comparison.gold.labels
    numbers: dict[Surface, int] = {}
    tokens = list(chain.from_iterable(example.tokens for example in comparison.examples))
    if comparison.has_spans:
        right = comparison.right()
        gold = _span_units(comparison, comparison.gold.spans, comparison.found() >= 0, tokens, numbers)
        known = np.append(gold.surfaces, -1)[right]
        predicted = _span_units(comparison, comparison.predicted.spans, right >= 0, tokens, numbers, known)
        kinds: Sequence[str] = comparison.types
    else:
        places = np.arange(len(tokens))
        words, which = _numbered(tokens)
        numbers = {(word,): number for number, word in enumerate(words)}
        gold = SliceItems(
            places, places + 1, labels.ids, which, labels.ids == comparison.predicted.labels.ids
        )
        predicted, kinds = None, labels.names
    sentences = np.repeat(np.arange(len(labels.lengths)), labels.lengths)
    return Sides(gold, predicted, kinds, list(numbers), labels.lengths, labels.starts, sentences)


def surfaces_of(comparison: Comparison) -> set[Surface]:
    """Return the surfaces of all spans of both sides (for plain labels, all words), to count in training data."""
    return set(sides_of(comparison).surfaces)


def _span_units(
    comparison: Comparison,
    spans: SpanArrays,
    is_right: BoolArray,
    tokens: Sequence[str],
    numbers: dict[Surface, int],
    known: IntArray | None = None,
) -> SliceItems:
    """Return the items of spans; surfaces whose index is not ``known`` (-1) are added to ``numbers``."""
    firsts, afters = comparison.tokens_of(spans)
    surfaces = np.full(len(spans), -1) if known is None else known
    rest = np.flatnonzero(surfaces < 0)
    surfaces[rest] = [
        numbers.setdefault(tuple(tokens[first:after]), len(numbers))
        for first, after in zip(firsts[rest].tolist(), afters[rest].tolist(), strict=True)
    ]
    return SliceItems(firsts, afters, spans.types, surfaces, is_right)


def plain_attributes(sides: Sides) -> list[Attribute]:
    """Return the attributes that need no training data."""
    attributes = [
        attribute(
            "sentence_length", "length of the sentence", bins(_SENTENCE_LENGTHS), sides, _sentence_lengths
        ),
        attribute("position", "position in the sentence", _POSITIONS, sides, _positions),
        attribute("capitals", "capital letters", _CAPITALS, sides, _capitals),
    ]
    if sides.predicted is not None:
        attributes.insert(0, attribute("length", "length in tokens", bins(_LENGTHS), sides, _lengths))
    return attributes


def column_attribute(sides: Sides, name: str, values: Sequence[str | None], *, most: int = 20) -> Attribute:
    """Return a column of the data as an attribute.

    Args:
        sides: the items.
        name: name of the column.
        values: its value for each gold token, ``[N]``; None for missing values. A span has that of its first token.
        most: maximum number of values, those with the most gold and predicted items; the others are combined.
    """
    if len(values) != len(sides.sentences):
        raise ValueError(f"expected a value per token, {len(sides.sentences)}, found {len(values)}")
    found, which = _numbered(values)
    ids = [which[units.firsts] for units in (sides.gold, sides.predicted) if units is not None]
    counts = np.bincount(np.concatenate(ids), minlength=len(found))
    occurring = [number for number in range(len(found)) if counts[number]]
    names = [_unlike("(none)", found) if value is None else value for value in found]
    ranked = sorted(occurring, key=lambda number: (-counts[number], names[number]))
    places = np.full(len(found), most)
    places[ranked[:most]] = np.arange(len(ranked[:most]))
    shown = [names[number] for number in ranked[:most]]
    notes = []
    if len(ranked) > most:
        others = _unlike("(others)", shown)
        shown.append(others)
        notes.append(f"{others}: {len(ranked) - most} values that are less frequent, summed up.")
    if sides.predicted is not None:
        notes.append("A span has the value of its first token.")
    gold, *predicted = (places[which_of] for which_of in ids)
    key = "column_" + re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")
    return Attribute(key, f"column {name}", shown, gold, predicted[0] if predicted else None, tuple(notes))


def _unlike(name: str, others: Collection[str | None]) -> str:
    """Return a name, with underscores appended until it differs from all others."""
    while name in others:
        name += "_"
    return name


def attribute(
    name: str,
    title: str,
    values: Sequence[str],
    sides: Sides,
    value_of: Callable[[Sides, SliceItems], IntArray],
    note: str = "",
) -> Attribute:
    """Return an attribute whose values are computed separately for each side."""
    predicted = None if sides.predicted is None else value_of(sides, sides.predicted)
    return Attribute(name, title, values, value_of(sides, sides.gold), predicted, (note,) if note else ())


def _lengths(sides: Sides, units: SliceItems) -> IntArray:
    lengths: IntArray = np.minimum(units.afters - units.firsts, _LENGTHS[-1]) - 1
    return lengths


def _sentence_lengths(sides: Sides, units: SliceItems) -> IntArray:
    lengths = sides.lengths[sides.sentences[units.firsts]]
    bins_of: IntArray = np.searchsorted(_SENTENCE_LENGTHS, lengths, side="right") - 1
    return bins_of


def _positions(sides: Sides, units: SliceItems) -> IntArray:
    sentences = sides.sentences[units.firsts]
    starts = sides.starts[sentences]
    is_first, is_last = units.firsts == starts, units.afters >= starts + sides.lengths[sentences]
    positions: IntArray = np.select([is_first & is_last, is_first, is_last], [3, 0, 2], 1)
    return positions


def _capitals(sides: Sides, units: SliceItems) -> IntArray:
    return by_surface(sides, units, capitals)


def capitals(surface: Surface) -> int:
    """Return the capitalisation of a surface, as an index.

    Capitalised: the first letter is a capital, and no capital follows a letter in a word.

    >>> names = ["old", "Bank of Jean-Luc", "A", "EU", "McDonald", "EU troops", "24 %"]
    >>> [_CAPITALS[capitals(tuple(name.split()))] for name in names]
    ['lower', 'Capitalised', 'Capitalised', 'ALL CAPS', 'mixed', 'mixed', 'no cased letters']
    """
    if (text := "".join(surface)).isascii():  # fast path for the most frequent cases
        if text.islower():
            return 0
        if len(surface) == 1 and text[:1].isupper() and text[1:].islower():
            return 1
    letters = [letter for word in surface for letter in word if letter.lower() != letter.upper()]
    are_capitals = [letter != letter.lower() for letter in letters]
    if not letters:
        return 4
    if not any(are_capitals):
        return 0
    if all(are_capitals) and len(letters) > 1:
        return 2
    within = any(
        left.isalpha() and right != right.lower() for word in surface for left, right in pairwise(word)
    )
    return 3 if within or not are_capitals[0] else 1


def by_surface(sides: Sides, units: SliceItems, value_of: Callable[[Surface], int]) -> IntArray:
    """Return for each item a number that depends only on its surface."""
    values = np.array([value_of(surface) for surface in sides.surfaces], dtype=np.int64)
    found: IntArray = values[units.surfaces]
    return found


def by_surface_and_kind(sides: Sides, units: SliceItems, value_of: Callable[[Surface, str], int]) -> IntArray:
    """Return for each item a number that depends on its surface and its type or label."""
    codes, which = np.unique(units.surfaces * len(sides.kinds) + units.kinds, return_inverse=True)
    values = [
        value_of(sides.surfaces[surface], sides.kinds[kind])
        for surface, kind in (divmod(code, len(sides.kinds)) for code in codes.tolist())
    ]
    found: IntArray = np.array(values, dtype=np.int64)[which]
    return found


def bin_of(value: int, lows: Sequence[int]) -> int:
    """Return the index of the bin that contains a value, for bins that begin at ``lows``."""
    return sum(low <= value for low in lows) - 1


def bins(lows: Sequence[int]) -> list[str]:
    """Return the names of bins that begin at ``lows``; the last one is open-ended.

    >>> bins((1, 2, 5))
    ['1', '2 to 4', '5 or more']
    """
    names = [str(low) if low + 1 == high else f"{low} to {high - 1}" for low, high in pairwise(lows)]
    return [*names, f"{lows[-1]} or more"]


def _numbered(items: Iterable[Item]) -> tuple[list[Item], IntArray]:
    """Return the distinct items in order of first occurrence, and the index of each item among them."""
    numbers: dict[Item, int] = {}
    which = np.array([numbers.setdefault(item, len(numbers)) for item in items], dtype=np.int64)
    return list(numbers), which
