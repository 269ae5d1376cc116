"""Files of vectors with changed bytes: read, or refused in tagger's own words, in bounded memory."""

import gzip
import io
import lzma
import os
import random
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from fasttext_oracle import fasttext_bytes

from tagger.errors import DataError, FormatError, TaggerError
from tagger.vectors import read_vectors

TEXT = b"the 0.5 -1\nKoeln 2 3\nc 4 5e-1\nd 6 7\n"
VECTORS = np.array([[0.5, -1], [2, 3], [4, 5], [6, 7]], dtype=np.float32)


def zipped(compression):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("vectors.txt", TEXT * 20)
    return file.getvalue()


def matrix():
    file = io.BytesIO()
    np.save(file, VECTORS)
    return file.getvalue()


FILES = {
    "numpy": matrix(),
    "text": TEXT,
    "text with a header": b"4 2\n" + TEXT,
    "binary": b"2 2\nthe " + VECTORS[0].tobytes() + b"of " + VECTORS[1].tobytes(),
    "fasttext": fasttext_bytes([b"the", b"of"], np.ones((5, 2), dtype=np.float32), buckets=3),
    "gzip": gzip.compress(TEXT * 20),
    "xz": lzma.compress(TEXT * 20),
    **{f"zip {kind}": zipped(kind) for kind in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)},
    "zip lzma": zipped(zipfile.ZIP_LZMA),
}


@pytest.mark.parametrize("name", FILES)
def test_changed_bytes_end_in_no_other_error(name, tmp_path):
    path = tmp_path / "m.npy"
    (tmp_path / "m.words.txt").write_text("a\nb\nc\nd\n")
    data = FILES[name]
    path.write_bytes(data)
    read_vectors(path)
    generator = random.Random(7)
    refused = 0
    tracemalloc.start()
    for _ in range(60):
        changed = bytearray(data)
        for _ in range(generator.choice([1, 1, 3, 10])):
            changed[generator.randrange(len(data))] = generator.randrange(256)
        path.write_bytes(changed[: generator.choice([len(data)] * 9 + [len(data) // 2])])
        try:
            read_vectors(path)
        except TaggerError:
            refused += 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused > 5
    assert peak < 50 * 2**20


@pytest.mark.parametrize(
    "description",
    [
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2)",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2}",
        b"\xff\xfe",
        b"(" * 9000,
        b"{'descr': '<f4\n', 'fortran_order': False}",
        b"{'descr': '" + b"x" * 3000 + b"', 'fortran_order': False, 'shape': (4, 2)}",
    ],
    ids=["open", "crossed", "no text", "deep", "line", "type"],
)
@pytest.mark.parametrize("version", [1, 2])
def test_a_damaged_header_of_a_matrix_is_one_line(description, version, tmp_path):
    path = tmp_path / "m.npy"
    length = struct.pack("<H" if version == 1 else "<I", len(description))
    path.write_bytes(b"\x93NUMPY" + bytes([version, 0]) + length + description)
    with pytest.raises(FormatError) as error:
        read_vectors(path)
    assert str(error.value).startswith(f"{path}: expected a NumPy matrix, found a damaged header: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        (
            "(1000000000000000, 2)",
            "expected 1,000,000,000,000,000 vectors, found the end of the file after 0: it is cut",
        ),
        ("(4, 1000000000)", "expected NumPy matrix with vectors of 1 to 65536 values, found 1000000000"),
        (
            "(-4, 2)",
            "expected a matrix of floating-point numbers in C order, found an array of float32 of the shape (-4",
        ),
        (
            "()",
            "expected a matrix of floating-point numbers in C order, found an array of float32 of the shape ()",
        ),
    ],
)
def test_sizes_that_no_file_has(shape, reason, tmp_path):
    path = tmp_path / "m.npy"
    description = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}".encode()
    path.write_bytes(b"\x93NUMPY\1\0" + struct.pack("<H", len(description)) + description)
    (tmp_path / "m.words.txt").write_text("a\n")
    with pytest.raises(FormatError) as error:
        read_vectors(path)
    assert str(error.value).startswith(f"{path}: {reason}")


def test_a_header_that_is_longer_than_any_is_not_read(tmp_path):
    path = tmp_path / "m.npy.gz"
    path.write_bytes(gzip.compress(b"\x93NUMPY\2\0" + struct.pack("<I", 200 * 2**20) + bytes(200 * 2**20)))
    tracemalloc.start()
    with pytest.raises(FormatError) as error:
        read_vectors(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(error.value) == f"{path}: expected a NumPy matrix of version 1 or 2, found a damaged header"
    assert peak < 20 * 2**20


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError) as error:
        read_vectors(tmp_path / "pipe")
    assert (
        str(error.value)
        == f"{tmp_path / 'pipe'}: cannot be read: expected a regular file, found a named pipe"
    )
