"""NumPy matrices with a list of words."""

import contextlib
import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.errors import DataError, FormatError, UsageError
from tagger.vectors import Problem, read_vectors, write_numpy

WORDS = ["the", "Köln", "\x85", ". ."]
VECTORS = np.array([[0.5, -1], [2, 3], [4, 5], [6, 7]], dtype=np.float32)


@pytest.fixture
def path(tmp_path):
    write_numpy(tmp_path / "mine.npy", WORDS, VECTORS)
    return tmp_path / "mine.npy"


def refusal(path, kind=FormatError, **options):
    with pytest.raises(kind) as error:
        read_vectors(path, **options)
    return str(error.value).replace(str(path.parent) + "/", "")


def test_what_was_written_is_read(path):
    assert sorted(file.name for file in path.parent.iterdir()) == ["mine.npy", "mine.words.txt"]
    np.testing.assert_array_equal(np.load(path), VECTORS)
    vectors = read_vectors(path, dim=2)
    assert vectors.words == WORDS
    np.testing.assert_array_equal(vectors.vectors, VECTORS)
    assert (vectors.report.format, vectors.report.found) == ("NumPy matrix", 4)


def test_other_names_and_packing(path, tmp_path):
    packed = tmp_path / "mine.npy.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_vectors(packed).words == WORDS
    other = tmp_path / "other"
    path.rename(other)
    words = tmp_path / "list.gz"
    words.write_bytes(gzip.compress(b"\xef\xbb\xbfa\r\nb\r\nc\r\nd"))
    assert read_vectors(other, words=words).words == ["a", "b", "c", "d"]


@pytest.mark.parametrize("dtype", ["<f2", "<f4", "<f8", ">f4", ">f8"])
def test_all_kinds_of_floating_point_numbers(dtype, tmp_path):
    np.save(tmp_path / "m.npy", VECTORS.astype(dtype))
    (tmp_path / "m.words.txt").write_text("a\nb\nc\nd\n")
    np.testing.assert_array_equal(read_vectors(tmp_path / "m.npy").vectors, VECTORS)


def test_vectors_that_cannot_be_used_are_reported(path):
    matrix = np.array([[1, 2], [np.inf, 1], [3, 4], [5, 6]], dtype=np.float64)
    matrix[0, 0] = 1e300  # infinite in single precision
    np.save(path, matrix)
    (path.parent / "mine.words.txt").write_bytes(b"a\nb\n\xff\nc\n")
    vectors = read_vectors(path)
    assert vectors.words == ["c"]
    assert dict(vectors.report.problems) == {"infinite": Problem(2, (1, 2)), "utf8": Problem(1, (3,))}


def test_wanted_words_and_a_limit(path):
    assert read_vectors(path, keep={". .", "the"}).vectors.tolist() == [[0.5, -1], [6, 7]]
    assert read_vectors(path, limit=3).words == WORDS[:3]


def test_long_files_are_read_in_pieces_without_a_difference(tmp_path):
    matrix = np.random.default_rng(0).normal(size=(5000, 130)).astype(np.float32)
    write_numpy(tmp_path / "m.npy", [f"w{i}" for i in range(5000)], matrix)
    np.testing.assert_array_equal(read_vectors(tmp_path / "m.npy").vectors, matrix)


def test_matrices_that_are_refused(path):
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    assert refusal(path) == "mine.npy: expected 4 vectors, found the end of the file after 3: it is cut off"
    path.write_bytes(whole + b"x")
    assert refusal(path) == "mine.npy: expected 4 vectors, found more: the file is damaged"
    path.write_bytes(whole[:20])
    assert refusal(path).startswith("mine.npy: expected a NumPy matrix, found a damaged header: ")
    np.save(path, np.asfortranarray(VECTORS))
    assert refusal(path) == (
        "mine.npy: expected a matrix of floating-point numbers in C order, found an array of float32 of the shape "
        "(4, 2) in Fortran order"
    )
    np.save(path, np.zeros(3, dtype=np.int64))
    assert refusal(path) == (
        "mine.npy: expected a matrix of floating-point numbers in C order, found an array of int64 of the shape (3,)"
    )
    np.save(path, np.array([["a", None]], dtype=object), allow_pickle=True)
    assert "found an array of object" in refusal(path)


