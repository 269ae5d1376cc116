"""Which format a file is in, packed or not, is recognised by its content; other files are named."""

import gzip
import io
import lzma
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from fasttext_oracle import fasttext_bytes

from tagger.errors import DataError, FormatError, UsageError
from tagger.vectors import read_vectors

TEXT = b"the 0.5 1\nEU 2 3\n"
VALUES = np.array([[0.5, 1], [2, 3]], dtype="<f4")
EXPECTED = {"the": [0.5, 1], "EU": [2, 3]}


def zipped(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


CONTENTS = {
    "GloVe text": TEXT,
    "word2vec text": b"2 2\n" + TEXT,
    "word2vec binary": b"2 2\nthe " + VALUES[0].tobytes() + b"\nEU " + VALUES[1].tobytes() + b"\n",
    "fastText binary": fasttext_bytes([b"the", b"EU"], VALUES, min_chars=0, max_chars=0),
}
PACKING = {
    "plain": lambda content: content,
    "gzip": gzip.compress,
    "two gzip members": lambda content: gzip.compress(content[:9]) + gzip.compress(content[9:]),
    "xz": lzma.compress,
    "zip": lambda content: zipped(inside=content),
}


@pytest.fixture
def write(tmp_path):
    def write(content, name="file"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def refusal(path, kind=FormatError, **options):
    with pytest.raises(kind) as error:
        read_vectors(path, **options)
    assert type(error.value) is kind
    return str(error.value).removeprefix(str(path))


@pytest.mark.parametrize("packing", PACKING)
@pytest.mark.parametrize("form", CONTENTS)
@pytest.mark.parametrize("name", ["vectors", "vectors.zip", "vectors.npy"])
def test_every_format_in_every_packing_under_any_name(form, packing, name, write):
    vectors = read_vectors(write(PACKING[packing](CONTENTS[form]), name))
    assert vectors.report.format == form
    assert dict(zip(vectors.words, vectors.vectors.tolist(), strict=True)) == EXPECTED


def test_a_numpy_matrix_in_every_packing(tmp_path):
    np.save(tmp_path / "m.npy", VALUES)
    content = (tmp_path / "m.npy").read_bytes()
    for name, pack in PACKING.items():
        (tmp_path / "m.npy").write_bytes(pack(content))
        (tmp_path / "m.words.txt").write_bytes(pack(b"the\nEU\n"))
        vectors = read_vectors(tmp_path / "m.npy")
        assert dict(zip(vectors.words, vectors.vectors.tolist(), strict=True)) == EXPECTED, name


@pytest.mark.parametrize("packing", ["gzip", "two gzip members", "xz", "zip"])
@pytest.mark.parametrize("form", ["GloVe text", "word2vec text", "word2vec binary"])
def test_packed_files_that_are_cut_off(form, packing, write):
    content = PACKING[packing](CONTENTS[form])
    assert ": cannot be unpacked, the file is damaged or cut off: " in refusal(write(content[:-6]))


def test_packed_files_that_are_damaged(write):
    content = bytearray(gzip.compress(TEXT))
    content[-8] ^= 1
    assert refusal(write(bytes(content))).startswith(
        ": cannot be unpacked, the file is damaged or cut off: CRC check failed"
    )
    content = bytearray(zipped(inside=TEXT))
    content[14] ^= 1
    central = content.index(b"PK\x01\x02")
    content[central + 16] ^= 1
    assert "Bad CRC-32 for file 'inside'" in refusal(write(bytes(content)))


def test_of_an_archive_with_several_files_one_is_named(write):
    path = write(zipped(**{"a.50d.txt": b"the 9 9\n", "b.2d.txt": TEXT, "folder/": b""}))
    assert refusal(path, UsageError) == (
        ": expected a zip archive with one file, found 'a.50d.txt', 'b.2d.txt'. Name the member to read."
    )
    vectors = read_vectors(path, member="b.2d.txt")
    assert vectors.words == ["the", "EU"]
    assert vectors.report.source == f"{path}/b.2d.txt"
    assert refusal(path, UsageError, member="c") == ": has no member 'c'; found 'a.50d.txt', 'b.2d.txt'"
    assert (
        refusal(write(TEXT), UsageError, member="c")
        == ": is not a zip archive, so the member 'c' has no effect"
    )


def test_archives_without_a_file_or_with_very_many(write):
    assert refusal(write(zipped())) == (
        ": expected a zip archive with a file of word vectors, found an empty one"
    )
    many = {f"m{i}": b"" for i in range(12)}
    assert "'m9', .... Name the member" in refusal(write(zipped(**many)), UsageError)


def test_encrypted_archives_are_refused(write):
    content = bytearray(zipped(inside=TEXT))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(write(bytes(content))) == "/inside is encrypted".replace(
        "/inside is encrypted", ": 'inside' is encrypted; unpack it by other means"
    )


FORMATS = "(GloVe or word2vec text, word2vec or fastText binary, or a NumPy matrix)"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "an empty file"),
        (gzip.compress(b""), "an empty file"),
        (b"\x80\x04\x95abc",
         "a pickled file (gensim's own, perhaps); write it again with save_word2vec_format"),
        (gzip.compress(gzip.compress(TEXT)), "a file packed twice; unpack it once"),
        (zipped(inside=gzip.compress(TEXT)), "a file packed twice; unpack it once"),
        (
            "the 0.5 1\n".encode("utf-16"),
            "text in UTF-16, it seems; convert it with: iconv -f utf-16 -t utf-8 OLD > NEW",
        ),
        (b"BZh91AY", "a bzip2 file; unpack it first"),
        (b"\x7fELF\x02\x01\x01\0", "a binary file of another kind, which begins with b'\\x7fELF\\x02\\x01\\x01\\x00'"),
        (bytes(100), "a binary file of another kind, which begins with "
                     "b'\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00'"),
    ],
)  # fmt: skip
def test_files_that_hold_no_vectors(content, what, write):
    assert refusal(write(content)) == f": expected word vectors {FORMATS}, found {what}"


def test_what_cannot_be_opened(tmp_path):
    assert refusal(tmp_path / "none", DataError) == (
        ": expected a file of word vectors, found none of this name"
    )
    assert refusal(tmp_path, DataError) == ": expected a file of word vectors, found a directory"
    with pytest.raises(DataError, match="embedded null byte"):
        read_vectors("a\0b")


def test_a_limit_below_one_is_refused(write):
    assert refusal(write(TEXT), UsageError, limit=0) == "limit: expected 1 or more, found 0"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize(
    ("piece", "size", "message"),
    [(b"a" + b" 0.5" * 1000 + b"\n", 48, ""), (b"a 0.5 " + b"1" * 2**20, 256, "found a longer one")],
)
@pytest.mark.slow
def test_a_packed_file_is_never_unpacked_as_a_whole(piece, size, message, tmp_path):
    path = tmp_path / "packed"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(size * 2**20 // len(piece)):
            file.write(piece)
    program = (
        "import sys; from tagger.errors import FormatError; from tagger.vectors import read_vectors\n"
        "peak = lambda: int(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])\n"
        "before = peak()\n"
        "try: read_vectors(sys.argv[1])\n"
        "except FormatError as error: print(error, file=sys.stderr)\n"
        "print(peak() - before)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert message in result.stderr
    assert int(result.stdout) < size * 2**10 // 2  # in KiB
