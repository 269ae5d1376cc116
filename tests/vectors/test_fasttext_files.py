"""fastText's binary files, written by a slow second implementation."""

import numpy as np
import pytest
from fasttext_oracle import fasttext_bytes, word_vector
from present import present

from tagger.errors import FormatError
from tagger.vectors import Problem, read_vectors

WORDS = [b"</s>", b"the", "Köln".encode(), b"EU", "日本語".encode(), b"where"]
OPTIONS = {"min_chars": 2, "max_chars": 4, "buckets": 30}


def matrix(buckets=30, dim=5, count=6):
    return np.random.default_rng(0).normal(size=(count + buckets, dim)).astype(np.float32)


@pytest.fixture
def write(tmp_path):
    def write(*arguments, cut=None, **options):
        path = tmp_path / "model.vec"  # names do not matter
        path.write_bytes(fasttext_bytes(*arguments, **options)[:cut])
        return path

    return write


def refusal(path, **options):
    with pytest.raises(FormatError) as error:
        read_vectors(path, **options)
    return str(error.value).removeprefix(str(path))


@pytest.mark.parametrize("version", [11, 12])
@pytest.mark.parametrize("model", [1, 2])
def test_words_are_the_mean_of_their_own_row_and_their_ngrams(model, version, write):
    table = matrix()
    vectors = read_vectors(write(WORDS, table, model=model, version=version, **OPTIONS), dim=5)
    assert vectors.words == [word.decode() for word in WORDS]
    expected = [word_vector(word, WORDS, table, **OPTIONS) for word in WORDS]
    np.testing.assert_allclose(vectors.vectors, expected, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(vectors.vectors[0], table[0])
    assert (vectors.report.format, vectors.report.found, vectors.report.kept) == ("fastText binary", 6, 6)


def test_unseen_words_are_put_together_from_ngrams(write):
    table = matrix()
    subwords = present(read_vectors(write(WORDS, table, **OPTIONS)).subwords)
    unseen = [b"there", "Kölner".encode(), b"Q", b"", b"\xed\xa0\x80"]
    vectors, has_any = subwords.compose(unseen)
    assert has_any.all()
    expected = [word_vector(word, WORDS, table, **OPTIONS) for word in unseen]
    np.testing.assert_allclose(vectors, expected, rtol=0, atol=1e-6)


def test_ngrams_are_left_out_on_request_but_not_out_of_known_words(write):
    path = write(WORDS, matrix(), **OPTIONS)
    without = read_vectors(path, subwords=False)
    assert without.subwords is None
    np.testing.assert_array_equal(without.vectors, read_vectors(path).vectors)


def test_half_precision_is_rounded_at_the_end(write):
    path = write(WORDS, matrix(), **OPTIONS)
    whole, half = read_vectors(path), read_vectors(path, half=True)
    np.testing.assert_array_equal(half.vectors, whole.vectors.astype(np.float16))
    np.testing.assert_array_equal(
        present(half.subwords).ngrams, present(whole.subwords).ngrams.astype(np.float16)
    )


@pytest.mark.parametrize("buckets", [0, 4])
def test_a_model_without_ngrams_has_the_rows_alone(buckets, write):
    vectors = read_vectors(write(WORDS, matrix(buckets), min_chars=0, max_chars=0, buckets=buckets))
    np.testing.assert_array_equal(vectors.vectors, matrix(buckets)[: len(WORDS)])
    assert vectors.subwords is None


def test_wanted_words_and_a_limit(write):
    path = write(WORDS, matrix(), **OPTIONS)
    everything = read_vectors(path)
    some = read_vectors(path, keep={"EU", "Köln"})
    assert some.words == ["Köln", "EU"]
    np.testing.assert_array_equal(some.vectors, everything.vectors[[2, 3]])
    first = read_vectors(path, limit=2)
    assert first.words == ["</s>", "the"]
    np.testing.assert_array_equal(first.vectors, everything.vectors[:2])


def test_vectors_that_cannot_be_used_are_reported(write):
    words = [b"a", b"\xff\xfe", b"", b"b"]
    table = matrix(count=4)
    table[3] = np.nan
    vectors = read_vectors(write(words, table, min_chars=6, max_chars=6, buckets=30))
    assert vectors.words == ["a"]
    assert dict(vectors.report.problems) == {
        "infinite": Problem(1, (4,)),
        "utf8": Problem(1, (2,)),
        "empty": Problem(1, (3,)),
    }


def test_matrices_larger_than_what_is_read_at_once(write):
    count, buckets, dim = 900, 1500, 700
    table = np.random.default_rng(0).normal(size=(count + buckets, dim)).astype(np.float32)
    words = [f"wort{i}".encode() for i in range(count)]
    vectors = read_vectors(write(words, table, min_chars=3, max_chars=5, buckets=buckets))
    np.testing.assert_array_equal(present(vectors.subwords).ngrams, table[count:])
    for i in (0, 450, 899):
        expected = word_vector(words[i], words, table, min_chars=3, max_chars=5, buckets=buckets)
        np.testing.assert_allclose(vectors.vectors[i], expected, rtol=0, atol=1e-6)


def test_ngrams_that_are_no_numbers_are_not_kept(write):
    table = matrix()
    table[20, 1] = np.inf
    path = write(WORDS, table, **OPTIONS)
    assert refusal(path) == (
        ": expected numbers in the rows of the n-grams, found NaN or infinity between rows 0 and 30. Use another "
        "model, or leave the n-grams out (subwords)."
    )
    report = read_vectors(path, subwords=False).report
    assert report.kept + report.problems["infinite"].count == len(WORDS)


def test_a_word_with_the_same_ngrams_again_and_again(write):
    words = [b"a" * 5000, b"aaaa", "日本".encode() * 900]
    table = matrix(count=3)
    vectors = read_vectors(write(words, table, **OPTIONS)).vectors
    expected = [word_vector(word, words, table, **OPTIONS) for word in words]
    np.testing.assert_allclose(vectors, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": 3}, ": the fastText model is supervised (a text classifier), expected word vectors trained without "
                       "labels (skipgram or cbow)"),
        ({"quantised": True}, ": the fastText model is quantised (.ftz), its vectors are not in the file. Use the .bin "
                              "file it was made from."),
        ({"labels": [b"__label__a"]}, ": expected a fastText model of words alone, found 6 words and 1 labels among 7 "
                                      "entries"),
        ({"pruned": 9}, ": the fastText model is pruned; use the .bin file it was made from"),
        ({"version": 13}, ": expected a fastText model of version 11 or 12, found 13"),
        ({"buckets": 31}, ": expected a matrix of 37 x 5, found 36 x 5: the file is damaged"),
        ({"buckets": -1}, ": expected the options of a fastText model, found model 2, -1 buckets and n-grams of 2 to "
                          "4: the file is damaged"),
    ],
)  # fmt: skip
def test_models_that_are_refused(options, message, write):
    assert refusal(write(WORDS, matrix(), **{**OPTIONS, **options})) == message


@pytest.mark.parametrize(
    ("cut", "what"),
    [(4, "the version"), (30, "the options"), (80, "the dictionary"), (110, "the dictionary"), (240, "the matrix"),
     (700, "the matrix"), (900, "the matrix")],
)  # fmt: skip
def test_models_that_are_cut_off(cut, what, write):
    assert refusal(write(WORDS, matrix(), cut=cut, **OPTIONS)) == (
        f": the fastText model ends in the middle of {what}: the file is cut off. Fetch it again."
    )


def test_a_matrix_of_another_dimension_than_the_options_is_damaged(write):
    path = write(WORDS, matrix(), **OPTIONS)
    data = bytearray(path.read_bytes())
    data[8:12] = (6).to_bytes(4, "little")
    path.write_bytes(data)
    assert refusal(path) == ": expected a matrix of 36 x 6, found 36 x 5: the file is damaged"
