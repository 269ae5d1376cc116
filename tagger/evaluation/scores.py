"""Scores with their intervals: by type, and under different definitions of a correct span."""

from __future__ import annotations

from typing import Final

import numpy as np

from tagger.evaluation.certainty import Interval, bootstrap, f1, share
from tagger.evaluation.comparison import Comparison
from tagger.evaluation.results import Column, ResultTable, Value
from tagger.evaluation.units import SpanCounts, Units, label_counts
from tagger.metrics import Counts, Share, SpanScores, TokenScores
from tagger.metrics.counts import Average
from tagger.metrics.label_arrays import BoolArray
from tagger.metrics.span_arrays import SpanArrays, same_spans
from tagger.metrics.span_scores import count_types, right_labels
from tagger.metrics.strict_spans import strict_span_arrays

_FEW_GOLD: Final = 10
"""With fewer gold items an interval would be unreliable."""

SCORE_COLUMNS: Final = (
    *(Column("precision"), Column("recall"), Column("f1"), Column("low"), Column("high")),
    *(Column("correct", "count"), Column("predicted", "count"), Column("gold", "count")),
)


def span_scores(comparison: Comparison) -> SpanScores:
    """Return the scores of the spans of a comparison, as conlleval counts them."""
    gold, predicted = comparison.gold, comparison.predicted
    found = comparison.found() >= 0
    counts = count_types(gold.spans, predicted.spans, found, comparison.types)
    tokens = Share()
    if comparison.same_tokens:
        right = right_tokens(comparison)
        tokens = Share(int(right.sum()), len(right))
    return SpanScores(
        dict(sorted(counts.items())), tokens, comparison.num_sentences, _unknown_spans(comparison, found)
    )


