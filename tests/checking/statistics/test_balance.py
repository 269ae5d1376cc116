from dataclasses import replace

import numpy as np
from checking_corpora import corpus_of

from tagger.checking.corpus import Corpus
from tagger.checking.statistics.balance import chance_distance, find
from tagger.schemes import LabelScheme


def test_a_type_below_one_in_a_hundred_is_rare() -> None:
    corpus = corpus_of(train="a/B-LOC\n" * 201 + "b/B-PER\nc/B-ORG\nc/B-ORG\nc/B-ORG")

    found = list(find(corpus))
    assert [finding.message for finding in found] == [
        "PER occurs 1 time in train, 0.5 % of LOC (201)",
    ]
    assert found[0].check == "imbalance"


def test_other_shares_of_types_are_a_shift() -> None:
    corpus = corpus_of(train="a/B-LOC\n" * 80 + "b/B-PER\n" * 20, test="a/B-LOC\n" * 40 + "b/B-PER\n" * 60)

    [finding] = find(corpus)
    assert finding.check == "label-shift"
    assert finding.message == (
        "40 % of test would need another type to have the shares of train: LOC 40.0 % (train: 80.0 %), PER 60.0 % "
        "(train: 20.0 %)"
    )


def test_what_chance_may_do_is_no_shift() -> None:
    corpus = corpus_of(train="a/B-LOC\n" * 80 + "b/B-PER\n" * 20, test="a/B-LOC\nb/B-PER")

    assert list(find(corpus)) == []


def test_small_differences_of_large_parts_are_no_shift() -> None:
    corpus = corpus_of(
        train="a/B-LOC\n" * 800 + "b/B-PER\n" * 200, test="a/B-LOC\n" * 680 + "b/B-PER\n" * 320
    )

    assert list(find(corpus)) == []


def test_chance_is_smaller_with_more_data() -> None:
    few, many = np.array([8, 2]), np.array([800, 200])

    assert chance_distance(few, few) > 0.3
    assert chance_distance(many, many) < 0.06


def test_parts_with_other_kinds_of_labels_are_not_compared() -> None:
    corpus = corpus_of(train="a/B-LOC\n" * 50, test="a/B-LOC\n" * 50)
    train, test = corpus.parts
    assert list(find(Corpus((train, replace(test, scheme=LabelScheme.NONE))))) == []
