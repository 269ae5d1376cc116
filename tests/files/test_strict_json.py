"""JSON is read only if it means one thing."""

import pytest

from tagger.files import parse_json


def test_json_is_read():
    assert parse_json('{"a": [1, 2.5, null, "ü\\ud800"], "b": {"a": true}}'.encode()) == {
        "a": [1, 2.5, None, "ü\ud800"],
        "b": {"a": True},
    }


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"a": 1, "b": 2, "a": 1}', "the name 'a' comes twice in one object"),
        (b'[{"b": {"c": 1, "c": 2}}]', "the name 'c' comes twice in one object"),
        (b"[NaN]", "expected numbers, found NaN"),
        (b"[-Infinity]", "expected numbers, found -Infinity"),
        (b"[" * 100_000, "nested too deeply"),
        ("[]".encode("utf-16"), "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        (b"\xef\xbb\xbf[]", "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(data, reason):
    with pytest.raises(ValueError, match=r".") as error:
        parse_json(data)
    assert str(error.value) == reason
