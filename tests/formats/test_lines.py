import gzip
import io
import os

import pytest

from tagger.errors import DataError, FormatError
from tagger.formats import lines
from tagger.formats.lines import read_lines, read_text, source_name


@pytest.fixture(params=[read_lines, read_text])
def read(request):
    return request.param


def test_lines_end_at_line_feeds_and_nowhere_else(tmp_path):
    text = "a\u2028b\x85c\x0cd\x0be\x1cf\rg\r\n\n\tlast"
    path = tmp_path / "odd.txt"
    path.write_bytes(text.encode())
    assert list(read_lines(path)) == ["a\u2028b\x85c\x0cd\x0be\x1cf\rg\r\n", "\n", "\tlast"]


def test_a_byte_order_mark_is_left_out_at_the_start_only(tmp_path, read):
    path = tmp_path / "bom.txt"
    path.write_bytes(b"\xef\xbb\xbfone\n\xef\xbb\xbftwo\n")
    assert "".join(read(path)) == "one\n\ufefftwo\n"


def test_gzip_files_are_recognised_by_their_content(tmp_path, read):
    path = tmp_path / "packed.conll"
    path.write_bytes(gzip.compress("Zoë O\n".encode()))
    assert "".join(read(path)) == "Zoë O\n"


def test_a_truncated_gzip_file_is_an_error_that_names_it(tmp_path, read):
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(os.urandom(10_000))[:5_000])
    with pytest.raises(DataError, match=r"cut\.gz"):
        list(read(path))


@pytest.mark.parametrize("make", [lambda text: io.BytesIO(text.encode()), io.StringIO])
def test_open_streams_are_read_and_stay_open(make, read):
    stream = make("Zoë\nx")
    assert "".join(read(stream)) == "Zoë\nx"
    assert not stream.closed


def test_an_empty_file_has_no_lines(tmp_path):
    path = tmp_path / "empty.txt"
    path.touch()
    assert list(read_lines(path)) == []
    assert "".join(read_text(path)) == ""


def test_a_missing_file_and_a_directory_are_named(tmp_path, read):
    with pytest.raises(DataError, match=r"none\.txt: expected a file, found none of this name$"):
        list(read(tmp_path / "none.txt"))
    with pytest.raises(DataError, match=r": expected a file, found a directory$"):
        list(read(tmp_path))
    with pytest.raises(DataError, match="cannot be read"):
        list(read("a\0b"))


def test_a_byte_that_is_not_utf8_is_found_by_line_and_offset(tmp_path, read):
    path = tmp_path / "latin1.txt"
    path.write_bytes(b"Zo\xc3\xab\ncaf\xe9 O\n")
    with pytest.raises(FormatError) as caught:
        list(read(path))
    assert str(caught.value) == (
        f"{path}:2: expected UTF-8 text, found byte 0xe9 at offset 8 after 'caf'. "
        "If this is Latin-1, convert it with: iconv -f latin1 -t utf-8 OLD > NEW"
    )


def test_a_character_cut_off_at_the_end_is_found(tmp_path, read):
    path = tmp_path / "cut.txt"
    path.write_bytes(b"x\nZo\xc3")
    with pytest.raises(FormatError, match=r"cut\.txt:2: expected UTF-8 text, found byte 0xc3 at offset 4"):
        list(read(path))


def test_utf16_and_binary_files_are_called_so(tmp_path, read):
    utf16 = tmp_path / "utf16.txt"
    utf16.write_bytes("EU O\n".encode("utf-16"))
    with pytest.raises(FormatError, match=r":1: .*looks like UTF-16; convert it with: iconv -f utf-16"):
        list(read(utf16))
    binary = tmp_path / "binary.bin"
    binary.write_bytes(b"PAR1\n\x00\x01\xfe\xff\x1b")
    with pytest.raises(FormatError, match=r"binary\.bin:2: .* found byte 0xfe at offset 7\. .*binary file"):
        list(read(binary))


def test_nul_and_control_characters_are_text(read):
    text = "a\0b\x01\x7f\n\x1b[0m"
    assert "".join(read(io.BytesIO(text.encode()))) == text


def test_an_endless_line_is_refused_by_the_line_reader_only(monkeypatch):
    monkeypatch.setattr(lines, "LONGEST_LINE", 1000)
    endless = "x" * 2000
    with pytest.raises(FormatError, match=r"big:1: expected lines of less than .* is this a text file\?"):
        list(read_lines(io.BytesIO(endless.encode()), name="big"))
    assert "".join(read_text(io.BytesIO(endless.encode()))) == endless


def test_characters_of_several_bytes_survive_the_ends_of_blocks(monkeypatch):
    text = "aé€😀" * 50
    for block in (1, 2, 3, 5):
        monkeypatch.setattr(lines, "_BLOCK", block)
        assert "".join(read_text(io.BytesIO(text.encode()))) == text


def test_names_of_sources():
    assert source_name("a/b.txt") == "a/b.txt"
    assert source_name("a/b.txt", "given") == "given"
    assert source_name(io.BytesIO()) == "<stream>"


@pytest.mark.parametrize("mark", [b"PAR1", b"ARROW1"])
def test_a_table_in_binary_is_named_with_the_option_that_reads_it(mark):
    with pytest.raises(FormatError) as caught:
        list(read_lines(io.BytesIO(mark + b"\x15\x04\xd4\n"), name="x"))
    assert str(caught.value) == (
        f"x:1: expected UTF-8 text, found byte 0xd4 at offset {len(mark) + 2}. "
        "This is a Parquet or Arrow file. Name the format of a Parquet file (format='parquet'); both train as "
        "DataConfig(dataset='x')"
    )
