"""Confusion: which types of spans, or which plain labels, are confused with which."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagger.evaluation.comparison import Comparison
from tagger.evaluation.errors.matching import Pairs, matched_pairs
from tagger.evaluation.results import Column, ResultTable
from tagger.metrics.counts import ratio
from tagger.metrics.label_arrays import IntArray

_NONE: Final = "(none)"
_OTHERS: Final = "(others)"


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """Counts of the P pairs of a gold and a predicted type that occur.

    Attributes:
        gold: id of the gold type of each pair, ``[P]``.
        predicted: id of the predicted type of each pair, ``[P]``.
        counts: number of occurrences of each pair, ``[P]``.
        names: names of the types; the id after the last one means none.
    """

    gold: IntArray
    predicted: IntArray
    counts: IntArray
    names: Sequence[str]


def confusion_tables(
    comparison: Comparison, pairs: Pairs | None = None, *, most: int = 20
) -> list[ResultTable]:
    """Return the confusion matrix of types (or plain labels), and a list of the most frequent confusions.

    Args:
        comparison: gold and predicted spans, or labels.
        pairs: for spans, the result of :func:`matched_pairs`, if already known.
        most: maximum number of types in the matrix, those with the most spans or tokens of both sides (the others are
            combined), and of confusions in the list.
    """
    what = "types of spans" if comparison.has_spans else "labels"
    confusion = find_confusion(comparison, pairs)
    return [_matrix_table(confusion, what, most), _list_table(confusion, what, most)]


def find_confusion(comparison: Comparison, pairs: Pairs | None = None) -> Confusion:
    """Return the counts of pairs of gold and predicted types, or plain labels; arguments as for the tables."""
    return _of_spans(comparison, pairs) if comparison.has_spans else _of_labels(comparison)


def _of_spans(comparison: Comparison, pairs: Pairs | None) -> Confusion:
    pairs = matched_pairs(comparison) if pairs is None else pairs
    gold, predicted = comparison.gold.spans.types, comparison.predicted.spans.types
    none = len(comparison.types)
    partners = np.full(len(gold), none)
    partners[pairs.gold] = predicted[pairs.predicted]
    is_alone = np.ones(len(predicted), dtype=np.bool_)
    is_alone[pairs.predicted] = False
    spurious = predicted[is_alone]
    golds = np.concatenate([gold, np.full(len(spurious), none)])
    return _counted(golds, np.concatenate([partners, spurious]), comparison.types)


def _of_labels(comparison: Comparison) -> Confusion:
    # Both sides use the same label ids, and the predicted one has the names of all.
    labels = comparison.predicted.labels
    return _counted(comparison.gold.labels.ids, labels.ids, labels.names)


def _counted(gold: IntArray, predicted: IntArray, names: Sequence[str]) -> Confusion:
    size = len(names) + 1
    codes, counts = np.unique(gold * size + predicted, return_counts=True)
    return Confusion(codes // size, codes % size, counts, names)


def _matrix_table(confusion: Confusion, what: str, most: int) -> ResultTable:
    names = confusion.names
    none = len(names)
    weights = confusion.counts
    totals = np.bincount(confusion.gold, weights, none + 1) + np.bincount(
        confusion.predicted, weights, none + 1
    )
    by_frequency = sorted(range(none), key=lambda number: (-totals[number], names[number]))
    shown = sorted(by_frequency[:most], key=names.__getitem__)
    places = np.full(none + 1, len(shown))
    places[shown] = np.arange(len(shown))
    places[none] = len(shown) + 1
    size = len(shown) + 2
    codes = places[confusion.gold] * size + places[confusion.predicted]
    matrix = np.bincount(codes, weights, size * size).astype(np.int64).reshape(size, size)
    heads = [*(names[number] for number in shown), _unlike(_OTHERS, names), _unlike(_NONE, names)]
    # The rows and columns of combined types and of missing partners are only shown if they are not empty.
    kept_rows = [place for place in range(size) if place < len(shown) or matrix[place].any()]
    kept_columns = [place for place in range(size) if place < len(shown) or matrix[:, place].any()]
    notes = []
    if len(names) > len(shown):
        notes.append(f"{heads[-2]}: the {len(names) - len(shown)} {what} that are less frequent, summed up.")
    if totals[none]:
        notes.append(
            f"{heads[-1]}: spans without a partner; those that overlap are paired as for partial overlap."
        )
    columns = (
        Column(_unlike("gold", heads), "text"),
        *(Column(heads[place], "count") for place in kept_columns),
    )
    rows = tuple((heads[place], *matrix[place, kept_columns].tolist()) for place in kept_rows)
    return ResultTable(
        "confusion", f"Confusion of {what}: gold by row, predicted by column", columns, rows, tuple(notes)
    )


def _list_table(confusion: Confusion, what: str, most: int) -> ResultTable:
    names = confusion.names
    of_gold = np.bincount(confusion.gold, confusion.counts, len(names) + 1)
    is_wrong = (confusion.gold != confusion.predicted) & (confusion.gold < len(names))
    is_wrong &= confusion.predicted < len(names)
    wrong = [column[is_wrong].tolist() for column in (confusion.gold, confusion.predicted, confusion.counts)]
    pairs = sorted(
        (-count, names[gold], names[predicted], ratio(count, float(of_gold[gold])))
        for gold, predicted, count in zip(*wrong, strict=True)
    )
    rows = tuple((gold, predicted, -count, share) for count, gold, predicted, share in pairs[:most])
    notes = []
    if len(pairs) > most:
        left_out = -sum(count for count, *_ in pairs[most:])
        notes.append(f"The {most} most frequent of {len(pairs)} confusions; the others together: {left_out}.")
    columns = (
        *(Column("gold", "text"), Column("predicted", "text"), Column("count", "count")),
        Column("share_of_gold"),
    )
    return ResultTable("confusions", f"Which {what} are taken for which", columns, rows, tuple(notes))


def _unlike(name: str, others: Collection[str]) -> str:
    """Return a name, with underscores appended until it differs from all others."""
    while name in others:
        name += "_"
    return name
