"""LinearChainCRF: what never changes its results, constraints, decoders, state."""

import copy
import io
import itertools
import math

import numpy as np
import pytest
import torch
from crf_oracles import GAPS, enumerate_paths, is_legal, random_scores
from hypothesis import given, settings
from hypothesis import strategies as st
from present import present

from tagger.modules.crf import (
    LinearChainCRF,
    TransitionConstraints,
    crf_log_partition,
    crf_posterior_decode,
    crf_viterbi_decode,
)
from tagger.schemes import LabelScheme, allowed_transitions, span_label_mask
from tagger.spans import Span

NUM_LABELS = 4
METHODS = {
    "forward": lambda crf, e, y, m: crf(e, y, m),
    "log_likelihood": lambda crf, e, y, m: crf.log_likelihood(e, y, m),
    "partial_log_likelihood": lambda crf, e, y, m: crf.partial_log_likelihood(e, e > -0.5, m),
    "score": lambda crf, e, y, m: crf.score(e, y, m),
    "log_partition": lambda crf, e, y, m: crf.log_partition(e, m),
    "marginals": lambda crf, e, y, m: crf.marginals(e, m),
    "pairwise_marginals": lambda crf, e, y, m: crf.pairwise_marginals(e, m),
    "entropy": lambda crf, e, y, m: crf.entropy(e, m),
    "viterbi": lambda crf, e, y, m: crf.viterbi_decode(e, m)[0],
    "viterbi_score": lambda crf, e, y, m: crf.viterbi_decode(e, m)[1],
    "nbest": lambda crf, e, y, m: crf.nbest_decode(e, 3, m)[0],
    "nbest_score": lambda crf, e, y, m: crf.nbest_decode(e, 3, m)[1],
    "posterior_decode": lambda crf, e, y, m: crf.posterior_decode(e, m),
}
every_method = pytest.mark.parametrize("method", METHODS)
backends = pytest.mark.parametrize("backend", ["fast", "reference"])


def make_crf(seed=0, constraints=None, backend="auto", num_labels=NUM_LABELS):
    torch.manual_seed(seed)
    crf = LinearChainCRF(num_labels, constraints=constraints, backend=backend)
    with torch.no_grad():
        for parameter in crf.parameters():
            parameter.normal_()
    return crf


def make_batch(seed=0, batch=6, length=9, dtype=torch.float32, num_labels=NUM_LABELS):
    """Emissions, labels and a mask with holes, empty and full rows."""
    random = np.random.default_rng(seed)
    emissions = torch.tensor(random.normal(size=(batch, length, num_labels)) * 2, dtype=dtype)
    mask = torch.tensor(random.random((batch, length)) < 0.7)
    mask[0], mask[1] = True, False
    return emissions, torch.tensor(random.integers(0, num_labels, (batch, length))), mask


@every_method
@backends
def test_what_stands_under_the_mask_changes_nothing_bit_for_bit(method, backend):
    crf = make_crf(backend=backend)
    emissions, labels, mask = make_batch()
    clean = METHODS[method](crf, emissions, labels, mask)
    for garbage in (math.nan, math.inf, -math.inf, 1e30):
        dirty = torch.where(mask[..., None], emissions, garbage)
        found = METHODS[method](crf, dirty, torch.where(mask, labels, -100), mask)
        assert torch.equal(found, clean)


@backends
def test_gradients_under_the_mask_are_exactly_zero_and_elsewhere_unchanged(backend):
    crf = make_crf(backend=backend)
    emissions, labels, mask = make_batch()
    clean = emissions.clone().requires_grad_()
    dirty = torch.where(mask[..., None], emissions, math.nan).requires_grad_()
    crf(clean, labels, mask).sum().backward()
    crf(dirty, torch.where(mask, labels, -100), mask).sum().backward()
    assert (present(dirty.grad)[~mask] == 0).all()
    assert torch.equal(present(dirty.grad), present(clean.grad))


