"""Tests of tagger/modules/recurrent.py."""

import pytest
import torch

from tagger.modules.recurrent import RecurrentEncoder


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(3)
    return torch.randn(4, 6, 5, generator=generator), torch.tensor([6, 1, 0, 3])


def test_a_sentence_alone_gets_the_same_numbers_as_in_a_batch(batch):
    inputs, lengths = batch
    encoder = RecurrentEncoder(5, 4, num_layers=2)
    together = encoder(inputs, lengths)
    for row, length in enumerate(lengths.tolist()):
        alone = encoder(inputs[row : row + 1, :length], lengths[row : row + 1])
        torch.testing.assert_close(alone[0], together[row, :length], atol=1e-6, rtol=0)


def test_garbage_in_padding_changes_neither_outputs_nor_gradients(batch):
    inputs, lengths = batch
    garbage = inputs.masked_fill((torch.arange(6) >= lengths[:, None])[:, :, None], float("nan"))
    encoder = RecurrentEncoder(5, 4, num_layers=2)
    gradients = []
    outputs = []
    for version in (inputs, garbage):
        outputs.append(encoder(version, lengths))
        encoder.zero_grad()
        outputs[-1].square().sum().backward()
        gradients.append([parameter.grad for parameter in encoder.parameters()])
    assert torch.equal(outputs[0], outputs[1])
    for clean, dirty in zip(*gradients, strict=True):
        assert torch.equal(clean, dirty)
