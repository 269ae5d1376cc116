"""How words as they are written find their vectors, and how many of a text do."""

import numpy as np
import pytest
from fasttext_oracle import word_vector

from tagger import TaggerConfig
from tagger.features import normalize_word
from tagger.vectors import Subwords, VectorTable, coverage, look_up
from tagger.vectors.lookup import WAYS, fold_digits

WORDS = ["Apple", "apple", "paris", "1996", "0000", "route00", "Mk0", "ǆ"]


@pytest.fixture
def table():
    return VectorTable.build(WORDS, np.arange(1, 17, dtype=np.float32).reshape(8, 2))


@pytest.mark.parametrize(
    ("word", "way", "found"),
    [
        ("Apple", "exact", "Apple"),
        ("apple", "exact", "apple"),
        ("APPLE", "lower case", "apple"),
        ("Paris", "lower case", "paris"),
        ("ǅ", "lower case", "ǆ"),
        ("1996", "exact", "1996"),
        ("1997", "digits folded", "0000"),
        ("Mk7", "digits folded", "Mk0"),
        ("Route66", "digits folded", "route00"),
        ("mk7", "missing", None),
        ("banana", "missing", None),
        ("", "missing", None),
        ("\ud800", "missing", None),
    ],
)
def test_a_word_is_found_exactly_else_in_lower_case_else_with_digits_folded(word, way, found, table):
    vectors, ways = look_up(table, ["zzz", word])
    assert [WAYS[i] for i in ways] == ["missing", way]
    expected = table.vectors[WORDS.index(found)] if found else [0, 0]
    np.testing.assert_array_equal(vectors, [[0, 0], expected])
    assert vectors.dtype == np.float32


def test_all_words_of_a_text_at_once(table):
    words = ["APPLE", "nothing", "1234", "Apple", "Apple", "Route66"]
    vectors, ways = look_up(table, words)
    assert ways.tolist() == [2, 0, 3, 1, 1, 3]
    for i, word in enumerate(words):
        np.testing.assert_array_equal(vectors[i], look_up(table, [word])[0][0])
    empty, ways = look_up(table, [])
    assert (empty.shape, ways.shape) == ((0, 2), (0,))


def test_digits_are_folded_as_the_features_fold_them():
    text = "0123456789 ٣ ² x7"
    assert fold_digits(text) == normalize_word(text, TaggerConfig(lowercase=False))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_words_that_are_not_there_are_put_together_from_ngrams(dtype):
    ngrams = np.random.default_rng(0).normal(size=(40, 3)).astype(dtype)
    table = VectorTable.build(["apple"], np.ones((1, 3), dtype=dtype), Subwords(ngrams, 3, 4))
    vectors, ways = look_up(table, ["Apple", "Äpfel", "apple", "</s>"])
    assert [WAYS[i] for i in ways] == ["lower case", "n-grams", "exact", "missing"]
    np.testing.assert_array_equal(vectors[[0, 2, 3]], [[1, 1, 1], [1, 1, 1], [0, 0, 0]])
    expected = word_vector("Äpfel".encode(), [], ngrams, min_chars=3, max_chars=4, buckets=40)
    np.testing.assert_allclose(vectors[1], expected, rtol=0, atol=1e-6)


def test_coverage_counts_tokens_and_types(table):
    found = coverage(table, {"Apple": 5, "APPLE": 2, "1997": 1, "Paris": 1, "banana": 3})
    assert dict(found.tokens) == {"missing": 3, "exact": 5, "lower case": 3, "digits folded": 1, "n-grams": 0}
    assert dict(found.types) == {"missing": 1, "exact": 1, "lower case": 2, "digits folded": 1, "n-grams": 0}
    assert found.describe() == (
        "vectors for 75.0 % of 12 tokens (exact 41.7 %, lower case 25.0 %, digits folded 8.3 %) "
        "and 80.0 % of 5 types (exact 20.0 %, lower case 40.0 %, digits folded 20.0 %)"
    )


def test_coverage_of_nothing(table):
    assert coverage(table, {}).describe() == "vectors for 0.0 % of 0 tokens and 0.0 % of 0 types"
    assert coverage(table, {"x": 2}).describe() == "vectors for 0.0 % of 2 tokens and 0.0 % of 1 types"
