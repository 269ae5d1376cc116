"""Pair: two annotators, compared on the sentences that both have, symmetrically: neither counts as correct."""

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
        first: name of the first annotator.
        second: name of the second annotator.
        comparison: their comparison, with the first as the gold side; None if they have no sentence in common.
        num_single: sentences that only one of them has.
        drawing: bootstrap options for intervals.
    """

    first: str
    second: str
    comparison: Comparison | None
    num_single: int
    drawing: Drawing

    @property
    def num_sentences(self) -> int:
        """The number of sentences that both have."""
        return 0 if self.comparison is None else self.comparison.num_sentences

    @property
    def num_tokens(self) -> int:
        """The number of tokens in these sentences."""
        return 0 if self.comparison is None else len(self.comparison.gold.labels.ids)

    @cached_property
    def spans(self) -> Mapping[str, Counts]:
        """By type, the number of spans that both have, and that each has: ``gold`` is the first annotator."""
        if self.comparison is None or not self.comparison.has_spans:
            return {}
        return span_scores(self.comparison).types

    @property
    def all_spans(self) -> Counts:
        """The counts of :attr:`spans` for all types together."""
        return sum(self.spans.values(), Counts())

    @property
    def boundaries(self) -> Counts:
        """The same counts for ranges, ignoring their types."""
        if self.comparison is None:
            return Counts()
        first, second = self.comparison.gold.spans, self.comparison.predicted.spans
        both = int((same_spans(first.as_one_type(), second.as_one_type()) >= 0).sum())
        return Counts(both, len(second), len(first))

    @property
    def same_labels(self) -> Share:
        """The share of tokens with the same label, IOB2 or plain, from both."""
        if self.comparison is None:
            return Share()
        return Share(int(right_tokens(self.comparison).sum()), self.num_tokens)

    @cached_property
    def interval(self) -> Interval | None:
        """Interval of the F1 of spans, or of the share of tokens with the same plain label; None without data."""
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
        """Cohen's kappa over the tokens that are in a span of at least one of them."""
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
        corpus: their annotations.
        drawing: bootstrap options for intervals.
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
    """Return the codes of the labels of both sides, equal for equal labels."""
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
