"""Memory: the score of a tagger that only repeats the labels of the same words in train, as a baseline.

With spans: occurrences of the words of a span of train, from left to right and the longest first, get the type that
they have most often in train, unless they are more often no span there. With plain labels: a word gets its most
frequent label in train, and a word that train lacks gets the most frequent label of all. This is like the baseline of
the CoNLL shared tasks (Tjong Kim Sang and De Meulder 2003).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tagger.checking.corpus import Corpus
from tagger.checking.numbered import NONE, NumberedCorpus
from tagger.checking.pairs import other_parts, training_parts
from tagger.checking.phrase_readings import occurrence_readings, reading_counts
from tagger.checking.phrases import find_phrases
from tagger.checking.statistics.labels import part_of_spans
from tagger.checking.statistics.overlap import in_parts
from tagger.evaluation.results import Column, ResultTable, Value
from tagger.metrics.counts import Counts, ratio
from tagger.metrics.label_arrays import BoolArray, IntArray
from tagger.metrics.span_arrays import SpanArrays, same_spans


def tables(corpus: Corpus) -> Iterator[ResultTable]:
    """Yield the scores of memory, if there is train and another part."""
    trained = training_parts(corpus)
    if not trained:
        return
    is_train = in_parts(corpus.numbered, trained)
    if (corpus.numbered.is_spanned & is_train).any():
        yield from _of_spans(corpus)
    if (corpus.numbered.is_tagged & is_train).any():
        yield from _of_tags(corpus)


def remembered_spans(corpus: Corpus) -> SpanArrays:
    """Return the spans that memory marks in the labelled sentences of all parts but train, ordered by place."""
    numbered = corpus.numbered
    is_train = in_parts(numbered, training_parts(corpus))
    spans = np.flatnonzero(is_train[numbered.spans.starts])
    phrases = find_phrases(numbered, numbered.tokens, spans, numbered.is_spanned)
    readings = occurrence_readings(numbered, phrases)
    num_types = len(numbered.types)
    learned = is_train[phrases.starts] & (readings <= num_types)
    counts = reading_counts(phrases.phrases[learned], readings[learned])
    # types have smaller numbers than "no span", so in a tie the type wins
    best = counts.most_frequent(len(phrases))[0]
    is_marked = (best != NONE) & (best < num_types)
    chosen = np.flatnonzero(~is_train[phrases.starts] & is_marked[phrases.phrases])
    order = chosen[np.lexsort((-phrases.ends[chosen], phrases.starts[chosen]))]
    order = order[_longest_first(phrases.starts[order], phrases.ends[order])]
    return SpanArrays(phrases.starts[order], phrases.ends[order], best[phrases.phrases[order]])


def remembered_labels(numbered: NumberedCorpus, learned: BoolArray) -> IntArray:
    """Return the plain label that memory gives to each word, ``[V]``.

    Args:
        numbered: the corpus.
        learned: whether each token is remembered, ``[N]``; at least one is.
    """
    words, labels = numbered.tokens[learned], numbered.labels[learned]
    num_labels = len(numbered.label_names)
    found = np.full(len(numbered.words), int(np.bincount(labels).argmax()))
    pairs, counts = np.unique(words * num_labels + labels, return_counts=True)
    order = np.argsort(counts, kind="stable")  # the last one of a word is the most frequent
    found[pairs[order] // num_labels] = pairs[order] % num_labels
    return found


def _longest_first(starts: IntArray, ends: IntArray) -> list[int]:
    """Return the numbers of the sorted ranges that do not overlap an earlier one that was kept."""
    kept = []
    place = 0
    for number, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        if start >= place:
            kept.append(number)
            place = end
    return kept


def _of_spans(corpus: Corpus) -> Iterator[ResultTable]:
    numbered = corpus.numbered
    marked = remembered_spans(corpus)
    is_found = same_spans(numbered.spans, marked) >= 0
    gold_parts = part_of_spans(numbered)
    marked_parts = numbered.part_of[numbered.sentence_of[marked.starts]]
    rows: list[tuple[Value, ...]] = []
    for part in other_parts(corpus):
        for type_, name in [(NONE, "all"), *enumerate(numbered.types)]:
            gold = gold_parts == part
            predicted = marked_parts == part
            if type_ != NONE:
                gold, predicted = gold & (numbered.spans.types == type_), predicted & (marked.types == type_)
            counts = Counts(int(is_found[gold].sum()), int(predicted.sum()), int(gold.sum()))
            if counts.gold or counts.predicted:
                precision = counts.precision if counts.predicted else None
                recall = counts.recall if counts.gold else None
                rows.append((numbered.parts[part].name, name, precision, recall, counts.f1, counts.gold))
    if rows:
        columns = (
            *(Column("part", "text"), Column("type", "text")),
            *(Column(name) for name in ("precision", "recall", "f1")),
            Column("spans", "count"),
        )
        notes = ("The longest phrases of train first, each with its most frequent type there.",)
        yield ResultTable("memory", "What memory alone would score", columns, tuple(rows), notes)


def _of_tags(corpus: Corpus) -> Iterator[ResultTable]:
    numbered = corpus.numbered
    learned = in_parts(numbered, training_parts(corpus)) & numbered.is_tagged
    is_right = remembered_labels(numbered, learned)[numbered.tokens] == numbered.labels
    rows: list[tuple[Value, ...]] = []
    for part in other_parts(corpus):
        here = numbered.tokens_of(part)
        tagged = numbered.is_tagged[here]
        if tagged.any():
            correct, total = int(is_right[here][tagged].sum()), int(tagged.sum())
            rows.append((numbered.parts[part].name, ratio(correct, total), correct, total))
    if rows:
        columns = (
            *(Column("part", "text"), Column("accuracy")),
            *(Column("correct", "count"), Column("tokens", "count")),
        )
        notes = (
            "Each word gets its most frequent label in train, or the most frequent label of all if train lacks it.",
        )
        yield ResultTable("tag_memory", "What memory alone would score", columns, tuple(rows), notes)
