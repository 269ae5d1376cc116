from checking_corpora import corpus_of

from tagger.checking.statistics.labels import tables


def test_types_are_counted_with_their_surfaces() -> None:
    corpus = corpus_of(
        train="in New/B-LOC York/I-LOC\nin New/B-LOC York/I-LOC\nin Rome/B-LOC by Ann/B-PER",
        test="New York",
    )

    types, lengths, ambiguity = tables(corpus)
    assert types.rows == (("train", "LOC", 3, 0.75, 2, 5 / 3), ("train", "PER", 1, 0.25, 1, 1.0))
    assert lengths.rows == (("train", "1", 2, 0.5), ("train", "2", 2, 0.5))
    # New York, three times, Rome and Ann once
    assert ambiguity.rows == (("phrases", 3, 1, 1, 1.0, 3 / 5),)


def test_plain_labels_are_counted_with_their_words() -> None:
    labels, ambiguity = tables(corpus_of(train="a/X b/X a/Y c/X", scheme="none"))

    assert labels.rows == (("train", "X", 3, 0.75, 3), ("train", "Y", 1, 0.25, 1))
    assert ambiguity.rows == (("words", 3, 1, 1, 1.0, 0.5),)


def test_without_labels_there_is_nothing_to_say() -> None:
    assert list(tables(corpus_of(train="a b"))) == []
