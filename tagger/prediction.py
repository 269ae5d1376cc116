"""Prediction: labels, spans and probabilities of a sentence; Answer: the requested part of them; Stretch: a query.

Predictions and Entities are the lists that a tagger returns, with a display for notebooks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, SupportsIndex, overload

from tagger.spans import Entity, Span

if TYPE_CHECKING:
    import pandas


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
        withheld: predicted spans below the requested threshold, with their probabilities. Their tokens are O in
            ``labels``, and the probabilities of labels are those of O.
    """

    tokens: tuple[str, ...]
    labels: tuple[str, ...]
    spans: tuple[Span, ...]
    label_probabilities: tuple[float, ...]
    log_probability: float
    withheld: tuple[Span, ...] = ()

    def _repr_html_(self) -> str:
        return Predictions([self])._repr_html_()


class Predictions(list[Prediction]):
    """What :meth:`tagger.Tagger.predict` returns: a list whose slices have the same type.

    A notebook shows the sentences with their spans coloured.

    Args:
        predictions: one per sentence.
        has_spans: whether the labels have spans.
    """

    def __init__(self, predictions: Iterable[Prediction] = (), *, has_spans: bool = True) -> None:
        super().__init__(predictions)
        self.has_spans = has_spans

    @overload
    def __getitem__(self, key: SupportsIndex) -> Prediction: ...

    @overload
    def __getitem__(self, key: slice) -> Predictions: ...

    def __getitem__(self, key: SupportsIndex | slice) -> Prediction | Predictions:
        if isinstance(key, slice):
            return Predictions(super().__getitem__(key), has_spans=self.has_spans)
        return super().__getitem__(key)

    def to_dataframe(self, *, of: str | None = None) -> pandas.DataFrame:
        """Return a data frame (pandas) with a row for each span, or for each token.

        Columns, with the same types even if there are no rows:

        - for ``spans``: ``sentence`` (index), ``start`` and ``end`` (tokens), ``text`` (the tokens joined by single
          spaces), ``label``, ``probability``;
        - for ``tokens``: ``sentence``, ``token`` (index in the sentence), ``text``, ``label``, ``probability``.

        Args:
            of: ``spans`` or ``tokens``; if left out, spans if labels have them, tokens otherwise.

        Raises:
            MissingExtraError: if pandas is not installed.
            UsageError: if ``of`` has another value, or is ``spans`` and labels have none.
        """
        from tagger.integrations.notebook import predictions_frame

        return predictions_frame(self, of, has_spans=self.has_spans)

    def _repr_html_(self) -> str:
        from tagger.integrations.notebook import predictions_html

        return predictions_html(self)


class Entities(list[Entity]):
    """What :meth:`tagger.Tagger.extract` returns: a list whose slices have the same type.

    A notebook shows the text with its entities coloured.

    Args:
        entities: of the text.
        text: the text.
    """

    def __init__(self, entities: Iterable[Entity] = (), *, text: str) -> None:
        super().__init__(entities)
        self.text = text

    @overload
    def __getitem__(self, key: SupportsIndex) -> Entity: ...

    @overload
    def __getitem__(self, key: slice) -> Entities: ...

    def __getitem__(self, key: SupportsIndex | slice) -> Entity | Entities:
        if isinstance(key, slice):
            return Entities(super().__getitem__(key), text=self.text)
        return super().__getitem__(key)

    def to_dataframe(self) -> pandas.DataFrame:
        """Return a data frame (pandas) with a row for each entity.

        Columns, with the same types even if there are no rows: ``text``, ``label``, ``start`` and ``end`` (characters),
        ``probability``.

        Raises:
            MissingExtraError: if pandas is not installed.
        """
        from tagger.integrations.notebook import entities_frame

        return entities_frame(self)

    def _repr_html_(self) -> str:
        from tagger.integrations.notebook import entities_html

        return entities_html(self.text, self)


@dataclass(frozen=True, slots=True)
class Answer:
    """The requested results for one sentence.

    Attributes:
        labels: one per token.
        spans: the labelled token ranges; without probabilities unless requested.
        probabilities: of each label, or None if not requested.
        alternatives: the n best label sequences, best first, if requested.
        withheld: predicted spans below a threshold, with their probabilities.
    """

    labels: tuple[str, ...]
    spans: tuple[Span, ...]
    probabilities: tuple[float, ...] | None = None
    alternatives: tuple[Prediction, ...] = ()
    withheld: tuple[Span, ...] = ()


class Stretch(NamedTuple):
    """A sequence of labels for adjacent tokens, whose probability is asked for.

    Attributes:
        start: index of the first token.
        labels: one or more, in the scheme that the tagger reports.
        is_closed: whether a span that reaches the last of these tokens must end there.
    """

    start: int
    labels: tuple[str, ...]
    is_closed: bool = False


def entities(
    text: str, sentences: Sequence[Sequence[tuple[int, int]]], predictions: Iterable[Prediction]
) -> list[Entity]:
    """Return the predicted spans of a text as character ranges.

    Args:
        text: the text.
        sentences: start and end offset of each token of each sentence.
        predictions: of these sentences, their spans with probabilities.

    >>> prediction = Prediction(("in", "New", "York"), ("O", "B-LOC", "I-LOC"), (Span(1, 3, "LOC", 0.5),), (), -0.7)
    >>> entities("in New York", [[(0, 2), (3, 6), (7, 11)]], [prediction])
    [Entity(start=3, end=11, text='New York', label='LOC', probability=0.5)]
    """
    found = []
    for offsets, prediction in zip(sentences, predictions, strict=True):
        for span in prediction.spans:
            start, end = offsets[span.start][0], offsets[span.end - 1][1]
            # Predicted spans always have a probability.
            found.append(Entity(start, end, text[start:end], span.label, span.probability or 0.0))
    return found
