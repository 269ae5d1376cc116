"""Tables of agreement: by pair, by type, by kind of disagreement, confusions, and by annotator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from tagger.agreement.coefficients import Coefficient
from tagger.agreement.majority import majority
from tagger.agreement.pairs import Pair
from tagger.agreement.shared import SharedCorpus, SharedSentence
from tagger.evaluation.comparison import compare
from tagger.evaluation.drawing import Drawing
from tagger.evaluation.errors.classes import CLASSES
from tagger.evaluation.errors.confusion import find_confusion
from tagger.evaluation.results import Column, ResultTable, Value
from tagger.evaluation.scores import interval_of_all, right_tokens, span_scores
from tagger.evaluation.units import units_of
from tagger.examples import Example
from tagger.metrics import Counts
from tagger.metrics.counts import ratio
from tagger.schemes import labels_to_spans

_MOST: Final = 20
"""Maximum number of confusions listed."""
_LEAST_OTHERS: Final = 2
"""Minimum number of others for a majority."""

_KINDS: Final = {
    "right": "same",
    "wrong_type": "other type",
    "too_long": "second longer",
    "too_short": "second shorter",
    "shifted": "shifted",
    "wrong_range_and_type": "other range and type",
    "split": "one in first, several in second",
    "merged": "several in first, one in second",
    "missed": "only first",
    "spurious": "only second",
}
"""Names of the error classes where neither side counts as correct."""

_ENDS: Final = ("", "_low", "_high")
_NAMES: Final = (Column("first", "text"), Column("second", "text"))
_KAPPA: Final = tuple(Column(f"kappa{end}", "number") for end in _ENDS)
_KAPPA_OF_MARKED: Final = tuple(Column(f"kappa_marked{end}", "number") for end in _ENDS)


def pair_table(pairs: Sequence[Pair], drawing: Drawing, *, has_spans: bool) -> ResultTable:
    """Return the agreement of each pair of annotators."""
    about = (
        f"Low and high: 95 % intervals, by bootstrap over {drawing.by}s "
        f"({drawing.draws:,} draws); none where nothing is to be compared, or some draws have no value."
    )
    if has_spans:
        columns = (
            *(*_NAMES, Column("f1"), Column("low"), Column("high"), Column("boundaries")),
            *(*_KAPPA, *_KAPPA_OF_MARKED),
            *(Column(name, "count") for name in ("both", "in_first", "in_second", "sentences", "tokens")),
        )
        notes = (
            "f1: of spans with the same range and type, the same in both directions; boundaries: F1 of ranges alone. "
            "both, in_first, in_second: how many spans both have, and each.",
            "kappa: Cohen's, over the IOB2 labels of all tokens, most of which are O for everyone; kappa_marked: over "
            "the tokens that at least one of the two marked, which is usually lower, and below 0 where they seldom "
            "agree, since agreement on O is left out. Neither is defined where both use one and the same label only.",
            about,
        )
        rows = tuple(map(_span_row, pairs))
        return ResultTable("pairs", "Pairs of annotators", columns, rows, notes)
    columns_of_labels = (
        *(*_NAMES, Column("accuracy"), Column("low"), Column("high"), *_KAPPA),
        *(Column(name, "count") for name in ("same", "tokens", "sentences")),
    )
    notes_on_labels = (
        "accuracy: the share of tokens with the same label; kappa: Cohen's, over all tokens; not defined where both "
        "use one and the same label only.",
        about,
    )
    return ResultTable(
        "pairs", "Pairs of annotators", columns_of_labels, tuple(map(_label_row, pairs)), notes_on_labels
    )


def _span_row(pair: Pair) -> tuple[Value, ...]:
    total = pair.all_spans
    return (
        *(pair.first, pair.second, _f1(total), *(pair.interval or (None, None)), _f1(pair.boundaries)),
        *(*_cells(pair.kappa), *_cells(pair.kappa_of_marked)),
        *(total.true_positives, total.gold, total.predicted, pair.num_sentences, pair.num_tokens),
    )


def _label_row(pair: Pair) -> tuple[Value, ...]:
    same = pair.same_labels
    return (
        *(pair.first, pair.second, same.value if same.total else None, *(pair.interval or (None, None))),
        *(*_cells(pair.kappa), same.correct, same.total, pair.num_sentences),
    )


def type_tables(pairs: Sequence[Pair]) -> list[ResultTable]:
    """Return the agreement on each type of spans: for all pairs together, and pair by pair."""
    types = sorted({kind for pair in pairs for kind in pair.spans})
    figures = (Column("f1"), *(Column(name, "count") for name in ("both", "in_first", "in_second")))
    rows: list[tuple[Value, ...]] = []
    for kind in types:
        counts = sum((pair.spans.get(kind, Counts()) for pair in pairs), Counts())
        rows.append((kind, _f1(counts), counts.true_positives, counts.gold + counts.predicted))
    together = ResultTable(
        "types",
        "Spans by type, all pairs together" if len(pairs) > 1 else "Spans by type",
        (Column("type", "text"), Column("f1"), Column("both", "count"), Column("spans", "count")),
        tuple(rows),
        (
            "both: how often two annotators have the same span; spans: how many each of the two has, summed up.",
        ),
    )
    if len(pairs) == 1:
        return [together]
    of_pairs = tuple(
        (pair.first, pair.second, kind, _f1(counts), counts.true_positives, counts.gold, counts.predicted)
        for pair in pairs
        for kind, counts in sorted(pair.spans.items())
    )
    columns = (*_NAMES, Column("type", "text"), *figures)
    return [together, ResultTable("types_of_pairs", "Spans by type, pair by pair", columns, of_pairs)]


def kind_table(pairs: Sequence[Pair]) -> ResultTable:
    """Return how the spans of each annotator of a pair relate to the other's."""
    rows: list[tuple[Value, ...]] = []
    for pair in pairs:
        counts = [np.bincount(side, minlength=len(CLASSES)).tolist() for side in pair.kinds]
        rows += [
            (pair.first, pair.second, _KINDS[name], *both)
            for name, *both in zip(CLASSES, *counts, strict=True)
            if any(both)
        ]
    columns = (*_NAMES, Column("kind", "text"), Column("in_first", "count"), Column("in_second", "count"))
    notes = (
        "Each span is of one kind. Longer, shorter and shifted ones are of the same type; one against several may be "
        "of any types.",
    )
    return ResultTable("disagreements", "Kinds of disagreement, in spans", columns, tuple(rows), notes)


