from checking_corpora import corpus_of

from tagger.checking.copies.conflicting_phrases import find

USUAL = "\n".join(["in New/B-LOC York/I-LOC now"] * 5)


def test_another_type_is_found() -> None:
    corpus = corpus_of(train=f"{USUAL}\nto New/B-ORG York/I-ORG")

    [finding] = find(corpus)
    assert finding.check == "conflicting-phrase"
    assert finding.message == '"New York" is ORG 1 time, but LOC 5 times'
    assert finding.places == ("train:6", "train:1")
    assert [one["spans"] for one in finding.details["readings"]] == [[[1, 3, "ORG"]], [[1, 3, "LOC"]]]


def test_a_missing_span_is_found_in_another_part() -> None:
    corpus = corpus_of(train=USUAL, test="to New York")

    [finding] = find(corpus)
    assert finding.message == '"New York" is in no span 1 time, but LOC 5 times'
    assert (finding.places[0], finding.part) == ("test:1", "test")


def test_another_boundary_is_found() -> None:
    the_beatles = "\n".join(["by the/B-ORG Beatles/I-ORG now"] * 4)
    [finding] = find(corpus_of(train=f"{the_beatles}\nfor the Beatles/B-ORG"))

    assert finding.message == '"the Beatles" is cut by a boundary 1 time, but ORG 4 times'
    assert finding.places[0] == "train:5"


def test_words_within_a_longer_span_are_no_conflict() -> None:
    corpus = corpus_of(train=f"{USUAL}\nthe New/B-ORG York/I-ORG Times/I-ORG")

    assert list(find(corpus)) == []


def test_lower_case_words_that_are_seldom_a_span_are_ambiguous_at_most() -> None:
    corpus = corpus_of(train="the orange/B-LOC\nan orange\nan orange")

    assert [finding.check for finding in find(corpus)] == ["ambiguous-phrase"]


def test_what_is_probably_a_mistake_ranks_before_what_varies_naturally() -> None:
    natural = "\n".join(
        f"{place}/B-LOC\n{place}/B-LOC\n{place}/B-ORG\nsee {place}/B-ORG"
        for place in ("Leeds", "Rome", "Bonn")
    )
    corpus = corpus_of(train=f"{natural}\n{USUAL}\nto New/B-PER York/I-PER")

    found = sorted(find(corpus), key=lambda finding: -finding.weight)
    assert found[0].message == '"New York" is PER 1 time, but LOC 5 times'
    assert {finding.check for finding in found[1:]} == {"ambiguous-phrase"}


def test_parts_with_plain_labels_have_no_phrases() -> None:
    assert list(find(corpus_of(train="a/X\na/Y", scheme="none"))) == []
