"""The span bias: a correction for how readily spans begin, fitted to the dev split.

The frequency of spans differs between domains and years. A model expects spans as often as in training; if its dev
split has more of them, or they consist of unseen words, it leaves out those it is not sure of: high precision, low
recall. A single number corrects that, added to the emissions of all labels that begin a span. The model stays a CRF,
and the number is the one that maximises the likelihood of the gold labels of the dev split, which is unique, since the
loss is convex in it. (Saerens, Latinne & Decaestecker 2002 adjust a classifier to other class frequencies; Minkov et
al. 2006 change the weight of O in a CRF to trade precision for recall.)

It is kept only if it is significant on the dev split, by a likelihood-ratio test at 0.001, and its F1 rises, too. (For
a model that has hardly learned anything, the likelihood may be highest with no spans at all.) So nothing changes if the
splits are alike. It is added to the bias of the projection, and so is part of the weights.

Letters: L internal labels of the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tagger.api import Tagger
from tagger.errors import LabelError
from tagger.evaluation.probabilities.temperature import minimum, score_corpus
from tagger.examples import Example
from tagger.inference.lookahead import CACHE_MEGABYTES
from tagger.inference.scores import Decode
from tagger.metrics import score
from tagger.model_files import to_half, to_single
from tagger.model_parts import ModelParts
from tagger.schemes import LabelScheme, split_label

LIMITS: Final = (-5.0, 5.0)
"""Range of the search, in nats."""
_SURE: Final = 10.83 / 2
"""Required gain in log-likelihood, in nats: half of the 0.999 quantile of chi-squared with one degree of freedom."""
_BEGINNING: Final = ("B", "S")
_WEIGHT: Final = "projection.bias"


@dataclass(frozen=True)
class SpanBias:
    """The result of fitting.

    Attributes:
        fitted: the bias that maximises the likelihood of the gold labels of the dev split, in nats.
        gained: the gain in log-likelihood, in nats.
        f1: of the dev split without it and with it, each sentence alone.
    """

    fitted: float
    gained: float
    f1: tuple[float, float]

    @property
    def is_sure(self) -> bool:
        """Whether it is significant and improves F1."""
        return self.gained > _SURE and self.f1[1] > self.f1[0]

    def to_dict(self) -> dict[str, Any]:
        """Return the values for metrics.json."""
        return {
            "fitted": self.fitted,
            "gained_nats": round(self.gained, 2),
            "dev_f1": list(self.f1),
            "used": self.is_sure,
            **({"at_limit": True} if abs(self.fitted) >= LIMITS[1] - 0.01 else {}),
        }


def fit_span_bias(
    parts: ModelParts,
    examples: Sequence[Example],
    scheme: LabelScheme,
    *,
    decode: Decode = "viterbi",
    cache_megabytes: int = CACHE_MEGABYTES,
) -> SpanBias | None:
    """Fit the span bias of a model to sentences; None if its labels do not mark where spans begin.

    Each sentence is tagged alone. Those with labels unknown to the model are left out.

    Args:
        parts: the model.
        examples: sentences with gold labels that it was not trained on.
        scheme: of the gold labels.
        decode: decoding for F1.
        cache_megabytes: as for a tagger.
    """
    shift = _shift(parts)
    if not shift.any() or not any(example.tokens for example in examples):
        return None
    tagger = Tagger(parts, document_consistency=0, cache_megabytes=cache_megabytes)
    alone = [replace(example, document=None) for example in examples if example.tokens]
    try:
        corpus = score_corpus(tagger, alone, scheme, folds=1)
    except LabelError:
        return None  # every sentence has labels unknown to the model

    def loss(bias: float) -> float:
        return float(corpus.losses(shift=bias * shift).sum())

    def f1(model: ModelParts) -> float:
        one = Tagger(model, document_consistency=0, cache_megabytes=cache_megabytes)
        return score(
            alone,
            one.tag([example.tokens for example in alone], decode=decode),
            scheme,
            predicted_scheme=one.scheme,
        ).value

    fitted = round(minimum(loss, *LIMITS), 3)
    return SpanBias(fitted, loss(0) - loss(fitted), (f1(parts), f1(with_span_bias(parts, fitted))))


def with_span_bias(parts: ModelParts, bias: float) -> ModelParts:
    """Return a model with a span bias in its weights, rounded to the precision in which they are stored."""
    weights = dict(parts.weights)
    own = {_WEIGHT: (weights[_WEIGHT] + bias * _shift(parts)).astype(np.float32)}
    if parts.stored_as == "float16":
        own = {name: to_single(half) for name, half in to_half(own).items()}
    return replace(parts, weights={**weights, **own})


def _shift(parts: ModelParts) -> NDArray[np.float64]:
    """Return 1 for each label that begins a span, 0 for others, ``[L]``; all 0 if the scheme marks no beginnings."""
    scheme = LabelScheme.parse(parts.config.scheme)
    if not scheme.has_spans or scheme is LabelScheme.IO:
        return np.zeros(len(parts.labels))
    return np.array([float(split_label(label, scheme)[0] in _BEGINNING) for label in parts.labels.items])
