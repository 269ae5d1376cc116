"""ChainPosterior: what the methods of the layer give one by one, from a single pass."""

import math
from itertools import pairwise

import pytest
import torch
from crf_oracles import GAPS

from tagger.modules.crf import LinearChainCRF


@pytest.mark.parametrize("scale", [1.0, 300.0], ids=["scaled", "log space"])
@pytest.mark.parametrize("constraints", [None, GAPS], ids=["free", "constrained"])
def test_it_agrees_with_the_layer(constraints, scale):
    torch.manual_seed(0)
    crf = LinearChainCRF(3, constraints=constraints)
    torch.nn.init.normal_(crf.transitions)
    emissions = torch.randn(6, 8, 3) * scale
    mask = torch.rand(6, 8) < 0.7
    mask[0], mask[1] = True, False
    emissions[~mask] = math.nan
    labels = crf.viterbi_decode(emissions, mask)[0]
    posterior, exact = crf.posterior(emissions, mask), emissions.double()
    torch.testing.assert_close(posterior.nodes, crf.marginals(exact, mask))
    torch.testing.assert_close(
        posterior.log_probability(labels), crf.log_likelihood(exact, labels, mask).detach()
    )
    pairs = crf.pairwise_marginals(exact, mask).detach()
    torch.testing.assert_close(posterior.repeats(), pairs.diagonal(dim1=2, dim2=3), rtol=1e-7, atol=1e-12)
    from_labels = torch.zeros(6, 7, 3, dtype=torch.double)
    for row in range(6):
        positions = mask[row].nonzero()[:, 0].tolist()
        for before, position in pairwise(positions):
            from_labels[row, position - 1] = pairs[row, position - 1, labels[row, before]]
    torch.testing.assert_close(posterior.pairs_from(labels), from_labels, rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("shape", [(0, 0), (0, 4), (3, 0), (2, 1)])
def test_batches_without_pairs_have_none(shape):
    posterior = LinearChainCRF(3).posterior(torch.zeros(*shape, 3), torch.zeros(shape, dtype=torch.bool))
    labels = torch.full(shape, -100)
    assert posterior.nodes.shape == (*shape, 3)
    assert posterior.log_probability(labels).tolist() == [0.0] * shape[0]
    assert (
        posterior.pairs_from(labels).shape == posterior.repeats().shape == (shape[0], max(shape[1] - 1, 0), 3)
    )


def test_labels_that_do_not_exist_are_an_error():
    posterior = LinearChainCRF(3).posterior(torch.zeros(1, 2, 3))
    with pytest.raises(
        ValueError, match=r"labels: expected 0 to 2 at real positions, found 3 at sentence 0, position 1"
    ):
        posterior.pairs_from(torch.tensor([[0, 3]]))
    with pytest.raises(ValueError, match=r"labels: expected shape \(1, 2\), found \(1, 3\)"):
        posterior.log_probability(torch.zeros(1, 3, dtype=torch.long))
