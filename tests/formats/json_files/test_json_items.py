import gzip
import io
import json
import tracemalloc

import pytest
from formats.annotated_corpus import CORPUS
from hypothesis import given
from hypothesis import strategies as st

from tagger.errors import DataError, FormatError
from tagger.formats import Losses, ReadingOptions, lines, read_items
from tagger.formats.json_files.items import read_json_items
from tagger.formats.json_files.objects import is_cut_off

SKIPPING = "To skip and list bad data: skip_bad=True"
ITEMS = [{"text": case.text, "n": number, "o": {"a": [1, {}]}} for number, case in enumerate(CORPUS)]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def read(text, losses=None):
    data = text if isinstance(text, bytes) else text.encode()
    return list(read_json_items(io.BytesIO(data), Losses() if losses is None else losses, name="x"))


def test_lines_are_read_with_their_numbers_and_blank_ones_left_out():
    text = "\ufeff\n \n" + "\r\n\n".join(json.dumps(item) for item in ITEMS)
    assert read(text) == [(f"x:{3 + 2 * number}", item) for number, item in enumerate(ITEMS)]


@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize("ascii", [True, False])
def test_a_list_is_read_however_it_is_laid_out(indent, ascii):
    text = json.dumps(ITEMS, indent=indent, ensure_ascii=ascii)
    assert read(text) == [(f"x: item {number}", item) for number, item in enumerate(ITEMS, start=1)]


@pytest.mark.parametrize("indent", [0, 2, "\t"])
def test_a_single_object_is_read_however_it_is_laid_out(indent):
    for item in ITEMS:
        assert read(json.dumps(item, indent=indent)) == [("x", item)]
    assert read('{"a": {}\n}') == [("x", {"a": {}})]
    assert read('{"a": "b}\n'.replace("b}\n", 'b}"\n,"c": "}"}')) == [("x", {"a": "b}", "c": "}"})]


def test_nothing_gives_nothing():
    assert read("") == read("\n \n") == read("[]") == read("[\n]\n") == []


def test_a_list_may_be_one_line_that_is_longer_than_lines_of_text_may_be(monkeypatch):
    monkeypatch.setattr(lines, "LONGEST_LINE", 1_000)
    text = json.dumps(ITEMS)
    with pytest.raises(FormatError, match="expected lines of less than"):
        list(lines.read_lines(io.BytesIO(text.encode())))
    assert [item for _, item in read(text)] == ITEMS


@pytest.mark.parametrize("format", ["doccano", "jsonl", "prodigy"])
def test_a_list_that_would_fill_the_memory_is_refused_and_lines_are_not(tmp_path, monkeypatch, format):
    monkeypatch.setattr(lines, "MOST_AT_ONCE", 100_000)
    item = {"text": "Oslo", "label": [], "spans": [], "answer": "accept"}
    items = [{**item, "id": number} for number in range(3_000)]
    if format == "doccano":
        items = [{key: value for key, value in item.items() if key != "spans"} for item in items]
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(json.dumps(items, indent=0).encode()))
    with pytest.raises(FormatError) as caught:
        list(read_items(path, ReadingOptions(format=format), Losses(), name="x"))
    assert str(caught.value) == (
        "x: expected at most 100,000 characters, as it is read as a whole, found more. Write JSON Lines, an object a "
        "line, which are read one by one; or split it into several files."
    )
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, items)).encode()))
    assert len(list(read_items(path, ReadingOptions(format=format), Losses(), name="x"))) == 3_000
    path.write_bytes(gzip.compress(json.dumps(items[:900], indent=0).encode()))
    assert len(list(read_items(path, ReadingOptions(format=format), Losses(), name="x"))) == 900


def test_files_may_be_packed(tmp_path):
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a": 1}\n{"a": 2}\n'))
    assert [item for _, item in read_json_items(path, Losses())] == [{"a": 1}, {"a": 2}]
    path.write_bytes(gzip.compress(b'{"a": 1}\n' * 10_000)[:-20])
    with pytest.raises(DataError, match=r"x\.jsonl\.gz: cannot be read"):
        list(read_json_items(path, Losses()))