def confusion_table(pairs: Iterable[Pair], *, has_spans: bool) -> ResultTable:
    """Return the confusions between two labels, for all pairs together, the most frequent first."""
    counts: Counter[tuple[str, str]] = Counter()
    for pair in pairs:
        if pair.comparison is None:
            continue
        found = find_confusion(pair.comparison)
        columns = (found.gold.tolist(), found.predicted.tolist(), found.counts.tolist())
        for first, second, count in zip(*columns, strict=True):
            if first != second and max(first, second) < len(found.names):
                one, other = sorted((found.names[first], found.names[second]))
                counts[one, other] += count
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    total = counts.total()
    rows = tuple((*labels, count, ratio(count, total)) for labels, count in ordered[:_MOST])
    notes = []
    if len(ordered) > _MOST:
        left = sum(count for _, count in ordered[_MOST:])
        notes.append(f"The {_MOST} most frequent of {len(ordered)} confusions; the others together: {left}.")
    what = "types of spans that overlap" if has_spans else "labels"
    names = (Column("label", "text"), Column("other", "text"))
    columns_ = (*names, Column("count", "count"), Column("share"))
    return ResultTable(
        "confusions", f"Which {what} are confused, in either order", columns_, rows, tuple(notes)
    )


def annotator_table(corpus: SharedCorpus, drawing: Drawing) -> ResultTable:
    """Return each annotator's counts, and the agreement with the majority of the others."""
    has_spans = corpus.has_spans
    with_others = len(corpus.names) > _LEAST_OTHERS
    score = "majority_f1" if has_spans else "majority_accuracy"
    columns = [Column("annotator", "text"), *(Column(name, "count") for name in ("sentences", "missing"))]
    columns.append(Column("spans" if has_spans else "tokens", "count"))
    if with_others:
        columns += [Column(score), Column("low"), Column("high")]
    rows: list[tuple[Value, ...]] = []
    for number, name in enumerate(corpus.names):
        own = [labels for one in corpus.sentences if (labels := one.labels[number]) is not None]
        size = sum(len(labels_to_spans(one, corpus.scheme)) if has_spans else len(one) for one in own)
        row: list[Value] = [name, len(own), len(corpus.sentences) - len(own), size]
        rows.append((*row, *_with_majority(corpus, number, drawing)) if with_others else tuple(row))
    notes = (
        f"{score}: against what more than half of the others say, whole spans of one range and type being voted on, in "
        "the sentences that at least two others have; low and high: its 95 % interval.",
        f"{score}: against the label that more than half of the others give, over the tokens for which there is one, "
        "in the sentences that at least two others have; low and high: its 95 % interval.",
    )
    shown = (notes[0 if has_spans else 1],) if with_others else ()
    return ResultTable("annotators", "Annotators", tuple(columns), tuple(rows), shown)


def _with_majority(corpus: SharedCorpus, number: int, drawing: Drawing) -> tuple[Value, ...]:
    """Return the score of an annotator against the majority of the others, and its interval; None if undefined."""
    examples: list[Example] = []
    others: list[tuple[str, ...]] = []
    for sentence in corpus.sentences:
        own = sentence.labels[number]
        rest = _others(sentence, number)
        if own is None or len(rest) < _LEAST_OTHERS:
            continue
        voted = majority(rest, corpus.scheme)
        known = [place for place, label in enumerate(voted) if label is not None]
        tokens = tuple(sentence.tokens[place] for place in known)
        examples.append(
            Example(tokens, tuple(own[place] for place in known), sentence.document, sentence.origin)
        )
        others.append(tuple(label for label in voted if label is not None))
    if not any(others):
        return None, None, None
    comparison = compare(examples, others, corpus.scheme, corpus.scheme)
    units = units_of(comparison, drawing.by)
    interval = interval_of_all(comparison, units, draws=drawing.draws, seed=drawing.seed)
    if not corpus.has_spans:
        right = right_tokens(comparison)
        return ratio(int(right.sum()), len(right)), *interval
    total = span_scores(comparison).total
    return (total.f1, *interval) if total.gold + total.predicted else (None, None, None)


def _others(sentence: SharedSentence, number: int) -> list[tuple[str, ...]]:
    return [labels for other, labels in enumerate(sentence.labels) if other != number and labels is not None]


def _f1(counts: Counts) -> float | None:
    return counts.f1 if counts.gold + counts.predicted else None


def _cells(coefficient: Coefficient) -> tuple[Value, ...]:
    return coefficient.value, *(coefficient.interval or (None, None))
