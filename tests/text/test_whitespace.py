from hypothesis import given
from hypothesis import strategies as st

from tagger.text import WhitespaceSegmenter


def test_tokens_stand_between_whitespace_and_sentences_on_lines() -> None:
    text = "a  b,\tc\r\n\n\u3000d\x1ce\u2028f\x85g\n"
    found = [[text[start:end] for start, end in sentence] for sentence in WhitespaceSegmenter()(text)]
    assert found == [["a", "b,", "c"], ["d", "e", "f", "g"]]


@given(st.text())
def test_agrees_with_str_split(text: str) -> None:
    lines = text.replace("\r", "\n").split("\n")
    found = [[text[start:end] for start, end in sentence] for sentence in WhitespaceSegmenter()(text)]
    assert found == [line.split() for line in lines if line.split()]


def test_has_no_options() -> None:
    assert WhitespaceSegmenter().options() == {}
