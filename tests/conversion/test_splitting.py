from collections import Counter

import pytest

from tagger.conversion.splitting import parse_shares, split_texts
from tagger.errors import DataError, UsageError
from tagger.formats import AnnotatedText

SHARES = {"train": 0.8, "dev": 0.1, "test": 0.1}


def texts(number, document=lambda number: None):
    return [
        AnnotatedText(f"Word {chr(0x4E00 + number)}", (), document=document(number))
        for number in range(number)
    ]


def sizes(split):
    return [Counter(split.part_of_text)[part] for part in range(len(split.parts))]


def test_shares_are_met():
    split = split_texts(texts(200), SHARES, 0)
    assert sizes(split) == [160, 20, 20]
    assert split.documents == 200


def test_the_same_seed_gives_the_same_parts_and_another_one_others():
    first, again, other = (split_texts(texts(200), SHARES, seed).part_of_text for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_documents_stay_whole_wherever_their_texts_stand():
    split = split_texts(texts(200, lambda number: str(number % 40)), SHARES, 0)
    parts = [set(split.part_of_text[number::40]) for number in range(40)]
    assert all(len(of_document) == 1 for of_document in parts)
    assert (sizes(split), split.documents) == ([160, 20, 20], 40)


def test_copies_are_in_one_part_and_counted():
    originals = texts(100)
    copies = [AnnotatedText(f"\n{text.text.lower()} ", ()) for text in originals]
    split = split_texts([*originals, *copies], SHARES, 3)
    assert split.part_of_text[:100] == split.part_of_text[100:]
    assert sizes(split) == [160, 20, 20]
    split = split_texts([*originals, *copies[:7]], SHARES, 3)
    assert split.part_of_text[:7] == split.part_of_text[100:]
    assert split.to_dict() == {"documents": 107, "near_copies": 7, "groups_of_copies": 7}


def test_no_part_is_empty():
    for seed in range(20):
        assert min(sizes(split_texts(texts(3), SHARES, seed))) == 1


def test_hundreds_of_parts_are_no_limit():
    shares = {f"part{number}": 1 / 300 for number in range(300)}
    assert sizes(split_texts(texts(600), shares, 0)) == [2] * 300


def test_too_few_documents_are_an_error():
    with pytest.raises(DataError) as caught:
        split_texts(texts(2), SHARES, 0)
    assert str(caught.value) == (
        "split: expected a document for each of 3 parts at least, found 2, near-copies counted once"
    )


def test_shares_are_read():
    assert parse_shares("train=0.8,dev=.1,test=0.1") == SHARES


@pytest.mark.parametrize(
    "text", ["", "train", "train=x", "a=0.5,a=0.5", "a=0,b=1", "a=-1,b=2", "../a=0.5,b=0.5", "a=nan"]
)
def test_what_are_no_shares_is_refused(text):
    with pytest.raises(UsageError) as caught:
        parse_shares(text)
    assert str(caught.value) == (
        f"split: expected parts with their shares, such as train=0.8,dev=0.1,test=0.1, found {text!r}"
    )


def test_shares_make_one():
    with pytest.raises(UsageError, match=r"split: expected shares that make 1, found 0\.9: 'a=0\.8,b=0\.1'"):
        parse_shares("a=0.8,b=0.1")
