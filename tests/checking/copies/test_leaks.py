from checking_corpora import corpus_of

from tagger.checking.copies.leaks import find

LONG = "the quick brown fox jumps over the lazy dog near the old river bank"


def test_a_sentence_of_train_in_test_is_found_with_its_share() -> None:
    corpus = corpus_of(
        train="a b c d e\nNew/B-LOC York/I-LOC is a city",
        test="x/B-LOC y\nNew/B-LOC York/I-LOC is a city\nz\nThanks/B-LOC",
    )

    first, second = find(corpus)
    assert first.check == second.check == "leaked-sentence"
    assert first.message == "1 of 4 sentences of test (25.0 %), with 33.3 % of its spans, is also in train"
    assert (first.places, first.count) == ((), 0)
    assert second.message == 'also in train: "New York is a city"'
    assert second.places == ("test:2", "train:2")
    assert first.weight > second.weight


def test_sentences_within_a_part_and_short_ones_are_no_leaks() -> None:
    corpus = corpus_of(train="a b c d e\na b c d e\nThanks a lot .", test="Thanks a lot .\na b c d f")

    assert list(find(corpus)) == []


def test_case_digits_and_white_space_make_near_copies() -> None:
    corpus = corpus_of(
        train="It costs 17 dollars today .",
        dev="it costs 2345 dollars today .\nIt costs 17 dollars to day .",
        test="It costs ten dollars today .",
    )

    found = [finding for finding in find(corpus) if finding.count]
    assert [finding.check for finding in found] == ["near-copy", "near-copy"]
    assert [finding.places for finding in found] == [("dev:1", "train:1"), ("dev:2", "train:1")]
    assert found[0].details["shared"] == 1


def test_most_phrases_shared_make_a_near_copy() -> None:
    corpus = corpus_of(train=f"{LONG}\n{LONG} again", test=f"well , {LONG}\n{LONG.replace('over', 'under')}")

    found = [finding for finding in find(corpus) if finding.count]
    assert [(finding.check, finding.places) for finding in found] == [
        ("near-copy", ("test:1", "train:1")),  # the other one's word is in five of ten phrases
    ]


def test_what_is_quite_the_same_is_no_near_copy() -> None:
    corpus = corpus_of(train=f"{LONG}\n{LONG} !", test=LONG)

    assert [finding.check for finding in find(corpus)] == ["leaked-sentence", "leaked-sentence"]


def test_one_part_has_no_leaks() -> None:
    assert list(find(corpus_of(train=f"{LONG}\n{LONG}"))) == []
