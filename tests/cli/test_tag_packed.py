"""``tagger tag`` and ``convert`` on files packed by gzip and zstd: read by their content, written by their name."""

import gzip
import json

import pytest

zstandard = pytest.importorskip("zstandard")

TEXT = b"Anna lives in Oslo.\n"
MARKED = b"[Anna](PER) lives in [Oslo](LOC).\n"
PACK = {"gz": gzip.compress, "zst": lambda data: zstandard.ZstdCompressor().compress(data)}


def unpack(data, kind):
    if kind == "gz":
        return gzip.decompress(data)
    return zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()


@pytest.mark.parametrize("kind", PACK)
def test_packed_files_are_read_by_their_content_and_standard_input_is(program, ner_model, tmp_path, kind):
    path = tmp_path / f"a.txt.{kind}"
    path.write_bytes(PACK[kind](TEXT) + PACK[kind](TEXT))
    assert program("tag", ner_model, path) == (0, MARKED.decode() * 2, "")
    other = path.rename(tmp_path / "b.txt")
    assert program("tag", ner_model, other) == (0, MARKED.decode() * 2, "")
    assert program("tag", ner_model, stdin=PACK[kind](TEXT)) == (0, MARKED.decode(), "")
    named = tmp_path / f"c.conll.{kind}"
    named.write_bytes(PACK[kind](b"Anna O\n\n"))
    assert program("tag", ner_model, named) == (0, "Anna O B-PER\n\n", "")


@pytest.mark.parametrize("kind", PACK)
def test_output_is_packed_where_its_name_says_so(program, ner_model, tmp_path, kind):
    output = tmp_path / f"a.jsonl.{kind}"
    assert program("tag", ner_model, "-o", output, stdin=TEXT) == (0, "", "")
    line = json.loads(unpack(output.read_bytes(), kind))
    assert [entity["text"] for entity in line["entities"]] == ["Anna", "Oslo"]
    converted = tmp_path / f"b.conll.{kind}"
    assert program("convert", output, converted)[0] == 0
    assert unpack(converted.read_bytes(), kind).startswith(b"Anna\tB-PER\n")
    empty = tmp_path / f"none.jsonl.{kind}"
    assert program("tag", ner_model, "-o", empty, stdin="") == (0, "", "")
    assert unpack(empty.read_bytes(), kind) == b""
    assert len(list(tmp_path.iterdir())) == 3


def test_a_zstd_file_that_is_cut_off_or_damaged_is_an_error_that_says_so(program, ner_model, tmp_path):
    packed = PACK["zst"](TEXT)
    path = tmp_path / "a.txt.zst"
    path.write_bytes(packed[:-3])
    assert program("tag", ner_model, path) == (
        1, "", f"tagger: error: {path}: cannot be read: the zstd file is cut off. Fetch it again.\n",
    )  # fmt: skip
    path.write_bytes(packed + b"and more text")
    status, _, errors = program("tag", ner_model, path)
    assert status == 1
    assert errors.startswith(f"tagger: error: {path}: cannot be read: the zstd file is damaged")


def test_what_is_no_text_is_not_packed(program, ner_model, tmp_path):
    assert program("tag", ner_model, "-o", tmp_path / "a.spacy.zst", stdin=TEXT) == (
        2,
        "",
        f"tagger: error: {tmp_path / 'a.spacy.zst'}: expected a name without .zst, since spaCy DocBin is no text that "
        f"is packed. Leave it out: {tmp_path / 'a.spacy'}\n",
    )


def test_where_the_library_is_missing_zstd_files_say_what_to_install(
    program, ner_model, tmp_path, monkeypatch
):
    import sys

    path = tmp_path / "a.txt"
    path.write_bytes(PACK["zst"](TEXT))
    monkeypatch.delitem(sys.modules, "tagger.formats_extra.zstd", raising=False)
    monkeypatch.setitem(sys.modules, "zstandard", None)
    status, output, errors = program("tag", ner_model, path)
    assert (status, output) == (1, "")
    assert errors.startswith("tagger: error: A zstd file needs the package 'zstandard'.")
