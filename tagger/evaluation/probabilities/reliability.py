"""Reliability: whether predictions with a probability of 80 % are correct 8 times out of 10.

A probability is that of a predicted label, which is correct if the gold label is the same, or that of a predicted span,
which is correct if the gold side has the same range with the same type. Predictions without a probability are left out
and counted.

The expected calibration error (ECE) is the mean distance between probability and share correct, over bins of
probabilities weighted by their counts (Naeini, Cooper & Hauskrecht 2015, "Obtaining well calibrated probabilities using
Bayesian binning", section "Measures"): here with 15 bins of equal width, as in Guo et al. (2017), and also with 15 of
equal mass, as proposed by Nguyen & O'Connor (2015) for language, where most probabilities are close to 1.

Letters: N tokens, n predictions, K bins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagger.evaluation.comparison import Comparison, FloatArray, Side
from tagger.evaluation.results import Column, ResultTable, Value
from tagger.metrics.label_arrays import BoolArray, IntArray
from tagger.schemes import LabelScheme

BINS: Final = 15
_FLOOR: Final = 1e-7  # probabilities are no more exact, and the logarithm of 0 would dominate the mean
_MOST_ROWS: Final = 50
# What the labels of a scheme encode besides the type of a token.
_TELLS_ENDS: Final = frozenset(
    scheme for scheme in LabelScheme if scheme.has_spans and scheme.name not in ("IOB1", "IOB2", "IO")
)
_TELLS_BEGINNINGS: Final = frozenset(
    scheme for scheme in LabelScheme if scheme.has_spans and scheme.name not in ("IOE1", "IOE2", "IO")
)


@dataclass(frozen=True, slots=True, eq=False)
class Confidences:
    """The probabilities of n predictions, and whether they are correct.

    Attributes:
        name: name of the kind of predictions, for tables.
        probabilities: ``[n]``, in [0, 1].
        right: whether each is correct, ``[n]``.
        kinds: id of the predicted type, or of the label if labels have no spans, ``[n]``; -1 for O.
        sentences: index of the sentence, ``[n]``.
        left_out: predictions without a probability.
    """

    name: str
    probabilities: FloatArray
    right: BoolArray
    kinds: IntArray
    sentences: IntArray
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.probabilities)

    def chosen(self, which: BoolArray | IntArray, name: str) -> Confidences:
        """Return the predictions selected by a mask ``[n]`` or by indices."""
        return Confidences(
            name,
            self.probabilities[which],
            self.right[which],
            self.kinds[which],
            self.sentences[which],
            self.left_out,
        )

    @property
    def brier(self) -> float | None:
        """Brier score: mean squared distance of the probability from 1 if correct, from 0 if wrong (0 is best)."""
        return float(np.mean((self.probabilities - self.right) ** 2)) if len(self) else None

    @property
    def log_loss(self) -> float | None:
        """Mean -log of the probability of the actual outcome, in nats; clipped to at least 1e-7 from 0 and 1."""
        if not len(self):
            return None
        of_outcome = np.where(self.right, self.probabilities, 1 - self.probabilities)
        return float(-np.log(np.clip(of_outcome, _FLOOR, 1 - _FLOOR)).mean())


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """A reliability curve: K non-empty bins, ``[K]`` each, in the order of their probabilities.

    Attributes:
        lows: lower end of each bin.
        highs: upper end of each bin; with equal mass, its largest probability.
        counts: number of predictions in it.
        means: their mean probability.
        shares: share of them that is correct.
    """

    lows: FloatArray
    highs: FloatArray
    counts: IntArray
    means: FloatArray
    shares: FloatArray

    @property
    def calibration_error(self) -> float | None:
        """ECE, in [0, 1]; None if there are no predictions."""
        total = self.counts.sum()
        return float((self.counts * np.abs(self.means - self.shares)).sum() / total) if total else None


def reliability_curve(
    probabilities: FloatArray, right: NDArray[np.bool_], *, bins: int = BINS, equal_mass: bool = False
) -> Bins:
    """Return the non-empty bins of a reliability curve.

    Args:
        probabilities: probabilities of predictions, ``[n]``.
        right: whether each is correct, ``[n]``.
        bins: maximum number of bins.
        equal_mass: whether bins have equal numbers of predictions, as far as equal probabilities stay together, rather
            than equal widths in [0, 1].
    """
    order = np.argsort(probabilities, kind="stable")  # fast if they are already sorted
    ordered = probabilities[order]
    if equal_mass:
        edges = ordered[(np.arange(1, bins) * len(ordered)) // bins] if len(ordered) else ordered
    else:
        edges = np.arange(1, bins) / bins
    # The start of each bin; equal edges result in empty bins.
    starts = np.concatenate([[0], np.searchsorted(ordered, edges)])
    counts = np.diff(np.append(starts, len(ordered)))
    held = np.flatnonzero(counts)
    starts, counts = starts[held], counts[held]
    if not len(held):
        return Bins(ordered, ordered, counts, ordered, ordered)
    means = np.add.reduceat(ordered, starts) / counts
    shares = np.add.reduceat(right[order].astype(np.float64), starts) / counts
    if equal_mass:
        lows, highs = ordered[starts], ordered[starts + counts - 1]
    else:
        lows, highs = np.append(0.0, edges)[held], np.append(edges, 1.0)[held]
    return Bins(lows, highs, counts, means, shares)


def calibration_error(
    confidences: Confidences, *, bins: int = BINS, equal_mass: bool = False
) -> float | None:
    """Return the ECE, in [0, 1]; None if there are no predictions."""
    curve = reliability_curve(confidences.probabilities, confidences.right, bins=bins, equal_mass=equal_mass)
    return curve.calibration_error


def token_confidences(comparison: Comparison) -> Confidences | None:
    """Return the confidences of the labels of all tokens; None without probabilities, or if tokens differ."""
    side = comparison.predicted
    if side.label_probabilities is None or not comparison.same_tokens:
        return None
    kinds, right, _ = _labels(comparison)
    return _known("tokens", side.label_probabilities, right, kinds, _sentences(comparison))


def inside_confidences(comparison: Comparison) -> Confidences | None:
    """Return the confidences of tokens in a span of either side; most others are O, which would flatter the result.

    None as for :func:`token_confidences`, and if labels have no spans.
    """
    side = comparison.predicted
    if side.label_probabilities is None or not comparison.same_tokens or not comparison.has_spans:
        return None
    kinds, right, inside = _labels(comparison)
    columns = (side.label_probabilities, right, kinds, _sentences(comparison))
    return _known("tokens in spans", *(column[inside] for column in columns))  # type: ignore[arg-type]


def span_confidences(comparison: Comparison) -> Confidences | None:
    """Return the confidences of the predicted spans; None without probabilities."""
    side = comparison.predicted
    if side.span_probabilities is None:
        return None
    sentences = comparison.sentences_of(side.spans.starts)
    return _known("spans", side.span_probabilities, comparison.right() >= 0, side.spans.types, sentences)


def reliability_tables(comparison: Comparison, *, bins: int = BINS) -> list[ResultTable]:
    """Return tables on the reliability of probabilities: calibration errors overall and by type, and curves.

    There are none if no prediction has a probability.

    Args:
        comparison: comparison with probabilities of the predicted labels, spans or both.
        bins: number of bins of the curves and of the expected calibration error.
    """
    found = [token_confidences(comparison), inside_confidences(comparison), span_confidences(comparison)]
    # Sorted once, so that no curve has to sort them again.
    all_of_them = [
        each.chosen(np.argsort(each.probabilities), each.name) for each in found if each is not None
    ]
    if not all_of_them:
        return []
    notes = [
        f"ECE: mean distance of probability and share right over {bins} bins of equal width; also over bins of "
        "equal mass."
    ]
    if comparison.predicted.label_probabilities is not None and not comparison.same_tokens:
        notes.append("Labels are left out, since the two sides have different tokens.")
    summary = ResultTable(
        "calibration",
        "Probabilities",
        (Column("of", "text"), *_FIGURES, Column("without_probability", "count")),
        tuple((each.name, *_figures(each, bins), each.left_out) for each in all_of_them),
        tuple(notes),
    )
    best = all_of_them[-1]
    curves = [_curve(each, bins) for each in all_of_them if each.name != "tokens in spans"]
    return [summary, _by_kind(comparison, best, bins), *curves]


_FIGURES: Final = (
    Column("count", "count"),
    Column("mean_probability"),
    Column("right"),
    Column("ece"),
    Column("ece_equal_mass"),
    Column("brier", "number"),
    Column("log_loss", "number"),
)


def _figures(found: Confidences, bins: int) -> tuple[Value, ...]:
    if not len(found):
        return (0, *[None] * (len(_FIGURES) - 1))
    return (
        len(found),
        float(found.probabilities.mean()),
        float(found.right.mean()),
        calibration_error(found, bins=bins),
        calibration_error(found, bins=bins, equal_mass=True),
        found.brier,
        found.log_loss,
    )


def _by_kind(comparison: Comparison, found: Confidences, bins: int) -> ResultTable:
    """Return the figures by predicted type, or by label if labels have no spans."""
    has_spans = comparison.has_spans
    names: Sequence[str] = comparison.types if has_spans else comparison.predicted.labels.names
    counts = np.bincount(found.kinds[found.kinds >= 0], minlength=len(names))
    shown = [int(kind) for kind in np.argsort(-counts, kind="stable")[:_MOST_ROWS] if counts[kind]]
    rows = sorted((names[kind], *_figures(found.chosen(found.kinds == kind, ""), bins)) for kind in shown)
    left_out = int((counts > 0).sum()) - len(shown)
    notes = (f"{left_out} rarer ones are not shown.",) if left_out else ()
    what = "type" if has_spans else "label"
    return ResultTable(
        f"calibration_by_{what}",
        f"Probabilities by predicted {what}",
        (Column(what, "text"), *_FIGURES),
        tuple(rows),
        notes,
    )


def _curve(found: Confidences, bins: int) -> ResultTable:
    rows: list[tuple[Value, ...]] = []
    for name, equal_mass in (("equal width", False), ("equal mass", True)):
        curve = reliability_curve(found.probabilities, found.right, bins=bins, equal_mass=equal_mass)
        columns = (curve.lows, curve.highs, curve.counts, curve.means, curve.shares)
        for number, (low, high, *rest) in enumerate(zip(*(each.tolist() for each in columns), strict=True)):
            rows.append((name, str(number + 1), low, high, *rest))
    return ResultTable(
        f"reliability_of_{found.name}",
        f"Reliability of {found.name}",
        (
            Column("bins", "text"),
            Column("bin", "text"),
            Column("from"),
            Column("to"),
            Column("count", "count"),
            Column("mean_probability"),
            Column("right"),
        ),
        tuple(rows),
    )


def _known(
    name: str, probabilities: FloatArray, right: BoolArray, kinds: IntArray, sentences: IntArray
) -> Confidences:
    """Return the confidences of the predictions that have a probability."""
    known = ~np.isnan(probabilities)
    columns = (np.clip(probabilities[known], 0, 1), right[known], kinds[known], sentences[known])
    return Confidences(name, *columns, int((~known).sum()))


def _sentences(comparison: Comparison) -> IntArray:
    return comparison.sentences_of(comparison.token_starts)


def _labels(comparison: Comparison) -> tuple[IntArray, BoolArray, BoolArray]:
    """Return the predicted type or label of each token, whether it is correct, and whether either side has a span."""
    if not comparison.has_spans:
        ids = comparison.predicted.labels.ids
        return ids, ids == comparison.gold.labels.ids, np.ones(len(ids), dtype=np.bool_)
    scheme = comparison.predicted.scheme
    gold, predicted = (_token_spans(comparison, each) for each in (comparison.gold, comparison.predicted))
    right = predicted[0] == gold[0]
    if scheme in _TELLS_BEGINNINGS:
        right &= predicted[1] == gold[1]
    if scheme in _TELLS_ENDS:
        right &= predicted[2] == gold[2]
    return predicted[0], right, (gold[0] >= 0) | (predicted[0] >= 0)


def _token_spans(comparison: Comparison, side: Side) -> tuple[IntArray, BoolArray, BoolArray]:
    """Return the type of the span that each token is in, -1 for none, and whether a span begins and ends with it."""
    num_tokens = len(comparison.token_starts)
    changes = np.zeros(num_tokens + 1, dtype=np.int64)
    np.add.at(changes, side.spans.starts, side.spans.types + 1)
    np.subtract.at(changes, side.spans.ends, side.spans.types + 1)
    begins, ends = np.zeros((2, num_tokens), dtype=np.bool_)
    begins[side.spans.starts] = True
    ends[side.spans.ends - 1] = True
    return np.cumsum(changes)[:-1] - 1, begins, ends
