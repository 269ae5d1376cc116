"""Packed text: recognised by its bytes, unpacked piece by piece, and packed the same way each time."""

import gzip
import io
import zlib
from typing import Any

import pytest

zstandard = pytest.importorskip("zstandard")

from tagger.files.packing import (  # noqa: E402
    PackedWriter,
    packing_of,
    packing_of_file,
    packing_of_stream,
    packing_told_by,
    unpacked,
)

TEXT = b"Anna lives in Oslo.\n" * 20_000
ZSTD = zstandard.ZstdCompressor().compress(TEXT)


def read(data, kind):
    with unpacked(io.BytesIO(data), kind) as stream:
        return stream.read()


def test_the_beginning_tells_how_a_file_is_packed(tmp_path):
    assert [packing_told_by(start) for start in (gzip.compress(b"")[:4], ZSTD[:4], b"Anna", b"", b"\x28\xb5")] == [
        "gzip", "zstd", None, None, None,
    ]  # fmt: skip
    (tmp_path / "a.txt").write_bytes(ZSTD)
    assert packing_of_file(tmp_path / "a.txt") == "zstd"


def test_the_name_asks_for_packing():
    assert [packing_of(name) for name in ("a.jsonl.gz", "a.ZST", "gz", "a.zst.txt")] == [
        "gzip",
        "zstd",
        None,
        None,
    ]


def test_a_stream_is_looked_at_and_stays_where_it_was():
    for stream in (io.BytesIO(ZSTD), io.BufferedReader(io.BytesIO(ZSTD))):
        assert packing_of_stream(stream) == "zstd"
        assert stream.read() == ZSTD
    assert packing_of_stream(io.StringIO("text")) is None


@pytest.mark.parametrize("kind", ["gzip", "zstd", None])
def test_what_is_packed_in_parts_is_read_as_one_by_these_and_other_programs(kind):
    packed = io.BytesIO()
    writer = PackedWriter(packed, kind)
    for part in (b"one\n", b"two\n"):
        writer.write(part[:2])
        writer.write(part[2:])
        writer.end_part()
    writer.end_part()
    length = packed.tell()
    writer.write(TEXT)
    writer.close()
    assert read(packed.getvalue(), kind) == b"one\ntwo\n" + TEXT
    assert read(packed.getvalue()[:length], kind) == b"one\ntwo\n"
    if kind == "gzip":
        assert gzip.decompress(packed.getvalue()) == b"one\ntwo\n" + TEXT
    if kind == "zstd":
        reader = zstandard.ZstdDecompressor().stream_reader(packed.getvalue(), read_across_frames=True)
        assert reader.read() == b"one\ntwo\n" + TEXT


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_nothing_is_packed_as_a_file_that_can_be_read(kind):
    packed = io.BytesIO()
    PackedWriter(packed, kind).close()
    assert packing_told_by(packed.getvalue()) == kind
    assert read(packed.getvalue(), kind) == b""


def test_frames_of_zstd_that_say_nothing_are_passed_over():
    skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00note"
    assert read(ZSTD + skippable + ZSTD, "zstd") == TEXT + TEXT


@pytest.mark.parametrize("kept", [1, 4, 9, len(ZSTD) // 2, len(ZSTD) - 1])
def test_a_zstd_file_that_is_cut_off_is_an_error(kept):
    with pytest.raises(EOFError, match=r"^the zstd file is cut off\. Fetch it again\.$"):
        read(ZSTD[:kept], "zstd")
    with pytest.raises(EOFError, match="cut off"):
        read(ZSTD + ZSTD[:kept], "zstd")


def test_a_damaged_zstd_file_is_an_error():
    packed = io.BytesIO()
    writer = PackedWriter(packed, "zstd")
    writer.write(TEXT)
    writer.close()
    data = bytearray(packed.getvalue())
    data[-1] ^= 1  # of the checksum
    with pytest.raises(OSError, match=r"^the zstd file is damaged: "):
        read(bytes(data), "zstd")
    with pytest.raises(OSError, match=r"^the zstd file is damaged: "):
        read(ZSTD + b"more", "zstd")
    with pytest.raises((EOFError, OSError, zlib.error)):
        read(gzip.compress(TEXT)[:-5], "gzip")


def test_little_memory_is_taken_by_what_unpacks_to_much():
    bomb = zstandard.ZstdCompressor().compress(bytes(2**28))
    with unpacked(io.BytesIO(bomb), "zstd") as stream:
        assert stream.read(10) == bytes(10)
        buffered: Any = stream
        assert len(buffered.raw._held) < 2**26
