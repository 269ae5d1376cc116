"""The span bias: by how much spans begin more readily in text like the dev split than the training split lets expect.

What is annotated differs from domain to domain and year to year, and how often there is anything to annotate differs,
too. A model expects spans as often as they were in training; where its dev split has more of them, or they are of words
that it has not seen, it leaves out those it is not sure of: high precision, low recall. One number mends that, added to
the emissions of all labels that begin a span: the model stays one CRF, and the number is the one that makes the gold
labels of the dev split most probable, of which there is one, as the loss is convex in it. (Saerens, Latinne &
Decaestecker 2002 adjust a classifier to other class frequencies; Minkov et al. 2006 move the weight of O in a CRF to
trade precision for recall.)

It is kept only where the dev split leaves no doubt, by a likelihood-ratio test at 0.001, and its F1 rises, too. (Of a
model that has hardly learned anything labels may be most probable if there are no spans at all.) So data whose splits
are alike are left alone. It is added to the bias of the projection, and so is part of the weights.

Letters: L labels the model works with inside.
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
"""Between these it is looked for."""
_SURE: Final = 10.83 / 2
"""Nats by which the dev split must become more probable: half of the 0.999 quantile of chi-squared, one degree."""
_BEGINNING: Final = ("B", "S")
_WEIGHT: Final = "projection.bias"


@dataclass(frozen=True)
class SpanBias:
    """What was found.

    Attributes:
        fitted: the number under which the gold labels of the dev split are most probable, in nats.
        gained: by how many nats they are more probable with it than without.
        f1: of the dev split without it and with it, each sentence by itself.
    """

    fitted: float
    gained: float
    f1: tuple[float, float]

    @property
    def is_sure(self) -> bool:
        """Whether it is not by chance, and does some good."""
        return self.gained > _SURE and self.f1[1] > self.f1[0]

    def to_dict(self) -> dict[str, Any]:
        """Return it as metrics.json has it."""
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
    """Return the span bias of a model for text like some sentences; None where labels do not say where spans begin.

    Each sentence is read by itself. Those with labels that the model does not know are left out.

    Args:
        parts: the model.
        examples: sentences with gold labels that it was not trained on.
        scheme: of the gold labels.
        decode: how labels are chosen where F1 is counted.
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
        return None  # no sentence that the model could label rightly

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
    """Return a model with a span bias in its weights, as precise as they are stored."""
    weights = dict(parts.weights)
    own = {_WEIGHT: (weights[_WEIGHT] + bias * _shift(parts)).astype(np.float32)}
    if parts.stored_as == "float16":
        own = {name: to_single(half) for name, half in to_half(own).items()}
    return replace(parts, weights={**weights, **own})


def _shift(parts: ModelParts) -> NDArray[np.float64]:
    """Return 1 for each label that begins a span, 0 for others, ``[L]``; all 0 where none says so."""
    scheme = LabelScheme.parse(parts.config.scheme)
    if not scheme.has_spans or scheme is LabelScheme.IO:
        return np.zeros(len(parts.labels))
    return np.array([float(split_label(label, scheme)[0] in _BEGINNING) for label in parts.labels.items])
