"""Sizes of parts: sentences, tokens, documents, lengths; and parts too small for their purpose."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import sqrt
from typing import Final

import numpy as np

from tagger.checking.corpus import Corpus
from tagger.checking.findings import Finding
from tagger.checking.numbered import NumberedCorpus
from tagger.evaluation.results import Column, ResultTable, Value
from tagger.text.counted import counted

IDS: Final = ("small-part",)
_QUANTILES: Final = (0.5, 0.95)
_BOUNDS: Final = (1, 6, 11, 21, 31, 41, 61, 101)
"""The smallest length of each range of lengths."""
_F1: Final = 0.8
_ACCURACY: Final = 0.95
_WIDEST: Final = {True: 0.03, False: 0.01}
"""Half of the widest interval that is acceptable: for F1, and for accuracy."""
_NORMAL: Final = 1.96


def tables(corpus: Corpus) -> Iterator[ResultTable]:
    """Yield tables of the sizes of the parts and the lengths of their sentences."""
    if not corpus.parts:
        return
    numbered = corpus.numbered
    rows: list[tuple[Value, ...]] = []
    for number, part in enumerate(corpus.parts):
        lengths = numbered.lengths[numbered.sentences(number)]
        documents = {example.document for example in part.examples} - {None}
        middle, long = (
            np.quantile(lengths, _QUANTILES, method="inverted_cdf").tolist() if len(lengths) else (None, None)
        )
        rows.append(
            (
                part.name,
                part.role or "",
                "" if part.scheme is None else part.scheme.name,
                len(lengths),
                int(lengths.sum()),
                len(documents) or None,
                middle,
                long,
                int(lengths.max()) if len(lengths) else None,
            )
        )
    columns = (
        *(Column(name, "text") for name in ("part", "role", "scheme")),
        *(Column(name, "count") for name in ("sentences", "tokens", "documents")),
        *(Column(name, "count") for name in ("median_length", "length_95", "longest")),
    )
    notes = (
        "Lengths of sentences in tokens: half of the sentences are no longer than the median, 95 % than length 95.",
    )
    yield ResultTable("parts", "Parts", columns, tuple(rows), notes)
    yield _lengths(corpus)


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each part that is too small for reliable scores."""
    numbered = corpus.numbered
    for number, part in enumerate(corpus.parts):
        if part.role not in ("dev", "test") or part.scheme is None:
            continue
        has_spans = numbered.has_spans[number]
        things = _scored(numbered, number)
        half = half_interval(things, has_spans=has_spans)
        if half > _WIDEST[has_spans]:
            what = "span" if has_spans else "token"
            score = f"F1 of {100 * _F1:.0f} %" if has_spans else f"accuracy of {100 * _ACCURACY:.0f} %"
            yield Finding(
                "small-part",
                f"{counted(things, what)} in {part.name}: an {score} on them has a 95 % interval of "
                f"±{100 * half:.1f} points at best",
                part=part.name,
                weight=half,
                details={"scored": things, "half_interval": round(half, 4)},
            )


def half_interval(things: int, *, has_spans: bool) -> float:
    """Return half of the 95 % interval of a typical score, assuming independent errors; at most 1.

    The variance of accuracy a is a (1 - a) / n. That of F1, with as many missed spans as wrong ones, is F (1 - F) (2 -
    F) / 2n: the delta method on F = 2a / (1 + a), where a is the share of right spans in the union.

    Args:
        things: n, gold spans, or tokens with plain labels.
        has_spans: whether it is F1.

    >>> round(half_interval(1000, has_spans=True), 4), round(half_interval(10_000, has_spans=False), 4)
    (0.0192, 0.0043)
    """
    if not things:
        return 1.0
    variance = _F1 * (1 - _F1) * (2 - _F1) / 2 if has_spans else _ACCURACY * (1 - _ACCURACY)
    return min(_NORMAL * sqrt(variance / things), 1.0)


def _scored(numbered: NumberedCorpus, part: int) -> int:
    """Return the number of scored items of a part: spans, or tokens with a plain label."""
    tokens = numbered.tokens_of(part)
    if numbered.has_spans[part]:
        low, high = np.searchsorted(numbered.spans.starts, (tokens.start, tokens.stop)).tolist()
        return int(high - low)
    return int(numbered.is_tagged[tokens].sum())


def _lengths(corpus: Corpus) -> ResultTable:
    """Return the distribution of sentence lengths in each part."""
    numbered = corpus.numbered
    rows: list[tuple[Value, ...]] = []
    names = [f"{low} to {after - 1}" for low, after in pairwise(_BOUNDS)] + [f"{_BOUNDS[-1]} and more"]
    for number, part in enumerate(corpus.parts):
        lengths = numbered.lengths[numbered.sentences(number)]
        bins = np.searchsorted(_BOUNDS, lengths[lengths > 0], side="right") - 1
        counts = np.bincount(bins, minlength=len(_BOUNDS)).tolist()
        rows += [
            (part.name, name, count, count / len(lengths))
            for name, count in zip(names, counts, strict=True)
            if count
        ]
    columns = (
        *(Column("part", "text"), Column("tokens", "text")),
        *(Column("sentences", "count"), Column("share")),
    )
    return ResultTable("sentence_lengths", "Lengths of sentences", columns, tuple(rows))
