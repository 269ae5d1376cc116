"""How phrases are read where they stand: as a span of a type, as no span, or cut by a boundary; and how often each way.

Letters: F phrases, K occurrences, M spans, Q pairs of a phrase and a reading that occur.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tagger.checking.numbered import NONE, NumberedCorpus
from tagger.checking.phrases import Phrases
from tagger.metrics.label_arrays import BoolArray, IntArray


class ReadingCounts(NamedTuple):
    """How often phrases are read in which way, ordered by phrase and reading, ``[Q]`` each.

    Attributes:
        phrases: number of the phrase.
        readings: number of the reading, see :func:`occurrence_readings`.
        counts: how often it is read so; 1 or more.
    """

    phrases: IntArray
    readings: IntArray
    counts: IntArray

    def totals(self, num_phrases: int) -> IntArray:
        """Return how often each phrase is read in any way, ``[F]``."""
        totals: IntArray = np.bincount(self.phrases, self.counts, num_phrases).astype(np.int64)
        return totals

    def most_frequent(self, num_phrases: int) -> tuple[IntArray, IntArray]:
        """Return the most frequent reading of each phrase, and how often it is read so, ``[F]`` each.

        Of readings as frequent it is that with the smallest number; NONE and 0 where a phrase is never read.
        """
        # the last one of a phrase stays
        order = np.lexsort((-self.readings, self.counts, self.phrases))
        best, times = np.full(num_phrases, NONE), np.zeros(num_phrases, dtype=np.int64)
        best[self.phrases[order]] = self.readings[order]
        times[self.phrases[order]] = self.counts[order]
        return best, times


def occurrence_readings(numbered: NumberedCorpus, phrases: Phrases) -> IntArray:
    """Return how each occurrence of a phrase is read, ``[K]``.

    The number of its type; the number of types for no span, and that plus 1 for a cut by a boundary; NONE within a
    longer span, which tells nothing ("York" in "New York").
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
    """Return how often each phrase is read in which way.

    Args:
        phrases: the phrase of each occurrence, ``[K]``.
        readings: how it is read, ``[K]``; those of NONE do not count.
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
        counts: what occurs.
    """
    num_readings = max(int(readings.max(initial=0)), int(counts.readings.max(initial=0))) + 1
    keys = phrases * num_readings + readings
    found: BoolArray = np.isin(keys, counts.phrases * num_readings + counts.readings) & (phrases != NONE)
    return found
