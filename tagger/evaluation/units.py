"""Units: the units resampled and swapped to estimate the uncertainty of scores, and their counts.

Letters: S sentences, U units, M spans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagger.errors import DataError
from tagger.evaluation.comparison import Comparison
from tagger.evaluation.drawing import By
from tagger.examples import Example
from tagger.metrics.label_arrays import BoolArray, IntArray
from tagger.options import option


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The assignment of sentences to units.

    Attributes:
        of_sentence: index of the unit of each sentence, ``[S]``.
        count: U.
        by: the kind of unit.
    """

    of_sentence: IntArray
    count: int
    by: By

    def __str__(self) -> str:
        return f"{self.count:,} {self.by}s"


def units_of(comparison: Comparison, by: By) -> Units:
    """Return the sentences of a comparison as units, or their documents; see :func:`units_of_sentences`."""
    return units_of_sentences(comparison.examples, by)


def units_of_sentences(examples: Sequence[Example], by: By) -> Units:
    """Return sentences or their documents as units; a sentence without a document is a unit of its own.

    Raises:
        DataError: if documents are requested and no sentence belongs to one.
    """
    if by == "sentence":
        return Units(np.arange(len(examples)), len(examples), by)
    if examples and all(example.document is None for example in examples):
        raise DataError(
            f"expected sentences of documents to draw from, found none. Draw sentences: {option('by', 'sentence')}"
        )
    numbers: dict[object, int] = {}
    keys = (
        number if example.document is None else example.document for number, example in enumerate(examples)
    )
    of_sentence = np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
    return Units(of_sentence, len(numbers), by)


class SpanCounts:
    """Counts the spans of each unit, for all types together or for one; spans are sorted by type once.

    Args:
        comparison: the comparison of spans.
        units: units of its sentences.
    """

    def __init__(self, comparison: Comparison, units: Units) -> None:
        gold, predicted = comparison.gold.spans, comparison.predicted.spans
        self._num_units: Final = units.count
        self._columns: Final = []
        """For correct, predicted and gold spans: their units, ordered by type, and the end of each type."""
        kinds = np.arange(len(comparison.types))
        for spans in (gold.chosen(comparison.found() >= 0), predicted, gold):
            order = np.argsort(spans.types, kind="stable")
            of_spans = units.of_sentence[comparison.sentences_of(spans.starts[order])]
            self._columns.append((of_spans, np.searchsorted(spans.types[order], kinds, side="right")))

    def of(self, kind: int | None = None) -> IntArray:
        """Return the numbers of correct, predicted and gold spans of each unit, ``[U, 3]``.

        Args:
            kind: id of a type; all types if left out.
        """
        columns = []
        for of_spans, ends in self._columns:
            if kind is not None:
                of_spans = of_spans[ends[kind - 1] if kind else 0 : ends[kind]]
            columns.append(np.bincount(of_spans, minlength=self._num_units))
        counts: IntArray = np.stack(columns, axis=1)
        return counts


def label_counts(comparison: Comparison, units: Units, is_right: BoolArray) -> IntArray:
    """Return the numbers of tokens with the correct label and of all tokens of each unit, ``[U, 2]``.

    Args:
        comparison: a comparison of the same tokens.
        units: units of its sentences.
        is_right: whether the label of each token is correct.
    """
    of_token = np.repeat(units.of_sentence, comparison.gold.labels.lengths)
    counts: IntArray = np.stack(
        [np.bincount(tokens, minlength=units.count) for tokens in (of_token[is_right], of_token)], axis=1
    )
    return counts
