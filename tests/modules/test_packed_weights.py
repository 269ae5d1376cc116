"""PackedWeights: the same numbers as without them, whatever happens to the weights."""

from __future__ import annotations

import copy

import pytest
import torch

from tagger.modules import packed_weights
from tagger.modules.packed_weights import PackedWeights
from tagger.modules.recurrent import RecurrentEncoder

LENGTHS = {
    "one sentence": [20],
    "one word": [1],
    "equal lengths": [7, 7, 7],
    "padding": [9, 1, 0, 4],
    "many": list(range(40)),
}


def encoders(**options):
    """Two with the same weights, one of which keeps them packed."""
    torch.manual_seed(3)
    plain = RecurrentEncoder(11, 33, **options).eval()
    with torch.no_grad():
        for parameter in plain.parameters():
            parameter.uniform_(-0.5, 0.5)
    packing = copy.deepcopy(plain)
    packing.keep_prepared_weights()
    return plain, packing


def batch(lengths):
    inputs = torch.randn(len(lengths), max(lengths), 11, generator=torch.Generator().manual_seed(1))
    return inputs, torch.tensor(lengths)


@pytest.fixture
def packed(monkeypatch):
    """How often weights were packed."""
    calls = []
    pack = PackedWeights._pack
    monkeypatch.setattr(
        PackedWeights, "_pack", staticmethod(lambda *weights: calls.append(1) or pack(*weights))
    )
    return calls


needs_operator = pytest.mark.skipif(not packed_weights._CAN_PACK, reason="this torch cannot pack weights")


@needs_operator
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"bidirectional": False},
        {"learned_initial_state": True},
        {"num_layers": 2, "connections": "skip"},
    ],
    ids=str,
)
def test_packed_weights_give_the_same_bits(options, lengths, mode, packed):
    plain, packing = encoders(**options)
    with mode():
        for _ in range(2):
            assert torch.equal(packing(*batch(lengths)), plain(*batch(lengths)))
    assert len(packed) == sum(len(layer.directions) for layer in plain.layers)  # once, not in every call


@needs_operator
@pytest.mark.parametrize("name", ["input_weights", "recurrent_weights", "bias"])
@pytest.mark.parametrize("way", ["in place", "replaced", "loaded", "by an optimiser"])
def test_changed_weights_are_packed_again(name, way):
    plain, packing = encoders()
    inputs, lengths = batch([5])
    with torch.no_grad():
        before = packing(inputs, lengths)
    weights = getattr(packing.layers[0], name)
    if way == "by an optimiser":
        weights.grad = torch.ones_like(weights)
        torch.optim.Adam([weights], lr=0.1).step()
    with torch.no_grad():
        if way == "in place":
            weights.mul_(0.5)
        elif way == "replaced":
            setattr(packing.layers[0], name, torch.nn.Parameter(weights * 0.5))
        elif way == "loaded":
            state = {key: value * 0.5 for key, value in packing.state_dict().items()}
            packing.load_state_dict(state)
        plain.load_state_dict(packing.state_dict())
        after = packing(inputs, lengths)
        assert not torch.equal(after, before)
        assert torch.equal(after, plain(inputs, lengths))


@needs_operator
def test_a_copy_packs_its_own_weights():
    plain, packing = encoders()
    inputs, lengths = batch([5, 3])
    with torch.no_grad():
        packing(inputs, lengths)
        copied = copy.deepcopy(packing)
        for parameter in copied.parameters():
            parameter.mul_(0.5)
        assert torch.equal(packing(inputs, lengths), plain(inputs, lengths))
        assert not torch.equal(copied(inputs, lengths), plain(inputs, lengths))


@needs_operator
def test_gradients_other_precisions_and_torch_without_onednn_do_without(packed, monkeypatch):
    plain, packing = encoders()
    inputs, lengths = batch([5, 3])
    packing(inputs, lengths).sum().backward()
    assert packing.layers[0].bias.grad is not None
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(packing(inputs, lengths), plain(inputs, lengths))
    with monkeypatch.context() as patch, torch.no_grad():
        patch.setattr(torch.backends.mkldnn, "enabled", False)
        assert torch.equal(packing(inputs, lengths), plain(inputs, lengths))
    with torch.no_grad():
        double = copy.deepcopy(packing).double()
        assert torch.equal(
            double(inputs.double(), lengths), copy.deepcopy(plain).double()(inputs.double(), lengths)
        )
    assert packed == []


@pytest.mark.parametrize("cell", ["gru", "lstm_peephole"])
def test_other_cells_have_nothing_to_pack(cell, packed):
    plain, packing = encoders(cell=cell)
    with torch.no_grad():
        assert torch.equal(packing(*batch([5, 3])), plain(*batch([5, 3])))
    assert packed == []
