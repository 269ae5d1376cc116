"""LookedUpLstm: what the encoder computes from the vectors of words, it computes from their gates' inputs too."""

from __future__ import annotations

import copy

import pytest
import torch

from tagger.modules.looked_up_lstm import Gates
from tagger.modules.recurrent import RecurrentEncoder

LENGTHS = {
    "one word": [1],
    "equal lengths": [7, 7, 7],
    "padding, not in order": [0, 4, 9, 1, 9, 0, 2],
    "only empty ones": [0, 0],
    "no sentence": [],
    "many": list(range(40)),
}
STACKS = [
    {},
    {"bidirectional": False},
    {"learned_initial_state": True},
    {"num_layers": 2},
    {"num_layers": 3, "connections": "residual"},
    {"num_layers": 2, "connections": "highway", "bidirectional": False},
]
NUM_WORDS = 13


def encoder(*, scale=0.5, dtype=torch.float32, **options):
    torch.manual_seed(3)
    made = RecurrentEncoder(11, 33, **options).eval().to(dtype)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.uniform_(-scale, scale)
    made.keep_prepared_weights()
    return made


def words(lengths, *, dtype=torch.float32):
    """Return vectors ``[U, D]``, and the word of every token ``[B, T]``; at padding any."""
    generator = torch.Generator().manual_seed(1)
    vectors = torch.randn(NUM_WORDS, 11, generator=generator, dtype=torch.float64).to(dtype)
    return vectors, torch.randint(NUM_WORDS, (len(lengths), max(lengths, default=0)), generator=generator)


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
@pytest.mark.parametrize("stack", STACKS, ids=str)
def test_it_gives_what_the_encoder_gives(stack, lengths, mode):
    made = encoder(dtype=torch.float64, **stack)
    vectors, word_index = words(lengths, dtype=torch.float64)
    tokens = torch.tensor(lengths, dtype=torch.int64)
    with mode():
        expected = made(vectors[word_index], tokens)
        found = made.read_gates(Gates(made.gates(vectors)), word_index, tokens)
    torch.testing.assert_close(found, expected, atol=1e-12, rtol=0)
    padding = torch.arange(word_index.shape[1]) >= tokens[:, None]
    assert not found[padding].any()


@pytest.mark.parametrize("first", [1, 6, 12])
def test_words_may_lie_in_two_pieces(first):
    lengths = torch.tensor([9, 2, 0, 7])
    vectors, word_index = words([9, 2, 0, 7])
    made = encoder()
    with torch.no_grad():
        gates = made.gates(vectors)
        expected = made.read_gates(Gates(gates), word_index, lengths)
        found = made.read_gates(Gates(gates[:, :first], gates[:, first:]), word_index, lengths)
    assert torch.equal(found, expected)


@pytest.mark.parametrize("scale", [0.1, 1.0])
def test_single_precision_is_exact(scale):
    lengths = [30, 17, 1]
    vectors, word_index = words(lengths)
    exact = encoder(scale=scale, dtype=torch.float64)
    single = copy.deepcopy(exact).float()
    with torch.no_grad():
        expected = exact(vectors.double()[word_index], torch.tensor(lengths)).float()
        found = single.read_gates(Gates(single.gates(vectors)), word_index, torch.tensor(lengths))
    torch.testing.assert_close(found, expected, atol=2e-6, rtol=0)


@pytest.mark.parametrize("stack", STACKS, ids=str)
def test_lower_precision_rounds_products_alone(stack):
    lengths = torch.tensor([30, 17, 1])
    vectors, word_index = words([30, 17, 1])
    made = encoder(scale=0.2, **stack)
    with torch.no_grad():
        gates = Gates(made.gates(vectors))
        exact = made.read_gates(gates, word_index, lengths)
        found = made.read_gates(gates, word_index, lengths, dtype=torch.bfloat16)
    assert found.dtype == torch.float32
    assert not torch.equal(found, exact)
    torch.testing.assert_close(found, exact, atol=0.02, rtol=0)


@pytest.mark.parametrize("scale", [1e3, 1e30])
def test_monstrous_weights_saturate_the_gates(scale):
    vectors, word_index = words([30, 17, 1])
    made = encoder(scale=scale)
    with torch.no_grad():
        found = made.read_gates(Gates(made.gates(vectors)), word_index, torch.tensor([30, 17, 1]))
    assert found.isfinite().all()
    assert found.abs().max() <= 1


def test_changed_weights_are_prepared_again_and_copies_prepare_their_own():
    lengths = torch.tensor([5, 3])
    vectors, word_index = words([5, 3])
    made = encoder()
    made.gates(vectors)
    copied = copy.deepcopy(made)
    for changed in (made, copied):
        for name in ("input_weights", "recurrent_weights", "bias"):
            with torch.no_grad():
                getattr(changed.layers[0], name).mul_(0.5)
                expected = changed(vectors[word_index], lengths)
                found = changed.read_gates(Gates(changed.gates(vectors)), word_index, lengths)
            torch.testing.assert_close(found, expected, atol=1e-6, rtol=0)


def test_copies_begin_empty():
    made = encoder()
    made.gates(words([5])[0])
    assert made.layers[0]._looked_up._scaled is not None
    assert copy.deepcopy(made).layers[0]._looked_up._scaled is None


def test_it_is_for_large_batches_of_lstms_that_only_tag():
    prepared = RecurrentEncoder(150, 200)
    assert not prepared.looks_up(num_sentences=1000)
    prepared.keep_prepared_weights()
    assert prepared.looks_up(num_sentences=100)
    assert not prepared.looks_up(num_sentences=10)
    assert not prepared.to(torch.bfloat16).looks_up(num_sentences=1000)
    assert not prepared.to("meta", torch.float32).looks_up(num_sentences=1000)
    others = [{"cell": "gru"}, {"cell": "lstm_peephole"}, {"cells_per_block": 2}]
    for options in (*others, {"num_layers": 2, "connections": "skip"}):
        other = RecurrentEncoder(150, 200, **options)
        other.keep_prepared_weights()
        assert not other.looks_up(num_sentences=1000)
    wide, large = RecurrentEncoder(330, 200), RecurrentEncoder(100, 512)
    for each in (wide, large):
        each.keep_prepared_weights()
    assert wide.looks_up(num_sentences=20)
    assert not large.looks_up(num_sentences=1000)


def test_skip_connections_need_the_vectors():
    made = encoder(num_layers=2, connections="skip")
    vectors, word_index = words([3])
    with pytest.raises(
        ValueError, match="expected other than skip connections: gates do not tell what the layers above"
    ):
        made.read_gates(Gates(made.gates(vectors)), word_index, torch.tensor([3]))


def test_the_default_device_does_not_matter():
    made = encoder()
    vectors, word_index = words([5, 3])
    lengths = torch.tensor([5, 3])
    expected = made.read_gates(Gates(made.gates(vectors)), word_index, lengths)
    with torch.device("meta"):
        found = made.read_gates(Gates(made.gates(vectors)), word_index, lengths)
    assert torch.equal(found, expected)
