import pytest
from checking_corpora import corpus_of

from tagger.checking.statistics.overlap import find, tables
from tagger.evaluation.slices.training_statistics import training_statistics


def test_words_and_entities_that_train_has_are_counted() -> None:
    corpus = corpus_of(
        train="in Rome/B-LOC and Leeds/B-ORG with May",
        test="in ROME/B-LOC Rome/B-LOC Leeds/B-LOC May/B-PER Oslo/B-LOC",
    )

    words, entities = tables(corpus)
    [of_test] = words.to_dicts()
    assert (of_test["tokens"], of_test["unseen"], of_test["unseen_uncased"]) == (6, 2 / 6, 1 / 6)
    assert (of_test["words"], of_test["unseen_words"]) == (6, 2 / 6)
    everything, places, people = entities.to_dicts()
    assert everything == {
        "part": "test", "type": "all", "spans": 5, "with_this_type": 0.2, "with_other_types": 0.2,
        "as_no_span": 0.2, "unseen": 0.4, "uncased": 0.4, "words_seen": 0.6,
    }  # fmt: skip
    assert (places["type"], places["spans"], places["with_this_type"]) == ("LOC", 4, 0.25)
    assert (people["type"], people["as_no_span"]) == ("PER", 1.0)


def test_it_counts_what_the_statistics_of_evaluation_count() -> None:
    corpus = corpus_of(
        train="the Bank/B-ORG of/I-ORG England/I-ORG\nBank of England/B-LOC\nsaw Ann/B-PER Lee/I-PER",
        test="Bank/B-ORG of/I-ORG England/I-ORG met Ann/B-PER in England/B-ORG\nAnn/B-PER Lee/I-PER\nBo/B-PER",
    )
    spans = [
        (("Bank", "of", "England"), "ORG"), (("Ann",), "PER"), (("England",), "ORG"), (("Ann", "Lee"), "PER"),
        (("Bo",), "PER"),
    ]  # fmt: skip
    train = corpus.parts[0]
    statistics = training_statistics(train.examples, "iob2", {surface for surface, _ in spans})
    with_type = sum(label in statistics.labels[surface] for surface, label in spans) / len(spans)
    unseen = sum(not statistics.surfaces[surface] for surface, _ in spans) / len(spans)

    everything = list(tables(corpus))[1].to_dicts()[0]
    assert everything["with_this_type"] == pytest.approx(with_type)
    assert everything["unseen"] == pytest.approx(unseen)


def test_many_unseen_words_and_many_known_entities_are_findings() -> None:
    corpus = corpus_of(
        train="in Rome/B-LOC we say ciao", dev="in Rome/B-LOC Rome/B-LOC", test="aa bb in we say Oslo/B-LOC"
    )

    found = list(find(corpus))
    assert [(finding.check, finding.part) for finding in found] == [
        ("known-entities", "dev"), ("unseen-words", "test"),
    ]  # fmt: skip
    assert found[0].message.startswith("100.0 % of the spans of dev are in train, with the same type")
    assert found[1].message == "50.0 % of the tokens of test are words that train does not have"


def test_one_part_has_no_overlap() -> None:
    assert list(tables(corpus_of(train="in Rome/B-LOC"))) == []
    assert list(find(corpus_of(train="in Rome/B-LOC"))) == []
