"""Lookaheads: nothing lost, bounded by tokens or by sentences, checked."""

import itertools

import numpy as np
import pytest

from tagger.errors import DataError
from tagger.inference.lookahead import lookaheads_by_sentences, lookaheads_by_tokens


def test_lookaheads_hold_some_32_batches_and_empty_sentences_count():
    sentences = [["a"] * length for length in (31, 30, 1, 0, 200, 5)]
    lookaheads = list(lookaheads_by_tokens(sentences, batch_tokens=1))
    assert [[len(sentence) for sentence in lookahead.sentences] for lookahead in lookaheads] == [
        [31],
        [30, 1],
        [0, 200],
        [5],
    ]
    endless = lookaheads_by_tokens(itertools.repeat([]), batch_tokens=2)
    assert next(endless).sentences == [()] * 64
    assert list(lookaheads_by_tokens([], batch_tokens=1)) == []


def test_lookaheads_of_a_number_of_sentences():
    lookaheads = lookaheads_by_sentences(iter([letter] for letter in "abcde"), size=2)
    assert [lookahead.sentences for lookahead in lookaheads] == [[("a",), ("b",)], [("c",), ("d",)], [("e",)]]
    assert list(lookaheads_by_sentences([], size=2)) == []


def test_what_was_read_cannot_be_changed_from_outside():
    sentence = ["a"]
    (lookahead,) = lookaheads_by_sentences([sentence], size=2)
    sentence[0] = "b"
    assert lookahead.sentences == [("a",)]


@pytest.mark.parametrize(
    ("sentences", "message"),
    [
        ("Anna", "expected sentences as lists of tokens, found one string; extract(text) reads raw text"),
        (7, "expected sentences as lists of tokens, found 7"),
        ([["a"], "Anna"], "expected sentence 1 as a list of tokens, found the string 'Anna'"),
        ([None], "expected sentence 0 as a list of tokens, found None"),
        ([["a", b"b"]], "expected tokens of sentence 0 to be strings, found b'b'"),
    ],
)
def test_what_only_looks_like_sentences_is_refused(sentences, message):
    for lookaheads in (
        lookaheads_by_tokens(sentences, batch_tokens=1),
        lookaheads_by_sentences(sentences, size=1),
    ):
        with pytest.raises(TypeError) as error:
            list(lookaheads)
        assert str(error.value) == message


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        (["x", "y", "x"], "documents: 'x' comes again at sentence 2, after another one; expected the sentences of a "
         "document side by side. Bring them together, or give documents that come again another id."),
        (["x", None, "x"], "documents: 'x' comes again at sentence 2"),
        (["x"], "expected as many documents as sentences, found 1 documents and more sentences"),
        (["x"] * 4, "expected as many documents as sentences, found 3 sentences and more documents"),
    ],
)  # fmt: skip
def test_documents_that_come_again_or_are_too_few_or_too_many_are_refused(documents, message):
    with pytest.raises(DataError) as error:
        list(lookaheads_by_tokens([["a"], ["b"], ["c"]], documents, batch_tokens=1, document_tokens=9))
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ("xyz", "expected a document for each sentence, found one string: 'xyz'"),
        (5, "expected documents as a list with an id or None for each sentence, found 5"),
        (
            ["x", 1.5, "x"],
            "expected the document of sentence 1 as a string, a whole number or None, found 1.5",
        ),
        ([True] * 3, "expected the document of sentence 0 as a string, a whole number or None, found True"),
    ],
)
def test_what_only_looks_like_documents_is_refused(documents, message):
    with pytest.raises(TypeError) as error:
        list(lookaheads_by_tokens([["a"], ["b"], ["c"]], documents, batch_tokens=1, document_tokens=9))
    assert str(error.value) == message


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.str_])
def test_documents_may_be_numbers_or_strings_of_numpy(kind):
    documents = np.array([1, 1, 2], dtype=kind)
    (lookahead,) = lookaheads_by_tokens([["a"], ["b"], ["c"]], documents, batch_tokens=9, document_tokens=9)
    assert lookahead.parts == [0, 0, 1]


def test_lookaheads_never_cut_a_part_and_are_handed_on_as_soon_as_can_be():
    given_out = []

    def sentences():
        for i in range(9):
            given_out.append(i)
            yield ["w"]

    documents = ["a", "a", "a", None, None, "b", "c", "c", "c"]
    lookaheads = lookaheads_by_sentences(sentences(), documents, size=2, document_tokens=10)
    assert next(lookaheads).parts == [0, 0, 0]
    assert given_out == [0, 1, 2, 3]  # it has to be seen that document a is over
    assert next(lookaheads).parts == [None, None]
    assert given_out == [0, 1, 2, 3, 4]
    assert [lookahead.parts for lookahead in lookaheads] == [[1, 2, 2, 2]]


def test_one_endless_document_is_read_a_lookahead_at_a_time():
    read = itertools.count()
    sentences = (["Rome", "in"] for _ in iter(lambda: next(read), None))
    lookaheads = lookaheads_by_tokens(sentences, itertools.repeat("a"), batch_tokens=4, document_tokens=25)
    # 32 batches of 4 tokens, of which a sentence of two takes three, and up to one more part of 25.
    assert len(next(lookaheads).sentences) < 32 * 4 // 3 + 25
    assert next(read) < 32 * 4 // 3 + 25


def test_lookaheads_that_processes_share_hold_as_many_batches_as_asked_for():
    sentences = [["a"] * 3] * 64  # each counts one token more
    for batches, expected in ((16, [16] * 4), (64, [64]), (1, [1] * 64)):
        lookaheads = lookaheads_by_tokens(sentences, batch_tokens=4, batches=batches)
        assert [len(lookahead.sentences) for lookahead in lookaheads] == expected
