"""What annotators have in common, where tokens are the same and where they are not."""

import pytest
from agreement_cases import annotator, corpus, passage

from tagger.agreement.shared import shared_corpus
from tagger.errors import DataError
from tagger.formats import CharacterSpan
from tagger.schemes import LabelScheme


def test_the_same_tokens_stay_as_they_are():
    found = corpus(annotator("a", "Anna/B-PER lives/O"), annotator("b", "Anna/O lives/O"))
    (sentence,) = found.sentences
    assert found.names == ("a", "b")
    assert found.scheme is LabelScheme.IOB2
    assert (sentence.text, sentence.tokens, sentence.ranges) == (
        "Anna lives",
        ("Anna", "lives"),
        ((0, 4), (5, 10)),
    )
    assert sentence.labels == (("B-PER", "O"), ("O", "O"))
    assert sentence.origins == ("a.conll:1", "b.conll:1")
    assert (sentence.is_cut, sentence.has_conflict) == (False, True)


def test_spans_are_compared_over_pieces_of_other_tokens():
    found = corpus(
        annotator("a", "in/O New/B-LOC York-based/I-LOC"), annotator("b", "in/O New_York/B-LOC -based/O")
    )
    (sentence,) = found.sentences
    assert sentence.tokens == ("in", "New", "York", "-based")
    assert sentence.labels == (("O", "B-LOC", "I-LOC", "I-LOC"), ("O", "B-LOC", "I-LOC", "O"))
    assert sentence.is_cut


def test_a_span_that_cuts_a_token_is_compared_as_it_is():
    whole = passage("Peter/B-PER Blackburn/I-PER", origin="a:1")
    cut = passage("Peter/O Blackburn/O", origin="b:1", extra=[CharacterSpan(0, 10, "PER")])
    found = shared_corpus(["a", "b"], [((whole,), (cut,))], has_spans=True)
    (sentence,) = found.sentences
    assert sentence.tokens == ("Peter", "Blac", "kburn")
    assert sentence.labels == (("B-PER", "I-PER", "I-PER"), ("B-PER", "I-PER", "O"))


def test_pieces_do_not_depend_on_the_order_of_annotators():
    one = annotator("a", "ab/B-X cd/O")
    two = annotator("b", "a/O bc/B-X d/O")
    three = annotator("c", "abcd/B-X")
    forward, backward = corpus(one, two, three).sentences, corpus(three, two, one).sentences
    assert forward[0].tokens != ("ab", "cd")
    assert [len(sentence.labels[0]) for sentence in forward] == [4]
    assert forward[0].labels == backward[0].labels[::-1]


def test_sentences_that_end_elsewhere_are_no_conflict_where_tokens_are_the_same():
    found = corpus(annotator("a", "a/B-X", "b/O"), annotator("b", "a/B-X b/O"))
    (sentence,) = found.sentences
    assert sentence.tokens == ("a", "b")
    assert sentence.labels == (("B-X", "O"), ("B-X", "O"))
    assert (sentence.text, sentence.ranges, sentence.is_cut) == ("a b", ((0, 1), (2, 3)), False)


def test_plain_labels_are_compared_over_the_tokens_that_all_have():
    first = annotator("a", "do/AUX not/PART go/VERB", has_spans=False)
    second = annotator("b", "donot/AUX go/VERB", has_spans=False)
    (sentence,) = corpus(first, second).sentences
    assert sentence.tokens == ("go",)
    assert sentence.labels == (("VERB",), ("VERB",))
    assert (sentence.is_cut, sentence.num_apart) == (True, 3)


def test_who_does_not_have_a_sentence_said_nothing_of_it():
    found = corpus(annotator("a", "x/O", "y/B-X"), annotator("b", "x/O"), annotator("c", "y/B-X"))
    assert [sentence.labels for sentence in found.sentences] == [
        (("O",), ("O",), None),
        (("B-X",), None, ("B-X",)),
    ]
    assert found.of_both(1, 2) == []
    assert [sentence.text for sentence in found.of_both(0, 2)] == ["y"]
    assert not any(sentence.has_conflict for sentence in found.sentences)


def test_tokens_without_a_character_are_kept_where_all_have_them():
    blank = passage("x/O _/B-X")
    found = shared_corpus(["a", "b"], [((blank,), (blank,))], has_spans=True)
    assert found.sentences[0].labels == (("O", "B-X"), ("O", "B-X"))


def test_a_span_without_a_character_is_an_error_where_tokens_differ():
    blank, other = passage("xy/O _/B-X", origin="a:1"), passage("x/O y/O", origin="b:1")
    with pytest.raises(
        DataError, match="a:1: expected spans of characters, since annotators have different tokens there"
    ):
        shared_corpus(["a", "b"], [((blank,), (other,))], has_spans=True)


def test_words_of_one_multiword_token_are_compared_one_by_one():
    def words(name, labels):
        one = passage(
            " ".join(f"{word}/{label}" for word, label in zip(("de", "le", "chat"), labels, strict=True))
        )
        return type(one)(one.example, "du chat", ((0, 2), (0, 2), (3, 7)))

    first, second = words("a", ("ADP", "DET", "NOUN")), words("b", ("ADP", "ADP", "NOUN"))
    other = passage("du/ADP ch/X at/X")
    found = shared_corpus(["a", "b"], [((first,), (second,))], has_spans=False)
    assert found.sentences[0].tokens == ("de", "le", "chat")
    found = shared_corpus(["a", "b"], [((first,), (other,))], has_spans=False)
    assert found.sentences[0].labels == (("ADP",), ("ADP",))
