"""The effect of a threshold on sentences other than those it was chosen on.

A threshold that just reaches a target on some sentences will miss it about half of the time on others, since it was
fitted to the former. So the whole procedure is repeated on pairs of independent bootstrap samples: one to choose the
threshold, and one to measure it. The percentiles of the measured values are an interval for the metric on equally many
other sentences of the same kind.

Letters: S sentences, n predicted spans, K steps of a curve, R draws.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from tagger.metrics.label_arrays import BoolArray, IntArray

FloatArray = NDArray[np.float64]

_DRAWS: Final = 500
_CELLS: Final = 4_000_000
"""Maximum spans times draws computed at once."""


def interval_elsewhere(
    metric: Literal["precision", "recall"],
    target: float,
    *,
    sentences: IntArray,
    right: BoolArray,
    last: IntArray,
    gold: IntArray,
    generator: np.random.Generator,
) -> tuple[float, float] | None:
    """Return the 95 % interval of a metric, with thresholds chosen for a target.

    Args:
        metric: metric of spans.
        target: value that the threshold must reach; for recall the highest such threshold is chosen, for precision the
            lowest. If none reaches it, everything is kept (recall), or nothing (precision).
        sentences: sentence of each predicted span, the most probable first, ``[n]``.
        right: whether each of them is correct, ``[n]``.
        last: index of the last span kept at each step of the curve, ``[K]``.
        gold: number of gold spans in each sentence, ``[S]``.
        generator: random generator of the draws.

    Returns:
        Both ends; None if the metric is undefined in all draws.
    """
    concerned = np.unique(np.concatenate([sentences, np.flatnonzero(gold)]))
    columns = np.searchsorted(concerned, sentences)
    of_gold = gold[concerned].astype(np.float64)
    shares = np.full(len(concerned) + 1, 1 / len(gold))
    shares[-1] = max(0.0, 1 - len(concerned) / len(gold))  # all sentences without spans together
    found: list[FloatArray] = []
    at_once = max(1, min(_DRAWS, _CELLS // max(len(sentences), 1)))
    for start in range(0, _DRAWS, at_once):
        size = min(at_once, _DRAWS - start)
        curves = []
        for _ in range(2):
            times = generator.multinomial(len(gold), shares, size=size)[:, :-1].astype(np.float64)
            of_spans = times[:, columns]
            kept = np.cumsum(of_spans, axis=1)[:, last]
            is_right = np.cumsum(of_spans * right, axis=1)[:, last]
            whole = (times @ of_gold)[:, None] if metric == "recall" else kept
            curves.append(np.divide(is_right, whole, out=np.full_like(kept, np.nan), where=whole > 0))
        chosen_on, measured_on = curves
        reached = chosen_on >= target - 1e-12  # False for NaN
        if metric == "recall":
            steps = np.where(reached.any(axis=1), reached.argmax(axis=1), len(last) - 1)
            values = measured_on[np.arange(size), steps]
        else:
            steps = len(last) - 1 - reached[:, ::-1].argmax(axis=1)
            values = np.where(reached.any(axis=1), measured_on[np.arange(size), steps], np.nan)
        found.append(values[~np.isnan(values)])
    values = np.concatenate(found)
    if not len(values):
        return None
    low, high = np.quantile(values, [0.025, 0.975]).tolist()
    return low, high
