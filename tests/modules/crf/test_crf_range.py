"""Long sentences and large scores: nothing overflows, underflows or drifts away."""

import math

import pytest
import torch
from crf_oracles import is_legal
from present import present

from tagger.modules.crf import LinearChainCRF
from tagger.schemes import LabelScheme, allowed_transitions

BIO = ("O", "B-A", "I-A", "B-B", "I-B")
CONSTRAINTS = allowed_transitions(BIO, LabelScheme.IOB2)


def make_pair(constraints=CONSTRAINTS):
    """The same layer with both backends."""
    torch.manual_seed(0)
    fast = LinearChainCRF(5, constraints=constraints, backend="fast")
    with torch.no_grad():
        for parameter in fast.parameters():
            parameter.normal_()
    reference = LinearChainCRF(5, constraints=constraints, backend="reference")
    reference.load_state_dict(fast.state_dict())
    return fast, reference.double()


def legal_labels(count, length):
    """Random labellings within the constraints."""
    crf = LinearChainCRF(5, constraints=CONSTRAINTS)
    return crf.viterbi_decode(torch.randn(count, length, 5) * 3)[0]


@pytest.mark.slow
def test_ten_thousand_tokens_in_float32_agree_with_the_float64_reference():
    fast, reference = make_pair()
    labels = legal_labels(1, 10_000)
    emissions = torch.randn(1, 10_000, 5) * 3
    found, expected = [emissions.clone().requires_grad_()], [emissions.double().requires_grad_()]
    for crf, (leaf,) in ((fast, found), (reference, expected)):
        loss = crf(leaf, labels)
        loss.sum().backward()
        (found if crf is fast else expected).append(loss.detach())
    assert found[1].item() == pytest.approx(expected[1].item(), rel=1e-6)
    torch.testing.assert_close(present(found[0].grad).double(), expected[0].grad, rtol=0, atol=1e-6)
    torch.testing.assert_close(
        fast.transitions.grad.double(), reference.transitions.grad, rtol=1e-6, atol=1e-4
    )


def test_the_best_of_ten_thousand_tokens_in_float32_scores_like_the_best_in_float64():
    fast, reference = make_pair()
    emissions = torch.randn(2, 10_000, 5) * 4
    labels, score = fast.viterbi_decode(emissions)
    _, best = reference.viterbi_decode(emissions.double())
    torch.testing.assert_close(score.double(), best, rtol=1e-6, atol=0)
    assert is_legal(labels[0].tolist(), CONSTRAINTS)


def test_the_level_of_the_emissions_costs_decoding_in_float32_no_precision():
    # summed up as they are, 10,000 tokens at this level would be told apart by 0.06 nats at best
    fast, reference = make_pair()
    emissions = torch.randn(2, 10_000, 5) * 0.1 + 100.0
    labels, _ = fast.viterbi_decode(emissions)
    best_labels, best = reference.viterbi_decode(emissions.double())
    with torch.no_grad():
        found = reference.score(emissions.double(), labels)
    torch.testing.assert_close(found, best, rtol=0, atol=1e-3)
    assert (labels == best_labels).double().mean() > 0.999


def test_a_long_sentence_without_legal_labelling_does_not_disturb_its_neighbour():
    crf = LinearChainCRF(2)
    emissions = torch.randn(2, 30, 2)
    emissions[0, 3] = -math.inf
    labels, scores = crf.viterbi_decode(emissions)
    alone, score = crf.viterbi_decode(emissions[1:])
    assert (labels[0] == -1).all()
    assert scores[0] == -math.inf
    assert torch.equal(labels[1:], alone)
    assert torch.equal(scores[1:], score)
    assert (crf.posterior_decode(emissions)[0] == -1).all()


