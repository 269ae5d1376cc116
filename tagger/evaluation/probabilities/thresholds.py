"""Thresholds: the precision and recall that result from withholding predicted spans of low probability.

A span is withheld if its probability is below the threshold of its type. Spans of equal probability are withheld
together, so the only thresholds that matter are the probabilities themselves. Spans without a probability are treated
as not predicted here, and counted.

Letters: S sentences, n predicted spans, K thresholds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tagger.errors import DataError, UsageError
from tagger.evaluation.comparison import Comparison, FloatArray
from tagger.evaluation.probabilities.other_sentences import interval_elsewhere
from tagger.inference.withholding import checked_thresholds
from tagger.metrics.counts import ratio
from tagger.metrics.label_arrays import BoolArray, IntArray

Metric = Literal["precision", "recall"]
ALL: Final = "all types"
_METRICS: Final = ("precision", "recall")
_ROUNDING: Final = 1e-4
"""Upper bound on the change of a probability's log-odds by float32 rounding, in nats."""


@dataclass(frozen=True, slots=True)
class Target:
    """A target for a threshold to reach.

    Attributes:
        metric: metric of spans.
        value: minimum value of the metric, in (0, 1].
    """

    metric: Metric
    value: float

    def __str__(self) -> str:
        return f"{self.metric}={self.value:g}"


