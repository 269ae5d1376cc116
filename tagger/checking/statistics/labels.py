"""Labels: how often types, or plain labels, occur in each part, how long spans are, and how ambiguous phrases are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from tagger.checking.corpus import Corpus
from tagger.checking.numbered import NumberedCorpus
from tagger.checking.phrase_readings import occurrence_readings, reading_counts
from tagger.checking.phrases import find_phrases
from tagger.evaluation.results import Column, ResultTable, Value
from tagger.metrics.counts import ratio
from tagger.metrics.label_arrays import IntArray

_LONGEST: Final = 6
"""Length in tokens from which spans are counted together."""


def tables(corpus: Corpus) -> Iterator[ResultTable]:
    """Yield the tables of spans and of plain labels, if there are any."""
    numbered = corpus.numbered
    if len(numbered.spans):
        all_spans = np.arange(len(numbered.spans))
        phrases = find_phrases(numbered, numbered.tokens, all_spans, numbered.is_spanned)
        yield _types(numbered, phrases.phrase_of)
        yield _span_lengths(numbered)
        yield ResultTable(
            "ambiguity",
            "Phrases that are labelled in several ways",
            *_ambiguity("phrases", phrases.phrases, occurrence_readings(numbered, phrases)),
            (
                "Phrases are the words of spans, wherever they occur, also outside of spans. Occurrences within a "
                "longer span do not count.",
            ),
        )
    if numbered.is_tagged.any():
        tagged = numbered.is_tagged
        yield _tags(numbered)
        yield ResultTable(
            "tag_ambiguity",
            "Words with several labels",
            *_ambiguity("words", numbered.tokens[tagged], numbered.labels[tagged]),
        )


def part_of_spans(numbered: NumberedCorpus) -> IntArray:
    """Return the part of each span, ``[M]``."""
    return numbered.part_of[numbered.sentence_of[numbered.spans.starts]]


def _types(numbered: NumberedCorpus, phrase_of: IntArray) -> ResultTable:
    parts = part_of_spans(numbered)
    lengths = numbered.spans.ends - numbered.spans.starts
    rows: list[tuple[Value, ...]] = []
    for part, its in enumerate(numbered.parts):
        is_here = parts == part
        counts = np.bincount(numbered.spans.types[is_here], minlength=len(numbered.types))
        for type_ in np.argsort(-counts, kind="stable").tolist():
            if not counts[type_]:
                continue
            chosen = is_here & (numbered.spans.types == type_)
            total = int(counts[type_])
            surfaces = len(np.unique(phrase_of[chosen]))
            mean = float(lengths[chosen].mean())
            rows.append((its.name, numbered.types[type_], total, total / int(is_here.sum()), surfaces, mean))
    columns = (
        *(Column("part", "text"), Column("type", "text"), Column("spans", "count"), Column("share")),
        *(Column("surfaces", "count"), Column("mean_length", "number")),
    )
    notes = ("Surfaces: the number of distinct spellings. Lengths in tokens.",)
    return ResultTable("types", "Spans by type", columns, tuple(rows), notes)


def _span_lengths(numbered: NumberedCorpus) -> ResultTable:
    parts = part_of_spans(numbered)
    lengths = np.minimum(numbered.spans.ends - numbered.spans.starts, _LONGEST)
    rows: list[tuple[Value, ...]] = []
    for part, its in enumerate(numbered.parts):
        counts = np.bincount(lengths[parts == part], minlength=_LONGEST + 1).tolist()
        rows += [
            (its.name, f"{length}{' and more' if length == _LONGEST else ''}", count, count / sum(counts))
            for length, count in enumerate(counts)
            if count
        ]
    columns = (Column("part", "text"), Column("tokens", "text"), Column("spans", "count"), Column("share"))
    return ResultTable("span_lengths", "Lengths of spans", columns, tuple(rows))


def _tags(numbered: NumberedCorpus) -> ResultTable:
    rows: list[tuple[Value, ...]] = []
    num_words, num_labels = len(numbered.words), len(numbered.label_names)
    for part, its in enumerate(numbered.parts):
        tokens = numbered.tokens_of(part)
        tagged = numbered.is_tagged[tokens]
        labels, words = numbered.labels[tokens][tagged], numbered.tokens[tokens][tagged]
        counts = np.bincount(labels, minlength=num_labels)
        pairs = np.unique(labels * num_words + words)
        different = np.bincount(pairs // num_words, minlength=num_labels).tolist()
        for label in np.argsort(-counts, kind="stable").tolist():
            total = int(counts[label])
            if total:
                name = numbered.label_names[label]
                rows.append((its.name, name, total, total / len(labels), different[label]))
    columns = (
        *(Column("part", "text"), Column("label", "text"), Column("tokens", "count"), Column("share")),
        Column("words", "count"),
    )
    notes = ("Words: the number of distinct words, case-sensitive.",)
    return ResultTable("labels", "Tokens by label", columns, tuple(rows), notes)


def _ambiguity(
    name: str, units: IntArray, readings: IntArray
) -> tuple[tuple[Column, ...], tuple[tuple[Value, ...], ...]]:
    """Return the share of units that are labelled in several ways, as the columns and the single row of a table.

    Args:
        name: what the units are.
        units: the phrase or word of each occurrence.
        readings: how each occurrence is labelled; occurrences with NONE do not count.
    """
    counts = reading_counts(units, readings)
    num_units = int(units.max(initial=-1)) + 1
    times = counts.totals(num_units)
    several = np.bincount(counts.phrases, minlength=num_units) > 1
    again = int((times > 1).sum())
    row = (
        name,
        int((times > 0).sum()),
        again,
        int(several.sum()),
        ratio(int(several.sum()), again),
        ratio(int(times[several].sum()), int(times.sum())),
    )
    columns = (
        Column("of", "text"),
        *(Column(one, "count") for one in ("different", "repeated", "ambiguous")),
        *(Column("share_of_repeated"), Column("share_of_occurrences")),
    )
    return columns, (row,)
