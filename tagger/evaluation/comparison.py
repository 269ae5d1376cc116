"""Comparison: gold labels and those of one other side for the same sentences, as arrays.

Letters: S sentences, N gold tokens of all sentences, M spans of a side, K types.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tagger.errors import DataError
from tagger.examples import Example
from tagger.metrics.label_arrays import IntArray, LabelArrays, LabelNumbers, label_arrays
from tagger.metrics.span_arrays import SpanArrays, same_spans, span_arrays, type_names
from tagger.schemes import LabelScheme

FloatArray = NDArray[np.float64]

NO_SPANS = SpanArrays(*(np.zeros(0, dtype=np.int64) for _ in range(3)))


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """The labels and spans of one side.

    Attributes:
        spans: its spans in the order of their positions; none if labels are plain.
        labels: labels of its tokens, in its own scheme.
        scheme: scheme of the labels.
        span_probabilities: probability of each span, ``[M]``, NaN if unknown; None if all are unknown.
        label_probabilities: probability of each label, ``[N]``, NaN if unknown; None if all are unknown.
    """

    spans: SpanArrays
    labels: LabelArrays
    scheme: LabelScheme
    span_probabilities: FloatArray | None = None
    label_probabilities: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Gold labels and those of one other side.

    Positions are the indices of tokens in the whole corpus if both sides have the same tokens. Otherwise they count
    characters except white space, and spans are compared by characters.

    Attributes:
        examples: S sentences, with gold labels.
        gold: the gold side. With plain labels and the same tokens, both sides use the same label ids.
        predicted: the other side.
        types: the type of each id, for both sides; empty if labels are plain.
        sentence_starts: position where each sentence begins, and finally the end, ``[S + 1]``.
        token_starts: position where each gold token begins, ``[N]``.
        token_ends: position after it, ``[N]``.
        same_tokens: whether both sides have the same tokens, so that positions are tokens.
        known_words: whether each gold token is a word that the model knows from training, ``[N]``; None if unknown.
    """

    examples: Sequence[Example]
    gold: Side
    predicted: Side
    types: tuple[str, ...]
    sentence_starts: IntArray
    token_starts: IntArray
    token_ends: IntArray
    same_tokens: bool = True
    known_words: NDArray[np.bool_] | None = field(default=None)

    @property
    def has_spans(self) -> bool:
        """Whether spans are compared, rather than plain labels."""
        return self.gold.scheme.has_spans

    @property
    def num_sentences(self) -> int:
        """S, the number of sentences."""
        return len(self.examples)

    def found(self) -> IntArray:
        """Return for each gold span the index of the identical predicted span; -1 if there is none, ``[M]``."""
        return same_spans(self.gold.spans, self.predicted.spans)

    def right(self) -> IntArray:
        """Return for each predicted span the index of the identical gold span; -1 if there is none, ``[M]``."""
        return same_spans(self.predicted.spans, self.gold.spans)

    def sentences_of(self, places: IntArray) -> IntArray:
        """Return the indices of the sentences that contain the positions."""
        # side="right": sentences without tokens begin where the next one does
        found: IntArray = np.searchsorted(self.sentence_starts[1:], places, side="right")
        return found

    def tokens_of(self, spans: SpanArrays) -> tuple[IntArray, IntArray]:
        """Return for each span the first gold token that it overlaps, and the one after the last, ``[M]`` each.

        Args:
            spans: spans of either side.
        """
        first = np.searchsorted(self.token_ends, spans.starts, side="right")
        last = np.searchsorted(self.token_starts, spans.ends, side="left")
        return first, last


def compare(
    examples: Sequence[Example],
    predicted: Iterable[Sequence[str]],
    scheme: LabelScheme,
    predicted_scheme: LabelScheme,
    *,
    label_probabilities: Sequence[Sequence[float | None]] | None = None,
    span_probabilities: Sequence[Sequence[float | None]] | None = None,
    known_words: NDArray[np.bool_] | None = None,
) -> Comparison:
    """Return the comparison of gold labels with predicted labels of the same tokens.

    Args:
        examples: sentences with gold labels.
        predicted: the predicted labels, one for each token.
        scheme: scheme of the gold labels.
        predicted_scheme: scheme of the predicted labels; either both schemes have spans or neither.
        label_probabilities: probabilities of the predicted labels, sentence by sentence.
        span_probabilities: probabilities of the spans that the predicted labels encode, sentence by sentence.
        known_words: whether the model knows each token from training, ``[N]``.

    Raises:
        DataError: if the numbers of sentences or labels differ.
        LabelError: if a label cannot belong to its scheme.
    """
    predicted = list(predicted)
    if len(predicted) != len(examples):
        raise DataError(f"expected one prediction per sentence, found {len(predicted)} for {len(examples)}")
    gold_numbers = LabelNumbers(scheme)
    gold = label_arrays((example.labels or () for example in examples), scheme, numbers=gold_numbers)
    other_numbers = LabelNumbers(predicted_scheme) if scheme.has_spans else gold_numbers
    others = label_arrays(predicted, predicted_scheme, numbers=other_numbers)
    if (wrong := np.flatnonzero(gold.lengths != others.lengths)).size:
        number = int(wrong[0])
        raise DataError(
            f"{examples[number].origin or f'sentence {number + 1}'}: expected one predicted label per gold label, "
            f"found {others.lengths[number]} for {gold.lengths[number]}"
        )
    numbers: dict[str, int] = {}
    gold_spans = span_arrays(gold, scheme, numbers) if scheme.has_spans else NO_SPANS
    other_spans = span_arrays(others, predicted_scheme, numbers) if scheme.has_spans else NO_SPANS
    tokens = np.arange(len(gold.ids))
    return Comparison(
        examples,
        Side(gold_spans, gold, scheme),
        Side(
            other_spans,
            others,
            predicted_scheme,
            _flat(span_probabilities, len(other_spans)) if scheme.has_spans else None,
            _flat(label_probabilities, len(others.ids)),
        ),
        tuple(type_names(numbers)),
        np.concatenate([[0], np.cumsum(gold.lengths)]),
        tokens,
        tokens + 1,
        known_words=known_words,
    )


def _flat(rows: Sequence[Sequence[float | None]] | None, count: int) -> FloatArray | None:
    """Return the values of all sentences, NaN for None; None if there are none."""
    if rows is None:
        return None
    values = np.array([value for row in rows for value in row], dtype=np.float64)  # None becomes NaN
    if len(values) != count:
        raise DataError(f"expected {count} probabilities, found {len(values)}")
    return None if np.isnan(values).all() else values
