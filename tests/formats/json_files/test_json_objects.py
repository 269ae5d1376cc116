import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.formats.json_files.objects import RepeatedKeys, describe, parse_object, restore_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def test_all_but_the_new_values_is_written_as_it_was_read():
    line = (
        '{ "id":1e999,"x": 0.12345678901234567890, "tokens" : ["a"], "x":-0, "labels":[1], "n\\u00e9": "\\u00e9",'
        ' "big": 123456789012345678901234567890, "o": {"k":1,"k":2} }\r\n'
    )
    fields = parse_object(line, "x")
    assert isinstance(fields, RepeatedKeys)
    assert fields.repeated == ["x"]
    assert restore_json(line, fields, {"labels": ["O"], "spans": []}) == (
        '{"id":1e999, "x": 0.12345678901234567890, "tokens" : ["a"], "x":-0, "labels": ["O"], '
        '"n\\u00e9": "\\u00e9", "big": 123456789012345678901234567890, "o": {"k":1,"k":2}, "spans": []}\n'
    )
    assert restore_json(line, fields, {"spans": []}) == line.strip()[:-2] + ', "spans": []}\n'


def test_a_new_value_stands_once_where_the_old_ones_stood_several_times():
    assert (
        restore_json('{"labels": 1, "a": 2, "labels": 3}', {"labels", "a"}, {"labels": []})
        == '{"labels": [], "a": 2}\n'
    )
    assert restore_json(" {} ", (), {}) == "{}\n"
    assert restore_json("{}", (), {"é": "ø"}) == '{"é": "ø"}\n'


def test_the_last_value_of_a_key_counts():
    assert parse_object('{"a": 1, "a": 2}', "x") == {"a": 2}
    assert not isinstance(parse_object('{"a": 1, "b": 2}', "x"), RepeatedKeys)


@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=5), st.booleans(), st.sampled_from([None, 2]))
def test_objects_of_any_spelling_come_back_equal(fields, ascii, indent):
    text = json.dumps(fields, ensure_ascii=ascii, indent=indent)
    assert json.loads(restore_json(text, fields, {})) == fields
    assert json.loads(restore_json(text, fields, {"new": 1})) == {**fields, "new": 1}
    changed = dict.fromkeys(list(fields)[:1], 2)
    assert json.loads(restore_json(text, fields, changed)) == {**fields, **changed}


@pytest.mark.parametrize(
    ("value", "described"),
    [
        (b"x", "the object \"b'x'\""),
        ([b"x"], "the list [\"b'x'\"]"),
        ({1: "x"}, 'the object {"1": "x"}'),
        ({(1, 2): "x"}, "a value of the type dict that is not JSON"),
        (1 << 20_000, "a value of the type int that is not JSON"),
    ],
    ids=["bytes", "bytes in a list", "a number as key", "a tuple as key", "a number too long to show"],
)
def test_what_is_no_json_is_described_as_well(value, described):
    assert describe(value) == described
