from checking_corpora import corpus_of

from tagger.checking.copies.conflicting_tags import find


def test_the_widest_context_tells() -> None:
    corpus = corpus_of(
        train="we/X all/X saw/VERB the/X dog/X\n"
        "they/X all/X saw/VERB the/X dog/X\n"
        "you/X all/X saw/NOUN the/X dog/X too/X",
        scheme="none",
    )

    [finding] = find(corpus)
    assert (
        finding.check == "ambiguous-tag"
    )  # of the neighbours one on the left, two on the right are the same
    assert finding.message == '"saw" in "all saw the" is VERB 2 times, NOUN 1 time'
    assert finding.places == ("train:3", "train:1")


def test_two_neighbours_on_each_side_make_a_conflict() -> None:
    corpus = corpus_of(
        train="so/X we/X all/X saw/VERB the/X dog/X here/X",
        test="if/X we/X all/X saw/NOUN the/X dog/X now/X",
        scheme="none",
    )

    [finding] = find(corpus)
    assert finding.check == "conflicting-tag"
    assert finding.details["context"] == ["we", "all", "saw", "the", "dog"]
    assert [one["spans"][0][2] for one in finding.details["readings"]] == ["NOUN", "VERB"]


def test_ends_of_sentences_are_neighbours() -> None:
    corpus = corpus_of(train="saw/VERB it/X\nthen/X saw/NOUN it/X", scheme="none")

    assert list(find(corpus)) == []


def test_copies_of_a_sentence_count_once() -> None:
    corpus = corpus_of(train="a/X saw/VERB it/X\na/X saw/NOUN it/X", scheme="none")

    assert list(find(corpus)) == []


def test_a_label_that_a_word_hardly_ever_has_is_rare() -> None:
    usual = "\n".join(f"{number}/X the/DET {number}/X" for number in range(50))
    corpus = corpus_of(train=f"{usual}\nsee/X the/NOUN end/X", scheme="none")

    [finding] = find(corpus)
    assert finding.check == "rare-tag"
    assert finding.message == '"the" is NOUN 1 time, but DET 50 times'
    assert finding.places == ("train:51", "train:1")


def test_a_label_that_is_not_so_rare_is_not_found() -> None:
    usual = "\n".join(f"{number}/X the/DET {number}/X" for number in range(49))

    assert list(find(corpus_of(train=f"{usual}\nsee/X the/NOUN end/X", scheme="none"))) == []


def test_spans_have_no_tags() -> None:
    assert list(find(corpus_of(train="a b/B-X c\nd a b c"))) == []
