"""Gradients: against finite differences, between the backends, and exactly zero where they must be."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from crf_oracles import GAPS, random_scores
from present import present

from tagger import crf_kernels
from tagger.crf_kernels import scaled
from tagger.modules.crf import (
    LinearChainCRF,
    TransitionConstraints,
    crf_entropy,
    crf_log_likelihood,
    crf_log_partition,
    crf_marginals,
    crf_pairwise_marginals,
    crf_partial_log_likelihood,
    crf_score,
)

MASK = torch.tensor([[True, False, True, True], [False, True, True, False], [False, False, False, False]])
LABELS = torch.tensor([[0, -100, 2, 1], [-100, 0, 0, -100], [-100, -100, -100, -100]])
LABEL_MASK = torch.tensor(np.random.default_rng(5).random((3, 4, 3)) < 0.7) | torch.tensor(
    [True, False, False]
)


def leaves(by_step=False):
    return [table.requires_grad_() for table in random_scores(3, 3, 4, 3, by_step=by_step)]


FUNCTIONS = {
    "log_partition": lambda e, *rest, **options: crf_log_partition(e, *rest, **options),
    "log_likelihood": lambda e, *rest, **options: crf_log_likelihood(e, LABELS, *rest, **options),
    "partial": lambda e, *rest, **options: crf_partial_log_likelihood(e, LABEL_MASK, *rest, **options),
    "entropy": lambda e, *rest, **options: crf_entropy(e, *rest, **options),
    "marginals": lambda e, *rest, **options: crf_marginals(e, *rest, **options),
    "pairwise": lambda e, *rest, **options: crf_pairwise_marginals(e, *rest, **options),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("constraints", [None, GAPS], ids=["free", "constrained"])
@pytest.mark.parametrize("by_step", [False, True], ids=["static", "by_step"])
@pytest.mark.slow
def test_first_and_second_derivatives_agree_with_finite_differences(name, constraints, by_step):
    def function(*scores):
        return FUNCTIONS[name](*scores, MASK, constraints=constraints)

    assert torch.autograd.gradcheck(function, leaves(by_step))
    if not by_step and name in ("log_partition", "log_likelihood", "partial", "entropy"):
        assert torch.autograd.gradgradcheck(function, leaves(by_step))


def test_score_is_differentiable():
    assert torch.autograd.gradcheck(
        lambda e, t, start, end: crf_score(e, LABELS, t, start, end, MASK), leaves()
    )


def test_gradient_of_the_log_partition_is_the_marginals():
    emissions, transitions, start, end = leaves()
    crf_log_partition(emissions, transitions, start, end, MASK).sum().backward()
    with torch.no_grad():
        nodes = crf_marginals(emissions, transitions, start, end, MASK)
        pairs = crf_pairwise_marginals(emissions, transitions, start, end, MASK)
    torch.testing.assert_close(emissions.grad, nodes, rtol=0, atol=1e-14)
    torch.testing.assert_close(transitions.grad, pairs.sum((0, 1)), rtol=0, atol=1e-14)


def random_case(seed):
    """A chain of random size, ranges up to 1e4, mask and constraints; many of them beyond the underflow guard."""
    random = np.random.default_rng(seed)
    batch, length, num_labels = (int(random.integers(*limits)) for limits in ((0, 5), (0, 10), (1, 6)))
    by_step = bool(random.random() < 0.3)
    emissions, transitions, start, end = random_scores(seed, batch, length, num_labels, by_step=by_step)
    emissions *= 10 ** random.uniform(-1, 4 if random.random() < 0.3 else 1.5)
    for table in (transitions, start, end):
        table *= 10 ** random.uniform(-1, 3 if random.random() < 0.4 else 1)
    mask = torch.tensor(random.random((batch, length)) < random.choice([0.5, 0.9, 1.0]))
    constraints = None
    if random.random() < 0.6:
        shape = (num_labels, num_labels)
        constraints = TransitionConstraints(
            random.random(shape) < 0.6, random.random(num_labels) < 0.8, random.random(num_labels) < 0.8
        )
    labels = torch.tensor(random.integers(0, num_labels, (batch, length))).masked_fill(~mask, -100)
    label_mask = torch.tensor(random.random((batch, length, num_labels)) < 0.7)
    weights = torch.tensor(random.normal(size=batch))
    emissions = torch.where(mask[..., None], emissions, math.nan)
    return (emissions, transitions, start, end), mask, constraints, labels, label_mask, weights


def value_and_gradients(function, scores, weights):
    scores = [table.clone().requires_grad_() for table in scores]
    value = function(*scores)
    value.backward(weights)
    return [value.detach(), *(torch.zeros_like(s) if s.grad is None else s.grad for s in scores)]


def assert_backends_agree(seed):
    scores, mask, constraints, labels, label_mask, weights = random_case(seed)
    functions = (
        lambda backend: (
            lambda e, t, start, end: crf_log_likelihood(
                e, labels, t, start, end, mask, constraints=constraints, backend=backend
            )
        ),
        lambda backend: (
            lambda e, t, start, end: crf_partial_log_likelihood(
                e, label_mask, t, start, end, mask, constraints=constraints, backend=backend
            )
        ),
        lambda backend: (
            lambda e, t, start, end: crf_log_partition(
                e, t, start, end, mask, label_mask=label_mask, constraints=constraints, backend=backend
            )
        ),
    )
    # two of the three kinds of value for each seed keep a thousand seeds affordable
    for function in (functions[0], functions[1 + seed % 2]):
        fast = value_and_gradients(function("fast"), scores, weights)
        reference = value_and_gradients(function("reference"), scores, weights)
        for found, expected in zip(fast, reference, strict=True):
            assert not found.isnan().any()
            torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("block", range(10))
@pytest.mark.slow
def test_the_backends_agree_on_a_thousand_random_cases(block):
    for seed in range(100 * block, 100 * (block + 1)):
        assert_backends_agree(seed)


def test_the_random_cases_exercise_both_sides_of_the_underflow_guard():
    within = []
    for seed in range(100):
        scores, mask, constraints, *_ = random_case(seed)
        tables = None if constraints is None else tuple(constraints)
        emissions, transitions, start, end = (table.numpy() for table in scores)
        packed = crf_kernels.pack_scores(emissions, transitions, start, end, mask.numpy(), tables)
        if packed.packing.counts:
            within.append(scaled.posterior(packed) is not None)
    assert 20 < sum(within) < 80


@pytest.mark.parametrize("backend", ["fast", "reference"])
def test_a_gold_path_that_breaks_the_constraints_has_likelihood_zero_and_no_gradient_for_its_row_alone(
    backend,
):
    emissions, transitions, start, end = leaves()
    labels = torch.tensor([[0, 0, 2, 1], [0, 1, 0, 0], [0, 0, 0, 0]])  # 1 after 0 is forbidden, in row 1
    mask = torch.ones(3, 4, dtype=torch.bool)
    options: dict[str, Any] = {"constraints": GAPS, "backend": backend}
    value = crf_log_likelihood(emissions, labels, transitions, start, end, mask, **options)
    assert value[1] == -math.inf
    assert torch.isfinite(value[[0, 2]]).all()
    (-value).sum().backward()
    assert (emissions.grad[1] == 0).all()
    others = [table.detach().clone().requires_grad_() for table in (emissions, transitions, start, end)]
    e, t, s, n = others
    kept = [0, 2]
    (-crf_log_likelihood(e[kept], labels[kept], t, s, n, mask[kept], **options)).sum().backward()
    for found, expected in zip((emissions, transitions, start, end), others, strict=True):
        torch.testing.assert_close(found.grad, expected.grad, rtol=0, atol=1e-12)


@pytest.mark.parametrize("backend", ["fast", "reference"])
def test_forbidden_parameters_keep_their_value_and_get_no_gradient(backend):
    crf = LinearChainCRF(3, constraints=GAPS, backend=backend)
    before = crf.transitions.detach().clone()
    crf(torch.randn(2, 5, 3), torch.zeros(2, 5, dtype=torch.long)).sum().backward()
    forbidden = ~torch.tensor(GAPS.transitions)
    assert (present(crf.transitions.grad)[forbidden] == 0).all()
    assert (present(crf.transitions.grad)[~forbidden] != 0).all()
    assert present(crf.start_transitions.grad)[1] == 0
    assert present(crf.end_transitions.grad)[2] == 0
    torch.testing.assert_close(crf.transitions.detach(), before, rtol=0, atol=0)


@pytest.mark.parametrize("backend", ["fast", "reference"])
def test_transitions_of_minus_infinity_are_forbidden_and_give_no_nan(backend):
    emissions, transitions, start, end = random_scores(8, 2, 4, 3)
    forbidden = transitions.masked_fill(~torch.tensor(GAPS.transitions), -math.inf)
    constraints = TransitionConstraints(GAPS.transitions, (True,) * 3, (True,) * 3)
    mask = torch.tensor([[True, True, True, True], [True, True, False, False]])
    labels = torch.zeros(2, 4, dtype=torch.long)
    results = []
    for table, allowed in ((forbidden, None), (transitions, constraints)):
        scores = [each.clone().requires_grad_() for each in (emissions, table, start, end)]
        e, t, s, n = scores
        loss = crf_log_likelihood(e, labels, t, s, n, mask, constraints=allowed, backend=backend).sum()
        loss.backward()
        results.append([loss.detach(), *(each.grad for each in scores)])
    for found, expected in zip(*results, strict=True):
        assert torch.isfinite(found).all()
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("backend", ["fast", "reference"])
@pytest.mark.parametrize("shape", [(0, 4), (3, 0), (0, 0)])
def test_batches_without_sentences_or_tokens_go_through_the_backward_pass(shape, backend):
    crf = LinearChainCRF(3, backend=backend)
    emissions = torch.zeros(*shape, 3, requires_grad=True)
    loss = crf(emissions, torch.zeros(shape, dtype=torch.long))
    assert loss.tolist() == [0.0] * shape[0]
    loss.sum().backward()
    assert present(emissions.grad).shape == (*shape, 3)
    assert crf.transitions.grad is None or (crf.transitions.grad == 0).all()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_mask_that_is_overwritten_before_the_backward_pass_is_noticed(name):
    emissions, *rest = leaves()
    mask = MASK.clone()
    value = FUNCTIONS[name](emissions, *rest, mask, constraints=GAPS)
    mask[0] = False
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        value.square().sum().backward()


def test_the_backward_pass_can_run_twice():
    crf = LinearChainCRF(4)
    emissions = torch.randn(3, 6, 4, requires_grad=True)
    loss = crf(emissions, torch.zeros(3, 6, dtype=torch.long)).sum()
    (first,) = torch.autograd.grad(loss, emissions, retain_graph=True)
    (second,) = torch.autograd.grad(loss, emissions)
    assert torch.equal(first, second)
