from checking_corpora import corpus_of

from tagger.checking.pairs import other_parts, part_pairs, remarks, training_parts


def test_train_comes_before_dev_and_dev_before_test() -> None:
    corpus = corpus_of(test="a", dev="b", train="c")

    assert part_pairs(corpus) == [(2, 1), (2, 0), (1, 0)]
    assert training_parts(corpus) == [2]
    assert other_parts(corpus) == [0, 1]
    assert list(remarks(corpus)) == []


def test_parts_of_one_role_are_no_pair() -> None:
    assert part_pairs(corpus_of(train="a", train_2="b", test="c")) == [(0, 2), (1, 2)]


def test_parts_without_roles_are_compared_in_their_order() -> None:
    corpus = corpus_of(one="a", two="b")

    assert part_pairs(corpus) == [(0, 1)]
    assert training_parts(corpus) == []
    [remark] = remarks(corpus)
    assert remark.startswith("No part is known to be train:")


def test_one_part_alone_is_said_to_be_compared_with_nothing() -> None:
    corpus = corpus_of(train="a")

    assert part_pairs(corpus) == []
    assert training_parts(corpus) == []
    [remark] = remarks(corpus)
    assert remark.startswith("There is one part only: what parts have in common was not checked")
