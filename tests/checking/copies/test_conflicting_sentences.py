from checking_corpora import corpus_of

from tagger.checking.copies.conflicting_sentences import find


def test_both_readings_are_told_with_their_places() -> None:
    corpus = corpus_of(
        train="in New/B-LOC York/I-LOC today\nin New/B-LOC York/I-LOC today",
        test="in New/B-ORG York/I-ORG today",
    )

    [finding] = find(corpus)
    assert finding.message == (
        '"in New York today" is labelled in 2 ways: "New York" ORG (1 time); "New York" LOC (2 times)'
    )
    assert finding.places == ("test:1", "train:1")
    assert finding.part is None
    rare, usual = finding.details["readings"]
    assert rare == {
        "label": '"New York" ORG',
        "part": "test",
        "place": "test:1",
        "tokens": ["in", "New", "York", "today"],
        "chosen": [1, 3],
        "spans": [[1, 3, "ORG"]],
    }
    assert usual["spans"] == [[1, 3, "LOC"]]


def test_a_missing_span_is_a_conflict_and_short_sentences_count() -> None:
    [finding] = find(corpus_of(train="Paris/B-LOC\nParis"))

    assert "no label there (1 time)" in finding.message
    assert finding.part == "train"


def test_only_what_differs_is_named() -> None:
    [finding] = find(corpus_of(train="a/DET saw/NOUN works/VERB\na/DET saw/VERB works/VERB", scheme="none"))

    assert finding.message.endswith('2 ways: "saw" NOUN (1 time); "saw" VERB (1 time)')
    assert finding.details["readings"][0]["spans"] == [[1, 2, "NOUN"]]


def test_equal_labels_and_other_letters_of_a_scheme_are_no_conflict() -> None:
    corpus = corpus_of(train="a/I-X b/I-X\na/B-X b/I-X")  # read as conlleval reads it

    assert list(find(corpus)) == []
