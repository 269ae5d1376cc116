import pytest

from tagger.checking.left_out import parted


@pytest.mark.parametrize(
    ("message", "name", "expected"),
    [
        ("a.json: item 3: the LOC 0-3: no", "a.json", ("a.json: item 3", "the LOC 0-3: no")),
        ("br/a.ann:2: expected 'X'", "br", ("br/a.ann:2", "expected 'X'")),
        ("br/a.ann: no text", "br", ("br/a.ann", "no text")),
        ("a.conll: no sentence", "a.conll", ("a.conll", "no sentence")),
        ("a.conll.gz:2: no", "a.conll", ("a.conll", "a.conll.gz:2: no")),
        ("a+b(1).conll:2: no\nline", "a+b(1).conll", ("a+b(1).conll:2", "no\nline")),
    ],
)
def test_the_place_before_a_message_is_parted_from_it(message, name, expected):
    assert parted(message, name) == expected
