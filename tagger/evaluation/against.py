"""Comparing two systems on the same gold labels: how much they differ, how certain that is, and in which sentences.

Letters: S sentences, M spans, U units.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from tagger.evaluation.certainty import Difference, Statistic, f1, paired_difference, precision, recall, share
from tagger.evaluation.comparison import Comparison
from tagger.evaluation.results import Column, ResultTable, Value
from tagger.evaluation.scores import right_tokens
from tagger.evaluation.units import SpanCounts, Units, label_counts
from tagger.metrics.label_arrays import IntArray
from tagger.metrics.span_arrays import SpanArrays, same_spans

_OF_SPANS: Final[tuple[tuple[str, Statistic], ...]] = (
    ("f1", f1),
    ("precision", precision),
    ("recall", recall),
)
_COLUMNS: Final = (
    Column("score", "text"),
    *(Column(name) for name in ("first", "second", "difference", "low", "high")),
    Column("p", "number"),
)


class Differing(NamedTuple):
    """A sentence for which two systems predict different labels.

    Attributes:
        sentence: its index, from 0.
        first: number of gold spans, or labels, that only the first system has right.
        second: the same for the second system.
        first_wrong: number of wrong spans that only the first system predicts (0 for plain labels).
        second_wrong: the same for the second system.
    """

    sentence: int
    first: int
    second: int
    first_wrong: int
    second_wrong: int


def difference_table(
    first: Comparison, second: Comparison, units: Units, *, draws: int, seed: int
) -> ResultTable:
    """Return the differences of the scores of two systems: overall, and of the F1 of each type.

    Args:
        first: the comparison of the first system with the gold labels.
        second: the comparison of the second system with the same gold labels.
        units: the units to resample and swap.
        draws: number of draws for each score.
        seed: seed of the draws.
    """
    rows: list[tuple[Value, ...]] = []

    def add(name: str, one: IntArray, other: IntArray, statistic: Statistic) -> None:
        difference = paired_difference(one, other, statistic, draws=draws, seed=seed)
        values = [float(statistic(counts.sum(axis=0).astype(np.float64))) for counts in (one, other)]
        rows.append((name, *values, *_cells(difference)))

    if first.has_spans:
        sides = (SpanCounts(first, units), SpanCounts(second, units))
        one, other = (side.of() for side in sides)
        for name, statistic in _OF_SPANS:
            add(name, one, other, statistic)
        numbers = [{kind: number for number, kind in enumerate(side.types)} for side in (first, second)]
        nothing = np.zeros((units.count, 3), dtype=np.int64)
        for kind in sorted({*first.types, *second.types}):
            one, other = (
                side.of(of_side[kind]) if kind in of_side else nothing
                for side, of_side in zip(sides, numbers, strict=True)
            )
            if one.any() or other.any():
                add(f"f1 of {kind}", one, other, f1)
    else:
        one, other = (label_counts(side, units, right_tokens(side)) for side in (first, second))
        add("accuracy", one, other, share)
    return ResultTable(
        "difference",
        "Difference of the two",
        _COLUMNS,
        tuple(rows),
        (
            f"low and high: 95 % interval of the difference, by paired bootstrap over {units}; p: how often chance "
            f"gives a difference as large in either direction, by paired permutation ({draws:,} draws). With many "
            "types, some p are small by chance.",
        ),
    )


def differing_sentences(first: Comparison, second: Comparison) -> list[Differing]:
    """Return the sentences for which two systems predict different labels, in order."""
    size = first.num_sentences
    if not first.has_spans:
        right = [right_tokens(side) for side in (first, second)]
        names = second.predicted.labels.names
        numbers = {name: number for number, name in enumerate(first.predicted.labels.names)}
        as_first = np.array([numbers.get(name, -1) for name in names], dtype=np.int64)
        differs = first.predicted.labels.ids != as_first[second.predicted.labels.ids]
        of_token = np.repeat(np.arange(size), first.gold.labels.lengths)
        nothing = np.zeros(0, dtype=np.int64)
        columns = [
            of_token[right[0] & ~right[1]], of_token[right[1] & ~right[0]], nothing, nothing, of_token[differs],
        ]  # fmt: skip
    else:
        spans = (first.predicted.spans, _as_numbered(second.predicted.spans, second.types, first.types))
        gold = first.gold.spans
        found = [same_spans(gold, one) >= 0 for one in spans]
        alone = [one.chosen(same_spans(one, other) < 0) for one, other in (spans, tuple(reversed(spans)))]
        wrong = [one.chosen(same_spans(one, gold) < 0) for one in alone]
        columns = [
            first.sentences_of(places)
            for places in (
                gold.starts[found[0] & ~found[1]],
                gold.starts[found[1] & ~found[0]],
                wrong[0].starts,
                wrong[1].starts,
                np.concatenate([one.starts for one in alone]),
            )
        ]
    *counts, of_any = (np.bincount(column, minlength=size) for column in columns)
    return [
        Differing(sentence, *(int(count[sentence]) for count in counts))
        for sentence in np.flatnonzero(of_any).tolist()
    ]


def _as_numbered(spans: SpanArrays, types: tuple[str, ...], wanted: tuple[str, ...]) -> SpanArrays:
    """Return spans with their types renumbered as in ``wanted``; other types get numbers beyond these."""
    numbers = {kind: number for number, kind in enumerate(wanted)}
    of_types = np.array([numbers.get(kind, len(wanted) + i) for i, kind in enumerate(types)], dtype=np.int64)
    return replace(spans, types=of_types[spans.types])


def _cells(difference: Difference) -> tuple[float, ...]:
    return difference.value, *difference.interval, difference.p_value
