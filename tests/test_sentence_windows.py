"""Windows of sentences: nothing lost, bounded by tokens or by sentences, checked."""

import itertools

import pytest

from tagger.sentence_windows import windows_by_sentences, windows_by_tokens


def test_windows_hold_some_64_batches_and_empty_sentences_count():
    sentences = [["a"] * length for length in (63, 62, 1, 0, 200, 5)]
    windows = list(windows_by_tokens(sentences, batch_tokens=1))
    assert [[len(sentence) for sentence in window.sentences] for window in windows] == [
        [63],
        [62, 1],
        [0, 200],
        [5],
    ]
    endless = windows_by_tokens(itertools.repeat([]), batch_tokens=2)
    assert next(endless).sentences == [()] * 128
    assert list(windows_by_tokens([], batch_tokens=1)) == []


def test_windows_of_a_number_of_sentences():
    windows = windows_by_sentences(iter([letter] for letter in "abcde"), size=2)
    assert [window.sentences for window in windows] == [[("a",), ("b",)], [("c",), ("d",)], [("e",)]]
    assert list(windows_by_sentences([], size=2)) == []


def test_what_was_read_cannot_be_changed_from_outside():
    sentence = ["a"]
    (window,) = windows_by_sentences([sentence], size=2)
    sentence[0] = "b"
    assert window.sentences == [("a",)]


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
    for windows in (windows_by_tokens(sentences, batch_tokens=1), windows_by_sentences(sentences, size=1)):
        with pytest.raises(TypeError) as error:
            list(windows)
        assert str(error.value) == message


def test_windows_that_processes_share_hold_as_many_batches_as_asked_for():
    sentences = [["a"] * 3] * 64  # each counts one token more
    for batches, expected in ((16, [16] * 4), (64, [64]), (1, [1] * 64)):
        windows = windows_by_tokens(sentences, batch_tokens=4, batches=batches)
        assert [len(window.sentences) for window in windows] == expected
