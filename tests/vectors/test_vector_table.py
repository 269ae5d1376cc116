"""The table on disk: found is what is in it, nothing else; other programs can read it; damage is named."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from present import present
from safetensors.numpy import load_file

from tagger.errors import DataError, ModelError
from tagger.vectors import Subwords, VectorTable

WORDS = ["the", "Köln", "", "a\0b", "\ud800", ". .", "😀"]
VECTORS = np.arange(14, dtype=np.float32).reshape(7, 2)
SUBWORDS = Subwords(np.arange(6, dtype=np.float32).reshape(3, 2), 2, 5)


def save(table, path):
    path.write_bytes(b"".join(table.pieces()))
    return path


@pytest.fixture
def path(tmp_path):
    return save(VectorTable.build(WORDS, VECTORS, SUBWORDS), tmp_path / "vectors.safetensors")


def refusal(path):
    with pytest.raises(ModelError) as error:
        VectorTable.open(path)
    return str(error.value).removeprefix(f"{path}: ")


def test_rows_of_words_in_memory_and_from_disk(path):
    for table in (VectorTable.build(WORDS, VECTORS, SUBWORDS), VectorTable.open(path)):
        assert table.find([*WORDS, "The", "th", "the ", "a"]).tolist() == [*range(7), -1, -1, -1, -1]
        assert [table.word(row) for row in range(7)] == WORDS
        np.testing.assert_array_equal(table.vectors, VECTORS)
        assert (len(table), table.dim) == (7, 2)
        subwords = present(table.subwords)
        np.testing.assert_array_equal(subwords.ngrams, SUBWORDS.ngrams)
        assert (subwords.min_chars, subwords.max_chars) == (2, 5)
        assert table.find([]).shape == (0,)


def test_the_file_is_a_safetensors_file(path):
    arrays = load_file(path)
    np.testing.assert_array_equal(arrays["vectors"], VECTORS)
    np.testing.assert_array_equal(arrays["ngrams"], SUBWORDS.ngrams)
    text = arrays["text"].tobytes()
    offsets = arrays["offsets"].tolist()
    assert [text[a:b].decode("utf-8", "surrogatepass") for a, b in pairwise(offsets)] == WORDS
    assert (np.diff(arrays["hashes"]) > 0).all()
    assert sorted(arrays["rows"].tolist()) == list(range(7))


def test_half_precision_halves_the_vectors(tmp_path):
    whole, half = (VectorTable.build(WORDS, VECTORS.astype(dtype)) for dtype in (np.float32, np.float16))
    assert whole.num_bytes - half.num_bytes == VECTORS.nbytes // 2
    for table, name in ((whole, "whole"), (half, "half")):
        size = save(table, tmp_path / name).stat().st_size
        assert 0 < size - table.num_bytes < 600
    opened = VectorTable.open(tmp_path / "half")
    assert opened.vectors.dtype == np.float16
    assert opened.subwords is None
    np.testing.assert_array_equal(opened.vectors, VECTORS)


def test_the_same_words_give_the_same_file(path, tmp_path):
    assert save(VectorTable.open(path), tmp_path / "again").read_bytes() == path.read_bytes()


def test_words_with_the_same_hash_are_told_apart(monkeypatch, tmp_path):
    monkeypatch.setattr("tagger.vectors.table._hashes", lambda words: np.full(len(words), 7, dtype=np.uint64))
    table = VectorTable.open(save(VectorTable.build(WORDS, VECTORS), tmp_path / "t"))
    assert table.find([*WORDS, "other"]).tolist() == [*range(7), -1]


def test_a_table_without_words():
    table = VectorTable.build([], np.zeros((0, 3), dtype=np.float32))
    assert table.find(["a"]).tolist() == [-1]


@settings(deadline=None)
@given(
    words=st.lists(st.text(st.characters(), max_size=5), unique=True),
    others=st.lists(st.text(st.characters(), max_size=5)),
)
def test_found_is_what_is_in_the_table(words, others, tmp_path_factory):
    vectors = np.zeros((len(words), 1), dtype=np.float16)
    path = save(VectorTable.build(words, vectors), tmp_path_factory.mktemp("table") / "t")
    rows = {word: row for row, word in enumerate(words)}
    queries = [*words, *others]
    assert VectorTable.open(path).find(queries).tolist() == [rows.get(word, -1) for word in queries]


def test_what_is_no_table_is_not_built():
    with pytest.raises(DataError) as error:
        VectorTable.build(["a"], VECTORS)
    assert str(error.value) == (
        "expected a row in half or single precision for each of 1 words, found float32 of the shape (7, 2)"
    )
    with pytest.raises(DataError) as error:
        VectorTable.build(["a", "b", "a"], VECTORS[:3])
    assert str(error.value) == "expected different words, found one twice"
    with pytest.raises(DataError, match="found float64"):
        VectorTable.build(WORDS, VECTORS.astype(np.float64))


def rewritten(path, change):
    """The file with another header; ``change`` gets the header as a dictionary."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length :])
    return path


