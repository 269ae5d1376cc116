"""Readings of the occurrences of phrases: a span of a type, no span, or cut by a boundary; and their counts.

Letters: F phrases, K occurrences, M spans, Q pairs of a phrase and a reading that occur.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tagger.checking.numbered import NONE, NumberedCorpus
from tagger.checking.phrases import Phrases
from tagger.metrics.label_arrays import BoolArray, IntArray


class ReadingCounts(NamedTuple):
    """Counts of the readings of phrases, ordered by phrase and reading, ``[Q]`` each.

    Attributes:
        phrases: index of the phrase.
        readings: index of the reading, see :func:`occurrence_readings`.
        counts: number of occurrences with this reading; 1 or more.
    """

    phrases: IntArray
    readings: IntArray
    counts: IntArray

    def totals(self, num_phrases: int) -> IntArray:
        """Return the number of readings of each phrase, ``[F]``."""
        totals: IntArray = np.bincount(self.phrases, self.counts, num_phrases).astype(np.int64)
        return totals

    def most_frequent(self, num_phrases: int) -> tuple[IntArray, IntArray]:
        """Return the most frequent reading of each phrase, and its count, ``[F]`` each.

        Ties go to the smallest index; NONE and 0 for a phrase without readings.
        """
        # the last entry of each phrase wins
        order = np.lexsort((-self.readings, self.counts, self.phrases))
        best, times = np.full(num_phrases, NONE), np.zeros(num_phrases, dtype=np.int64)
        best[self.phrases[order]] = self.readings[order]
        times[self.phrases[order]] = self.counts[order]
        return best, times


def occurrence_readings(numbered: NumberedCorpus, phrases: Phrases) -> IntArray:
    """Return the reading of each occurrence of a phrase, ``[K]``.

    The index of its type; the number of types for no span, and that plus 1 for a cut by a boundary; NONE within a
    longer span, which is uninformative ("York" in "New York").
    """
    num_types = len(numbered.types)
    first, last = numbered.span_of[phrases.starts], numbered.span_of[phrases.ends - 1]
    inside = np.concatenate(([0], np.cumsum(numbered.span_of != NONE)))
    readings = np.full(len(phrases.starts), num_types + 1)
    readings[inside[phrases.ends] == inside[phrases.starts]] = num_types
    is_one = (first == last) & (first != NONE)
    spans = first[is_one]
    is_whole = (numbered.spans.starts[spans] == phrases.starts[is_one]) & (
        numbered.spans.ends[spans] == phrases.ends[is_one]
    )
    readings[is_one] = np.where(is_whole, numbered.spans.types[spans], NONE)
    return readings


def reading_counts(phrases: IntArray, readings: IntArray) -> ReadingCounts:
    """Return the counts of the readings of each phrase.

    Args:
        phrases: the phrase of each occurrence, ``[K]``.
        readings: its reading, ``[K]``; NONE is not counted.
    """
    is_read = readings != NONE
    num_readings = int(readings.max(initial=0)) + 1
    pairs, counts = np.unique(phrases[is_read] * num_readings + readings[is_read], return_counts=True)
    return ReadingCounts(pairs // num_readings, pairs % num_readings, counts)


def are_among(phrases: IntArray, readings: IntArray, counts: ReadingCounts) -> BoolArray:
    """Return whether each pair of a phrase and a reading occurs.

    Args:
        phrases: of each pair; NONE for no phrase.
        readings: of each pair.
        counts: the pairs that occur.
    """
    num_readings = max(int(readings.max(initial=0)), int(counts.readings.max(initial=0))) + 1
    keys = phrases * num_readings + readings
    found: BoolArray = np.isin(keys, counts.phrases * num_readings + counts.readings) & (phrases != NONE)
    return found
