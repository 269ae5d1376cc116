"""The report of a learning curve: as text, as JSON and as one page with a chart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from curve_fit import CannotTellError, CurveFit, Point, Prediction
from repeated_runs import Metrics, percent, table

from tagger.report import Band, Curve, Figure, Markup, Section, curve_chart, element, html_page
from tagger.report import table as table_of_page
from tagger.runs.seed_statistics import summarize

_MOST_PLACES: Final = 60
_NEARLY: Final = 0.01
"""Relative difference up to which a number of sentences counts as twice another."""
_HOW: Final = (
    "Each dot is a run. The line is the score predicted by power laws, the median of all that are consistent with the "
    "runs; the shaded band contains the mean score over many seeds with a probability of 95 %.",
    "Twice the data is always the same distance to the right. Where the line bends down, each doubling gains less.",
    "Further data is assumed to be like the existing data, annotated as well, and trained on with the same options.",
)


@dataclass(frozen=True)
class Run:
    """A finished run of a curve: its share of the data, its seed, and the content of metrics.json."""

    share: float
    seed: int
    metrics: Metrics

    @property
    def size(self) -> int:
        """The number of training sentences."""
        return int(self.metrics["sentences"]["train"])

    @property
    def score(self) -> float:
        """Its dev score."""
        return float(self.metrics["dev"]["value"])


@dataclass(frozen=True)
class Check:
    """The score at the largest share, compared with its prediction from the smaller shares.

    Attributes:
        share: the largest share.
        predicted: the prediction for it.
        of_mean: interval of the mean over the number of seeds run.
        found: the actual mean.
        is_inside: whether it lies in that interval.
        seeds_inside: number of scores in the interval of one run.
        seeds: number of seeds.
    """

    share: float
    predicted: Prediction
    of_mean: tuple[float, float]
    found: float
    is_inside: bool
    seeds_inside: int
    seeds: int


class CurveReport:
    """All runs of a learning curve, and the predictions from them.

    Args:
        runs: the finished runs.
        metric: name of the scores.
        whole: number of sentences in the whole train split.
        sizes: further sizes to predict, in sentences.
        by: sampling unit of the shares.
    """

    def __init__(
        self, runs: Sequence[Run], *, metric: str, whole: int, sizes: Sequence[int] = (), by: str = "sentence"
    ) -> None:
        self.runs, self.metric, self.whole, self.by = runs, metric, whole, by
        self._sizes = sizes
        self.shares = sorted({run.share for run in runs})
        self.points = [_point(runs, share) for share in self.shares]

    @cached_property
    def fit(self) -> CurveFit | str:
        """The power laws; or the reason why there are none."""
        return _fit(self.points)

    @cached_property
    def predictions(self) -> list[Prediction]:
        """Predictions for twice the data, for the whole train split if not tried, and for the requested sizes."""
        if isinstance(self.fit, str):
            return []
        largest = self.points[-1].size
        # Half of the documents is rarely half of the sentences: the whole train split then counts as twice the data.
        is_twice = abs(self.whole - 2 * largest) <= _NEARLY * self.whole
        sizes = [*([] if is_twice else [2 * largest]), *([self.whole] if self.whole > largest else [])]
        sizes += self._sizes
        return [self.fit.predict(size) for size in sorted(set(map(float, sizes)))]

    @cached_property
    def check(self) -> Check | None:
        """The check of the largest share; None if the smaller ones allow no prediction."""
        *smaller, last = self.points
        fit = _fit(smaller)
        if isinstance(fit, str):
            return None
        predicted = fit.predict(last.size)
        low, high = of_mean = fit.predict(last.size, seeds=len(last.scores)).mean
        inside = [predicted.run[0] <= score <= predicted.run[1] for score in last.scores]
        return Check(
            self.shares[-1],
            predicted,
            of_mean,
            last.mean,
            low <= last.mean <= high,
            sum(inside),
            len(inside),
        )

    def to_json(self) -> str:
        """Return the report as JSON."""
        fit, check = self.fit, self.check
        record: dict[str, Any] = {
            "metric": self.metric,
            "split": "dev",
            "by": self.by,
            "whole": self.whole,
            "points": [
                {
                    "share": share,
                    "size": point.size,
                    **asdict(summarize(point.scores)),
                    "runs": self._runs(share),
                }
                for share, point in zip(self.shares, self.points, strict=True)
            ],
            "law": None if isinstance(fit, str) else dict(zip("abc", fit.law, strict=True)),
            "cannot_tell": fit if isinstance(fit, str) else None,
            "predictions": [asdict(each) for each in self.predictions],
            "check": None if check is None else asdict(check),
        }
        return json.dumps(record, indent=2) + "\n"

    def _runs(self, share: float) -> list[dict[str, Any]]:
        return [
            {"seed": run.seed, "sentences": run.size, "score": run.score}
            for run in self.runs
            if run.share == share
        ]

    def text(self) -> str:
        """Return the report as text."""
        lines = [f"dev {self.metric}, %, by share of the {self.whole:,} training sentences", ""]
        return "\n".join([*lines, *table([self._head(), *self._rows()]), "", *self.sentences()])

    def _head(self) -> list[str]:
        return ["share", "sentences", "seeds", "mean", "standard deviation", "95 % from", "95 % to"]

    def _rows(self) -> list[list[str]]:
        rows = []
        for share, point in zip(self.shares, self.points, strict=True):
            summary = summarize(point.scores)
            ends = summary.interval or (None, None)
            numbers = [summary.mean, summary.deviation, *ends]
            rows.append([f"{share:g}", f"{point.size:,.0f}", str(len(point.scores)), *map(percent, numbers)])
        return rows

    def sentences(self) -> list[str]:
        """Return the conclusions from the scores as sentences."""
        if isinstance(self.fit, str):
            return [
                f"The gain from more data cannot be predicted from these runs: {self.fit}.",
                *self._checked(),
            ]
        a, b, c = self.fit.law
        here = self.points[-1].size
        lines = [
            f"Error after n sentences, about {100 * a:.2f} % + {100 * b:.4g} % * n^-{c:.2f}. With 95 % probability:"
        ]
        at_largest = percent(self.fit.curve(here)[0])
        for each in self.predictions:
            lines.append(
                f"from {here:,.0f} to {each.size:,.0f} sentences: {at_largest} to {percent(each.score)} %, in the mean "
                f"over seeds {_between(each.mean)}, with one seed {_between(each.run)}; a gain of "
                f"{percent(each.gain)} points, {_between(each.gain_interval)}"
            )
        return [*lines, *self._checked()]

    def _checked(self) -> list[str]:
        check = self.check
        if check is None:
            return []
        return [
            f"Check: from the smaller shares alone, share {check.share:g} was expected at "
            f"{percent(check.predicted.score)} %, the mean over {check.seeds} seeds {_between(check.of_mean)}. It is "
            f"{percent(check.found)} %: "
            f"{'inside' if check.is_inside else 'OUTSIDE'}. {check.seeds_inside} of {check.seeds} seeds lie "
            f"{_between(check.predicted.run)}, as expected of one seed."
        ]

    def to_html(self, title: str) -> str:
        """Return the report as a page."""
        caption = f"dev {self.metric}, percent"
        figures = [
            Figure("", [self._chart()], _HOW),
            Figure("", [table_of_page(self._head(), self._rows(), caption=caption)]),
        ]
        said = [element("p", sentence) for sentence in self.sentences()]
        return html_page(title, said, [Section("curve", "Score by size of the training data", figures)])

    def _chart(self) -> Markup:
        sizes = [float(run.size) for run in self.runs]
        scores = [100 * run.score for run in self.runs]
        curves, bands = [], []
        ends = [*sizes, *(each.size for each in self.predictions)]
        if not isinstance(self.fit, str):
            places = np.geomspace(min(ends), max(ends), _MOST_PLACES).tolist()
            middles, lows, highs = zip(*(self.fit.curve(size) for size in places), strict=True)
            curves.append(Curve("expected", places, [100 * value for value in middles]))
            bands.append(Band(places, [100 * value for value in lows], [100 * value for value in highs]))
        curves.append(Curve("runs", sizes, scores, is_joined=False))
        drawn = [*scores, *(value for band in bands for value in (*band.lows, *band.highs))]
        margin = (max(drawn) - min(drawn)) / 20 or 1.0
        return curve_chart(
            curves,
            description=f"dev {self.metric} by the number of training sentences, with the prediction for more",
            x_title="training sentences",
            y_title=f"dev {self.metric}, percent",
            x_limits=_widened(min(ends), max(ends)),
            y_limits=(min(drawn) - margin, max(drawn) + margin),
            bands=bands,
            logarithmic_x=True,
        )


def _point(runs: Sequence[Run], share: float) -> Point:
    own = [run for run in runs if run.share == share]
    return Point(sum(run.size for run in own) / len(own), tuple(run.score for run in own))


def _fit(points: Sequence[Point]) -> CurveFit | str:
    try:
        return CurveFit(points)
    except CannotTellError as error:
        return str(error)


def _between(interval: tuple[float, float]) -> str:
    return f"between {percent(interval[0])} and {percent(interval[1])}"


def _widened(low: float, high: float) -> tuple[float, float]:
    return (low, high) if low < high else (low / 2, high * 2)
