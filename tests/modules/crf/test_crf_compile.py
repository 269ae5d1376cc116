"""torch.compile of the CRF over a linear layer."""

import pytest
import torch
from torch._dynamo.testing import CompileCounterWithBackend

from tagger.modules.crf import LinearChainCRF
from tagger.schemes import LabelScheme, allowed_transitions


@pytest.mark.slow
def test_the_loss_compiles_as_one_graph_and_not_again_for_each_length():
    torch.manual_seed(0)
    constraints = allowed_transitions(("O", "B-A", "I-A"), LabelScheme.IOB2)
    linear, crf = torch.nn.Linear(4, 3), LinearChainCRF(3, constraints=constraints)
    counter = CompileCounterWithBackend("aot_eager")

    def loss(inputs, labels, mask):
        return crf(linear(inputs), labels, mask).mean()

    torch._dynamo.reset()
    compiled = torch.compile(loss, fullgraph=True, backend=counter)
    parameters = [*linear.parameters(), *crf.parameters()]
    for length in (5, 8, 13, 2, 30):
        inputs, labels = torch.randn(3, length, 4), torch.zeros(3, length, dtype=torch.long)
        mask = torch.rand(3, length) < 0.8
        mask[:, 0] = True
        results = []
        for function in (compiled, loss):
            value = function(inputs, labels, mask)
            results.append([value, *torch.autograd.grad(value, parameters)])
        for found, expected in zip(*results, strict=True):
            torch.testing.assert_close(found, expected)
    # one graph for the first length, one for every other
    assert counter.frame_count == 2


def test_the_operators_declare_what_they_do():
    crf = LinearChainCRF(3).double()
    emissions = torch.randn(2, 4, 3, dtype=torch.double, requires_grad=True)
    mask = torch.tensor([[True, True, False, True], [True, False, False, False]])
    labels = torch.tensor([[0, 1, -100, 2], [1, -100, -100, -100]])
    scores = [parameter.detach().requires_grad_() for parameter in crf.parameters()]
    torch.library.opcheck(
        torch.ops.tagger.crf_log_likelihood,
        (emissions, *scores, mask, None, None, None, labels, None, True),
        test_utils=("test_schema", "test_autograd_registration", "test_faketensor"),
    )
