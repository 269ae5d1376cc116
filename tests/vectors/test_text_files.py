"""GloVe and word2vec text: what is read, what is refused, and what is reported with its line."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.errors import DataError, FormatError
from tagger.vectors import Problem, read_vectors


@pytest.fixture
def write(tmp_path):
    """Writes bytes or text to a file and returns its path."""

    def write(content, name="vectors"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def found(path, **options):
    vectors = read_vectors(path, **options)
    assert vectors.vectors.dtype == np.float32
    return dict(zip(vectors.words, vectors.vectors.tolist(), strict=True))


def problems(path, **options):
    return dict(read_vectors(path, **options).report.problems)


def refusal(path, kind=FormatError, **options):
    with pytest.raises(kind) as error:
        read_vectors(path, **options)
    assert type(error.value) is kind
    return str(error.value).removeprefix(str(path))


TWO = {"the": [0.5, -1.25, 2.0], "EU": [1.0, 0.0, -0.125]}


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ("the 0.5 -1.25 2\nEU 1.0 0 -0.125\n", "GloVe text"),
        ("the 0.5 -1.25 2\nEU 1.0 0 -0.125", "GloVe text"),
        ("2 3\nthe 0.5 -1.25 2\nEU 1.0 0 -0.125\n", "word2vec text"),
        ("2 3\nthe 0.5 -1.25 2 \nEU 1.0 0 -0.125 \n", "word2vec text"),
        ("2 3\r\nthe 0.5 -1.25 2\r\nEU 1.0 0 -0.125\r\n", "word2vec text"),
        ("\ufeffthe 0.5 -1.25 2\r\nEU 1.0 0 -0.125\r\n", "GloVe text"),
        ("\ufeff2 3\nthe 0.5 -1.25 2\nEU 1.0 0 -0.125\n", "word2vec text"),
        ("the\t0.5\t-1.25\t2\nEU\t1.0\t0\t-0.125\n", "GloVe text"),
        ("2\t3\nthe\t0.5 -1.25 2\nEU\t1.0 0 -0.125\n", "word2vec text"),
        ("the  0.5   -1.25 2.0\nEU 1e0 0 -1.25e-1  \n", "GloVe text"),
    ],
)
def test_ways_to_write_the_same_vectors(content, form, write):
    vectors = read_vectors(write(content))
    assert dict(zip(vectors.words, vectors.vectors.tolist(), strict=True)) == TWO
    assert (vectors.report.format, vectors.report.unit, vectors.report.dim) == (form, "line", 3)
    assert (vectors.report.found, vectors.report.kept, dict(vectors.report.problems)) == (2, 2, {})
    assert vectors.subwords is None


def test_a_number_with_a_number_is_a_header_and_a_number_with_more_is_a_word(write):
    assert found(write("1 2\n3 0.5 0.25\n")) == {"3": [0.5, 0.25]}
    assert found(write("1 2 3\n4 0.5 0.25\n")) == {"1": [2, 3], "4": [0.5, 0.25]}


def test_odd_words_are_words(write):
    words = ["\x85", "\u2028", "a\u00a0b", "\u3000", "😀", "-0.5", "1", "</s>", "מילה", "a" * 10_000, "#"]
    text = "".join(f"{word} {i} 0.5\n" for i, word in enumerate(words))
    assert found(write(text)) == {word: [i, 0.5] for i, word in enumerate(words)}


def test_words_with_spaces_are_counted_from_the_right(write):
    path = write(
        "a 0.1 0.2\n. . 0.5 0.25\nat me@x.org 1 2\n. . . . -1 -2\n100 000 0.5 0.5\nb  c 1.5 2\n"
        + "".join(f"d{i} 3.5 4.5\n" for i in range(9))
    )
    vectors = found(path)
    assert list(vectors)[:6] == ["a", ". .", "at me@x.org", ". . . .", "100 000", "b  c"]
    assert vectors[". ."] == [0.5, 0.25]
    assert vectors["100 000"] == [0.5, 0.5]
    assert problems(path) == {"spaces": Problem(5, (2, 3, 4, 5, 6))}


def test_the_first_word_may_have_spaces_too(write):
    assert list(found(write(". . 0.5 0.25\na 0.1 0.2\nb 0.1 0.2\n"))) == [". .", "a", "b"]


def test_every_line_that_cannot_be_used_is_reported(write):
    path = write(
        b"3 2\n".replace(b"3", b"13")
        + b"a 0.5 1\nb 0.5\nc 0.5 1.5 2.5\nd 0.5 x\na 2 3\ne nan 1\nf inf 1\n\xff 1 2\n 0.5 1\n\ng 1 2\n\ng 3 4\n"
        + b"h 0.1-0.2 0.5\ni 1,5 2\n\xa0 3 4\n"
        + b"j k 0.5 0.25\n"
    )
    path.write_bytes(path.read_bytes().replace(b"13 2\n", b"15 2\n"))
    report = read_vectors(path).report
    assert found(path) == {"a": [0.5, 1], "g": [1, 2], "j k": [0.5, 0.25]}
    assert dict(report.problems) == {
        "dimension": Problem(2, (3, 4)),
        "number": Problem(3, (5, 15, 16)),
        "infinite": Problem(2, (7, 8)),
        "utf8": Problem(2, (9, 17)),
        "empty": Problem(1, (10,)),
        "blank": Problem(2, (11, 13)),
        "duplicate": Problem(2, (6, 14)),
        "spaces": Problem(1, (18,)),
    }
    assert (report.found, report.kept) == (15, 3)
    assert report.describe() == [
        f"{path}: word2vec text, 3 of 15 vectors kept, 2 values each",
        f"{path}: 2 lines left out, with another number of values: lines 3, 4",
        f"{path}: 3 lines left out, with values that are not numbers: lines 5, 15, 16",
        f"{path}: 2 lines left out, with values that are NaN or infinite: lines 7, 8",
        f"{path}: 2 lines left out, with a word that is not UTF-8: lines 9, 17",
        f"{path}: 1 line left out, without a word: line 10",
        f"{path}: 2 lines left out, empty: lines 11, 13",
        f"{path}: 2 lines left out, with a word met before: lines 6, 14",
        f"{path}: 1 line kept, with a word that has spaces inside: line 18",
    ]


@pytest.mark.parametrize("line", ["b 0.5 1e-", "b 0.5 -", "b c 0.5"])
def test_a_file_that_ends_in_the_middle_of_a_value_is_reported(line, write):
    path = write(f"a 0.5 1\n{line}")
    report = read_vectors(path, keep=["a"]).report
    assert report.found == 2
    assert report.describe()[1:] == [
        f"{path}: 1 line left out, where the file ends in the middle of a value (is it cut off?): line 2"
    ]
    assert problems(write(f"a 0.5 1\n{line}\n")) == {"number": Problem(1, (2,))}
    assert found(write("\nb 0.5 1e-3")) == {"b": [0.5, np.float32(1e-3)]}


def test_of_many_problems_the_first_lines_are_named(write):
    report = read_vectors(write("a 1 2\n" * 9)).report
    assert report.problems["duplicate"] == Problem(8, (2, 3, 4, 5, 6))
    assert report.describe()[1].endswith("lines 2, 3, 4, 5, 6, ...")


def test_a_word_whose_first_vector_is_unusable_has_its_second(write):
    assert found(write("a nan 2\na x 2\na 1 2\nb 1 2\n")) == {"a": [1, 2], "b": [1, 2]}


def test_wanted_words_alone_are_kept_and_the_values_of_others_are_not_read(write):
    path = write("a 0.5 1\nb x y\nc 3 4\n")
    assert found(path, keep={"a", "c", "z"}) == {"a": [0.5, 1], "c": [3, 4]}
    assert found(path, keep=lambda word: word > "b") == {"c": [3, 4]}
    assert problems(path, keep=["c"]) == {}
    none = read_vectors(path, keep=[])
    assert (none.words, none.vectors.shape, none.report.found) == ([], (0, 2), 3)


def test_the_first_vectors_of_the_file_are_kept_up_to_a_limit(write):
    path = write("9 2\na 1 1\na 2 2\nb 2 2\nc 3 3\n")
    vectors = read_vectors(path, limit=2)
    assert vectors.words == ["a", "b"]
    assert vectors.report.kept == 2


def test_half_precision(write):
    path = write("a 0.1 65504\n")
    halves = read_vectors(path, half=True).vectors
    assert halves.dtype == np.float16
    assert halves.tolist() == np.array([[0.1, 65504]], dtype=np.float16).tolist()
    assert refusal(write("a 0.1 70000\n"), DataError, half=True) == (
        ": 70000 is too large for half precision; keep single precision"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", ": expected word vectors (GloVe or word2vec text, word2vec or fastText binary, or a NumPy matrix), "
             "found an empty file"),
        ("\n\n", ": expected word vectors, found an empty file"),
        ("3 2\na 1 2\nb 1 2\n",
         ": the header says 3 vectors, found 2: the file is cut off. Fetch the file again, or correct its first line."),
        ("1 2\na 1 2\nb 1 2\n",
         ": the header says 1 vectors, found 2: the header is wrong. Fetch the file again, or correct its first line."),
        ("2 3\n", ": the header says 2 vectors, found 0: the file is cut off. Fetch the file again, or correct its "
                  "first line."),
        ("2 3\na 1 2\nb 1 2\n", ": the header says vectors of 3 values, found 2 values in most lines. Correct the "
                                "first line, or fetch the file again."),
        ("a 0.5 1\nb 0.5 1\nc 0.5",
         ":3: expected 2 values, found 1 and the end of the file, which is cut off. Fetch it again."),
        ("a 0.5 1\nb 0.5", ":2: expected 2 values, found 1 and the end of the file, which is cut off. Fetch it again."),
        ("one\ntwo\n", ": expected lines with a word and its values, found b'one'"),
        ("{\"a\": 1}\n", ": expected lines with a word and its values, found '{\"a\": 1}': these are not word vectors. "
                        "Choose another file."),
        ("0 0\n", ": expected word2vec text with vectors of 1 to 65536 values, found 0"),
    ],
)  # fmt: skip
def test_files_that_are_refused(content, message, write):
    path = write(content)
    assert refusal(path) == message.replace("FILE", str(path))


def test_another_dimension_than_expected_is_refused(write):
    path = write("a 1 2\n")
    assert found(path, dim=2) == {"a": [1, 2]}
    assert refusal(path, DataError, dim=100) == (
        ": expected vectors of 100 values, as configured, found 2. Set vector_dim to 2, or choose another file."
    )


@pytest.mark.parametrize("header", ["", "2 4\n"])
def test_prose_is_refused_whatever_dimension_is_expected(header, write):
    path = write(header + "It was a dark night.\nÉtait-ce un 2 janvier ?\n")
    for options in ({}, {"dim": 100}, {"keep": ["a"]}):
        assert refusal(path, **options) == (
            ": expected lines with a word and its values, found 'It was a dark night.': these are not word vectors. "
            "Choose another file."
        )


def test_a_line_without_end_is_refused(write, monkeypatch):
    monkeypatch.setattr("tagger.vectors.text_files.LONGEST_LINE", 2**20)
    path = write(b"a 1 2\nb " + b"1" * (3 * 2**20))
    assert refusal(path) == (
        ":2: expected lines of less than 1 MiB, found a longer one: are these word vectors?"
    )


def test_long_files_are_read_in_pieces_without_a_difference(write):
    generator = np.random.default_rng(0)
    values = generator.normal(size=(5000, 50)).round(5)
    lines = [f"w{i} {' '.join(map(str, row))}\n" for i, row in enumerate(values.tolist())]
    lines[3000] = "w3000 0.5\n"
    vectors = read_vectors(write("".join(lines)))
    rows = [i for i in range(5000) if i != 3000]
    assert vectors.words == [f"w{i}" for i in rows]
    np.testing.assert_array_equal(vectors.vectors, values[rows].astype(np.float32))
    assert dict(vectors.report.problems) == {"dimension": Problem(1, (3001,))}


def test_lines_longer_than_a_piece_are_read(write):
    values = np.random.default_rng(0).normal(size=(3, 40_000)).round(5)
    text = "".join(f"w{i} {' '.join(map(str, row))}\n" for i, row in enumerate(values.tolist()))
    np.testing.assert_array_equal(read_vectors(write(text)).vectors, values.astype(np.float32))


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda word: not any(char in word for char in " \ufeff")
)


@settings(deadline=None)
@given(
    table=st.dictionaries(
        words,
        st.tuples(*[st.floats(width=32, allow_nan=False, allow_infinity=False)] * 3),
        min_size=1,
        max_size=20,
    ),
    header=st.booleans(),
)
def test_what_was_written_is_read(table, header, tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "vectors"
    text = f"{len(table)} 3\n" if header else ""
    text += "".join(f"{word} {' '.join(map(repr, values))}\n" for word, values in table.items())
    path.write_bytes(text.encode())
    assert found(path) == {word: list(values) for word, values in table.items()}