def token_scores(comparison: Comparison) -> TokenScores:
    """Return the scores of the plain labels of a comparison."""
    gold, predicted = comparison.gold.labels, comparison.predicted.labels
    names = predicted.names
    pairs, times = np.unique(gold.ids * len(names) + predicted.ids, return_counts=True)
    confusion = {
        (names[pair // len(names)], names[pair % len(names)]): count
        for pair, count in zip(pairs.tolist(), times.tolist(), strict=True)
    }
    unknown = Share()
    if comparison.known_words is not None:
        hard = ~comparison.known_words
        unknown = Share(int((right_tokens(comparison) & hard).sum()), int(hard.sum()))
    return TokenScores(confusion, comparison.num_sentences, unknown)


def right_tokens(comparison: Comparison) -> BoolArray:
    """Return whether the label of each token is correct, ``[N]``; both sides must have the same tokens."""
    gold, predicted = comparison.gold, comparison.predicted
    if not comparison.has_spans:
        is_right: BoolArray = gold.labels.ids == predicted.labels.ids
        return is_right
    return right_labels(gold.labels, predicted.labels, gold.scheme, predicted.scheme)


def interval_of_all(comparison: Comparison, units: Units, *, draws: int, seed: int) -> Interval:
    """Return the 95 % interval of the main score: F1 of spans, or accuracy.

    Args:
        comparison: the two sides.
        units: the units to resample.
        draws: number of draws.
        seed: seed of the draws.
    """
    if comparison.has_spans:
        return bootstrap(SpanCounts(comparison, units).of(), f1, draws=draws, seed=seed)
    counts = label_counts(comparison, units, right_tokens(comparison))
    return bootstrap(counts, share, draws=draws, seed=seed)


def type_table(
    comparison: Comparison,
    scores: SpanScores,
    units: Units,
    *,
    overall: Interval,
    draws: int,
    seed: int,
) -> ResultTable:
    """Return the scores of each type and overall, with the interval of F1.

    Args:
        comparison: the comparison of spans.
        scores: the scores of the comparison.
        units: the units to resample for intervals.
        overall: the interval of the overall F1.
        draws: number of draws.
        seed: seed of the draws.
    """
    rows: list[tuple[Value, ...]] = []
    by_unit = SpanCounts(comparison, units)
    numbers = {kind: number for number, kind in enumerate(comparison.types)}
    for kind, counts in scores.types.items():
        interval = None
        if counts.gold >= _FEW_GOLD:
            interval = bootstrap(by_unit.of(numbers[kind]), f1, draws=draws, seed=seed)
        rows.append((kind, *score_cells(counts, interval)))
    total = scores.total
    rows.append(("micro average", *score_cells(total, overall)))
    rows += [_average_row("macro average", scores.macro), _average_row("weighted average", scores.weighted)]
    return ResultTable(
        "types",
        "Spans by type",
        (Column("type", "text"), *SCORE_COLUMNS),
        tuple(rows),
        (_about_intervals(units, draws),),
    )


def label_table(
    comparison: Comparison, scores: TokenScores, units: Units, *, draws: int, seed: int
) -> ResultTable:
    """Return precision, recall and F1 of each plain label, with the interval of F1; arguments as for spans."""
    gold, predicted = comparison.gold.labels, comparison.predicted.labels
    names = predicted.names
    of_token = np.repeat(units.of_sentence, gold.lengths)
    rows: list[tuple[Value, ...]] = []
    for label, counts in scores.labels.items():
        interval = None
        if counts.gold >= _FEW_GOLD:
            number = names.index(label)
            there, said = gold.ids == number, predicted.ids == number
            columns = [
                np.bincount(of_token[which], minlength=units.count) for which in (there & said, said, there)
            ]
            interval = bootstrap(np.stack(columns, axis=1), f1, draws=draws, seed=seed)
        rows.append((label, *score_cells(counts, interval)))
    rows.append(_average_row("macro average", scores.macro))
    return ResultTable(
        "labels",
        "Labels",
        (Column("label", "text"), *SCORE_COLUMNS),
        tuple(rows),
        (_about_intervals(units, draws),),
    )


def readings_table(comparison: Comparison) -> ResultTable:
    """Return the scores of all spans under other readings of the labels, and of only their boundaries.

    Args:
        comparison: the comparison of spans.
    """
    gold, predicted = comparison.gold, comparison.predicted
    rows = [("conlleval", _counts(gold.spans, predicted.spans))]
    if comparison.same_tokens:
        numbers: dict[str, int] = {}
        sides = [strict_span_arrays(side.labels, side.scheme, numbers) for side in (gold, predicted)]
        rows.append(("strict", _counts(*sides)))
    rows.append(("boundaries", _counts(gold.spans.as_one_type(), predicted.spans.as_one_type())))
    return ResultTable(
        "readings",
        "Other readings of all spans",
        (
            Column("reading", "text"),
            *(column for column in SCORE_COLUMNS if column.name not in ("low", "high")),
        ),
        tuple(
            (name, one.precision, one.recall, one.f1, one.true_positives, one.predicted, one.gold)
            for name, one in rows
        ),
        (
            "conlleval: labels that break their scheme are read as what comes nearest, as seqeval does by default; "
            "strict: they form no span, as in seqeval's strict mode; boundaries: only the range, whatever the type.",
        ),
    )


def score_cells(counts: Counts, interval: Interval | None) -> tuple[Value, ...]:
    """Return the cells of a row under :data:`SCORE_COLUMNS`.

    Args:
        counts: the counts.
        interval: interval of F1; None if there is none.
    """
    ends = (None, None) if interval is None else interval
    return (
        *(counts.precision, counts.recall, counts.f1, *ends),
        *(counts.true_positives, counts.predicted, counts.gold),
    )


def _average_row(name: str, average: Average) -> tuple[Value, ...]:
    return (name, *average, None, None, None, None, None)


def _about_intervals(units: Units, draws: int) -> str:
    return (
        f"low and high: 95 % interval of F1, by bootstrap over {units} ({draws:,} draws); none where there are fewer "
        f"than {_FEW_GOLD} gold ones."
    )


def _counts(gold: SpanArrays, predicted: SpanArrays) -> Counts:
    return Counts(int((same_spans(gold, predicted) >= 0).sum()), len(predicted), len(gold))


def _unknown_spans(comparison: Comparison, found: BoolArray) -> Share:
    """Return the gold spans with a word unknown in training, and how many of them were found."""
    if comparison.known_words is None:
        return Share()
    unknown_before = np.concatenate([[0], np.cumsum(~comparison.known_words)])
    first, last = comparison.tokens_of(comparison.gold.spans)
    is_hard = unknown_before[last] > unknown_before[first]
    return Share(int((found & is_hard).sum()), int(is_hard.sum()))