@every_method
def test_masked_positions_are_removed_and_their_neighbours_joined(method):
    crf = make_crf()
    emissions, labels, mask = make_batch(dtype=torch.float64)
    whole = METHODS[method](crf, emissions, labels, mask)
    for row in range(len(mask)):
        kept = mask[row]
        single = METHODS[method](crf, emissions[row : row + 1, kept], labels[row : row + 1, kept], None)[0]
        if method == "pairwise_marginals":
            # the pair of a position stands one before it; no pair enters the first real one
            joined = whole[row, mask[row].nonzero()[1:, 0] - 1]
        elif whole.shape[-1] == mask.shape[1] or method == "marginals":
            joined = whole[row][..., kept] if method != "marginals" else whole[row, kept]
        else:
            joined = whole[row]
        torch.testing.assert_close(joined, single, rtol=0, atol=1e-12)


@every_method
def test_sentences_do_not_see_each_other(method):
    crf = make_crf()
    emissions, labels, mask = make_batch()
    whole = METHODS[method](crf, emissions, labels, mask)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    permuted = METHODS[method](crf, emissions[order], labels[order], mask[order])
    torch.testing.assert_close(permuted, whole[order], rtol=1e-6, atol=1e-6)
    for row in range(len(mask)):
        one = slice(row, row + 1)
        single = METHODS[method](crf, emissions[one], labels[one], mask[one])
        torch.testing.assert_close(single, whole[one], rtol=1e-6, atol=1e-6)


@every_method
def test_non_contiguous_inputs_give_the_same_and_no_input_is_modified(method):
    crf = make_crf()
    emissions, labels, mask = make_batch()
    expected = METHODS[method](crf, emissions, labels, mask)
    strided = (
        emissions.transpose(0, 1).contiguous().transpose(0, 1),
        labels.T.contiguous().T,
        mask.T.contiguous().T,
    )
    assert not strided[0].is_contiguous()
    inputs = [*strided, *crf.parameters()]
    before = [each.detach().clone() for each in inputs]
    assert torch.equal(METHODS[method](crf, *strided), expected)
    for each, copied in zip(inputs, before, strict=True):
        assert torch.equal(each, copied)


@every_method
def test_results_are_repeatable_bit_for_bit(method):
    crf = make_crf()
    assert torch.equal(METHODS[method](crf, *make_batch()), METHODS[method](crf, *make_batch()))


@every_method
@pytest.mark.parametrize("shape", [(0, 3), (2, 0)])
def test_empty_batches_and_empty_sentences(method, shape):
    emissions, labels = torch.zeros(*shape, NUM_LABELS), torch.zeros(shape, dtype=torch.long)
    for mask in (None, torch.ones(shape, dtype=torch.bool)):
        found = METHODS[method](make_crf(), emissions, labels, mask)
        assert found.shape[0] == shape[0]
        if method in (
            "log_likelihood",
            "partial_log_likelihood",
            "log_partition",
            "entropy",
            "viterbi_score",
        ):
            assert found.tolist() == [0.0] * shape[0]


def test_empty_rows_decode_to_nothing():
    emissions, _, mask = make_batch()
    decoded = make_crf().decode(emissions, mask)
    assert decoded[1] == []
    assert [len(row) for row in decoded] == mask.sum(1).tolist()


@every_method
@pytest.mark.parametrize("dtype", [torch.half, torch.bfloat16])
def test_half_precision_is_computed_in_full_precision(method, dtype):
    crf = make_crf()
    emissions, labels, mask = make_batch()
    found = METHODS[method](crf, emissions.to(dtype), labels, mask)
    expected = METHODS[method](crf, emissions.to(dtype).float(), labels, mask)
    assert torch.equal(found, expected)
    assert found.dtype in (torch.float32, torch.long)


def test_a_layer_in_half_precision_gets_its_gradients_in_half_precision():
    crf = make_crf().bfloat16()
    emissions, labels, mask = make_batch()
    emissions = emissions.bfloat16().requires_grad_()
    loss = crf(emissions, labels, mask)
    assert loss.dtype == torch.float32
    loss.sum().backward()
    assert emissions.grad.dtype == crf.transitions.grad.dtype == torch.bfloat16


