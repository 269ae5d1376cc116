"""The cross-entropy to another distribution equals its definition over all labellings, and so do its gradients."""

import itertools

import pytest
import torch
from crf_oracles import GAPS, enumerate_paths
from torch import nn

from tagger.modules.crf import LinearChainCRF

LENGTHS = (4, 1, 3, 0)


def random_layer(seed, constraints, *, backend="auto"):
    """A CRF of three labels with scores that differ."""
    torch.manual_seed(seed)
    layer = LinearChainCRF(3, constraints=constraints, backend=backend)
    for parameter in layer.parameters():
        nn.init.normal_(parameter)
    return layer.double()


def batch(seed):
    """Emissions of four sentences, and which of them are real."""
    torch.manual_seed(seed)
    mask = torch.arange(4) < torch.tensor(LENGTHS)[:, None]
    return torch.randn(4, 4, 3, dtype=torch.float64), mask


def counts(layer, emissions, mask):
    """The counts that a layer expects, for another to learn."""
    with torch.no_grad():
        return layer.marginals(emissions, mask), layer.pairwise_marginals(emissions, mask).sum(dim=1)


def enumerated(layer, emissions, length):
    transitions, start, end = (table.detach().numpy() for table in layer._scores())
    sentence = emissions[:length].detach().numpy()
    return enumerate_paths(sentence, transitions, start, end, constraints=layer.constraints)


@pytest.mark.parametrize("backend", ["fast", "reference"])
@pytest.mark.parametrize("constraints", [None, GAPS])
def test_it_is_the_mean_negative_log_likelihood_over_all_labellings(constraints, backend):
    teacher, student = (random_layer(seed, constraints, backend=backend) for seed in (1, 2))
    of_teacher, mask = batch(3)
    of_student, _ = batch(4)
    found = student.cross_entropy(of_student, *counts(teacher, of_teacher, mask), mask)
    for row, length in enumerate(LENGTHS):
        drawn = enumerated(teacher, of_teacher[row], length)
        own = enumerated(student, of_student[row], length)
        log_probability = {path: score - own.log_z for path, score in zip(own.paths, own.scores, strict=True)}
        expected = -sum(
            probability * log_probability[path]
            for path, probability in zip(drawn.paths, drawn.probabilities(), strict=True)
        )
        assert found[row].item() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("constraints", [None, GAPS])
def test_the_gradient_is_the_difference_of_counts(constraints):
    teacher, student = random_layer(1, constraints), random_layer(2, constraints)
    of_teacher, mask = batch(3)
    of_student, _ = batch(4)
    of_student.requires_grad_()
    nodes, pairs = counts(teacher, of_teacher, mask)
    student.cross_entropy(of_student, nodes, pairs, mask).sum().backward()
    own_nodes, own_pairs = counts(student, of_student, mask)
    torch.testing.assert_close(of_student.grad, own_nodes - nodes)
    torch.testing.assert_close(student.transitions.grad, (own_pairs - pairs).sum(dim=0))
    assert torch.autograd.gradcheck(
        lambda scores: student.cross_entropy(scores, nodes, pairs, mask), of_student
    )


def test_with_the_counts_of_labels_it_is_their_loss():
    layer = random_layer(1, GAPS)
    emissions, mask = batch(2)
    labels = torch.tensor([[0, 2, 1, 1], [0, 0, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0]])
    nodes = nn.functional.one_hot(labels, 3).double()
    pairs = torch.zeros(4, 3, 3, dtype=torch.float64)
    for row, length in enumerate(LENGTHS):
        for before, after in itertools.pairwise(labels[row, :length].tolist()):
            pairs[row, before, after] += 1
    for constrained in (True, False):
        torch.testing.assert_close(
            layer.cross_entropy(emissions, nodes, pairs, mask, constrained=constrained),
            layer.loss(emissions, labels, mask, constrained=constrained),
        )


def test_it_is_least_at_the_distribution_itself_and_then_its_entropy():
    layer = random_layer(1, GAPS)
    emissions, mask = batch(2)
    nodes, pairs = counts(layer, emissions, mask)
    own = layer.cross_entropy(emissions, nodes, pairs, mask)
    torch.testing.assert_close(own, layer.entropy(emissions, mask))
    for seed in range(20):
        other, _ = batch(10 + seed)
        assert (layer.cross_entropy(other, nodes, pairs, mask) >= own - 1e-12).all()


def test_padding_is_never_read():
    layer = random_layer(1, None)
    emissions, mask = batch(2)
    nodes, pairs = counts(layer, emissions, mask)
    expected = layer.cross_entropy(emissions, nodes, pairs, mask)
    emissions[~mask], nodes[~mask] = float("nan"), float("nan")
    torch.testing.assert_close(layer.cross_entropy(emissions, nodes, pairs, mask), expected)