@pytest.mark.parametrize(("words", "count"), [("a\nb\n", 2), ("a\nb\nc\nd\ne\n", 5), ("", 0)])
def test_another_number_of_words_is_refused(words, count, path):
    (path.parent / "mine.words.txt").write_text(words)
    assert refusal(path) == (
        f"mine.npy: the matrix has 4 rows, expected as many words in mine.words.txt, found {count}"
    )


def test_a_matrix_without_words_says_where_they_belong(path):
    (path.parent / "mine.words.txt").unlink()
    assert refusal(path, DataError) == (
        "mine.words.txt: expected a file of word vectors, found none of this name"
    )


def test_a_list_of_words_has_no_meaning_for_other_formats(tmp_path):
    (tmp_path / "text").write_text("a 1 2\n")
    assert refusal(tmp_path / "text", UsageError, words="w.txt") == (
        "text: is not a NumPy matrix, so a file of its words has no effect: w.txt"
    )


@pytest.mark.parametrize("word", ["", "a\nb", "a\r"])
def test_words_that_cannot_stand_in_a_line_are_not_written(word, tmp_path):
    with pytest.raises(DataError) as error:
        write_numpy(tmp_path / "m.npy", [word], VECTORS[:1])
    assert str(error.value) == f"expected words that fit on a line, found {word!r}"
    assert not list(tmp_path.iterdir())


class Killed(BaseException):
    """The end of the process, which nothing catches."""


@pytest.mark.parametrize("call", range(6))
@pytest.mark.parametrize("name", ["fsync", "unlink", "replace"])
def test_whenever_writing_is_cut_short_no_matrix_stands_beside_the_words_of_another(
    name, call, path, monkeypatch
):
    other = [word.upper() + "!" for word in WORDS]
    calls = []

    def cut_short(original):
        def function(*arguments, **options):
            calls.append(name)
            if len(calls) > call:
                raise Killed
            return original(*arguments, **options)

        return function

    with monkeypatch.context() as patch:
        owner = os if name == "fsync" else Path
        patch.setattr(owner, name, cut_short(getattr(owner, name)))
        with contextlib.suppress(Killed):
            write_numpy(path, other, VECTORS + 1)
    if not path.exists():  # killed while one pair took the other's place
        assert name == "replace"
        assert len(calls) == call + 1 <= 2
        return
    found = read_vectors(path)
    pairs = {tuple(WORDS): VECTORS, tuple(other): VECTORS + 1}
    np.testing.assert_array_equal(found.vectors, pairs[tuple(found.words)])
    assert (found.words == other) == (len(calls) <= call or (name, call > 0) == ("unlink", True))


def test_vectors_of_zeros_are_kept_and_reported(tmp_path):
    matrix = VECTORS.copy()
    matrix[2] = 0
    matrix[3] = 1e-9  # zero in half precision
    write_numpy(tmp_path / "m.npy", WORDS, matrix)
    report = read_vectors(tmp_path / "m.npy").report
    assert (report.kept, dict(report.problems)) == (4, {"zero": Problem(1, (3,))})
    assert report.describe()[1].endswith("m.npy: 1 vector kept, all zero, which is as good as none: vector 3")
    halves = read_vectors(tmp_path / "m.npy", half=True).report
    assert dict(halves.problems) == {"zero": Problem(2, (3, 4))}


def test_a_matrix_of_another_shape_is_not_written(tmp_path):
    with pytest.raises(DataError) as error:
        write_numpy(tmp_path / "m.npy", ["a"], VECTORS)
    assert str(error.value) == "expected a row for each of 1 words, found a matrix of the shape (4, 2)"


@settings(deadline=None)
@given(
    words=st.lists(
        st.text(min_size=1).filter(lambda word: "\n" not in word and not word.endswith("\r")),
        unique=True,
        min_size=1,
    ).filter(lambda words: not words[0].startswith("\ufeff"))
)
def test_all_words_survive(words, tmp_path_factory):
    path = tmp_path_factory.mktemp("numpy") / "m.npy"
    write_numpy(path, words, np.arange(3 * len(words), dtype=np.float16).reshape(-1, 3))
    vectors = read_vectors(path, half=True)
    assert vectors.words == words
    assert vectors.vectors.tolist() == np.arange(3 * len(words)).reshape(-1, 3).tolist()
