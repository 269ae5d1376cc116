from checking_corpora import corpus_of

from tagger.checking.copies.duplicates import find


def test_a_sentence_that_comes_again_is_found_with_all_its_places() -> None:
    corpus = corpus_of(train="a b c d e\nx\na b c d e\na b c d e", test="x\nx")

    [finding] = find(corpus)
    assert finding.check == "duplicate-sentence"
    assert finding.places == ("train:1", "train:3", "train:4")
    assert finding.message == '3 times in train: "a b c d e"'
    assert (finding.part, finding.count) == ("train", 2)
    assert finding.details["share_of_part"] == 0.5


def test_short_sentences_and_those_of_other_parts_are_none() -> None:
    corpus = corpus_of(train="Thanks a lot .\nThanks a lot .\na b c d e", test="a b c d e\na b c d f")

    assert list(find(corpus)) == []
