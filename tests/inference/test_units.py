"""Units: sentences computed together and apart from all others, so that not a bit depends on anything else."""

import pytest
from random_models import disturbed_parts
from tiny_models import SENTENCES

from tagger import Tagger
from tagger.errors import DataError
from tagger.inference.lookahead import lookaheads_by_sentences, lookaheads_by_tokens
from tagger.workers import WorkerPool

WORDS = sorted({word for sentence in SENTENCES for word in sentence})
MANY = [tuple(f"{WORDS[i * k % len(WORDS)]}{i * k % 97}" for k in range(1, 2 + i % 9)) for i in range(300)]
UNITS = [i // 60 for i in range(300)]
DOCUMENTS = [i // 6 for i in range(300)]


def probabilities(tagger, start=0):
    found = tagger.stream(MANY[start:], documents=DOCUMENTS[start:], units=UNITS[start:])
    return [prediction.label_probabilities for prediction in found]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("units") / "model"
    Tagger(disturbed_parts(hidden_dim=24, word_dim=40, hash_buckets=500)).save(folder)
    return folder


def test_lookaheads_end_with_units_and_are_computed_apart():
    sentences = [["a"] * 3] * 9  # each counts one token more
    units = [0, 0, 0, 1, 2, 2, 2, 2, 2]
    lookaheads = list(lookaheads_by_tokens(sentences, units=units, batch_tokens=2))
    assert [len(lookahead.sentences) for lookahead in lookaheads] == [3, 1, 5]
    assert all(lookahead.is_apart for lookahead in lookaheads)
    lookaheads = list(lookaheads_by_sentences(sentences, units=units, size=2))
    assert [len(lookahead.sentences) for lookahead in lookaheads] == [2, 1, 1, 2, 2, 1]
    assert not any(lookahead.is_apart for lookahead in lookaheads_by_sentences(sentences, size=2))
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        list(lookaheads_by_tokens(sentences, units=[0], batch_tokens=2))


def test_not_a_bit_depends_on_other_units_threads_or_processes(folder):
    expected = probabilities(Tagger.load(folder))
    assert probabilities(Tagger.load(folder), 120) == expected[120:]
    tagger = Tagger.load(folder)
    tagger.tag(MANY[::-1])  # what is kept of words
    assert probabilities(tagger) == expected
    assert probabilities(Tagger.load(folder, threads=3)) == expected
    with WorkerPool(str(folder), workers=2, on_death=pytest.fail) as pool:
        assert probabilities(pool) == expected
        assert list(pool.stream_labels(MANY, documents=DOCUMENTS, units=UNITS)) == list(
            tagger.stream_labels(MANY, documents=DOCUMENTS, units=UNITS)
        )
        best = [
            [(one.labels, one.log_probability) for one in found]
            for found in pool.stream_nbest(MANY, 2, units=UNITS)
        ]
    assert best == [
        [(one.labels, one.log_probability) for one in found]
        for found in tagger.stream_nbest(MANY, 2, units=UNITS)
    ]


def test_answers_are_those_without_units(folder):
    tagger = Tagger.load(folder)
    without = tagger.stream_labels(MANY, documents=DOCUMENTS)
    assert list(tagger.stream_labels(MANY, documents=DOCUMENTS, units=UNITS)) == list(without)
    assert list(tagger.stream_labels([()], units=[0])) == [[]]
    assert list(tagger.stream_labels([], units=[])) == []
    with pytest.raises(DataError, match=r"^expected as many documents as sentences"):
        list(tagger.stream_labels([["a"]], documents=[], units=[0]))
