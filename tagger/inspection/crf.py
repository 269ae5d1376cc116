"""The CRF view: emissions, transitions, probabilities and the two best label sequences of a sentence.

Letters: T tokens, L inner labels of the model (in its own scheme, which may differ from the reported IOB2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagger.api import Tagger
from tagger.inspection.passes import checked_sentence, single_pass
from tagger.modules.crf import LinearChainCRF

FloatArray = NDArray[np.floating]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class LabelPath:
    """A label sequence and its probability.

    Attributes:
        labels: inner labels, one per token.
        log_probability: natural logarithm of the probability of exactly this sequence given the sentence.
    """

    labels: tuple[str, ...]
    log_probability: float

    @property
    def probability(self) -> float:
        """The probability; for a sentence of thousands of words it may underflow to 0."""
        return math.exp(self.log_probability)


@dataclass(frozen=True)
class CrfView:
    """How the CRF gets from scores to a label sequence. Scores are unnormalised natural logarithms.

    If the model is calibrated, they are divided by its temperature, so that the probabilities are those of the tagger.

    Attributes:
        tokens: the words.
        labels: the inner labels, in the order of all axes below.
        emissions: score of each label at each token, ``[T, L]``.
        from_encoder: the part of the emissions that comes from the encoder, ``[T, L]``; the rest comes from the wide
            features, if the model has them.
        transitions: score of label j after label i at ``[i, j]``, ``[L, L]``.
        start: score of each label as the first, ``[L]``.
        end: score of each label as the last, ``[L]``.
        allowed_transitions: whether label j may follow label i, ``[L, L]``.
        allowed_start: whether a label may be the first, ``[L]``.
        allowed_end: whether a label may be the last, ``[L]``.
        marginals: exact probability of each label at each token, ``[T, L]``.
        best: the most probable label sequence.
        runner_up: the second most probable one; None if only one is legal.
    """

    tokens: tuple[str, ...]
    labels: tuple[str, ...]
    emissions: FloatArray
    from_encoder: FloatArray
    transitions: FloatArray
    start: FloatArray
    end: FloatArray
    allowed_transitions: BoolArray
    allowed_start: BoolArray
    allowed_end: BoolArray
    marginals: FloatArray
    best: LabelPath
    runner_up: LabelPath | None

    @property
    def differences(self) -> tuple[int, ...]:
        """The tokens at which the two best sequences differ."""
        if self.runner_up is None:
            return ()
        pairs = zip(self.best.labels, self.runner_up.labels, strict=True)
        return tuple(t for t, (best, other) in enumerate(pairs) if best != other)


def crf_view(tagger: Tagger, tokens: Sequence[str]) -> CrfView:
    """Return the CRF view of a sentence; for a softmax decoder, all transition scores are zero.

    Raises:
        UsageError: if the sentence has no token.
    """
    words = checked_sentence(tokens)
    parts = tagger.parts
    seen = single_pass(tagger, words)
    emissions = seen.emissions.double()  # for probabilities that sum to 1 as exactly as possible
    with torch.no_grad():
        # Ranked by the undivided scores, like the tagger does.
        paths, _, exists = parts.model.decoder.nbest_decode(emissions, 2)  # [1, 2, T], [1, 2]
        decoder = _at_temperature(parts.model.decoder, parts.temperature)
        emissions = emissions / parts.temperature
        ranked = [
            LabelPath(
                tuple(parts.labels.items[i] for i in path.tolist()),
                decoder.log_likelihood(emissions, path[None]).item(),
            )
            for path in paths[0, exists[0]]
        ]
        marginals = decoder.marginals(emissions)[0]
    num_labels = len(parts.labels)
    allowed = decoder.constraints
    return CrfView(
        tokens=words,
        labels=tuple(parts.labels.items),
        emissions=(seen.emissions[0] / parts.temperature).cpu().numpy(),
        from_encoder=(seen.from_encoder[0] / parts.temperature).cpu().numpy(),
        transitions=decoder.transitions.detach().cpu().numpy().copy(),
        start=decoder.start_transitions.detach().cpu().numpy().copy(),
        end=decoder.end_transitions.detach().cpu().numpy().copy(),
        allowed_transitions=_table(allowed and allowed.transitions, (num_labels, num_labels)),
        allowed_start=_table(allowed and allowed.start, (num_labels,)),
        allowed_end=_table(allowed and allowed.end, (num_labels,)),
        marginals=marginals.cpu().numpy(),
        best=ranked[0],
        runner_up=ranked[1] if len(ranked) > 1 else None,
    )


def _at_temperature(decoder: LinearChainCRF, temperature: float) -> LinearChainCRF:
    """Return the decoder with its scores divided by a temperature."""
    divided = deepcopy(decoder)
    for scores in divided.parameters():
        scores.div_(temperature)
    return divided


def _table(allowed: Tensor | None, shape: tuple[int, ...]) -> BoolArray:
    """Return a constraint as an array; everything is allowed if there is none."""
    return np.ones(shape, dtype=bool) if allowed is None else allowed.cpu().numpy().copy()