@given(seed=st.integers(0, 10**6), length=st.integers(1, 8), scale=st.floats(0.1, 30))
@settings(max_examples=30, deadline=None)
def test_probabilities_are_probabilities(seed, length, scale):
    crf = make_crf(seed).double()
    emissions, _, mask = make_batch(seed, 3, length, torch.float64)
    with torch.no_grad():
        nodes, pairs = crf.marginals(emissions * scale, mask), crf.pairwise_marginals(emissions * scale, mask)
        log_z, (_, best) = (
            crf.log_partition(emissions * scale, mask),
            crf.viterbi_decode(emissions * scale, mask),
        )
        entropy = crf.entropy(emissions * scale, mask)
    torch.testing.assert_close(nodes.sum(2), mask.double(), rtol=0, atol=1e-12)
    for row in range(3):
        real = mask[row].nonzero()[:, 0].tolist()
        for before, position in itertools.pairwise(real):
            pair = pairs[row, position - 1]
            torch.testing.assert_close(pair.sum(1), nodes[row, before], rtol=0, atol=1e-12)
            torch.testing.assert_close(pair.sum(0), nodes[row, position], rtol=0, atol=1e-12)
    most = mask.sum(1) * math.log(NUM_LABELS)
    assert (best <= log_z + 1e-9).all()
    assert (log_z <= best + most + 1e-9).all()
    assert (entropy >= 0).all()
    assert (entropy <= most + 1e-9).all()


@given(seed=st.integers(0, 10**6), length=st.integers(1, 8))
@settings(max_examples=20, deadline=None)
def test_shift_reversal_and_permutation_of_labels(seed, length):
    crf = make_crf(seed).double()
    emissions, labels, _ = make_batch(seed, 3, length, torch.float64)
    likelihood, log_z = crf.log_likelihood(emissions, labels), crf.log_partition(emissions)
    shift = torch.randn(3, length, 1, dtype=torch.double)
    torch.testing.assert_close(crf.log_partition(emissions + shift), log_z + shift.sum((1, 2)))
    torch.testing.assert_close(crf.log_likelihood(emissions + shift, labels), likelihood)
    turned = copy.deepcopy(crf)
    with torch.no_grad():
        turned.transitions.copy_(crf.transitions.T)
        turned.start_transitions.copy_(crf.end_transitions)
        turned.end_transitions.copy_(crf.start_transitions)
    torch.testing.assert_close(turned.log_likelihood(emissions.flip(1), labels.flip(1)), likelihood)
    order = torch.randperm(NUM_LABELS)
    renamed = copy.deepcopy(crf)
    with torch.no_grad():
        renamed.transitions.copy_(crf.transitions[order][:, order])
        renamed.start_transitions.copy_(crf.start_transitions[order])
        renamed.end_transitions.copy_(crf.end_transitions[order])
    found = renamed.viterbi_decode(emissions[..., order])[0]
    assert torch.equal(order[found], crf.viterbi_decode(emissions)[0])


@backends
def test_log_partition_of_zeros_is_the_log_number_of_legal_labellings(backend):
    crf = LinearChainCRF(3, constraints=GAPS, backend=backend).double()
    with torch.no_grad():
        for parameter in crf.parameters():
            parameter.zero_()
    oracle = enumerate_paths(np.zeros((6, 3)), np.zeros((3, 3)), [0] * 3, [0] * 3, None, GAPS)
    found = crf.log_partition(torch.zeros(1, 6, 3, dtype=torch.double)).item()
    assert found == pytest.approx(math.log(len(oracle.paths)), abs=1e-12)


BIO = ("O", "B-A", "I-A", "B-B", "I-B")
BIO_CONSTRAINTS = allowed_transitions(BIO, LabelScheme.IOB2)


@pytest.mark.parametrize("magnitude", [1.0, 1e3, 1e6])
def test_no_decoder_ever_violates_the_constraints(magnitude):
    crf = make_crf(constraints=BIO_CONSTRAINTS, num_labels=5)
    emissions = torch.randn(20, 12, 5) * magnitude
    emissions[:, :, 2] += magnitude  # tempts every token into I-A
    paths = [*crf.decode(emissions), *crf.posterior_decode(emissions).tolist()]
    labels, _, valid = crf.nbest_decode(emissions, 4)
    assert valid.all()
    paths += labels.flatten(0, 1).tolist()
    assert all(is_legal(path, BIO_CONSTRAINTS) for path in paths)
    with torch.no_grad():
        nodes = crf.marginals(emissions)
        pairs = crf.pairwise_marginals(emissions)
    assert not nodes.isnan().any()
    assert (nodes[:, 0, [2, 4]] == 0).all()
    assert (pairs[:, :, ~torch.tensor(BIO_CONSTRAINTS.transitions)] == 0).all()


