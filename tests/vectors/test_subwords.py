"""N-grams and their hashes are those of a slow second implementation, which reads like fastText's description."""

import numpy as np
import pytest
from fasttext_oracle import fnv, ngrams
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.vectors.subwords import Subwords, ngram_rows


def rows_of(words, **options):
    rows: list[list[int]] = [[] for _ in words]
    for owners, found in ngram_rows(words, **options):
        assert (np.diff(owners) >= 0).all()
        for owner, row in zip(owners.tolist(), found.tolist(), strict=True):
            rows[owner].append(row)
    return rows


def expected(words, *, min_chars, max_chars, buckets):
    return [[fnv(ngram) % buckets for ngram in ngrams(word, min_chars, max_chars)] for word in words]


def test_the_hash_is_fnv_1a_with_signed_bytes():
    assert fnv(b"") == 0x811C9DC5
    assert fnv(b"a") == 0xE40C292C  # published test vectors of FNV-1a
    assert fnv(b"foobar") == 0xBF9CF968
    plain = ((0x811C9DC5 ^ 0xC3) * 16777619 % 2**32 ^ 0xA9) * 16777619 % 2**32
    assert fnv("é".encode()) != plain


def test_a_word_of_the_paper():
    assert ngrams(b"where", 3, 3) == [
        b"<wh",
        b"whe",
        b"her",
        b"ere",
        b"re>",
    ]  # Bojanowski et al., section 3.2
    options = {"min_chars": 3, "max_chars": 3, "buckets": 2**31 - 1}
    assert rows_of([b"where"], **options) == [[fnv(ngram) % (2**31 - 1) for ngram in ngrams(b"where", 3, 3)]]


@pytest.mark.parametrize(
    "word", [b"", b"a", b"</s>", "é".encode(), "日本".encode(), "😀".encode(), b"a\xcc\x81"]
)
@pytest.mark.parametrize(
    ("min_chars", "max_chars"), [(3, 6), (1, 1), (1, 3), (2, 2), (0, 2), (5, 5), (4, 3), (0, 0)]
)
def test_short_words(word, min_chars, max_chars):
    options = {"min_chars": min_chars, "max_chars": max_chars, "buckets": 1000}
    assert rows_of([b"before", word, b"after"], **options) == expected([b"before", word, b"after"], **options)


@settings(deadline=None)
@given(st.lists(st.text(max_size=12)), st.integers(0, 4), st.integers(0, 7), st.integers(1, 2**31 - 1))
def test_all_words(texts, min_chars, max_chars, buckets):
    words = [text.encode("utf-8", "surrogatepass") for text in texts]
    options = {"min_chars": min_chars, "max_chars": max_chars, "buckets": buckets}
    assert rows_of(words, **options) == expected(words, **options)


def test_more_words_than_are_hashed_at_once():
    words = [f"Wörter{i}".encode() for i in range(20_000)]
    rows = rows_of(words, min_chars=3, max_chars=4, buckets=999)
    for i in (0, 7000, 19_999):
        assert rows[i] == expected([words[i]], min_chars=3, max_chars=4, buckets=999)[0]


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_a_word_is_the_mean_of_its_ngrams(dtype):
    table = np.random.default_rng(0).normal(size=(50, 4)).astype(dtype)
    words = [b"where", b"</s>", "Straße".encode(), b"x" * 9000]
    vectors, has_any = Subwords(table, 3, 6).compose(words)
    assert vectors.dtype == np.float32
    assert has_any.tolist() == [True, False, True, True]
    assert vectors[1].tolist() == [0, 0, 0, 0]
    for i in (0, 2, 3):
        rows = expected([words[i]], min_chars=3, max_chars=6, buckets=50)[0]
        np.testing.assert_allclose(vectors[i], table[rows].astype(np.float64).mean(axis=0), rtol=0, atol=1e-6)


def test_no_words():
    vectors, has_any = Subwords(np.zeros((5, 3), dtype=np.float32), 3, 6).compose([])
    assert (vectors.shape, has_any.shape) == ((0, 3), (0,))
