import random
from collections import Counter

import numpy as np
from checking_corpora import corpus_of

from tagger.checking.numbered import NONE
from tagger.checking.phrase_readings import are_among, occurrence_readings, reading_counts
from tagger.checking.phrases import find_phrases


def test_occurrences_are_read_as_type_as_none_as_cut_and_within_longer_ones_not_at_all() -> None:
    numbered = corpus_of(
        train="a/B-X b/I-X\na b\na b/B-Y\nc/B-X a/I-X b/I-X\na/B-Y b/B-Y\na/B-Y b/I-Y"
    ).numbered
    chosen = np.array([0])  # the words a b
    everywhere = np.ones(len(numbered.tokens), dtype=np.bool_)
    phrases = find_phrases(numbered, numbered.tokens, chosen, everywhere)

    assert numbered.types == ["X", "Y"]
    assert occurrence_readings(numbered, phrases).tolist() == [0, 2, 3, NONE, 3, 1]


def test_random_readings_are_counted_as_a_plain_loop_counts_them() -> None:
    generator = random.Random(1)
    phrases = np.array([generator.randrange(20) for _ in range(300)])
    readings = np.array([generator.randrange(-1, 4) for _ in range(300)])

    counts = reading_counts(phrases, readings)

    pairs = Counter(
        (phrase, reading)
        for phrase, reading in zip(phrases.tolist(), readings.tolist(), strict=True)
        if reading != NONE
    )
    found = dict(
        zip(zip(counts.phrases.tolist(), counts.readings.tolist(), strict=True), counts.counts, strict=True)
    )
    assert found == pairs
    best, times = counts.most_frequent(21)
    totals = counts.totals(21)
    for phrase in range(20):
        own = {reading: number for (one, reading), number in pairs.items() if one == phrase}
        assert times[phrase] == max(own.values())
        assert best[phrase] == min(reading for reading in own if own[reading] == times[phrase])
        assert totals[phrase] == sum(own.values())
    assert (best[20], times[20], totals[20]) == (NONE, 0, 0)


def test_pairs_that_occur_are_told_from_others() -> None:
    counts = reading_counts(np.array([0, 1, 1]), np.array([2, 0, NONE]))

    assert are_among(np.array([0, 0, 1, NONE, 1]), np.array([2, 0, 0, 0, 9]), counts).tolist() == [
        True, False, True, False, False,
    ]  # fmt: skip
