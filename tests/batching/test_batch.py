import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import SENTENCES, tiny_config

from tagger.batching import (
    assemble,
    batches_by_length,
    shuffled_batches,
)
from tagger.errors import UsageError
from tagger.features import Featurizer, encode_sentences

FEATURIZER = Featurizer.build(tiny_config(), SENTENCES)


def collated(sentences, labels=None):
    rows, features = encode_sentences(FEATURIZER, sentences)
    return assemble(rows, features, labels)


def test_batch_holds_every_distinct_word_once_and_points_to_it():
    sentences = [("of", "The", "of"), ("EU",), (), ("The", "of", "New", "EU")]
    batch = collated(sentences)
    assert len(batch.features.words) == 4
    expected = FEATURIZER.encode(["of", "The", "EU", "New"])
    assert sorted(batch.features.words) == sorted(expected.words)
    for b, sentence in enumerate(sentences):
        found = batch.features.words[batch.word_index[b, : len(sentence)]]
        assert found.tolist() == FEATURIZER.encode(sentence).words.tolist()


def test_mask_and_lengths_say_where_tokens_are():
    batch = collated([("a", "b", "c"), (), ("a",)])
    assert batch.lengths.tolist() == [3, 0, 1]
    assert batch.mask.tolist() == [[True, True, True], [False, False, False], [True, False, False]]
    assert batch.word_index[~batch.mask].tolist() == [0] * 5
    assert batch.labels is None


def test_labels_are_padded_with_minus_100():
    batch = collated(
        [("a", "b"), (), ("a",)], [np.array([4, 5]), np.array([], dtype=np.int64), np.array([6])]
    )
    assert batch.labels.tolist() == [[4, 5], [-100, -100], [6, -100]]


@pytest.mark.parametrize("sentences", [[], [()], [(), ()]])
def test_batches_without_tokens(sentences):
    batch = collated(sentences, [np.zeros(0, dtype=np.int64) for _ in sentences])
    assert batch.word_index.shape == batch.mask.shape == batch.labels.shape == (len(sentences), 0)
    assert len(batch.features.words) == 0


def test_characters_are_as_wide_as_the_batch_needs():
    rows, features = encode_sentences(FEATURIZER, [("a", "to"), ("x" * 100,)])
    assert assemble(rows[:1], features).features.characters.shape == (2, 2)
    assert assemble(rows, features).features.characters.shape == (3, FEATURIZER.config.max_chars)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 50), max_size=60),
    st.integers(1, 120),
    st.one_of(st.none(), st.integers(1, 8)),
)
def test_batches_hold_every_sentence_once_within_the_budget(lengths, max_tokens, max_sentences):
    batches = batches_by_length(lengths, max_tokens=max_tokens, max_sentences=max_sentences)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or max(1, max(lengths[i] for i in batch)) * len(batch) <= max_tokens
        assert max_sentences is None or len(batch) <= max_sentences
    flat = [lengths[i] for batch in batches for i in batch]
    assert flat == sorted(lengths, reverse=True)


def test_batches_are_as_full_as_the_budget_allows():
    assert batches_by_length([5, 5, 5, 5, 2, 2], max_tokens=10) == [[0, 1], [2, 3], [4, 5]]
    assert batches_by_length([1, 1, 1], max_tokens=10, max_sentences=2) == [[0, 1], [2]]
    assert batches_by_length(np.array([100, 1]), max_tokens=10) == [[0], [1]]
    assert batches_by_length([], max_tokens=10) == []


def test_empty_sentences_count_one_token():
    assert [len(batch) for batch in batches_by_length([0] * 25, max_tokens=10)] == [10, 10, 5]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_tokens": 0}, "max_tokens: expected 1 or more, found 0"),
        ({"max_tokens": 5, "max_sentences": 0}, "max_sentences: expected 1 or more, found 0"),
    ],
)
def test_budget_without_meaning_is_refused(options, message):
    with pytest.raises(UsageError) as error:
        batches_by_length([1, 2], **options)
    assert str(error.value) == message


def shuffled(lengths, seed, pool=3):
    return list(shuffled_batches(lengths, max_tokens=60, max_sentences=4, pool=pool, seed=seed))


def test_shuffled_batches_hold_every_sentence_once_within_the_budget():
    lengths = np.random.default_rng(0).integers(0, 40, 200)
    batches = shuffled(lengths, seed=1)
    assert sorted(i for batch in batches for i in batch) == list(range(200))
    for batch in batches:
        assert len(batch) <= 4
        assert len(batch) == 1 or max(lengths[batch]) * len(batch) <= 60


def test_order_is_a_function_of_the_seed():
    lengths = np.random.default_rng(0).integers(1, 40, 200)
    assert shuffled(lengths, seed=1) == shuffled(lengths, seed=1)
    assert shuffled(lengths, seed=1) != shuffled(lengths, seed=2)


def test_larger_pools_waste_less_padding():
    lengths = np.random.default_rng(0).integers(1, 15, 400)

    def padded(pool):
        return sum(max(lengths[batch]) * len(batch) for batch in shuffled(lengths, seed=1, pool=pool))

    assert padded(50) < padded(1)
    assert padded(50) < 1.1 * lengths.sum()
