import pytest

from tagger.errors import DataError
from tagger.text import RuleSegmenter, Token, WhitespaceSegmenter, combine, sentences, tokenize

TEXT = "Don't go!\nWhy not, Anna?"


def test_tokenize_gives_all_tokens_with_offsets() -> None:
    assert tokenize("Don't go!") == [Token("Don't", 0, 5), Token("go", 6, 8), Token("!", 8, 9)]
    assert tokenize("") == []


def test_sentences_gives_tokens_by_sentence() -> None:
    assert sentences(" Go! Why?\n") == [
        [Token("Go", 1, 3), Token("!", 3, 4)],
        [Token("Why", 5, 8), Token("?", 8, 9)],
    ]
    assert sentences(" \n ") == []


def test_any_segmenter_can_be_used() -> None:
    assert [token.text for token in tokenize(TEXT, WhitespaceSegmenter())] == TEXT.split()
    assert [token.text for token in tokenize(TEXT, RuleSegmenter(clitics="split"))][:2] == ["Do", "n't"]


def test_texts_longer_than_a_window_are_cut_as_a_whole() -> None:
    paragraph = "Anna left. She never came back, did she?\n\n"
    found = sentences(paragraph * 7_000)
    assert len(found) == 14_000
    assert {tuple(token.text for token in sentence) for sentence in found} == {
        ("Anna", "left", "."),
        ("She", "never", "came", "back", ",", "did", "she", "?"),
    }
    assert found[-1][-1] == Token("?", len(paragraph) * 7_000 - 3, len(paragraph) * 7_000 - 2)


def test_a_splitter_and_a_tokenizer_make_a_segmenter() -> None:
    def by_line(text: str) -> list[tuple[int, int]]:
        middle = text.index("\n")
        return [(0, middle), (middle + 1, len(text))]

    def by_space(sentence: str) -> list[tuple[int, int]]:
        return [span for spans in WhitespaceSegmenter()(sentence) for span in spans]

    assert sentences(TEXT, combine(by_line, by_space)) == sentences(TEXT, WhitespaceSegmenter())
    with pytest.raises(DataError, match=r"^segmenter 'combined': .* found 'Why' at character 10 in none"):
        sentences(TEXT, combine(lambda text: [(0, 9)], by_space))