def test_constraints_can_be_set_replaced_and_removed_after_training():
    crf = make_crf(num_labels=5)
    emissions = torch.randn(3, 7, 5)
    free = crf.log_partition(emissions)
    table = np.array(BIO_CONSTRAINTS.transitions)
    crf.constraints = BIO_CONSTRAINTS._replace(transitions=table)
    table[:] = False  # the layer keeps its own copy
    limited = crf.log_partition(emissions)
    assert (limited < free).all()
    assert all(is_legal(path, BIO_CONSTRAINTS) for path in crf.decode(emissions))
    crf.constraints = None
    assert torch.equal(crf.log_partition(emissions), free)


def test_rows_without_any_legal_labelling():
    constraints = TransitionConstraints(((True, True), (False, True)), (False, True), (True, False))
    crf = make_crf(constraints=constraints, num_labels=2)  # starts with 1, stays there, must end with 0
    emissions = torch.randn(2, 3, 2, requires_grad=True)
    mask = torch.tensor([[True, True, True], [False, False, False]])
    log_z = crf.log_partition(emissions, mask)
    assert log_z.tolist() == [-math.inf, 0.0]
    loss = crf(emissions, torch.zeros(2, 3, dtype=torch.long), mask)
    assert loss.tolist() == [math.inf, 0.0]
    (log_z.sum() + loss.sum()).backward()
    assert (present(emissions.grad) == 0).all()
    assert (crf.transitions.grad == 0).all()
    emissions = emissions.detach()
    assert (crf.marginals(emissions, mask) == 0).all()
    assert crf.entropy(emissions, mask).tolist() == [0.0, 0.0]
    labels, scores = crf.viterbi_decode(emissions, mask)
    assert (labels == -1).all()
    assert scores.tolist() == [-math.inf, 0.0]
    labels, scores, valid = crf.nbest_decode(emissions, 2, mask)
    assert (labels == -1).all()
    assert valid.tolist() == [[False, False], [True, False]]
    assert (crf.posterior_decode(emissions, mask) == -1).all()
    with pytest.raises(ValueError, match=r"^sentence 0 has no labelling that the constraints allow$"):
        crf.decode(emissions, mask)


def test_posterior_decoding_keeps_away_from_emissions_of_minus_infinity():
    lost = 0
    for seed in range(60):
        emissions, transitions, start, end = random_scores(seed, 1, 4, 4)
        random = np.random.default_rng(seed)
        emissions[torch.tensor(random.random((1, 4, 4)) < 0.4)] = -math.inf
        constraints = TransitionConstraints(random.random((4, 4)) < 0.5, (True,) * 4, (True,) * 4)
        oracle = enumerate_paths(emissions[0], transitions, start, end, None, constraints)
        possible = [
            path for path, score in zip(oracle.paths, oracle.scores, strict=True) if score > -math.inf
        ]
        found = crf_posterior_decode(emissions, transitions, start, end, constraints=constraints)[0].tolist()
        if possible:
            table = oracle.marginals(4, 4)
            expected = [table[range(4), path].sum() for path in possible]
            assert tuple(found) in possible
            assert table[range(4), found].sum() == pytest.approx(max(expected))
        else:
            lost += 1
            assert found == [-1] * 4
    assert 5 < lost < 55


@backends
def test_rounding_puts_no_log_likelihood_above_zero_and_no_entropy_below(backend):
    # one labelling is all but certain, its score large
    crf = make_crf(backend=backend).double()
    for seed in range(20):
        emissions, labels, mask = make_batch(seed, dtype=torch.float64)
        certain = 60.0 * torch.nn.functional.one_hot(labels, NUM_LABELS)
        emissions = (emissions + certain if seed % 2 else emissions * 1e3).requires_grad_()
        labels = crf.viterbi_decode(emissions, mask)[0]
        likelihood, entropy = crf.log_likelihood(emissions, labels, mask), crf.entropy(emissions, mask)
        assert (likelihood <= 0).all()
        assert (entropy >= 0).all()
        partial = crf.partial_log_likelihood(emissions, torch.ones_like(emissions, dtype=torch.bool), mask)
        assert (partial <= 0).all()


