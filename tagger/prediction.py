"""Prediction: what a tagger says of one sentence."""

from __future__ import annotations

from dataclasses import dataclass

from tagger.spans import Span


@dataclass(frozen=True, slots=True)
class Prediction:
    """A labelled sentence with exact probabilities.

    Attributes:
        tokens: the words, as given.
        labels: one label per token, in IOB2 (or plain labels for part of speech).
        spans: the labelled token ranges, sorted, each with the probability of exactly that range and label; empty
            for part of speech.
        label_probabilities: the marginal probability of each token's label, in [0, 1].
        log_probability: natural logarithm of the probability of the whole label sequence; 0 for an empty sentence.
        withheld: spans of the most probable labels that are less probable than a threshold that was asked for, with
            their probabilities. Their tokens are O in ``labels``, and what is said of labels is said of that.
    """

    tokens: tuple[str, ...]
    labels: tuple[str, ...]
    spans: tuple[Span, ...]
    label_probabilities: tuple[float, ...]
    log_probability: float
    withheld: tuple[Span, ...] = ()
