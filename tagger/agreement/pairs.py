"""Two annotators on the sentences that both have. Neither is right: in another order the same is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from tagger.agreement.coefficients import Coefficient, cohen_kappa
from tagger.agreement.shared import SharedCorpus, SharedSentence
from tagger.evaluation.certainty import Interval
from tagger.evaluation.comparison import Comparison, compare
from tagger.evaluation.drawing import Drawing
from tagger.evaluation.errors.classes import find_errors
from tagger.evaluation.scores import interval_of_all, right_tokens, span_scores
from tagger.evaluation.units import units_of
from tagger.metrics import Counts, Share
from tagger.metrics.label_arrays import IntArray, LabelArrays
from tagger.metrics.span_arrays import same_spans


@dataclass(frozen=True, eq=False)
class Pair:
    """Two annotators.

    Attributes:
        first: name of the one.
        second: name of the other.
        comparison: of the two, the first being its gold side; None where they have no sentence in common.
        num_single: sentences that only one of them has.
        drawing: how intervals are drawn.
    """

    first: str
    second: str
    comparison: Comparison | None
    num_single: int
    drawing: Drawing

    @property
    def num_sentences(self) -> int:
        """How many sentences both have."""
        return 0 if self.comparison is None else self.comparison.num_sentences

    @property
    def num_tokens(self) -> int:
        """How many tokens these have."""
        return 0 if self.comparison is None else len(self.comparison.gold.labels.ids)

    @cached_property
    def spans(self) -> Mapping[str, Counts]:
        """How many spans of each type both have, and how many each has of these: ``gold`` the first."""
        if self.comparison is None or not self.comparison.has_spans:
            return {}
        return span_scores(self.comparison).types

    @property
    def all_spans(self) -> Counts:
        """The same for all types together."""
        return sum(self.spans.values(), Counts())

    @property
    def boundaries(self) -> Counts:
        """The same of ranges alone, whatever their types."""
        if self.comparison is None:
            return Counts()
        first, second = self.comparison.gold.spans, self.comparison.predicted.spans
        both = int((same_spans(first.as_one_type(), second.as_one_type()) >= 0).sum())
        return Counts(both, len(second), len(first))

    @property
    def same_labels(self) -> Share:
        """How many tokens have the same label, IOB2 or plain, from both."""
        if self.comparison is None:
            return Share()
        return Share(int(right_tokens(self.comparison).sum()), self.num_tokens)

    @cached_property
    def interval(self) -> Interval | None:
        """Where F1 of spans lies, or the share of tokens with the same plain label; None where there is nothing."""
        found = self.comparison
        if found is None or not (len(found.gold.spans) + len(found.predicted.spans) or not found.has_spans):
            return None
        units = units_of(found, self.drawing.by)
        return interval_of_all(found, units, draws=self.drawing.draws, seed=self.drawing.seed)

    @cached_property
    def kappa(self) -> Coefficient:
        """Cohen's kappa over all tokens, whose labels are IOB2 or plain."""
        if self.comparison is None:
            return Coefficient(None)
        return cohen_kappa(*_codes(self.comparison), units=self._units, drawing=self.drawing)

    @cached_property
    def kappa_of_marked(self) -> Coefficient:
        """Cohen's kappa over the tokens that are in a span of one at least."""
        if self.comparison is None or not self.comparison.has_spans:
            return Coefficient(None)
        first, second = _codes(self.comparison)
        outside = _code("O", self.comparison.gold.labels, self.comparison.predicted.labels)
        is_marked = (first != outside) | (second != outside)
        return cohen_kappa(first, second, counted=is_marked, units=self._units, drawing=self.drawing)

    @cached_property
    def _units(self) -> IntArray:
        """The number of the unit of each token."""
        assert self.comparison is not None
        units = units_of(self.comparison, self.drawing.by).of_sentence
        return np.repeat(units, self.comparison.gold.labels.lengths)

    @cached_property
    def kinds(self) -> tuple[IntArray, IntArray]:
        """The class of each span of the first and of the second, ids as in ``tagger.evaluation.errors.classes``."""
        if self.comparison is None:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        errors = find_errors(self.comparison)
        return errors.gold, errors.predicted


def pairs_of(corpus: SharedCorpus, drawing: Drawing) -> list[Pair]:
    """Return all pairs of annotators.

    Args:
        corpus: what they said.
        drawing: how intervals are drawn.
    """
    pairs = []
    for first, second in combinations(range(len(corpus.names)), 2):
        both = corpus.of_both(first, second)
        single = sum((one.labels[first] is None) != (one.labels[second] is None) for one in corpus.sentences)
        comparison = _compared(corpus, both, first, [one.labels[second] or () for one in both])
        pairs.append(Pair(corpus.names[first], corpus.names[second], comparison, single, drawing))
    return pairs


def _compared(
    corpus: SharedCorpus, sentences: Sequence[SharedSentence], first: int, others: Iterable[Sequence[str]]
) -> Comparison | None:
    if not sentences:
        return None
    return compare([one.example(first) for one in sentences], others, corpus.scheme, corpus.scheme)


def _codes(comparison: Comparison) -> tuple[IntArray, IntArray]:
    """Return codes of the labels of both sides, the same for the same label."""
    first, second = comparison.gold.labels, comparison.predicted.labels
    numbers = _numbers(first, second)
    ids = [
        np.array([numbers[name] for name in one.names], dtype=np.int64)[one.ids] for one in (first, second)
    ]
    return ids[0], ids[1]


def _numbers(first: LabelArrays, second: LabelArrays) -> dict[str, int]:
    return {name: number for number, name in enumerate(dict.fromkeys((*first.names, *second.names)))}


def _code(label: str, first: LabelArrays, second: LabelArrays) -> int:
    return _numbers(first, second).get(label, -1)