def test_nbest_is_sorted_distinct_scored_right_and_a_prefix_of_more():
    crf = make_crf().double()
    emissions, _, mask = make_batch(dtype=torch.float64)
    many, many_scores, valid = crf.nbest_decode(emissions, 12, mask)
    few, few_scores, _ = crf.nbest_decode(emissions, 5, mask)
    assert torch.equal(many[:, :5], few)
    assert torch.equal(many_scores[:, :5], few_scores)
    assert (many_scores.diff(dim=1)[valid[:, 1:]] <= 0).all()
    best, score = crf.viterbi_decode(emissions, mask)
    assert torch.equal(many[:, 0], best)
    torch.testing.assert_close(many_scores[:, 0], score, rtol=0, atol=1e-12)
    for k in range(12):
        with torch.no_grad():
            rescored = crf.score(emissions, many[:, k], mask)
        torch.testing.assert_close(rescored[valid[:, k]], many_scores[:, k][valid[:, k]], rtol=0, atol=1e-12)
    for row in many[valid.all(1)]:
        assert len({tuple(path) for path in row.tolist()}) == 12


def test_ties_do_not_disturb_the_prefix_property():
    crf = LinearChainCRF(3)
    with torch.no_grad():
        for parameter in crf.parameters():
            parameter.zero_()
    emissions = torch.zeros(1, 4, 3)
    many, _, valid = crf.nbest_decode(emissions, 81)
    assert valid.all()
    assert len({tuple(path) for path in many[0].tolist()}) == 81
    for n in (1, 2, 7, 40):
        assert torch.equal(crf.nbest_decode(emissions, n)[0], many[:, :n])
    assert torch.equal(crf.viterbi_decode(emissions)[0], many[:, 0])


def test_partial_likelihood_from_everything_to_one_labelling_is_monotone():
    crf = make_crf().double()
    emissions, labels, mask = make_batch(dtype=torch.float64)
    everything = torch.ones_like(emissions, dtype=torch.bool)
    one = torch.nn.functional.one_hot(labels, NUM_LABELS).bool()
    torch.testing.assert_close(
        crf.partial_log_likelihood(emissions, everything, mask), torch.zeros(6, dtype=torch.double)
    )
    torch.testing.assert_close(
        crf.partial_log_likelihood(emissions, one, mask), crf.log_likelihood(emissions, labels, mask)
    )
    random = torch.Generator().manual_seed(0)
    wide = one | (torch.rand(everything.shape, generator=random) < 0.5)
    wider = wide | (torch.rand(everything.shape, generator=random) < 0.5)
    values = [crf.partial_log_likelihood(emissions, each, mask) for each in (one, wide, wider, everything)]
    for narrow, broad in itertools.pairwise(values):
        assert (narrow <= broad + 1e-12).all()
    nothing = everything.clone()
    nothing[0, 4] = False
    assert crf.partial_log_likelihood(emissions, nothing, mask)[0] == -math.inf


def test_probability_of_a_span_is_the_sum_over_all_paths_that_hold_exactly_it():
    crf = make_crf(constraints=BIO_CONSTRAINTS, num_labels=5).double()
    emissions = torch.randn(1, 5, 5, dtype=torch.double)
    tables = (table.detach() for table in (crf.transitions, crf.start_transitions, crf.end_transitions))
    transitions, start, end = tables
    oracle = enumerate_paths(emissions[0], transitions, start, end, None, BIO_CONSTRAINTS)
    spans = [Span(start, end, kind) for start in range(5) for end in range(start + 1, 6) for kind in "AB"]
    masks = torch.tensor([span_label_mask(span, 5, BIO, LabelScheme.IOB2) for span in spans])
    found = crf.partial_log_likelihood(emissions.expand(len(spans), -1, -1), masks)
    for span, value in zip(spans, found.tolist(), strict=True):
        first, inside = BIO.index(f"B-{span.label}"), BIO.index(f"I-{span.label}")

        def holds(path, span=span, first=first, inside=inside):
            covered = (first, *[inside] * (span.end - span.start - 1))
            return path[span.start : span.end] == covered and path[span.end : span.end + 1] != (inside,)

        assert value == pytest.approx(oracle.log_mass(holds), abs=1e-12)


