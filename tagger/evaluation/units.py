"""Units: what is drawn and swapped to learn how sure a score is, and how many things each unit has.

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
    """Which sentence belongs to which unit.

    Attributes:
        of_sentence: the number of the unit of each sentence, ``[S]``.
        count: U.
        by: what they are.
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
    """Return sentences as units, or their documents; a sentence that is of none is one by itself.

    Raises:
        DataError: if there are to be documents and no sentence is of one.
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
    """Counts the spans of each unit, of all types together or of one; the work of telling types apart is done once.

    Args:
        comparison: of spans.
        units: of its sentences.
    """

    def __init__(self, comparison: Comparison, units: Units) -> None:
        gold, predicted = comparison.gold.spans, comparison.predicted.spans
        self._num_units: Final = units.count
        self._columns: Final = []
        """Of the right, the predicted and the gold spans: the units, ordered by type, and where each type ends."""
        kinds = np.arange(len(comparison.types))
        for spans in (gold.chosen(comparison.found() >= 0), predicted, gold):
            order = np.argsort(spans.types, kind="stable")
            of_spans = units.of_sentence[comparison.sentences_of(spans.starts[order])]
            self._columns.append((of_spans, np.searchsorted(spans.types[order], kinds, side="right")))

    def of(self, kind: int | None = None) -> IntArray:
        """Return how many spans of each unit are right, predicted and gold, ``[U, 3]``.

        Args:
            kind: the number of a type; all if left out.
        """
        columns = []
        for of_spans, ends in self._columns:
            if kind is not None:
                of_spans = of_spans[ends[kind - 1] if kind else 0 : ends[kind]]
            columns.append(np.bincount(of_spans, minlength=self._num_units))
        counts: IntArray = np.stack(columns, axis=1)
        return counts


def label_counts(comparison: Comparison, units: Units, is_right: BoolArray) -> IntArray:
    """Return how many tokens of each unit have the right label, and how many there are, ``[U, 2]``.

    Args:
        comparison: of the same tokens.
        units: of its sentences.
        is_right: whether the label of each token is right.
    """
    of_token = np.repeat(units.of_sentence, comparison.gold.labels.lengths)
    counts: IntArray = np.stack(
        [np.bincount(tokens, minlength=units.count) for tokens in (of_token[is_right], of_token)], axis=1
    )
    return counts
