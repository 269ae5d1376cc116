"""Phrases that are labelled in several ways: with different types or boundaries, or as a span here and not there.

Every occurrence of the words of a span has one of these readings: a span of some type, no span, or cut by the boundary
of another span. Words within a longer span ("York" in "New York") are not evidence and do not count. The most frequent
reading of a phrase is taken to be right; each other reading is a finding, with a weight from these considerations:

- Rare readings are more likely to be mistakes than frequent ones: one reading once, the other forty times.
- Phrases of several words, and those with capitals, are seldom ambiguous; single words in lower case often are.
- What looks like a name, and is one elsewhere, was probably overlooked.
- Variation that other phrases with the same reading share (cities that are places and teams) is natural.

These are the ideas of variation n-grams (Dickinson and Meurers 2003, Detecting Errors in Part-of-Speech Annotation),
applied to spans. A phrase of several words is context enough by itself; the rest is left to the ranking.

Letters: N tokens, F phrases, K occurrences, R readings: one for each type, then two for no span and for a cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log2
from typing import Final

import numpy as np

from tagger.checking.copies.readings import reading
from tagger.checking.corpus import Corpus
from tagger.checking.findings import Finding
from tagger.checking.numbered import NumberedCorpus
from tagger.checking.phrase_readings import ReadingCounts, occurrence_readings, reading_counts
from tagger.checking.phrases import Phrases, find_phrases
from tagger.checking.wording import named, quoted
from tagger.metrics.label_arrays import BoolArray, IntArray
from tagger.text.counted import counted

IDS: Final = ("conflicting-phrase", "ambiguous-phrase")
_MOST_PLACES: Final = 5
_PROBABLE: Final = 4.0
"""Minimum weight at which a mistake is more probable than natural variation."""
_FEW: Final = 3
"""Minimum number of occurrences of a phrase that counts in the rates of natural variation."""


@dataclass(frozen=True, eq=False)
class _Variation:
    """A phrase with its most frequent reading and another one.

    Attributes:
        phrase: number of the phrase.
        usual: number of its most frequent reading.
        other: number of the other reading.
        num_usual: count of the former.
        num_other: count of the latter.
        weight: how likely the latter is a mistake; for ranking, not a probability.
    """

    phrase: int
    usual: int
    other: int
    num_usual: int
    num_other: int
    weight: float


def find(corpus: Corpus) -> Iterator[Finding]:
    """Yield a finding for each rarer reading of a phrase, the most probable mistakes first."""
    numbered = corpus.numbered
    within = numbered.is_spanned
    phrases = find_phrases(numbered, numbered.tokens, np.arange(len(numbered.spans)), within)
    readings = occurrence_readings(numbered, phrases)
    for variation in _variations(numbered, phrases, readings):
        yield _finding(numbered, phrases, readings, variation)


def _variations(numbered: NumberedCorpus, phrases: Phrases, readings: IntArray) -> list[_Variation]:
    counts = reading_counts(phrases.phrases, readings)
    usual, num_usual = counts.most_frequent(len(phrases))
    rates = _Rates(counts, usual, counts.totals(len(phrases)) >= _FEW, len(numbered.types) + 2)
    found = []
    for pair in np.flatnonzero(counts.readings != usual[counts.phrases]).tolist():
        phrase, other = int(counts.phrases[pair]), int(counts.readings[pair])
        best, times = int(usual[phrase]), int(num_usual[phrase])
        num_other = int(counts.counts[pair])
        span = phrases.firsts[phrase]
        clearness = _clearness(
            numbered.text(int(numbered.spans.starts[span]), int(numbered.spans.ends[span]))
        )
        weight = log2(times / num_other) - 0.5 * log2(rates.of(best, other)) + clearness
        if best < len(numbered.types) == other and clearness > 0:
            weight += 1  # an overlooked name, the most frequent mistake
        found.append(_Variation(phrase, best, other, times, num_other, weight))
    return sorted(found, key=lambda one: -one.weight)


class _Rates:
    """Computes how often phrases with one reading also have another.

    Args:
        counts: the counts of the readings of each phrase.
        usual: the most frequent reading of each phrase.
        is_often: whether each phrase occurs often enough to count.
        num_readings: R.
    """

    def __init__(
        self, counts: ReadingCounts, usual: IntArray, is_often: BoolArray, num_readings: int
    ) -> None:
        self._num_readings = num_readings
        self._totals = np.bincount(usual[is_often], minlength=num_readings)
        chosen = is_often[counts.phrases]
        keys = usual[counts.phrases[chosen]] * num_readings + counts.readings[chosen]
        pairs, times = np.unique(keys, return_counts=True)
        self._varying = dict(zip(pairs.tolist(), times.tolist(), strict=True))

    def of(self, usual: int, other: int) -> float:
        """Return the share of the phrases with one usual reading that also have another; never 0."""
        varying = self._varying.get(usual * self._num_readings + other, 0)
        return float((varying + 0.5) / (self._totals[usual] + 1))


def _clearness(words: tuple[str, ...]) -> float:
    """Return how unambiguous words are by themselves."""
    capitals = sum(any(char.isupper() for char in word) for word in words)
    return min(len(words) - 1, 3) + (1.0 if capitals else -1.0)


def _finding(
    numbered: NumberedCorpus, phrases: Phrases, readings: IntArray, variation: _Variation
) -> Finding:
    low, high = np.searchsorted(phrases.phrases, (variation.phrase, variation.phrase + 1)).tolist()
    others = low + np.flatnonzero(readings[low:high] == variation.other)
    usual = low + np.flatnonzero(readings[low:high] == variation.usual)
    words = numbered.text(int(phrases.starts[low]), int(phrases.ends[low]))
    shown = [*others[:_MOST_PLACES].tolist(), int(usual[0])]
    places = [numbered.place_of(int(phrases.starts[one])) for one in shown]
    said = [_said(numbered, one) for one in (variation.other, variation.usual)]
    parts = {int(part) for part in numbered.part_of[numbered.sentence_of[phrases.starts[others]]]}
    return Finding(
        "conflicting-phrase" if variation.weight >= _PROBABLE else "ambiguous-phrase",
        f"{quoted(words)} is {said[0]} {counted(variation.num_other, 'time')}, but {said[1]} "
        f"{counted(variation.num_usual, 'time')}",
        tuple(places),
        numbered.parts[parts.pop()].name if len(parts) == 1 else None,
        weight=variation.weight,
        count=variation.num_other,
        details={
            "phrase": list(words),
            "reading": said[0],
            "times": variation.num_other,
            "usual_reading": said[1],
            "usual_times": variation.num_usual,
            "readings": [
                _shown(numbered, phrases, one, label=label, place=place)
                for one, label, place in (
                    (shown[0], said[0], places[0]),
                    (shown[-1], said[1], places[-1]),
                )
            ],
        },
    )


def _shown(
    numbered: NumberedCorpus, phrases: Phrases, occurrence: int, *, label: str, place: str
) -> dict[str, object]:
    start, end = int(phrases.starts[occurrence]), int(phrases.ends[occurrence])
    sentence = int(numbered.sentence_of[start])
    begin = int(numbered.starts[sentence])
    return reading(numbered, sentence, start - begin, end - begin, label=label, place=place)


def _said(numbered: NumberedCorpus, number: int) -> str:
    num_types = len(numbered.types)
    if number < num_types:
        return named(numbered.types[number])
    return "in no span" if number == num_types else "cut by a boundary"
