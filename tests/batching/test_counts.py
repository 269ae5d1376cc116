"""Expected counts come back as they were given, but for what is below a millionth, sentence by sentence."""

import numpy as np
import pytest
from tiny_models import SENTENCES, tiny_config

from tagger.batching import EncodedSentences, ExpectedCounts
from tagger.features import Featurizer


def random_counts(length, generator):
    """Probabilities of four labels at each token and counts of pairs; most of them are zero."""
    nodes = generator.random((length, 4)) * (generator.random((length, 4)) < 0.5)
    pairs = generator.random((4, 4)) * (generator.random((4, 4)) < 0.3)
    return nodes, pairs


def test_batches_hold_the_counts_of_their_sentences_padded_with_zeros():
    generator = np.random.default_rng(1)
    lengths = (3, 0, 5, 1)
    given = [random_counts(length, generator) for length in lengths]
    counts = ExpectedCounts(4, given)
    for members in ([0, 1, 2, 3], [2], [3, 0], [1, 1]):
        length = max(lengths[i] for i in members)
        batch = counts.batch(members, length)
        assert batch is not None
        assert batch.are_known.tolist() == [True] * len(members)
        for row, i in enumerate(members):
            nodes, pairs = given[i]
            np.testing.assert_allclose(batch.nodes[row, : lengths[i]], nodes, rtol=1e-6)
            assert not batch.nodes[row, lengths[i] :].any()
            np.testing.assert_allclose(batch.pairs[row], pairs, rtol=1e-6)


def test_sentences_of_which_nothing_is_known_have_zeros():
    generator = np.random.default_rng(2)
    first, last = random_counts(2, generator), random_counts(3, generator)
    counts = ExpectedCounts(4, [first, None, last])
    batch = counts.batch([1, 2, 0], 4)
    assert batch is not None
    assert batch.are_known.tolist() == [False, True, True]
    assert not batch.nodes[0].any()
    assert not batch.pairs[0].any()
    np.testing.assert_allclose(batch.nodes[1, :3], last[0], rtol=1e-6)
    np.testing.assert_allclose(batch.pairs[2], first[1], rtol=1e-6)
    assert counts.batch([1, 1], 4) is None
    assert ExpectedCounts(4, [None, None]).batch([0, 1], 2) is None


@pytest.mark.parametrize("kept", [1e-6, 2e-6])
def test_counts_below_a_millionth_are_left_out(kept):
    nodes = np.array([[1 - kept, kept, kept / 2.01, 0]])
    batch = ExpectedCounts(4, [(nodes, np.zeros((4, 4)))]).batch([0], 1)
    assert batch is not None
    assert (batch.nodes[0, 0] > 0).tolist() == [True, True, False, False]


def test_encoded_sentences_give_them_with_a_batch():
    featurizer = Featurizer.build(tiny_config(), SENTENCES)
    generator = np.random.default_rng(3)
    given = [random_counts(len(sentence), generator) for sentence in SENTENCES]
    encoded = EncodedSentences(featurizer, SENTENCES, None, ExpectedCounts(4, given))
    batch = encoded.batch([2, 0])
    assert batch.counts is not None
    assert batch.counts.nodes.shape == (2, 8, 4)
    np.testing.assert_allclose(batch.counts.nodes[0, :7], given[2][0], rtol=1e-6)
    assert EncodedSentences(featurizer, SENTENCES).batch([0]).counts is None
