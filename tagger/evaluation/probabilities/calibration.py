"""Calibration: the temperature of a model, used only if it helps on data to which it was not fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tagger.evaluation.comparison import Comparison, FloatArray
from tagger.evaluation.probabilities.reliability import (
    BINS,
    Confidences,
    calibration_error,
    inside_confidences,
    span_confidences,
    token_confidences,
)
from tagger.evaluation.probabilities.temperature import LIMITS, ScoredCorpus, fit_temperature
from tagger.evaluation.results import Column, ResultTable, Value
from tagger.inference.scores import Decode

_DRAWS: Final = 1000
_DRAWS_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Calibration:
    """The result of calibrating a model.

    Attributes:
        temperature: the temperature to store: the fitted one, or 1 if that does not help.
        fitted: the temperature at which the gold sequences are most probable.
        of_folds: the temperatures fitted without each fold.
        verdict: an explanation of whether it helps.
        table: likelihood and calibration errors at temperature 1, in held-out folds, and at the fitted temperature.
    """

    temperature: float
    fitted: float
    of_folds: tuple[float, ...]
    verdict: str
    table: ResultTable

    @property
    def helps(self) -> bool:
        """Whether the fitted temperature should be stored."""
        return self.temperature == self.fitted


def calibrate(corpus: ScoredCorpus, *, decode: Decode = "viterbi", seed: int = 0) -> Calibration:
    """Return the temperature for a model, and whether it helps.

    It helps if in held-out folds, each at the temperature of the others, gold sequences are more probable, the
    calibration error of tokens is smaller, and that of spans is not significantly larger: it is if the 95 % interval of
    the difference, by bootstrap over sentences, begins above 0. There are far fewer spans than tokens, so a plain
    comparison of their errors would be decided by chance.

    Args:
        corpus: gold sentences with scores of the model.
        decode: the decoding method for the labels whose probabilities are evaluated.
        seed: seed of the bootstrap.
    """
    fitted = fit_temperature(corpus)
    of_folds = tuple(fit_temperature(corpus, without=fold) for fold in range(corpus.folds))
    columns = [
        _figures(corpus, temperatures, decode)
        for temperatures in ((1.0,) * corpus.folds, of_folds, (fitted,) * corpus.folds)
    ]
    before, held_out, _ = columns
    verdict, helps = _verdict(before, held_out, fitted, corpus, seed)
    rows: list[tuple[Value, ...]] = [
        (name, *(column.values[name] for column in columns)) for name in before.values
    ]
    table = ResultTable(
        "temperature",
        f"Probabilities at temperature 1 and {fitted:g}",
        (
            Column("figure", "text"),
            *(Column(name, "number") for name in ("uncalibrated", "held_out", "calibrated")),
        ),
        tuple(rows),
        (
            f"ECE: mean distance of probability and share right over {BINS} bins of equal width, in [0, 1]. Held out: "
            f"each of {corpus.folds} folds at the temperature of the others "
            f"({min(of_folds):g} to {max(of_folds):g}).",
        ),
    )
    return Calibration(fitted if helps else 1.0, fitted, of_folds, verdict, table)


@dataclass(frozen=True, slots=True, eq=False)
class _Figures:
    """Results at given temperatures, by name, and the confidences of tokens and spans they are computed from."""

    values: dict[str, float | None]
    loss: float
    tokens: Confidences
    spans: Confidences | None


def _figures(corpus: ScoredCorpus, temperatures: tuple[float, ...], decode: Decode) -> _Figures:
    losses = [corpus.losses(temperature)[fold] for fold, temperature in enumerate(temperatures)]
    loss = float(sum(losses)) / corpus.num_tokens
    comparison: Comparison = corpus.compared(temperatures, decode)
    tokens, inside = token_confidences(comparison), inside_confidences(comparison)
    spans = span_confidences(comparison)
    assert tokens is not None
    values: dict[str, float | None] = {"-log likelihood, nats a token": loss}
    for found in (tokens, inside, spans):
        if found is not None:
            values[f"ECE of {found.name}"] = calibration_error(found)
    return _Figures(values, loss, tokens, spans)


def _verdict(
    before: _Figures, held_out: _Figures, fitted: float, corpus: ScoredCorpus, seed: int
) -> tuple[str, bool]:
    errors = [calibration_error(each.tokens) or 0.0 for each in (before, held_out)]
    moved = f"from {errors[0]:.4f} to {errors[1]:.4f} in held-out folds"
    if fitted == 1:
        return "it fits best, so that there is nothing to calibrate", True
    if fitted in (float(f"{limit:.4g}") for limit in LIMITS):
        return f"no temperature between {LIMITS[0]:g} and {LIMITS[1]:g} fits best", False
    if not held_out.loss < before.loss:
        return "gold labels of held-out folds do not become more probable", False
    if not errors[1] < errors[0]:
        return f"the calibration error of tokens goes {moved}", False
    if (
        before.spans
        and held_out.spans
        and _is_larger(held_out.spans, before.spans, len(corpus.examples), seed)
    ):
        spans = [calibration_error(each) or 0.0 for each in (before.spans, held_out.spans)]
        return (
            f"the calibration error of spans goes from {spans[0]:.4f} to {spans[1]:.4f} in held-out folds",
            False,
        )
    verdict = f"the calibration error of tokens goes {moved}"
    if before.spans and held_out.spans:
        spans = [calibration_error(each) or 0.0 for each in (before.spans, held_out.spans)]
        chance = ", which may be chance" if spans[1] > spans[0] else ""
        verdict += f", that of spans from {spans[0]:.4f} to {spans[1]:.4f}{chance}"
    return verdict, True


def _is_larger(one: Confidences, other: Confidences, num_sentences: int, seed: int) -> bool:
    """Return whether the ECE of one is significantly larger than that of the other, by resampling sentences."""
    sums = [_sums(each, num_sentences) for each in (one, other)]
    generator = np.random.default_rng(seed)
    differences = []
    for _ in range(0, _DRAWS, _DRAWS_AT_ONCE):
        times = generator.multinomial(
            num_sentences, np.full(num_sentences, 1 / num_sentences), size=_DRAWS_AT_ONCE
        )
        times = times.astype(np.float64)  # integer matrix products are slow
        errors = [np.abs(times @ gaps).sum(axis=1) / np.maximum(times @ counts, 1) for gaps, counts in sums]
        differences.append(errors[0] - errors[1])
    return bool(np.quantile(np.concatenate(differences), 0.025) > 0)


def _sums(found: Confidences, num_sentences: int) -> tuple[FloatArray, FloatArray]:
    """Return for each sentence the sums of probability - right by bin, ``[S, K]``, and the number of predictions."""
    bins = np.minimum((found.probabilities * BINS).astype(np.int64), BINS - 1)
    gaps = np.zeros((num_sentences, BINS))
    np.add.at(gaps, (found.sentences, bins), found.probabilities - found.right)
    return gaps, np.bincount(found.sentences, minlength=num_sentences).astype(np.float64)
