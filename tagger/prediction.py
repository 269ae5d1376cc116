"""Prediction: all that a tagger says of a sentence; Answer: what was asked for; Stretch: what it may be asked of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tagger.spans import Entity, Span


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked for of one sentence.

    Attributes:
        labels: one per token.
        spans: the labelled token ranges; without probabilities unless these were asked for.
        probabilities: of each label, or None if not asked for.
        alternatives: the n best label sequences, best first, if asked for.
        withheld: spans that are less probable than a threshold, with their probabilities.
    """

    labels: tuple[str, ...]
    spans: tuple[Span, ...]
    probabilities: tuple[float, ...] | None = None
    alternatives: tuple[Prediction, ...] = ()
    withheld: tuple[Span, ...] = ()


class Stretch(NamedTuple):
    """Labels that tokens side by side may have, of which a tagger says how probable they are.

    Attributes:
        start: the first of these tokens.
        labels: one or more, in the scheme that the tagger reports.
        is_closed: whether a span that reaches the last of these tokens must end there.
    """

    start: int
    labels: tuple[str, ...]
    is_closed: bool = False


def entities(
    text: str, sentences: Sequence[Sequence[tuple[int, int]]], predictions: Iterable[Prediction]
) -> list[Entity]:
    """Return the predicted spans of a text as ranges of its characters.

    Args:
        text: the text.
        sentences: where each token of each sentence begins and ends in it.
        predictions: of these sentences, their spans with probabilities.

    >>> prediction = Prediction(("in", "New", "York"), ("O", "B-LOC", "I-LOC"), (Span(1, 3, "LOC", 0.5),), (), -0.7)
    >>> entities("in New York", [[(0, 2), (3, 6), (7, 11)]], [prediction])
    [Entity(start=3, end=11, text='New York', label='LOC', probability=0.5)]
    """
    found = []
    for offsets, prediction in zip(sentences, predictions, strict=True):
        for span in prediction.spans:
            start, end = offsets[span.start][0], offsets[span.end - 1][1]
            # predict always gives a span its probability.
            found.append(Entity(start, end, text[start:end], span.label, span.probability or 0.0))
    return found
