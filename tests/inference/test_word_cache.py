"""WordCache: rows and vectors of words, whatever was asked before."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from present import present
from tiny_models import SENTENCES, tiny_parts

from tagger.features import encode_sentences
from tagger.inference.word_cache import WordCache
from tagger.network import Network

PARTS = tiny_parts()
NETWORK = Network(PARTS.config, PARTS.weights)
ODD = ["", "a", "A", "9", "x" * 10_000, "\0", "😀", "שלום", "\u2028", "\ud800", "EU", "rejects"]


def cache(*, max_bytes=2**20):
    return WordCache(PARTS.featurizer, NETWORK, max_bytes=max_bytes)


def expected_vectors(words):
    """One word at a time, without the cache."""
    vectors = []
    for word in words:
        _, features = encode_sentences(PARTS.featurizer, [(word,)])
        vectors.append(NETWORK.word_vectors(features)[0])
    return np.stack(vectors)


def check(cached, sentences):
    rows, vectors, attributes, *_ = cached
    assert attributes.shape == (len(vectors), 0)
    assert [len(row) for row in rows] == [len(sentence) for sentence in sentences]
    for row, sentence in zip(rows, sentences, strict=True):
        if sentence:
            np.testing.assert_allclose(vectors[row], expected_vectors(sentence), atol=1e-6)


def test_every_word_has_the_vector_that_the_network_gives_it():
    made = cache()
    for sentences in ([("EU", "rejects"), ()], [("rejects", "EU", "rejects", "new")], [ODD], [()], []):
        check(made.rows(sentences), sentences)


def test_the_network_computes_a_word_once(monkeypatch):
    made, asked = cache(), []
    encode = PARTS.featurizer.encode

    def noted(words):
        asked.extend(words)
        return encode(words)

    monkeypatch.setattr(PARTS.featurizer, "encode", noted)
    made.rows([("b", "aa", "b"), ("c",)])
    made.rows([("c", "b"), ("d",)])
    assert asked == ["b", "c", "aa", "d"]


def test_what_was_returned_stays_right_when_the_cache_grows_and_is_emptied():
    made = cache(max_bytes=800_000)  # some 3,000 words
    early = made.rows([("The", "EU")])
    for start in range(0, 9000, 900):
        words = tuple(f"w{i}" for i in range(start, start + 900))
        cached = made.rows([words])
        check(cached._replace(rows=[cached.rows[0][:3], cached.rows[0][-3:]]), [words[:3], words[-3:]])
        check(early, [("The", "EU")])
    assert 900 < len(made._row_of) < 5_000


def test_attributes_for_wide_features_are_those_of_the_words():
    parts = tiny_parts(wide_features=True)
    made = WordCache(parts.featurizer, Network(parts.config, parts.weights), max_bytes=2**20)
    early = made.rows([("The", "EU")])
    made.rows([tuple(f"w{i}" for i in range(3000))])
    late = made.rows([("EU", *ODD, "The")])
    for cached, words in ((early, ("The", "EU")), (late, ("EU", *ODD, "The"))):
        np.testing.assert_array_equal(
            cached.attributes[cached.rows[0]], present(parts.featurizer.wide).attributes(words)
        )


def test_monstrous_words_empty_it_too():
    made = cache(max_bytes=50_000)
    for start in range(0, 100, 10):
        made.rows([tuple(f"{i}" * 5_000 for i in range(start, start + 10))])
        assert sum(map(len, made._row_of)) <= 50_000 + 10 * 10_000


def test_threads_may_share_it():
    made, wrong = cache(max_bytes=15_000), []  # some 50 words
    words = [f"w{i}" for i in range(90)]
    expected = expected_vectors(words)

    def ask(number):
        for i in range(20):
            numbers = [(number * 7 + i * 3 + k) % 90 for k in range(20)]
            rows, vectors, *_ = made.rows([tuple(words[n] for n in numbers)])
            if not np.allclose(vectors[rows[0]], expected[numbers], atol=1e-6):
                wrong.append(numbers)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt])
@pytest.mark.parametrize("table", [0, 1])
def test_whatever_stops_the_cache_from_growing_leaves_it_right(monkeypatch, error, table):
    parts = tiny_parts(wide_features=True, wide_min_count=1)
    network = Network(parts.config, parts.weights)
    kept = WordCache(parts.featurizer, network, max_bytes=2**20)
    kept.rows(SENTENCES)
    many = [tuple(f"word{i}" for i in range(2000))]
    zeros, large = np.zeros, []

    def fail(shape, *arguments, **options):
        if isinstance(shape, tuple) and shape[0] > 2000:
            large.append(shape)
            if len(large) > table:
                raise error
        return zeros(shape, *arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(np, "zeros", fail)
        with pytest.raises(error):
            kept.rows(many)
    found = kept.rows([*many, *SENTENCES])
    expected = WordCache(parts.featurizer, network, max_bytes=2**20).rows([*many, *SENTENCES])
    for one, other in zip(found.rows, expected.rows, strict=True):
        np.testing.assert_allclose(found.vectors[one], expected.vectors[other], atol=1e-6)
        np.testing.assert_array_equal(found.attributes[one], expected.attributes[other])
