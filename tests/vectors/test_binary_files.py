"""word2vec's binary form, written here byte by byte."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tagger.errors import FormatError
from tagger.vectors import Problem, read_vectors


def binary(table, *, header=None, line_feeds=True):
    """The file's bytes: ``table`` is a list of words (bytes) and values."""
    count, dim = header or (len(table), len(table[0][1]))
    rows = [
        word + b" " + np.array(values, dtype="<f4").tobytes() + b"\n" * line_feeds for word, values in table
    ]
    return f"{count} {dim}\n".encode() + b"".join(rows)


TABLE = [(b"the", [0.5, -1.25]), ("Ü".encode(), [1e-9, 3e9]), (b"\x00", [0.0, 1.0])]


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "vectors.txt"  # names do not matter
        path.write_bytes(content)
        return path

    return write


def refusal(path):
    with pytest.raises(FormatError) as error:
        read_vectors(path)
    return str(error.value).removeprefix(str(path))


@pytest.mark.parametrize("line_feeds", [True, False])
def test_words_and_values_are_read(line_feeds, write):
    vectors = read_vectors(write(binary(TABLE, line_feeds=line_feeds)), dim=2)
    assert vectors.words == ["the", "Ü", "\x00"]
    np.testing.assert_array_equal(
        vectors.vectors, np.array([values for _, values in TABLE], dtype=np.float32)
    )
    assert (vectors.report.format, vectors.report.found) == ("word2vec binary", 3)


def test_vectors_that_cannot_be_used_are_reported(write):
    table = [
        (b"a", [0, 1]),
        (b"\xff", [0, 1]),
        (b"b", [np.nan, 1]),
        (b"a", [2, 3]),
        (b"", [4, 5]),
        (b"c", [6, 7]),
    ]
    vectors = read_vectors(write(binary(table)))
    assert vectors.words == ["a", "c"]
    assert vectors.vectors.tolist() == [[0, 1], [6, 7]]
    assert dict(vectors.report.problems) == {
        "infinite": Problem(1, (3,)), "utf8": Problem(1, (2,)), "empty": Problem(1, (5,)),
        "duplicate": Problem(1, (4,)),
    }  # fmt: skip
    assert vectors.report.describe()[1].endswith(
        "1 vector left out, with values that are NaN or infinite: vector 3"
    )


def test_wanted_words_and_a_limit(write):
    path = write(binary(TABLE))
    assert read_vectors(path, keep={"Ü"}).words == ["Ü"]
    assert read_vectors(path, limit=2).words == ["the", "Ü"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (binary(TABLE, header=(4, 2)),
         ": the header says 4 vectors, found 3 and the end of the file, which is cut off. Fetch it again."),
        (binary(TABLE)[:-4],
         ": the header says 3 vectors, found 2 and the end of the file, which is cut off. Fetch it again."),
        (binary(TABLE, header=(2, 2)),
         ": the header says 2 vectors, found more. Correct the header, or fetch the file again."),
        (b"1 2\n" + bytes(2**17), ": expected a word and a space for vector 1, found 65,536 bytes without a space: "
                                  "these are not vectors of 2 values"),
        (b"1 70000\na " + bytes(99), ": expected word2vec binary with vectors of 1 to 65536 values, found 70000"),
    ],
)  # fmt: skip
def test_files_that_are_refused(content, message, write):
    assert refusal(write(content)) == message


def test_long_files_are_read_in_pieces_without_a_difference(write):
    values = np.random.default_rng(0).normal(size=(3000, 200)).astype(np.float32)
    vectors = read_vectors(write(binary([(b"w%d" % i, row) for i, row in enumerate(values)])))
    assert vectors.words == [f"w{i}" for i in range(3000)]
    np.testing.assert_array_equal(vectors.vectors, values)


@settings(deadline=None)
@example(table={"0": (8.456873981481372e-13, 0.0, 0.0, 0.0)})  # the bytes of which are 3, a line feed, n, +
@example(
    table={"0": (4540175568863232.0, 0.3333333432674408, 65601.0, 270593.0)}
)  # a blank, a line feed, no UTF-8
@given(
    table=st.dictionaries(
        st.text(min_size=1, max_size=6).filter(lambda word: " " not in word and not word.startswith("\n")),
        st.tuples(*[st.floats(width=32, allow_nan=False, allow_infinity=False)] * 4),
        min_size=1,
    )
)
def test_what_was_written_is_read(tmp_path_factory, table):
    path = tmp_path_factory.mktemp("binary") / "vectors"
    path.write_bytes(binary([(word.encode(), values) for word, values in table.items()]))
    vectors = read_vectors(path)
    assert vectors.report.format == "word2vec binary"
    assert dict(zip(vectors.words, map(tuple, vectors.vectors.tolist()), strict=True)) == table
