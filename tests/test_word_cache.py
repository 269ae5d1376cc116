"""WordCache: rows and vectors of words, whatever was asked before."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch
from tiny_models import tiny_tagger

from tagger.features import encode_sentences
from tagger.model import FeatureTensors
from tagger.word_cache import WordCache

PARTS = tiny_tagger().parts
ODD = ["", "a", "A", "9", "x" * 10_000, "\0", "😀", "שלום", "\u2028", "\ud800", "EU", "rejects"]


def cache(**limits):
    return WordCache(PARTS.featurizer, PARTS.model.word_features, **{"max_words": 1000, **limits})


def expected_vectors(words):
    """One word at a time, without the cache."""
    vectors = []
    for word in words:
        _, features = encode_sentences(PARTS.featurizer, [(word,)])
        with torch.no_grad():
            vectors.append(PARTS.model.word_features(FeatureTensors.of(features))[0])
    return torch.stack(vectors)


def check(cached, sentences):
    rows, vectors, attributes, *_ = cached
    assert attributes.shape == (len(vectors), 0)
    assert [len(row) for row in rows] == [len(sentence) for sentence in sentences]
    for row, sentence in zip(rows, sentences, strict=True):
        if sentence:
            torch.testing.assert_close(vectors[torch.from_numpy(row)], expected_vectors(sentence))


def test_every_word_has_the_vector_that_the_network_gives_it():
    made = cache()
    for sentences in ([("EU", "rejects"), ()], [("rejects", "EU", "rejects", "new")], [ODD], [()], []):
        check(made.rows(sentences), sentences)


def test_the_network_computes_a_word_once(monkeypatch):
    made, asked = cache(), []
    encode = PARTS.featurizer.encode
    monkeypatch.setattr(PARTS.featurizer, "encode", lambda words: asked.extend(words) or encode(words))
    made.rows([("b", "aa", "b"), ("c",)])
    made.rows([("c", "b"), ("d",)])
    assert asked == ["b", "c", "aa", "d"]


def test_what_was_returned_stays_right_when_the_cache_grows_and_is_emptied():
    made = cache(max_words=3000)
    early = made.rows([("The", "EU")])
    for start in range(0, 9000, 900):
        words = tuple(f"w{i}" for i in range(start, start + 900))
        cached = made.rows([words])
        check(cached._replace(rows=[cached.rows[0][:3], cached.rows[0][-3:]]), [words[:3], words[-3:]])
        check(early, [("The", "EU")])
    assert len(made._row_of) <= 3900


def test_attributes_for_wide_features_are_those_of_the_words():
    parts = tiny_tagger(wide_features=True).parts
    made = WordCache(parts.featurizer, parts.model.word_features, max_words=1000)
    early = made.rows([("The", "EU")])
    made.rows([tuple(f"w{i}" for i in range(3000))])
    late = made.rows([("EU", *ODD, "The")])
    for cached, words in ((early, ("The", "EU")), (late, ("EU", *ODD, "The"))):
        np.testing.assert_array_equal(
            cached.attributes[cached.rows[0]], parts.featurizer.wide.attributes(words)
        )


def test_monstrous_words_empty_it_too():
    made = cache(max_characters=50_000)
    for start in range(0, 100, 10):
        made.rows([tuple(f"{i}" * 5_000 for i in range(start, start + 10))])
        assert sum(map(len, made._row_of)) <= 50_000 + 10 * 10_000


@pytest.mark.parametrize("part", ["word_embedding", "char_cnn.embedding", "char_cnn.convolution"])
@pytest.mark.parametrize("way", ["in place", "replaced"])
def test_vectors_of_changed_weights_are_forgotten(way, part):
    tagger = tiny_tagger()
    words = [("EU", "rejects")]
    made = WordCache(tagger.parts.featurizer, tagger.parts.model.word_features, max_words=1000)
    before = made.rows(words).vectors
    changed = tagger.parts.model.word_features.get_submodule(part)
    with torch.no_grad():
        if way == "in place":
            changed.weight += 1.0
        else:
            changed.weight = torch.nn.Parameter(changed.weight + 1.0)
    after = made.rows(words).vectors
    assert not torch.equal(before[:2], after[:2])
    fresh = WordCache(tagger.parts.featurizer, tagger.parts.model.word_features, max_words=1000)
    assert torch.equal(after[:2], fresh.rows(words).vectors[:2])


@pytest.mark.parametrize("mode", [torch.inference_mode, lambda: torch.autocast("cpu", torch.bfloat16)])
def test_the_mode_of_a_caller_is_not_that_of_the_next(mode):
    made = cache()
    with mode():
        made.rows([("EU", "rejects")])
    sentences = [("EU", "rejects", "German")]
    check(made.rows(sentences), sentences)


def test_threads_may_share_it():
    made, wrong = cache(max_words=50), []
    words = [f"w{i}" for i in range(90)]
    expected = expected_vectors(words)

    def ask(number):
        for i in range(20):
            numbers = [(number * 7 + i * 3 + k) % 90 for k in range(20)]
            rows, vectors, *_ = made.rows([tuple(words[n] for n in numbers)])
            if not torch.allclose(vectors[torch.from_numpy(rows[0])], expected[numbers], atol=1e-6):
                wrong.append(numbers)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
