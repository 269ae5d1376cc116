import random

import pytest

from tagger.conversion.near_copies import NearCopies

WORDS = [f"word{chr(97 + i)}{chr(97 + j)}" for i in range(26) for j in range(26)]


def groups(*documents):
    copies = NearCopies()
    for number, document in enumerate(documents):
        for text in [document] if isinstance(document, str) else document:
            copies.add(number, text)
    return copies.groups()


def a_text(seed, length):
    choose = random.Random(seed).choice
    return [choose(WORDS) for _ in range(length)]


def test_case_numbers_and_white_space_do_not_matter():
    assert groups("Sold on 12 May", "sold  on 13 MAY\n", "Sold on 12 June", "so ld on7m ay") == [0, 0, 2, 0]


def test_an_empty_document_is_like_other_empty_ones_alone():
    assert groups("", "a", " ", "12 a") == [0, 1, 0, 3]


def test_short_texts_that_differ_in_a_word_are_no_copies():
    assert groups("He went to Oslo today .", "He went to Paris today .") == [0, 1]


def test_a_long_text_with_a_few_words_changed_is_a_copy():
    for length in (20, 60, 200, 2000):
        words = a_text(length, length)
        changed = list(words)
        for place in range(7, length, 25):
            changed[place] = "changed"
        assert groups(" ".join(words), " ".join(a_text(-1, length)), " ".join(changed)) == [0, 1, 0]


def test_a_text_within_another_is_a_copy():
    words = a_text(3, 60)
    assert groups(" ".join(words), " ".join(words[10:40])) == [0, 0]


def test_different_long_texts_are_no_copies():
    texts = [" ".join(a_text(seed, 300)) for seed in range(50)]
    assert groups(*texts) == list(range(50))


def test_a_common_sentence_makes_no_copies():
    shared = ["All", "rights", "are", "reserved", "by", "the", "owners", "of", "this", "page"]
    texts = [" ".join(a_text(seed, 100) + shared) for seed in range(30)]
    assert groups(*texts) == list(range(30))


def test_copies_of_copies_are_one_group():
    words = a_text(5, 150)
    one, between, other = (" ".join(words[start : start + 100]) for start in (0, 25, 50))
    assert groups(one, other) == [0, 1]
    assert groups(one, between, other) == [0, 0, 0]
    assert groups(one, other, between) == [0, 0, 0]


def test_the_pieces_of_a_document_count_together_and_may_come_in_turns():
    one, other = a_text(8, 40), a_text(9, 40)
    copies = NearCopies()
    for number, words in (
        (0, one[:20]),
        (1, other[:20]),
        (0, one[20:]),
        (1, other[20:]),
        (2, one[:20]),
        (2, one[20:]),
    ):
        copies.add(number, " ".join(words))
    assert copies.groups() == [0, 1, 0]


@pytest.mark.parametrize(
    ("first", "number"),
    [(0x4E00, 2000), (0x3042, 80), (0x0E01, 46), (0x1000, 40), (0x61, 26)],
    ids=["Chinese", "Hiragana", "Thai", "Burmese", "Latin in one word"],
)
def test_copies_are_found_where_no_blanks_divide_words(first, number):
    texts = []
    for seed in range(30):
        characters = random.Random(seed).choices([chr(first + place) for place in range(number)], k=300)
        texts.append("".join(characters))
        characters[seed * 10] = "x"
        texts.append("".join(characters))
    assert groups(*texts) == [number - number % 2 for number in range(60)]


def test_a_few_words_in_another_script_do_not_matter():
    words = a_text(12, 60)
    one = [*words[:30], "東京都", *words[30:]]
    other = [*words[:30], "ソウル", *words[30:]]
    assert groups(" ".join(one), " ".join(other), "東京都 ソウル") == [0, 0, 2]


def test_sentences_of_few_characters_that_differ_in_one_are_no_copies():
    assert groups("我昨天去了北京。", "我昨天去了南京。") == [0, 1]
