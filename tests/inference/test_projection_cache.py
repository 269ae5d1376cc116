"""ProjectionCache: the input projections of words, whatever was asked before and however small the table is."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from tiny_models import tiny_parts

from tagger.inference.projection_cache import ProjectionCache
from tagger.inference.word_cache import WordCache
from tagger.network import Network

PARTS = tiny_parts()
NETWORK = Network(PARTS.config, PARTS.weights)
BYTES_OF_A_WORD = NETWORK.project(np.zeros((1, 30), dtype=np.float32)).nbytes


def check(cache, words, sentence):
    known = words.rows([sentence])
    rows = known.rows[0]
    projected, places = cache.look_up(known, rows)
    expected = NETWORK.project(known.vectors[rows])
    np.testing.assert_allclose(projected[:, places], expected, atol=1e-6)
    return projected, places, expected


@pytest.mark.parametrize("room", [0, 1, 3, 1000])
def test_every_word_has_the_projection_that_the_network_gives_it(room):
    words = WordCache(PARTS.featurizer, NETWORK, max_bytes=2**20)
    cache = ProjectionCache(NETWORK, max_bytes=room * BYTES_OF_A_WORD)
    kept = [
        check(cache, words, sentence)
        for sentence in (
            ("EU", "rejects"),
            ("rejects", "EU", "new", "EU"),
            ("a", "b", "c", "EU"),
            ("c", "EU"),
        )
    ]
    for projected, places, expected in kept:  # still right after all that came later
        np.testing.assert_allclose(projected[:, places], expected, atol=1e-6)


def test_a_word_is_projected_once(monkeypatch):
    words = WordCache(PARTS.featurizer, NETWORK, max_bytes=2**20)
    cache = ProjectionCache(NETWORK, max_bytes=100 * BYTES_OF_A_WORD)
    project, asked = NETWORK.project, []

    def noted(vectors):
        asked.append(len(vectors))
        return project(vectors)

    monkeypatch.setattr(NETWORK, "project", noted)
    for sentence in (("EU", "rejects", "EU"), ("rejects", "new"), ("EU", "new")):
        known = words.rows([sentence])
        cache.look_up(known, known.rows[0])
    assert asked == [1, 2, 1]  # the size of a row, then two words, then the new one


def test_it_starts_again_when_words_are_forgotten():
    words = WordCache(PARTS.featurizer, NETWORK, max_bytes=1)
    cache = ProjectionCache(NETWORK, max_bytes=100 * BYTES_OF_A_WORD)
    for sentence in (("EU",), ("rejects", "EU"), ("German",)):
        check(cache, words, sentence)


def test_threads_may_share_it():
    words = WordCache(PARTS.featurizer, NETWORK, max_bytes=15_000)
    cache, failures = ProjectionCache(NETWORK, max_bytes=20 * BYTES_OF_A_WORD), []

    def ask(number):
        for i in range(20):
            sentence = tuple(f"w{(number * 7 + i * 3 + k) % 90}" for k in range(20))
            try:
                check(cache, words, sentence)
            except AssertionError as error:
                failures.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