def changed(path, name, index, value):
    """The file with one number of an array replaced."""
    data = bytearray(path.read_bytes())
    length = int.from_bytes(data[:8], "little")
    entry = json.loads(data[8 : 8 + length])[name]
    dtype = {"U64": "<u8", "U32": "<u4"}[entry["dtype"]]
    start = 8 + length + entry["data_offsets"][0]
    array = np.frombuffer(data, dtype=dtype, offset=start, count=entry["shape"][0])
    array[index] = value
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("end", [0, 5, 8, 100])
def test_files_without_a_whole_header(end, path):
    path.write_bytes(path.read_bytes()[:end])
    assert refusal(path) == (
        "expected a table of word vectors, found a damaged file: a header that is cut off"
    )


def test_files_that_are_cut_off_or_damaged(path, tmp_path):
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert refusal(path) == (
        f"expected a table of word vectors, found a damaged file: a file of {len(whole) - 1} bytes where the header "
        f"describes {len(whole)}"
    )
    path.write_bytes(b"\xff" * 8 + whole[8:])
    assert refusal(path) == (
        "expected a table of word vectors, found a damaged file: a header that is cut off"
    )
    for name, index, value, problem in (
        ("hashes", 0, 2**64 - 1, "a damaged index"),
        ("rows", 3, 7, "a damaged index"),
        ("offsets", 0, 1, "damaged words"),
        ("offsets", 2, 10**6, "damaged words"),
        ("offsets", -1, 10, "damaged words"),
    ):
        path.write_bytes(whole)
        assert refusal(changed(path, name, index, value)) == (
            f"expected a table of word vectors, found {problem}"
        )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda header: header["__metadata__"].update(version="2"),
         "version 2; this version of the package reads 1"),
        (lambda header: header["__metadata__"].pop("version"),
         "version unknown; this version of the package reads 1"),
        (lambda header: header["__metadata__"].update(version="0"),
         "version 0; this version of the package reads 1"),
        (lambda header: header.update(colours=header.pop("hashes")),
         "the arrays colours, ngrams, offsets, rows, text, vectors"),
        (lambda header: header.update(colours={**header["hashes"], "shape": [0], "data_offsets": [0, 0]}),
         "the arrays colours, hashes, ngrams, offsets, rows, text, vectors"),
        (lambda header: header["vectors"].update(shape=[14]), "vectors of different sizes"),
        (lambda header: header["ngrams"].update(shape=[2, 3]), "vectors of different sizes"),
        (lambda header: header["vectors"].update(shape=[1, 14]), "vectors of different sizes"),
        (lambda header: header["rows"].update(shape=[7, 1]), "an index of another size than the 7 vectors"),
    ],
)  # fmt: skip
def test_headers_that_fit_no_table(change, problem, path):
    assert refusal(rewritten(path, change)) == f"expected a table of word vectors, found {problem}"


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header.update(__metadata__=5),
        lambda header: header["__metadata__"].update(min_chars="-1"),
        lambda header: header.pop("__metadata__"),
        lambda header: header["__metadata__"].update(max_chars="9" * 20),
        lambda header: header.pop("hashes"),
        lambda header: header["vectors"].update(shape=[-1, 2]),
        lambda header: header["vectors"].update(data_offsets=[0, 56], shape=[7.0, 2]),
        lambda header: header["__metadata__"].pop("min_chars"),
        lambda header: header["vectors"].update(dtype="BF16"),
        lambda header: header["vectors"].update(data_offsets=[-8, 48]),
        lambda header: header["vectors"].update(shape=[7, 3]),
        lambda header: header["vectors"].update(shape="x"),
        lambda header: header.update(vectors=3),
    ],
)
def test_headers_that_make_no_sense(change, path):
    assert refusal(rewritten(path, change)).startswith(
        "expected a table of word vectors, found a damaged file: "
    )


def test_a_missing_file_is_named(tmp_path):
    assert refusal(tmp_path / "none") == "cannot be read: No such file or directory"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_opening_a_table_reads_little_of_it(tmp_path):
    count, dim = 20_000, 600
    table = VectorTable.build([f"w{i}" for i in range(count)], np.ones((count, dim), dtype=np.float32))
    path = save(table, tmp_path / "t")
    program = (
        "import sys, pathlib; from tagger.vectors import VectorTable\n"
        "peak = lambda: int(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])\n"
        "before = peak()\n"
        "table = VectorTable.open(pathlib.Path(sys.argv[1]))\n"
        "assert table.vectors[table.find(['w77', 'w19000'])].sum() == 1200\n"
        "print(peak() - before)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert path.stat().st_size > 48_000_000
    assert int(result.stdout) < 10 * 2**10  # KiB