def test_lines_are_read_in_constant_memory():
    line = json.dumps({"text": "a" * 10_000}) + "\n"
    stream = io.BytesIO(line.encode() * 2_000)
    tracemalloc.start()
    for _ in read_json_items(stream, Losses(), name="x"):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20  # the stream holds 20 MB


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Oslo\tB-LOC\n", "x:1: expected JSON, an object or a list of them, found 'Oslo\\tB-LOC'"),
        ('\n7\n{"a": 1}', "x:2: expected JSON, an object or a list of them, found '7'"),
        ('[{"a": 1},', "x:1: expected a JSON object, found"),
        ('{"a": [1,\n', "x:1: expected a JSON object, found"),
        ('[{"a": 1}]\n[{"a": 2}]\n', "x:1: expected a JSON object, found"),
    ],
)
def test_what_is_no_json_from_the_beginning_cannot_be_skipped(text, message):
    for skip_bad in (False, True):
        with pytest.raises(FormatError) as caught:
            read(text, Losses(skip_bad=skip_bad))
        assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1}\n[7]\n{"a": 2}\n', "x:2: expected an object, found the list [7]."),
        ('[{"a": 1}, "b", {"a": 2}]', 'x: item 2: expected an object, found the string "b".'),
        (
            '{"a": 1}\n{"a": 1,}\n{"a": 2}\n',
            "x:2: expected a JSON object, found '{\"a\": 1,}': ",
        ),
        (
            '{"a": 1}\n{"a": NaN}\n{"a": 2}\n',
            "x:2: expected a JSON object that can be read: NaN is not JSON; write null, or leave the key out.",
        ),
        (
            '{"a": 1}\n{"a": 1, "a": 2}\n{"a": 2}\n',
            "x:2: expected a JSON object that can be read: the key 'a' is repeated in one object.",
        ),
        (
            '{"a": 1}\n{"a": "\\ud83d"}\n{"a": 2}\n',
            "x:2: expected text, found half a surrogate pair: \\ud83d.",
        ),
        (
            '{"a": 1}\n{"a": ' + "[" * 100_000 + '\n{"a": 2}\n',
            "x:2: expected a JSON object that can be read: ",
        ),
        (
            '{"a": 1}\n{"a": ' + "9" * 5_000 + '}\n{"a": 2}\n',
            "x:2: expected a JSON object that can be read: ",
        ),
    ],
)
def test_an_item_that_cannot_be_read_is_an_error_that_can_be_skipped(text, message):
    with pytest.raises(FormatError) as caught:
        read(text)
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith(SKIPPING)
    losses = Losses(skip_bad=True)
    assert [item for _, item in read(text, losses)] == [{"a": 1}, {"a": 2}]
    assert len(losses) == 1


def test_a_bad_first_line_can_be_skipped_too():
    losses = Losses(skip_bad=True)
    assert [item for _, item in read('{"a": 1 "b": 2, "c": "a long rest"}\n{"a": 2}\n', losses)] == [{"a": 2}]
    assert losses.count("lines that are not JSON, left out as bad") == 1


def test_text_in_another_encoding_is_an_error():
    with pytest.raises(FormatError, match="x:2: expected UTF-8 text, found byte 0xe9"):
        read('{"a": 1}\n{"a": "é"}\n'.encode("latin-1"))


@given(st.dictionaries(st.text(max_size=3), VALUES, min_size=1, max_size=3), st.data())
@pytest.mark.slow
def test_every_beginning_of_an_object_may_go_on(value, data):
    text = json.dumps(value, ensure_ascii=data.draw(st.booleans()))
    beginning = text[: data.draw(st.integers(1, len(text) - 1))]
    with pytest.raises(json.JSONDecodeError) as caught:
        json.JSONDecoder().raw_decode(beginning)
    assert is_cut_off(caught.value)
