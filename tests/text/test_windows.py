from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagger.errors import DataError, UsageError
from tagger.text import RuleSegmenter, Sentence, WhitespaceSegmenter, windows

RULES = RuleSegmenter()
LINES = WhitespaceSegmenter()
STORY = "Anna left. She never came back, did she? Mr. Brown waited until 3.50 p.m. Then he went home!\n\n"


def words(sentences: Iterator[Sentence]) -> list[list[str]]:
    return [[token.text for token in sentence.tokens] for sentence in sentences]


def test_gives_each_sentence_with_its_text_and_absolute_offsets() -> None:
    assert list(windows(" One two.\nThree. ", RULES)) == [
        Sentence(" One two.\n", 0, ((1, 4), (5, 8), (8, 9))),
        Sentence("Three. ", 10, ((10, 15), (15, 16))),
    ]


def test_windows_of_any_size_give_what_the_whole_gives() -> None:
    text = STORY * 50
    whole = list(windows(text, RULES))
    assert len(whole) == 4 * 50
    for size in (128, 129, 200, 1000, 4096, len(text), len(text) + 1):
        assert list(windows(text, RULES, size)) == whole


@given(st.lists(st.text("aB. \n!?'", max_size=20), max_size=20), st.integers(16, 100))
def test_the_division_of_the_input_into_pieces_never_matters(pieces: list[str], size: int) -> None:
    assert list(windows(iter(pieces), RULES, size)) == list(windows("".join(pieces), RULES, size))


@given(st.text(max_size=200), st.integers(16, 64))
@settings(max_examples=300)
def test_texts_of_all_sentences_are_the_input_and_tokens_are_where_they_say(text: str, size: int) -> None:
    for segmenter in (RULES, LINES):
        sentences = list(windows(text, segmenter, size))
        assert "".join(sentence.text for sentence in sentences) == text
        position = 0
        for sentence in sentences:
            assert sentence.start == position
            position += len(sentence.text)
            for token in sentence.tokens:
                assert text[token.start : token.end] == token.text
        tokens = [token for sentence in sentences for token in sentence.tokens]
        assert "".join("".join(token.text for token in tokens).split()) == "".join(text.split())


def test_a_sentence_longer_than_half_a_window_is_cut_behind_a_token() -> None:
    assert words(windows("one two three four five six seven eight nine ten", RULES, 16)) == [
        ["one", "two", "three"],
        ["four", "five", "six"],
        ["seven", "eight"],
        ["nine", "ten"],
    ]


def test_a_token_longer_than_half_a_window_is_cut() -> None:
    assert words(windows("x" * 30, RULES, 16)) == [["x" * 14], ["x" * 14], ["xx"]]


def test_whitespace_that_fills_windows_is_kept_in_sentences_without_tokens() -> None:
    assert list(windows(" " * 30, RULES, 16)) == [
        Sentence(" " * 14, 0, ()),
        Sentence(" " * 14, 14, ()),
        Sentence(" " * 2, 28, ()),
    ]


def test_empty_input_has_no_sentences() -> None:
    assert list(windows("", RULES)) == []
    assert list(windows(iter(["", ""]), RULES)) == []


def test_reads_no_more_of_a_stream_than_one_window_ahead() -> None:
    taken = []

    def stream() -> Iterator[str]:
        for i in range(1000):
            taken.append(i)
            yield STORY

    sentences = windows(stream(), RULES, 1024)
    next(sentences)
    assert len(taken) == -(-1024 // len(STORY))


class Counting:
    """Counts the characters it is shown."""

    def __init__(self) -> None:
        self.shown = 0

    def __call__(self, text: str) -> Iterator[list[tuple[int, int]]]:
        self.shown += len(text)
        return RULES(text)


@pytest.mark.parametrize(
    "unit", ["a", ". ", " ", "word ", "Go. ", "a.", "-", "@", "http://", "'", "😀", "\n"]
)
def test_shows_a_segmenter_every_character_at_most_about_twice(unit: str) -> None:
    text = unit * (50_000 // len(unit))
    segmenter = Counting()
    for _ in windows(text, segmenter, 1024):
        pass
    assert segmenter.shown <= 2.2 * len(text) + 1024


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ([(0, 2), (1, 5)], "tokens in order, found one that starts at character 1 after one that ends at 2"),
        ([(0, 2), (3, 9)], "expected a token range within 0..5, found 3..9"),
        ([(-1, 2)], "expected a token range within 0..5, found -1..2"),
        ([(0, 2), (3, 3)], "expected a token range within 0..5, found 3..3"),
        ([(0, 2)], "expected every character in a token, found 'cd' at character 3 in none"),
        ([(3, 5)], "expected every character in a token, found 'ab' at character 0 in none"),
    ],
)
def test_says_what_is_wrong_with_a_faulty_segmenter(ranges: list[tuple[int, int]], message: str) -> None:
    class Plugin:
        name = "mine"

        def __call__(self, text: str) -> list[list[tuple[int, int]]]:
            return [ranges]

    with pytest.raises(DataError) as caught:
        list(windows("ab cd", Plugin()))
    assert str(caught.value).startswith("segmenter 'mine': ")
    assert message in str(caught.value)
    assert str(caught.value).endswith(" The plug-in is faulty.")


def test_names_the_place_of_a_fault_in_the_whole_input() -> None:
    def forgets_z(text: str) -> list[list[tuple[int, int]]]:
        return [[span for span in sentence if text[span[0]] != "Z"] for sentence in RULES(text)]

    with pytest.raises(
        DataError, match=r"^segmenter 'forgets_z': .* found 'Zed' at character 9212 in none\."
    ):
        list(windows(STORY * 98 + "Zed came.", forgets_z, 1024))


def test_refuses_a_window_that_is_too_small() -> None:
    with pytest.raises(UsageError, match="window size: expected at least 16 characters, found 15"):
        list(windows("a", RULES, 15))
