import gzip

import pytest
from checked_files import found_in, lines_of

CLEAN = b"In\tO\nOslo\tB-LOC\n\nIt\tO\nrains\tO\n\n"


@pytest.mark.parametrize(
    ("check", "content", "lines"),
    [
        ("byte-order-mark", b"\xef\xbb\xbf" + CLEAN, [1]),
        ("mixed-line-ends", CLEAN.replace(b"It\tO\n", b"It\tO\r\n"), [4]),
        ("mixed-line-ends", CLEAN.replace(b"\n", b"\r\n").replace(b"It\tO\r\n", b"It\tO\n"), [4]),
        ("trailing-white-space", CLEAN.replace(b"rains\tO", b"rains\tO "), [5]),
        ("trailing-white-space", CLEAN.replace(b"\n\n", b"\n\t\n"), [3, 6]),
        ("nul-character", CLEAN.replace(b"rains", b"ra\0ins"), [5]),
        ("mixed-separators", CLEAN.replace(b"rains\tO", b"rains O"), [5]),
        ("not-utf-8", CLEAN.replace(b"rains", b"r\xe4ins"), [5]),
    ],
)
def test_what_is_odd_about_the_bytes_of_a_file_is_found_at_its_lines(tmp_path, check, content, lines):
    findings = found_in(tmp_path, check, train_conll=content)
    assert lines_of(findings) == [lines]
    packed = found_in(tmp_path, check, train_conll_gz=gzip.compress(content))
    assert lines_of(packed) == [lines]


@pytest.mark.parametrize(
    ("check", "content"),
    [
        ("byte-order-mark", CLEAN),
        ("mixed-line-ends", CLEAN.replace(b"\n", b"\r\n")),
        ("trailing-white-space", CLEAN.replace(b"\n", b"\r\n")),
        ("mixed-separators", CLEAN.replace(b"\t", b" ")),
        ("not-utf-8", CLEAN.replace(b"rains", "räins".encode())),
        ("nul-character", CLEAN),
    ],
)
def test_what_only_resembles_it_is_not(tmp_path, check, content):
    assert found_in(tmp_path, check, train_conll=content) == []


def test_a_byte_that_is_no_utf_8_is_told_with_its_place_and_an_encoding_that_would_read_it(tmp_path):
    (latin,) = found_in(tmp_path, "not-utf-8", train_conll=CLEAN.replace(b"rains", b"r\xe4ins"))
    assert latin.message == (
        "expected UTF-8 text, found byte 0xe4 at offset 23 after 'r'. If this is Latin-1, convert it with: "
        "iconv -f latin1 -t utf-8 OLD > NEW"
    )
    (windows,) = found_in(tmp_path, "not-utf-8", train_conll=CLEAN.replace(b"rains", b"\x80ins"))
    assert "iconv -f cp1252" in windows.message
    (utf_16,) = found_in(tmp_path, "not-utf-8", train_conll=CLEAN.decode().encode("utf-16"))
    assert "iconv -f utf-16 -t utf-8" in utf_16.message


def test_blanks_at_the_end_of_comments_of_conllu_are_theirs(tmp_path):
    row = "1\tHi" + "\t_" * 1 + "\tINTJ" + "\t_" * 6
    text = f"# text = Hi \n{row}\n\n{row} \n\n"
    assert lines_of(found_in(tmp_path, "trailing-white-space", train_conllu=text)) == [[4]]


def test_that_every_second_byte_of_utf_16_is_nul_is_not_said_again(tmp_path):
    assert found_in(tmp_path, "nul-character", train_conll=CLEAN.decode().encode("utf-16")) == []
