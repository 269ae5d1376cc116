"""Which sentences of several annotators are the same."""

import pytest
from agreement_cases import annotator

from tagger.agreement.alignment import align
from tagger.errors import DataError


def texts(blocks):
    """The words of each block, by annotator; None where it is missing."""
    return [
        tuple(" | ".join(passage.text for passage in one) if one else None for one in block)
        for block in blocks
    ]


def test_the_same_sentences_are_compared_one_by_one():
    first, second = annotator("a", "x/O y/O", "z/O"), annotator("b", "x/O y/O", "z/O")
    assert texts(align([first, second])) == [("x y", "x y"), ("z", "z")]


def test_a_sentence_may_be_missing_anywhere():
    first = annotator("a", "one/O", "two/O", "three/O")
    second = annotator("b", "two/O", "three/O", "four/O")
    third = annotator("c", "one/O", "three/O")
    assert texts(align([first, second, third])) == [
        ("one", None, "one"),
        ("two", "two", None),
        ("three", "three", "three"),
        (None, "four", None),
    ]


def test_two_sentences_side_by_side_may_each_be_missing_from_another_annotator():
    first = annotator("a", "Anna/O slept/O", "the/O end/O")
    second = annotator("b", "Bob/O woke/O up/O", "the/O end/O")
    assert texts(align([first, second])) == [
        ("Anna slept", None),
        (None, "Bob woke up"),
        ("the end", "the end"),
    ]


def test_sentences_are_found_around_many_that_are_missing():
    names = [f"{chr(97 + place % 26)}{place}/O" for place in range(200)]
    first = [name for place, name in enumerate(names) if place % 3 != 1]
    second = [name for place, name in enumerate(names) if place % 3 != 2]
    found = texts(align([annotator("a", *first), annotator("b", *second)]))
    assert [one for one in found if None not in one] == [(name[:-2], name[:-2]) for name in names[::3]]
    assert len(found) == 200


def test_a_text_that_comes_again_may_be_missing_here_and_there():
    first = annotator("a", "ok/O", "yes/O", "we/O are/O here/O")
    second = annotator("b", "yes/O", "we/O are/O here/O", "ok/O", "ok/O")
    assert texts(align([first, second])) == [
        ("ok", None),
        ("yes", "yes"),
        ("we are here", "we are here"),
        (None, "ok"),
        (None, "ok"),
    ]


def test_white_space_and_tokens_may_differ():
    assert texts(align([annotator("a", "New/O York/O"), annotator("b", "NewYork/O")])) == [
        ("New York", "NewYork")
    ]


def test_sentences_may_end_elsewhere():
    first = annotator("a", "a/O", "b/O c/O", "d/O", "e/O")
    second = annotator("b", "a/O", "b/O", "c/O d/O", "e/O")
    third = annotator("c", "a/O b/O", "c/O", "d/O", "e/O")
    assert texts(align([first, second])) == [("a", "a"), ("b c | d", "b | c d"), ("e", "e")]
    assert texts(align([first, second, third])) == [
        ("a | b c | d", "a | b | c d", "a b | c | d"),
        ("e", "e", "e"),
    ]


def test_who_has_a_part_alone_of_what_is_one_sentence_of_others_has_none_of_it():
    first = annotator("a", "a/O", "b/O", "c/O")
    second = annotator("b", "a/O", "c/O")
    third = annotator("c", "a/O b/O", "c/O")
    assert texts(align([first, second, third])) == [("a | b", None, "a b"), ("c", "c", "c")]


def test_another_text_is_an_error_that_shows_both_places():
    first = annotator("a", "same/O", "Anna/O met/O Bob/O")
    second = annotator("b", "same/O", "Anna/O met/O Rob/O")
    with pytest.raises(DataError) as error:
        align([first, second])
    assert str(error.value) == (
        "expected the same text on both sides but for white space, found other characters after 'Annamet': "
        "a.conll:2: 'Bob'; b.conll:2: 'Rob'. All annotators must have the same sentences, in the same order; some may "
        "be missing. Documents may come in another order, and others be missing, where all files have ids of documents."
    )


def test_nothing_in_common_is_an_error():
    with pytest.raises(
        DataError, match=r"found other characters at the beginning: a\.conll:1: 'x'; b\.conll:1: 'y'"
    ):
        align([annotator("a", "x/O"), annotator("b", "y/O")])


def test_another_order_is_an_error_without_ids():
    first = annotator("a", "one/O", "two/O", "three/O")
    second = annotator("b", "two/O", "three/O", "one/O")
    with pytest.raises(
        DataError, match=r"b\.conll:3: expected sentences in the same order as a has, found 'one' in another"
    ):
        align([first, second])


def test_ids_of_documents_say_what_is_the_same_in_another_order():
    first = annotator("a", ("1", "one/O"), ("1", "more/O"), ("2", "two/O"))
    second = annotator("b", ("2", "two/O"), ("3", "three/O"), ("1", "one/O"), ("1", "more/O"))
    assert texts(align([first, second])) == [
        ("one", "one"),
        ("more", "more"),
        ("two", "two"),
        (None, "three"),
    ]


def test_ids_that_are_of_other_texts_are_an_error():
    first = annotator("a", ("1", "one/O"), ("2", "two/O"))
    second = annotator("b", ("2", "one/O"), ("1", "two/O"))
    assert texts(align([first, annotator("b", ("7", "one/O"), ("8", "two/O"))])) == [
        ("one", "one"),
        ("two", "two"),
    ]
    assert texts(align([first, second])) == [("one", "one"), ("two", "two")]  # the order says it already
    with pytest.raises(DataError, match=r"a\.conll:1: 'one'; b\.conll:2: 'two'"):
        align([first, annotator("b", ("2", "three/O"), ("1", "two/O"))])


def test_repeated_sentences_are_matched_in_their_order():
    first = annotator("a", "no/O", "yes/O", "no/O", "no/O")
    second = annotator("b", "no/O", "yes/O", "no/O")
    assert texts(align([first, second])) == [("no", "no"), ("yes", "yes"), ("no", "no"), ("no", None)]
