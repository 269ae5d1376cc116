import torch

from tagger.modules.softmax import SoftmaxDecoder
from tagger.schemes import LabelScheme, allowed_transitions


def test_without_constraints_it_is_a_softmax_per_token():
    torch.manual_seed(0)
    emissions, labels = torch.randn(3, 5, 4), torch.randint(4, (3, 5))
    decoder = SoftmaxDecoder(4)
    expected = torch.nn.functional.cross_entropy(emissions.flatten(0, 1), labels.flatten(), reduction="none")
    torch.testing.assert_close(decoder(emissions, labels), expected.view(3, 5).sum(1))
    torch.testing.assert_close(decoder.marginals(emissions), emissions.softmax(dim=2))
    assert decoder.decode(emissions) == emissions.argmax(dim=2).tolist()


def test_transition_scores_are_zero_and_never_learned():
    decoder = SoftmaxDecoder(3)
    decoder.reset_parameters()
    assert all(parameter.count_nonzero() == 0 for parameter in decoder.parameters())
    assert not any(parameter.requires_grad for parameter in decoder.parameters())
    emissions = torch.randn(2, 4, 3, requires_grad=True)
    decoder(emissions, torch.zeros(2, 4, dtype=torch.long)).sum().backward()
    assert all(parameter.grad is None for parameter in decoder.parameters())
    assert emissions.grad is not None


def test_with_constraints_what_is_decoded_is_legal():
    labels = ("O", "B-X", "I-X")
    decoder = SoftmaxDecoder(3, constraints=allowed_transitions(labels, LabelScheme.IOB2))
    emissions = torch.tensor([[[0.0, 0.5, 3.0], [1.0, 0.0, 2.0]]])  # greedily I-X I-X
    # B-X I-X 2.5; O O 1; O B-X 0; B-X O 1.5; B-X B-X 0.5
    assert decoder.decode(emissions) == [[1, 2]]
    scores = torch.tensor([2.5, 1.0, 0.0, 1.5, 0.5])
    expected = torch.log_softmax(scores, 0)[0]
    torch.testing.assert_close(decoder.log_likelihood(emissions, torch.tensor([[1, 2]])), expected.view(1))
