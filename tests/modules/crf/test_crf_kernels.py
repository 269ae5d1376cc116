"""The array kernels: packing, the underflow guard, and agreement of the two forward-backwards."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from present import present

from tagger import crf_kernels
from tagger.crf_kernels import log_space, scaled
from tagger.crf_kernels.decoding import best_labels


@given(arrays.arrays(np.bool_, st.tuples(st.integers(0, 5), st.integers(0, 6))))
@settings(max_examples=100, deadline=None)
def test_packing_orders_real_tokens_by_step_with_the_longest_sentences_first(mask):
    packing = crf_kernels.pack_mask(mask, mask.shape)
    columns = [np.flatnonzero(row).tolist() for row in mask]
    order = sorted(range(len(mask)), key=lambda row: -len(columns[row]))
    steps = max((len(row) for row in columns), default=0)
    expected = [
        (row, columns[row][step]) for step in range(steps) for row in order if step < len(columns[row])
    ]
    length = mask.shape[1]
    assert packing.index.tolist() == [row * length + column for row, column in expected]
    assert packing.rows.tolist() == [row for row, _ in expected]
    assert packing.counts == tuple(sum(len(row) > step for row in columns) for step in range(steps))
    filled = [row for row in order if columns[row]]
    assert packing.lengths.tolist() == [len(columns[row]) for row in filled]
    assert [expected[place] for place in packing.last] == [(row, columns[row][-1]) for row in filled]
    after = expected[packing.num_first :]
    before = np.arange(len(expected))[packing.previous()]
    assert [expected[place] for place in before] == [
        (row, columns[row][columns[row].index(column) - 1]) for row, column in after
    ]
    values = np.random.default_rng(0).normal(size=mask.shape)
    assert np.array_equal(packing.unpack(packing.pack(values), fill=-1), np.where(mask, values, -1))


def test_a_batch_without_mask_is_packed_like_one_with_a_full_mask():
    for shape in ((3, 4), (0, 4), (3, 0), (1, 1)):
        without = crf_kernels.pack_mask(None, shape)
        full = crf_kernels.pack_mask(np.ones(shape, dtype=bool), shape)
        for name in ("index", "rows", "lengths", "counts", "offsets", "last"):
            assert np.array_equal(getattr(without, name), getattr(full, name))


def make_scores(seed, scale, *, by_step=False, shape=(4, 30, 5)):
    random = np.random.default_rng(seed)
    batch, length, num_labels = shape
    square = (num_labels, num_labels)
    return crf_kernels.pack_scores(
        random.normal(size=shape) * scale,
        random.normal(size=(batch, length - 1, *square) if by_step else square),
        random.normal(size=num_labels),
        random.normal(size=num_labels),
        random.random((batch, length)) < 0.8,
        (random.random(square) < 0.8, np.ones(num_labels, dtype=bool), np.ones(num_labels, dtype=bool)),
    )


@pytest.mark.parametrize("by_step", [False, True])
@pytest.mark.parametrize("scale", [0.1, 3.0, 25.0])
def test_scaled_and_log_space_agree(scale, by_step):
    scores = make_scores(0, scale, by_step=by_step)
    label_mask = np.random.default_rng(1).random(scores.emissions.shape) < 0.8
    for mask in (None, label_mask):
        found, expected = scaled.posterior(scores, mask), log_space.posterior(scores, mask)
        assert found is not None
        np.testing.assert_allclose(found[0], expected[0], rtol=1e-12)
        np.testing.assert_allclose(found[1].nodes, expected[1].nodes, atol=1e-12)
        np.testing.assert_allclose(found[1].pairs(), expected[1].pairs(), atol=1e-12)
        weights = np.random.default_rng(2).normal(size=len(found[1].pairs()))
        for method, argument in (("expected_transitions", weights), ("expected_scores", scores.transitions)):
            one, other = (getattr(each[1], method)(argument) for each in (found, expected))
            np.testing.assert_allclose(one, other, atol=1e-10)


def test_forward_and_backward_see_the_same_partition():
    scores = make_scores(3, 2.0)
    log_z, posterior = present(scaled.posterior(scores))
    # summed over the labels of any token, forward times backward is Z: so marginals sum to 1
    np.testing.assert_allclose(posterior.nodes.sum(1), 1.0, atol=1e-14)
    np.testing.assert_allclose(posterior.pairs().sum((1, 2)), 1.0, atol=1e-12)
    np.testing.assert_allclose(log_z, present(scaled.log_partition(scores)), rtol=1e-14)


def test_the_guard_gives_way_where_float64_would_lose_a_state():
    assert scaled.posterior(make_scores(0, 30.0)) is not None
    assert scaled.posterior(make_scores(0, 200.0)) is None
    # two chains that never meet: no step is wide, but the states drift 10 nats apart with each
    scores = crf_kernels.pack_scores(
        np.tile([10.0, 0.0], (1, 400, 1)),
        np.zeros((2, 2)),
        np.zeros(2),
        np.zeros(2),
        None,
        (np.eye(2, dtype=bool), np.ones(2, dtype=bool), np.ones(2, dtype=bool)),
    )
    assert scaled.log_partition(scores) is None
    np.testing.assert_allclose(crf_kernels.log_partition(scores), [4000.0])


def test_tokens_at_very_different_levels_need_no_logarithms():
    scores = make_scores(0, 3.0)
    levels = np.random.default_rng(1).permutation(np.linspace(-2000.0, 2000.0, len(scores.emissions)))
    apart = scores._replace(emissions=scores.emissions + levels[:, None])
    log_z, posterior = present(scaled.posterior(apart))
    np.testing.assert_allclose(log_z, log_space.posterior(apart)[0], rtol=1e-12)
    np.testing.assert_allclose(posterior.nodes, present(scaled.posterior(scores))[1].nodes, atol=1e-10)


def test_kernels_modify_no_argument():
    scores = make_scores(0, 1.0)
    before = [np.copy(table) for table in scores[1:]]
    labels = np.zeros(len(scores.emissions), dtype=np.int64)
    crf_kernels.differentiable_log_likelihood(scores, labels=labels).gradient(np.ones(4))
    crf_kernels.viterbi(scores)
    crf_kernels.nbest(scores, 3)
    crf_kernels.entropy(scores)
    for table, copied in zip(scores[1:], before, strict=True):
        assert np.array_equal(table, copied)


@given(
    st.integers(0, 2**32),
    st.sampled_from([(1, 1), (1, 4), (2, 5), (9, 3), (40, 4), (300, 2)]),
    st.sampled_from([np.float32, np.float64]),
    st.booleans(),
    st.sampled_from([0.0, 0.2, 0.7]),
)
@settings(max_examples=150, deadline=None)
def test_one_sentence_is_decoded_alone_as_beside_its_twin(seed, shape, dtype, tied, forbidden):
    random = np.random.default_rng(seed)
    emissions, transitions = random.normal(size=shape) * 3, random.normal(size=(shape[1], shape[1]))
    start, end = random.normal(size=(2, shape[1]))
    scores = [emissions, transitions, start, end]
    if tied:
        scores = [np.rint(each) for each in scores]
    scores = [np.where(random.random(each.shape) < forbidden, -np.inf, each).astype(dtype) for each in scores]
    emissions, transitions, start, end = scores
    (labels, total), (twins, totals) = (
        crf_kernels.viterbi(
            crf_kernels.pack_scores(
                np.stack([emissions] * count), transitions, start, end, mask=None, allowed=None
            )
        )
        for count in (1, 2)
    )
    assert labels.tolist() * 2 == twins.tolist()
    assert total.tolist() * 2 == totals.tolist()


@pytest.mark.parametrize("shape", [(0, 4), (3, 0), (2, 4)])
def test_a_batch_without_tokens_has_no_label_and_expects_no_transition(shape):
    mask = np.zeros(shape, dtype=bool)
    labels = np.zeros((*shape, 3))
    scores = crf_kernels.pack_scores(labels, np.zeros((3, 3)), np.zeros(3), np.zeros(3), mask, None)
    assert scores.packing.num_first == 0
    assert best_labels(scores).shape == (0,)
    posterior = crf_kernels.PaddedPosterior(scores)
    assert posterior.nodes.shape == labels.shape
    assert not posterior.nodes.any()
    assert posterior.transitions().shape == (shape[0], 3, 3)
    assert not posterior.transitions().any()
    assert not posterior.repeats().any()


@pytest.mark.parametrize("by_step", [False, True])
def test_expected_transitions_are_the_pairs_added_up(by_step):
    scores = make_scores(3, 1.0, by_step=by_step, shape=(3, 6, 4))
    posterior = crf_kernels.PaddedPosterior(scores)
    # [B, i, T - 1, j]: the pairs that begin with label i, wherever its token has it
    from_each = [posterior.pairs_from(np.full(len(scores.emissions), label)) for label in range(4)]
    expected = np.stack(from_each, axis=1).sum(axis=2)
    np.testing.assert_allclose(posterior.transitions(), expected, atol=1e-12)
    assert posterior.transitions().sum() > 5
