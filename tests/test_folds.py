"""recipes/folds.py: what stays together does, folds are of one size, and a seed decides the rest."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace

import pytest
from present import present
from tiny_runs import REPOSITORY

from tagger.errors import DataError, UsageError
from tagger.examples import Example
from tagger.training import Splits

sys.path.insert(0, str(REPOSITORY / "recipes"))  # programs, not a package

from folds import make_folds, pooled, unit_of


def sentence(number, document=None):
    """A sentence with a word of its own, since numbers count as one."""
    return Example(("The", chr(0x4E00 + number)), ("O", "O"), document)


def sizes(folds):
    return sorted(Counter(folds.of_sentence).values())


def test_folds_are_of_one_size_and_each_sentence_is_in_one():
    folds = make_folds([sentence(number) for number in range(103)], count=5, by="sentence", seed=1)
    assert sizes(folds) == [20, 20, 21, 21, 21]
    members = [folds.members(fold) for fold in (1, 2, 3, 4, 5)]
    assert sorted(number for of_fold in members for number in of_fold) == list(range(103))
    for fold, of_fold in enumerate(members, start=1):
        assert sorted([*of_fold, *folds.others(fold)]) == list(range(103))


def test_the_seed_decides_the_folds():
    examples = [sentence(number) for number in range(40)]
    first, again, other = (make_folds(examples, count=4, by="sentence", seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.of_sentence != other.of_sentence


def test_documents_stay_whole_and_a_sentence_without_one_is_a_unit_by_itself():
    examples = [sentence(number, str(number // 5)) for number in range(100)]
    examples += [sentence(number) for number in range(100, 110)]
    folds = make_folds(examples, count=5, by="document", seed=3)
    assert all(len(set(folds.of_sentence[start : start + 5])) == 1 for start in range(0, 100, 5))
    assert len(set(folds.of_sentence[100:])) > 1
    assert folds.units == 30
    assert max(sizes(folds)) - min(sizes(folds)) <= 5


def test_sentences_of_a_document_are_divided_where_that_is_asked_for():
    examples = [sentence(number, "one") for number in range(10)]
    assert sizes(make_folds(examples, count=5, by="sentence", seed=1)) == [2, 2, 2, 2, 2]


def test_copies_of_a_sentence_are_in_its_fold_and_counted():
    examples = [sentence(number) for number in range(20)]
    copies = [Example(("THE", example.tokens[1]), ("O", "O")) for example in examples[:6]]
    for seed in range(5):
        folds = make_folds([*examples, *copies, *copies], count=4, by="sentence", seed=seed)
        assert folds.of_sentence[:6] == folds.of_sentence[20:26] == folds.of_sentence[26:]
        assert (folds.units, folds.near_copies, folds.groups_of_copies) == (32, 12, 6)


def test_copies_of_a_document_are_in_its_fold_and_copies_of_its_sentences_alone_are_not():
    examples = [sentence(number, f"original {number // 2}") for number in range(20)]
    copies = [sentence(number, "copy") for number in (0, 1)] + [sentence(2, "other"), sentence(30, "other")]
    together = set()
    for seed in range(20):
        folds = make_folds([*examples, *copies], count=3, by="document", seed=seed)
        assert len({folds.of_sentence[place] for place in (0, 1, 20, 21)}) == 1
        together.add(folds.of_sentence[2] == folds.of_sentence[22])
        assert (folds.units, folds.near_copies, folds.groups_of_copies) == (12, 1, 1)
    assert together == {False, True}


def test_sentences_without_tokens_take_no_part():
    examples = [sentence(0), Example((), ()), sentence(1), Example((), (), "1")]
    folds = make_folds(examples, count=2, by="sentence", seed=1)
    assert [fold is None for fold in folds.of_sentence] == [False, True, False, True]
    assert sorted([*folds.members(1), *folds.others(1)]) == [0, 2]


def test_more_folds_than_documents_are_refused():
    examples = [sentence(number % 8, str(number // 4)) for number in range(16)]  # the last two are copies
    with pytest.raises(UsageError) as caught:
        make_folds(examples, count=3, by="document", seed=1)
    assert str(caught.value) == (
        "--folds: expected a document for each of 3 folds at least, found 2, near-copies counted once. "
        "Ask for fewer folds or divide by sentence (--by sentence)"
    )
    with pytest.raises(UsageError) as caught:
        make_folds(examples, count=9, by="sentence", seed=1)
    assert str(caught.value) == (
        "--folds: expected a sentence for each of 9 folds at least, found 8, near-copies counted once. "
        "Ask for fewer folds"
    )
    assert sizes(make_folds(examples, count=8, by="sentence", seed=1)) == [2] * 8


def test_documents_are_kept_whole_where_there_are_some_unless_asked_otherwise():
    with_documents, without = [sentence(0), sentence(1, "a")], [sentence(0)]
    assert unit_of(with_documents, None) == unit_of(with_documents, "document") == "document"
    assert unit_of(without, None) == unit_of(without, "sentence") == "sentence"
    assert unit_of(with_documents, "sentence") == "sentence"
    with pytest.raises(UsageError, match=r"^--by document: expected sentences with documents, found none\. "):
        unit_of(without, "document")


def test_documents_of_train_and_dev_are_told_apart(caplog):
    train = [sentence(0, "1"), sentence(1, "2"), sentence(2)]
    caplog.set_level("INFO", "tagger")
    other = [sentence(3, "3")]
    assert pooled(Splits(train, other)) == [*train, *other]
    assert caplog.messages == []
    found = pooled(Splits(train, [sentence(3, "2"), sentence(4, "3"), sentence(5)]))
    assert [example.document for example in found] == ["train 1", "train 2", None, "dev 2", "dev 3", None]
    assert [example.tokens for example in found] == [sentence(number).tokens for number in range(6)]
    assert caplog.messages == [
        "1 ids of documents occur in train and in dev: taken for different documents, 'train ID' and 'dev ID'"
    ]


@pytest.mark.parametrize(
    "change", [{"tokens": ("The", "x")}, {"labels": ("O", "B-X")}, {"document": "b"}, {"place": 1}]
)
def test_the_fingerprint_is_that_of_sentences_and_folds(change):
    def fingerprint(tokens=("The", "end"), labels=("O", "O"), document="a", place=0):
        examples = [sentence(0), sentence(1)]
        examples.insert(place, Example(tokens, labels, document, "file:1"))
        return make_folds(examples, count=2, by="sentence", seed=1).fingerprint(examples)

    assert fingerprint() == fingerprint()
    assert fingerprint(**change) != fingerprint()


def test_other_folds_of_the_same_sentences_have_another_fingerprint():
    examples = [sentence(number) for number in range(3)]
    folds = make_folds(examples, count=2, by="sentence", seed=1)
    others = replace(folds, of_sentence=tuple(3 - present(fold) for fold in folds.of_sentence))
    assert others.fingerprint(examples) != folds.fingerprint(examples)


def test_sentences_with_soft_labels_alone_are_refused():
    soft = Example(("a",), soft_labels=({"O": 1.0},), origin="x.jsonl:4")
    with pytest.raises(
        DataError, match=r"^x\.jsonl:4: expected labels, by which a fold is scored, found only soft"
    ):
        pooled(Splits([Example(("a",), ("O",)), soft]))