def test_confidence_is_the_marginal_and_not_a_softmax_of_prefix_scores():
    # A published counter-example has .351 for .875; here the last token settles the first one
    crf = LinearChainCRF(2)
    with torch.no_grad():
        crf.transitions.copy_(torch.tensor([[0.0, -50.0], [-50.0, 0.0]]))
        crf.start_transitions.zero_()
        crf.end_transitions.zero_()
    emissions = torch.tensor([[[1.0, 0.0], [0.0, 3.0]]])
    with torch.no_grad():
        found = crf.marginals(emissions)[0, 0, 1].item()
    assert found == pytest.approx(math.exp(3) / (math.exp(1) + math.exp(3)), abs=1e-6)


def test_label_costs_added_to_the_emissions_give_the_softmax_margin_loss():
    crf = make_crf().double()
    emissions, labels, _ = make_batch(dtype=torch.float64, batch=2, length=4)
    cost = 2.0 * (1 - torch.nn.functional.one_hot(labels, NUM_LABELS)).double()
    found = crf(emissions + cost, labels)
    for row in range(2):
        parameters = [
            table.detach() for table in (crf.transitions, crf.start_transitions, crf.end_transitions)
        ]
        oracle = enumerate_paths(emissions[row], *parameters)
        gold = tuple(labels[row].tolist())
        augmented = [
            score + 2.0 * sum(a != b for a, b in zip(path, gold, strict=True))
            for path, score in zip(oracle.paths, oracle.scores, strict=True)
        ]
        top = max(augmented)
        expected = (
            top
            + math.log(sum(math.exp(s - top) for s in augmented))
            - oracle.scores[oracle.paths.index(gold)]
        )
        assert found[row].item() == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("constraints", [None, BIO_CONSTRAINTS], ids=["free", "constrained"])
def test_state_deepcopy_and_files_keep_everything(constraints):
    crf = make_crf(constraints=constraints, num_labels=5)
    emissions = torch.randn(2, 6, 5)
    expected = crf.log_partition(emissions)
    loaded = LinearChainCRF(5)
    loaded.load_state_dict(crf.state_dict())
    file = io.BytesIO()
    torch.save(crf.state_dict(), file)
    file.seek(0)
    from_file = LinearChainCRF(5)
    from_file.load_state_dict(torch.load(file, weights_only=True), strict=True)
    whole = io.BytesIO()
    torch.save(crf, whole)
    whole.seek(0)
    for other in (loaded, from_file, copy.deepcopy(crf), torch.load(whole, weights_only=False)):
        assert torch.equal(other.log_partition(emissions), expected)
        assert (other.constraints is None) == (constraints is None)
        assert other.state_dict().keys() == crf.state_dict().keys()


def test_weights_of_a_pytorch_crf_layer_load_and_give_its_values():
    import torchcrf

    theirs = torchcrf.CRF(5, batch_first=True)
    ours = LinearChainCRF(5)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    emissions, labels, _ = make_batch(num_labels=5)
    mask = torch.arange(9) < torch.tensor([9, 1, 5, 3, 8, 2])[:, None]
    expected = theirs(emissions, labels, mask, reduction="none")
    torch.testing.assert_close(ours.log_likelihood(emissions, labels, mask), expected, rtol=1e-5, atol=1e-5)
    assert ours.decode(emissions, mask) == theirs.decode(emissions, mask)


def test_weights_without_constraints_load_into_a_constrained_layer_which_keeps_its_own():
    crf = make_crf(constraints=BIO_CONSTRAINTS, num_labels=5)
    other = make_crf(seed=1, num_labels=5)
    crf.load_state_dict(other.state_dict(), strict=True)
    assert torch.equal(crf.transitions, other.transitions)
    assert torch.equal(crf.constraints.transitions, torch.tensor(BIO_CONSTRAINTS.transitions))


def test_a_state_with_some_of_the_constraints_is_refused():
    state = make_crf(constraints=BIO_CONSTRAINTS, num_labels=5).state_dict()
    del state["allowed_end_transitions"]
    with pytest.raises(RuntimeError, match=r"Missing key.*allowed_end_transitions"):
        make_crf(num_labels=5).load_state_dict(state)


