import gzip
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.errors import DataError
from tagger.formats.head import Head, read_head


def head_of(tmp_path, data, name="x"):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_head(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_the_beginning_is_read_packed_or_not(tmp_path, pack):
    head = head_of(tmp_path, pack("\ufeffé 1\r\nb\n\nc".encode()))
    assert (head.text, head.lines, head.objects) == ("é 1\r\nb\n\nc", ("é 1", "b", "", "c"), ())
    assert head.is_whole
    assert head.names == ()


def test_of_a_long_file_the_last_line_is_cut_and_left_out(tmp_path):
    head = head_of(tmp_path, "abcdefgé\n" * 100_000)
    assert len(head.data) == 2**18
    assert not head.is_whole
    assert set(head.lines) == {"abcdefgé"}
    assert len(head.lines) == 2**18 // 10


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}\n\n{"a": 2}\r\n{"a": 3}\n',
        '[{"a": 1}, {"a": 2},\n{"a": 3}]',
        json.dumps([{"a": 1}, {"a": 2}, {"a": 3}], indent=2),
        '\ufeff \n[ {"a": 1},{"a": 2},{"a": 3}, 7, {"a": 4}]',
        '{"a": 1}{"a": 2}\n{"a": 3}\n{"a": ',
    ],
)
def test_the_first_objects_are_those_that_are_there_whole(tmp_path, text):
    head = head_of(tmp_path, text)
    assert head.objects == ({"a": 1}, {"a": 2}, {"a": 3})
    assert head.has("a")
    assert not head.has("a", "b")


@pytest.mark.parametrize(
    "text",
    ["", " ", "7", '"a"', "[7, {}]", "[]", "[[{}]]", "a {}", '{"a": nul', "[", "{" * 100_000, "[" * 100_000],
)
def test_other_files_have_no_objects(tmp_path, text):
    head = head_of(tmp_path, text)
    assert head.objects == ()
    assert not head.has()


def test_objects_are_a_few_however_many_there_are(tmp_path):
    assert len(head_of(tmp_path, '{"a": 1}\n' * 1_000).objects) == 20


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("form", ["{}", "[{}]", "  [\n{}\n]"])
def test_a_huge_first_object_is_read_to_its_end(tmp_path, pack, form):
    item = {"text": "é" * 2_000_000, "annotations": [1]}
    head = head_of(tmp_path, pack((form.replace("{}", json.dumps(item)) + "\n").encode()))
    assert head.objects == (item,)


@pytest.mark.parametrize("beginning", ["[\tO\n", "{\tO\n", "[[1], ", '[7, {"a": 1}, ', '{"a" 1, '])
def test_of_a_long_file_that_is_no_json_not_more_is_read_than_usual(tmp_path, beginning):
    head = head_of(tmp_path, beginning + "abc O\n" * 400_000)
    assert head.objects == ()
    assert len(head.data) == 2**18


@given(st.binary(max_size=50), st.booleans())
def test_whatever_a_file_holds_its_beginning_can_be_looked_at(data, is_whole):
    head = Head(Path("a"), data, is_whole=is_whole)
    assert isinstance(head.text, str)
    assert all("\n" not in line for line in head.lines)
    assert all(isinstance(item, dict) for item in head.objects)


def test_a_folder_has_the_names_of_its_files(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("c.txt", "b/a.ann", "a.ann"):
        (tmp_path / name).write_bytes(b"x")
    head = read_head(tmp_path)
    assert head.names == ("a.ann", os.path.join("b", "a.ann"), "c.txt")  # noqa: PTH118
    assert (head.data, head.lines, head.objects) == (b"", (), ())


def test_what_cannot_be_read_is_an_error_with_its_name(tmp_path):
    missing = tmp_path / "none.json"
    with pytest.raises(DataError) as caught:
        read_head(missing)
    assert str(caught.value) == f"{missing}: expected a file, found none of this name"
    for data in (gzip.compress(b"abc" * 1_000)[:-12], b"\x1f\x8b\x08" + b"\xff" * 40):
        with pytest.raises(DataError) as caught:
            head_of(tmp_path, data, "x.gz")
        assert str(caught.value).startswith(f"{tmp_path / 'x.gz'}: cannot be read: ")
