"""The learning curves of a run, plotted and explained on one self-contained page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from tagger.report import Figure, Markup, Section, Series, element, html_page, line_chart

_BEST: Final = "The dot is the epoch with the best dev score."
_LOSS: Final = (
    "How improbable the model finds the right labels of a training sentence, in nats: the lower, the better it knows "
    "them. It is measured with dropout, which makes the task harder, while the weights still change.",
    "It should fall, fast at first. If it does not, the learning rate is too low, or so high that each step undoes "
    "the one before; if it jumps up, the rate is too high.",
)
_SCORE: Final = (
    "The score on sentences that were not learned from. The weights of the best epoch are the ones that are kept.",
    "While it rises, more epochs may help. If it falls while the loss above still falls, the model learns the training "
    "sentences by heart: more dropout, fewer epochs or more data may help.",
)
_RATE: Final = (
    "How far a step goes, in the mean over the steps of an epoch. It rises while the optimiser warms up, then follows "
    "the schedule.",
)
_NORM: Final = (
    "How steep the loss is: the length of the whole gradient before clipping. Its scale is in powers of ten.",
    "The maximum shows single steps: a peak far above the mean is a batch that would have thrown the weights off "
    "their course. If the mean itself climbs from epoch to epoch, training is about to diverge.",
)
_CLIP_LINE: Final = (
    "A gradient longer than the line of clipping is shortened to it and keeps its direction.",
)
_CLIPPED: Final = (
    "The share of steps whose gradient was shortened. Near 0, clipping is a safety net for rare peaks; near 1, it "
    "makes nearly every step of sgd as long as the learning rate times the norm of clipping, however steep the loss. "
    "The other optimisers rescale steps anyway, so that a large share is no fault by itself.",
)
_NONFINITE: Final = (
    "The share of steps whose gradient was infinite or no number. In half precision the loss is scaled up, and a step "
    "that this overflows is left out; a few are normal. In any other precision training is about to fail.",
)


def curves_page(history: Sequence[Mapping[str, float]], *, metric: str, clip_norm: float) -> str:
    """Return the page on the epochs of a run, as HTML, to be written as UTF-8.

    Args:
        history: for each epoch its number, from 1, as ``epoch``, ``train_loss`` and ``learning_rate``, and, if known,
            ``dev_score`` and the values of :func:`tagger.training.gradients.norms_summary`.
        metric: name of the dev score.
        clip_norm: the norm that gradients are clipped to; 0 for none.
    """
    figures = [Figure("Training loss", [_chart(history, {"loss": "train_loss"}, "nats per sentence")], _LOSS)]
    if _has(history, "dev_score"):
        title = f"{metric} on the dev split, in percent"
        chart = _chart(history, {metric: "dev_score"}, title, scale=100)
        figures.append(Figure("Dev score", [chart], (*_SCORE, _BEST)))
    chart = _chart(
        history, {"learning rate": "learning_rate"}, "mean learning rate, in thousandths", scale=1000
    )
    figures.append(Figure("Learning rate", [chart], _RATE))
    norms = {"mean": "gradient_norm", "maximum": "gradient_norm_max"}
    lines = [Series(f"clipped at {clip_norm:g}", [clip_norm] * len(history))] if clip_norm else []
    chart = _chart(history, norms, "norm of the gradient before clipping", lines, logarithmic=True)
    figures.append(Figure("Gradient norm", [chart], _NORM + (_CLIP_LINE if clip_norm else ())))
    if clip_norm:
        chart = _chart(history, {"clipped": "clipped_steps"}, "share of steps")
        figures.append(Figure("Clipped steps", [chart], _CLIPPED))
    if any(epoch.get("nonfinite_steps") for epoch in history):
        chart = _chart(history, {"not finite": "nonfinite_steps"}, "share of steps")
        figures.append(Figure("Steps without a finite gradient", [chart], _NONFINITE))
    sections = [Section("curves", "Epoch by epoch", figures)]
    return html_page("Learning curves", [element("p", _summary(history, metric))], sections)


def _summary(history: Sequence[Mapping[str, float]], metric: str) -> str:
    """Return a sentence with the number of epochs and the best one."""
    text = f"{len(history)} epoch{'s' if len(history) > 1 else ''}."
    if _has(history, "dev_score"):
        best = history[_best(history)]
        text += f" Best dev {metric}: {100 * best['dev_score']:.2f} %, after epoch {best['epoch']:g}."
    return text


def _best(history: Sequence[Mapping[str, float]]) -> int:
    """Return the index of the epoch whose weights are kept: the first one with the best dev score."""
    return max(range(len(history)), key=lambda place: history[place].get("dev_score", -math.inf))


def _has(history: Sequence[Mapping[str, float]], name: str) -> bool:
    return any(name in epoch for epoch in history)


def _chart(
    history: Sequence[Mapping[str, float]],
    names: Mapping[str, str],
    y_title: str,
    further: Sequence[Series] = (),
    *,
    scale: float = 1.0,
    logarithmic: bool = False,
) -> Markup:
    """Return a chart by epoch of the values named (legend to name in the history), times ``scale``."""
    best = _best(history) if _has(history, "dev_score") else None
    lines = [
        Series(key, [scale * epoch.get(name, math.nan) for epoch in history], marked=best)
        for key, name in names.items()
    ]
    return line_chart(
        [*lines, *further],
        places=[f"{epoch['epoch']:g}" for epoch in history],
        description=f"{y_title}, by epoch",
        x_title="epoch",
        y_title=y_title,
        logarithmic=logarithmic,
    )