def test_parameters_may_be_reassigned():
    crf = make_crf()
    emissions, _, mask = make_batch()
    before = crf.log_partition(emissions, mask)
    crf.transitions = torch.nn.Parameter(crf.transitions.detach() + 1.0)
    expected = before + (mask.sum(1) - 1).clamp(min=0)
    torch.testing.assert_close(crf.log_partition(emissions, mask), expected)


def test_autocast_does_not_lower_the_precision():
    crf = make_crf()
    emissions, labels, mask = make_batch()
    expected = crf(emissions, labels, mask)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(crf(emissions, labels, mask), expected)


@pytest.mark.parametrize(("batch", "num_labels"), [(40, 24), (20, 36), (40, 8)])
@pytest.mark.parametrize("by_step", [False, True], ids=["static", "by_step"])
def test_wide_steps_take_another_way_to_the_same_result(batch, num_labels, by_step):
    # the batch is wide enough for torch, each sentence alone is not
    scores = random_scores(0, batch, 20, num_labels, by_step=by_step)
    emissions, transitions, start, end = (table.float() for table in scores)
    mask = torch.rand(batch, 20, generator=torch.Generator().manual_seed(0)) < 0.8
    labels, best = crf_viterbi_decode(emissions, transitions, start, end, mask)
    for row in range(batch):
        one = slice(row, row + 1)
        own = transitions[one] if by_step else transitions
        alone, score = crf_viterbi_decode(emissions[one], own, start, end, mask[one])
        assert torch.equal(alone[0], labels[row])
        assert torch.equal(score[0], best[row])


def test_repr_says_what_it_is():
    assert repr(LinearChainCRF(4)) == "LinearChainCRF(4, constrained=False, backend='auto')"


def test_by_step_transitions_match_static_ones_when_equal():
    emissions, transitions, start, end = random_scores(0, 2, 6, 3)
    crf = LinearChainCRF(3).double()
    with torch.no_grad():
        crf.transitions.copy_(transitions)
        crf.start_transitions.copy_(start)
        crf.end_transitions.copy_(end)
        by_step = transitions.expand(2, 5, 3, 3)
        torch.testing.assert_close(
            crf_log_partition(emissions, by_step, start, end), crf.log_partition(emissions)
        )


@backends
def test_transitions_of_steps_that_no_token_takes_are_never_read(backend):
    emissions, transitions, start, end = random_scores(0, 2, 5, 3, by_step=True)
    mask = torch.tensor([[False, True, False, True, True], [True, False, False, False, True]])
    # the steps into masked positions, and into the first real one
    unused = torch.tensor([[True, True, False, False], [True, True, True, False]])
    results = []
    for filler in (0.0, math.nan):
        filled = torch.where(unused[..., None, None], filler, transitions).requires_grad_()
        value = crf_log_partition(emissions, filled, start, end, mask, backend=backend)
        value.sum().backward()
        assert (present(filled.grad)[unused] == 0).all()
        results.append(
            (value.detach(), filled.grad, crf_viterbi_decode(emissions, filled, start, end, mask)[0])
        )
    assert all(torch.equal(clean, dirty) for clean, dirty in zip(*results, strict=True))


def test_the_widest_precision_decides_and_gradients_keep_their_own():
    emissions, transitions, start, end = random_scores(0, 2, 5, 3)
    scores = [emissions.float(), transitions, start.bfloat16(), end.float()]
    scores = [each.requires_grad_() for each in scores]
    value = crf_log_partition(*scores)
    assert value.dtype == torch.float64
    value.sum().backward()
    assert [present(each.grad).dtype for each in scores] == [each.dtype for each in scores]


@every_method
def test_inference_mode(method):
    crf = make_crf()
    expected = METHODS[method](crf, *make_batch())
    with torch.inference_mode():
        assert torch.equal(METHODS[method](crf, *make_batch()), expected)


def test_half_precision_sums_do_not_lose_their_small_terms():
    # bfloat16 stops counting at 256: 1,000 tokens of log 2 each
    crf = LinearChainCRF(2)
    with torch.no_grad():
        for parameter in crf.parameters():
            parameter.zero_()
        found = crf.log_partition(torch.zeros(1, 1000, 2, dtype=torch.bfloat16)).item()
    assert found == pytest.approx(1000 * math.log(2), rel=1e-6)