def parse_target(text: str) -> Target:
    """Return the target given as text such as ``recall=0.95``.

    Raises:
        UsageError: if it is not a target; names what was expected.

    >>> parse_target("recall=0.95")
    Target(metric='recall', value=0.95)
    """
    metric, equals, number = text.partition("=")
    metric = metric.strip()
    if not equals or metric not in _METRICS:
        raise UsageError(f"expected a target such as recall=0.95, of {' or '.join(_METRICS)}, found {text!r}")
    try:
        value = float(number)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        per_cent = f" A share, not per cent: {metric}={value / 100:g}." if 1 < value <= 100 else ""
        raise UsageError(f"{metric}: expected a number above 0 and up to 1, found {number!r}.{per_cent}")
    return Target("recall" if metric == "recall" else "precision", value)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The effect of each of K thresholds, highest first: the distinct probabilities of the predicted spans.

    Attributes:
        name: the type, or :data:`ALL`.
        thresholds: ``[K]``.
        kept: number of predicted spans kept at each threshold, ``[K]``.
        right: number of correct spans among these, ``[K]``.
        gold: number of gold spans.
        without_probability: number of predicted spans without a probability.
    """

    name: str
    thresholds: FloatArray
    kept: IntArray
    right: IntArray
    gold: int
    without_probability: int

    @property
    def precisions(self) -> FloatArray:
        """Share of the kept spans that are correct, ``[K]``."""
        return self.right / self.kept

    @property
    def recalls(self) -> FloatArray:
        """Share of the gold spans that are kept, ``[K]``; 0 if there are none."""
        return self.right / max(self.gold, 1)

    @property
    def f1s(self) -> FloatArray:
        """Harmonic mean of precision and recall, ``[K]``."""
        return 2 * self.right / (self.kept + self.gold)


@dataclass(frozen=True, slots=True)
class Threshold:
    """The threshold that reaches a target, if there is one.

    Attributes:
        name: the type, or :data:`ALL`.
        target: the requested target.
        threshold: the threshold that reaches it; None if none does.
        best: the best value of the metric at any threshold, if none reaches the target; None if there are no gold
            (recall) or predicted (precision) spans.
        precision: precision at the threshold, or of all predictions if there is none.
        recall: recall at the threshold, or of all predictions if there is none.
        low: lower end of the 95 % interval of the metric on equally many other sentences of the same kind, with a
            threshold chosen in the same way (see ``other_sentences``); None if there is no threshold.
        high: upper end.
        kept: number of predicted spans kept.
        withheld: number of predicted spans withheld.
        gold: number of gold spans.
    """

    name: str
    target: Target
    threshold: float | None
    best: float | None
    precision: float
    recall: float
    low: float | None
    high: float | None
    kept: int
    withheld: int
    gold: int


def threshold_curves(comparison: Comparison) -> list[Curve]:
    """Return the curve over all types, and then that of each type that either side has, sorted by name.

    Raises:
        DataError: if no span is predicted, or none of them has a probability.
        UsageError: if labels have no spans.
    """
    _check(comparison)
    kinds = np.arange(len(comparison.types))
    present = np.union1d(comparison.gold.spans.types, comparison.predicted.spans.types)
    names = sorted((comparison.types[kind], int(kind)) for kind in np.intersect1d(kinds, present))
    return [_curve(comparison, None), *(_curve(comparison, kind) for _, kind in names)]


def threshold_for(
    comparison: Comparison, target: Target, *, by_type: bool = True, seed: int = 0
) -> list[Threshold]:
    """Return the thresholds that reach a target: one for all types together, or one for each type.

    For recall it is the highest that reaches the target, so that precision is as high as possible; for precision the
    lowest, so that recall is as high as possible.

    Args:
        comparison: comparison with probabilities of predicted spans.
        target: the target to reach.
        by_type: whether to choose one for each type that either side has, sorted by name.
        seed: seed of the bootstrap.

    Raises:
        DataError: if no span is predicted, or none of them has a probability.
        UsageError: if labels have no spans.
    """
    everything, *types = threshold_curves(comparison)
    generator = np.random.default_rng(seed)
    return [_reached(comparison, curve, target, generator) for curve in (types if by_type else [everything])]


def stored_thresholds(found: Sequence[Threshold], types: Sequence[str]) -> dict[str, float]:
    """Return the thresholds to store in a model, by type; types whose target is not reached get none.

    They are lowered by more than the rounding differences of probabilities between batches, so that the span that
    determined a threshold does not fall below it.

    Args:
        found: the threshold of each type, or one for all types.
        types: types of the model.

    Raises:
        UsageError: if a type is not among the model's; lists these.
    """
    thresholds: dict[str, float] = {}
    for one in found:
        if one.threshold is not None:
            lowered = max(one.threshold - _ROUNDING * one.threshold * (1 - one.threshold) - 1e-9, 0.0)
            thresholds |= dict.fromkeys(types if one.name == ALL else (one.name,), lowered)
    return checked_thresholds(thresholds, types)


def withheld(comparison: Comparison, thresholds: Mapping[str, float]) -> BoolArray:
    """Return which predicted spans are withheld, ``[n]``; never those without a probability or a threshold.

    Raises:
        UsageError: if a type is not among those of the comparison.
    """
    thresholds = checked_thresholds(thresholds, comparison.types)
    side = comparison.predicted
    if side.span_probabilities is None:
        return np.zeros(len(side.spans), dtype=np.bool_)
    by_type = np.array([thresholds.get(name, 0.0) for name in comparison.types])
    return side.span_probabilities < by_type[side.spans.types]  # NaN is not below anything


def _check(comparison: Comparison) -> None:
    if not comparison.has_spans:
        raise UsageError("thresholds: these labels have no spans, which are what thresholds withhold")
    if not len(comparison.predicted.spans):
        raise DataError("thresholds: expected predicted spans to choose among, found none")
    if comparison.predicted.span_probabilities is None:
        raise DataError(
            "thresholds: no predicted span has a probability. Predict again with probabilities "
            "(tagger tag --probabilities)."
        )


def _curve(comparison: Comparison, kind: int | None) -> Curve:
    """Return the curve of a type, or over all types."""
    side = comparison.predicted
    assert side.span_probabilities is not None
    order, right = _by_probability(comparison, kind)
    probabilities = side.span_probabilities[order]
    # Only the last of equal probabilities, since equal ones are kept or withheld together.
    is_last = np.append(probabilities[1:] != probabilities[:-1], True) if len(probabilities) else right[:0]
    last = np.flatnonzero(is_last)
    gold = comparison.gold.spans.types
    return Curve(
        ALL if kind is None else comparison.types[kind],
        probabilities[last],
        last + 1,
        np.cumsum(right, dtype=np.int64)[last],
        len(gold) if kind is None else int((gold == kind).sum()),
        int(np.isnan(side.span_probabilities[_of_kind(comparison, kind)]).sum()),
    )


def _of_kind(comparison: Comparison, kind: int | None) -> BoolArray:
    spans = comparison.predicted.spans
    mine: BoolArray = np.ones(len(spans), dtype=np.bool_) if kind is None else spans.types == kind
    return mine


def _by_probability(comparison: Comparison, kind: int | None) -> tuple[IntArray, BoolArray]:
    """Return the predicted spans of a type with a probability, most probable first, and whether each is correct."""
    probabilities = comparison.predicted.span_probabilities
    assert probabilities is not None
    known = np.flatnonzero(_of_kind(comparison, kind) & ~np.isnan(probabilities))
    order = known[np.argsort(-probabilities[known], kind="stable")]
    return order, (comparison.right() >= 0)[order]


def _reached(
    comparison: Comparison, curve: Curve, target: Target, generator: np.random.Generator
) -> Threshold:
    of_recall = target.metric == "recall"
    values = curve.recalls if of_recall else curve.precisions
    # A ratio that should be exactly 0.9 may be slightly less because of rounding.
    enough = np.flatnonzero(values >= target.value - 1e-12)
    if len(enough):
        step = int(enough[0] if of_recall else enough[-1])
        threshold = float(curve.thresholds[step])
        low, high = _interval(comparison, curve, target, generator)
        best = None
    else:
        step, threshold, low, high = len(values) - 1, None, None, None
        best = float(values.max()) if len(values) else 0.0
        if not (curve.gold if of_recall else len(values)):
            best = None
    kept, right = (int(curve.kept[step]), int(curve.right[step])) if len(values) else (0, 0)
    predicted = int(curve.kept[-1]) if len(values) else 0
    return Threshold(
        *(curve.name, target, threshold, best),
        *(ratio(right, kept), ratio(right, curve.gold), low, high),
        *(kept, predicted - kept, curve.gold),
    )


def _interval(
    comparison: Comparison, curve: Curve, target: Target, generator: np.random.Generator
) -> tuple[float | None, float | None]:
    """Return the 95 % interval of the metric on equally many other sentences."""
    side = comparison.predicted
    kind = None if curve.name == ALL else comparison.types.index(curve.name)
    order, right = _by_probability(comparison, kind)
    gold = comparison.gold.spans
    of_kind = gold.starts if kind is None else gold.starts[gold.types == kind]
    found = interval_elsewhere(
        target.metric,
        target.value,
        sentences=comparison.sentences_of(side.spans.starts[order]),
        right=right,
        last=curve.kept - 1,
        gold=np.bincount(comparison.sentences_of(of_kind), minlength=comparison.num_sentences),
        generator=generator,
    )
    return found or (None, None)
