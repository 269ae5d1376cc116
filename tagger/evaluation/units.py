"""Units: what is drawn and swapped to learn how sure a score is, and how many things each unit has.

Letters: S sentences, U units, M spans.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tagger.errors import DataError
from tagger.evaluation.comparison import Comparison
from tagger.evaluation.drawing import By
from tagger.metrics.label_arrays import BoolArray, IntArray


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
    """Return the sentences as units, or their documents; a sentence that is of none is one by itself.

    Raises:
        DataError: if there are to be documents and no sentence is of one.
    """
    examples = comparison.examples
    if by == "sentence":
        return Units(np.arange(len(examples)), len(examples), by)
    if examples and all(example.document is None for example in examples):
        raise DataError(
            "expected sentences of documents to draw from, found none; draw sentences "
            "(--by sentence on the command line)"
        )
    numbers: dict[object, int] = {}
    keys = (
        number if example.document is None else example.document for number, example in enumerate(examples)
    )
    of_sentence = np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
    return Units(of_sentence, len(numbers), by)


def span_counts(comparison: Comparison, units: Units, kind: int | None = None) -> IntArray:
    """Return how many spans of each unit are right, predicted and gold, ``[U, 3]``.

    Args:
        comparison: of spans.
        units: of its sentences.
        kind: the number of a type; all if left out.
    """
    gold, predicted = comparison.gold.spans, comparison.predicted.spans
    is_found = comparison.found() >= 0
    columns = []
    for spans, which in ((gold, is_found), (predicted, None), (gold, None)):
        chosen: BoolArray = np.ones(len(spans), dtype=np.bool_) if which is None else which
        if kind is not None:
            chosen = chosen & (spans.types == kind)
        sentences = comparison.sentences_of(spans.starts[chosen])
        columns.append(np.bincount(units.of_sentence[sentences], minlength=units.count))
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
