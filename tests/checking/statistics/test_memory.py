from checking_corpora import corpus_of

from tagger.checking.statistics.memory import remembered_spans, tables


def test_the_longest_phrase_wins_and_gets_its_most_frequent_type() -> None:
    corpus = corpus_of(
        train="New/B-LOC York/I-LOC\nNew/B-ORG York/I-ORG Times/I-ORG\nYork/B-LOC\nYork/B-PER\nYork/B-PER",
        test="the New York Times in New York by York",
    )
    numbered = corpus.numbered

    marked = remembered_spans(corpus)
    assert [
        (numbered.text(start, end), numbered.types[type_])
        for start, end, type_ in zip(marked.starts, marked.ends, marked.types, strict=True)
    ] == [(("New", "York", "Times"), "ORG"), (("New", "York"), "LOC"), (("York",), "PER")]


def test_what_is_more_often_no_span_is_not_marked() -> None:
    corpus = corpus_of(train="May/B-PER\nin May\nin May", test="May")

    assert len(remembered_spans(corpus)) == 0


def test_scores_are_those_of_the_marked_spans() -> None:
    corpus = corpus_of(
        train="in Rome/B-LOC\nby Ann/B-PER", test="in Rome/B-LOC\nby Ann/B-LOC\nto Oslo/B-LOC\nto Rome"
    )

    [table] = tables(corpus)
    assert table.rows == (
        ("test", "all", 1 / 3, 1 / 3, 1 / 3, 3),
        ("test", "LOC", 0.5, 1 / 3, 0.4, 3),
        ("test", "PER", 0.0, None, 0.0, 0),
    )


def test_plain_labels_are_remembered_by_word() -> None:
    corpus = corpus_of(train="a/X a/Y a/Y b/X c/X", test="a/Y a/X b/X d/X e/Y", scheme="none")

    [table] = tables(corpus)
    assert table.rows == (("test", 3 / 5, 3, 5),)


def test_one_part_has_nothing_to_remember() -> None:
    assert list(tables(corpus_of(train="in Rome/B-LOC"))) == []


def test_without_spans_in_train_memory_finds_none() -> None:
    [table] = tables(corpus_of(train="in Rome", test="in Rome/B-LOC"))

    assert table.rows == (("test", "all", None, 0.0, 0.0, 1), ("test", "LOC", None, 0.0, 0.0, 1))