def test_the_level_of_the_emissions_costs_the_entropy_no_precision():
    fast, reference = make_pair()
    emissions = torch.randn(20, 3, 5) + 1e4
    with torch.no_grad():
        found, expected = fast.entropy(emissions), reference.entropy(emissions.double())
    torch.testing.assert_close(found.double(), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("length", [1, 2, 127, 128, 129])
def test_lengths_around_powers_of_two(length):
    fast, reference = make_pair()
    fast = fast.double()
    emissions = torch.randn(2, length, 5, dtype=torch.double) * 3
    labels = legal_labels(2, length)
    torch.testing.assert_close(fast(emissions, labels), reference(emissions, labels), rtol=1e-12, atol=1e-10)
    with torch.no_grad():
        torch.testing.assert_close(
            fast.marginals(emissions), reference.marginals(emissions), rtol=0, atol=1e-12
        )


@pytest.mark.parametrize("constraints", [None, CONSTRAINTS], ids=["free", "constrained"])
@pytest.mark.parametrize("scale", [1e2, 1e3, 1e4])
def test_emissions_of_any_range_give_finite_values_and_gradients(scale, constraints):
    fast, reference = make_pair(constraints)
    emissions = torch.randn(4, 30, 5) * scale
    labels = legal_labels(4, 30)
    gradients = []
    for crf, dtype in ((fast, torch.float32), (reference, torch.float64)):
        leaf = emissions.to(dtype, copy=True).requires_grad_()
        loss = crf(leaf, labels)
        loss.sum().backward()
        assert torch.isfinite(loss).all()
        assert torch.isfinite(leaf.grad).all()
        assert all(torch.isfinite(parameter.grad).all() for parameter in crf.parameters())
        gradients.append(leaf.grad.double())
    torch.testing.assert_close(gradients[0], gradients[1], rtol=0, atol=1e-6)


def test_one_improbable_path_that_the_constraints_make_necessary_is_not_lost():
    # Only B-A may start; emissions speak against it by more than float32, then float64, can hold
    for gap in (120.0, 800.0, 5000.0):
        crf = LinearChainCRF(5, constraints=CONSTRAINTS._replace(start=(False, True, False, False, False)))
        emissions = torch.zeros(1, 40, 5)
        emissions[0, 0, 0], emissions[0, 0, 1] = gap, -gap
        emissions[0, 1:, 2] = -gap
        with torch.no_grad():
            assert crf.marginals(emissions)[0, 0, 1] == 1.0
            assert -gap - 10 < crf.log_partition(emissions).item() < -gap + 39 * math.log(5)


def test_two_chains_that_never_meet_keep_both_their_probabilities():
    # The first half speaks for label 0 by 2,000 nats, the second for label 1 by as much
    crf = LinearChainCRF(
        2, constraints=type(CONSTRAINTS)(((True, False), (False, True)), (True, True), (True, True))
    )
    with torch.no_grad():
        for parameter in crf.parameters():
            parameter.zero_()
    emissions = torch.zeros(1, 400, 2, dtype=torch.double)
    emissions[0, :200, 0] = 10.0
    emissions[0, 200:, 1] = 10.0
    with torch.no_grad():
        torch.testing.assert_close(
            crf.marginals(emissions), torch.full_like(emissions, 0.5), rtol=0, atol=1e-9
        )


def make_chains_that_never_meet(start, end):
    """A layer whose labels only follow themselves, all its scores 0."""
    loops = torch.eye(len(start), dtype=torch.bool)
    crf = LinearChainCRF(len(start), constraints=type(CONSTRAINTS)(loops, start, end)).double()
    with torch.no_grad():
        for parameter in crf.parameters():
            parameter.zero_()
    return crf


def test_a_path_between_a_dead_end_and_a_label_that_nothing_reaches_is_not_lost():
    # Label 0 cannot end and label 2 cannot start, but each is 450 nats ahead of label 1 where it can be
    crf = make_chains_that_never_meet((True, True, False), (False, True, True))
    emissions = torch.zeros(1, 90, 3, dtype=torch.double)
    emissions[0, :45, 0] = 10.0
    emissions[0, 45:, 2] = 10.0
    emissions.requires_grad_()
    log_z = crf.log_partition(emissions)
    assert log_z.item() == pytest.approx(0.0, abs=1e-9)
    log_z.sum().backward()
    torch.testing.assert_close(emissions.grad, torch.eye(3)[1].double().expand(1, 90, 3), rtol=0, atol=1e-9)
    assert crf.transitions.grad[1, 1].item() == pytest.approx(89.0)


def test_a_window_of_a_label_that_only_the_backward_pass_would_lose_keeps_its_probability():
    # Label 0 gains 280 nats, then loses 760: more than the backward states can tell apart
    crf = make_chains_that_never_meet((True, True), (True, True))
    emissions = torch.zeros(1, 104, 2, dtype=torch.double)
    emissions[0, :28, 0] = 10.0
    emissions[0, 28:, 1] = 10.0
    zero, middle = torch.zeros(1, dtype=torch.long), torch.tensor([28])
    found = crf.window_log_likelihood(emissions, zero, middle, torch.tensor([[[True, False]]]))
    assert found.item() == pytest.approx(-480.0, abs=1e-9)


def test_tokens_of_very_different_level_need_no_fallback_and_change_no_probability():
    fast, _ = make_pair()
    fast = fast.double()
    emissions = torch.randn(2, 20, 5, dtype=torch.double)
    level = torch.randn(2, 20, 1, dtype=torch.double) * 1e5
    with torch.no_grad():
        torch.testing.assert_close(
            fast.marginals(emissions + level), fast.marginals(emissions), rtol=0, atol=1e-8
        )
