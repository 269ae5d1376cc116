"""Tests of tagger/modules/recurrent/stack.py: stacks of layers, padding, options, traces."""

import copy
from typing import Any

import pytest
import rnn_oracles
import torch

from tagger.errors import UsageError
from tagger.modules.dropout import LockedDropout
from tagger.modules.recurrent import CONNECTIONS, RecurrentEncoder
from tagger.modules.recurrent.cells import CELLS
from tagger.modules.recurrent.reversal import Reversal

STACKS = [
    {"num_layers": 1},
    {"num_layers": 1, "bidirectional": False},
    *({"num_layers": 3, "connections": connections} for connections in CONNECTIONS),
    {"num_layers": 2, "connections": "skip", "bidirectional": False},
    {"num_layers": 2, "connections": "highway", "learned_initial_state": True},
]


def make_encoder(*, dtype=torch.float32, seed=5, **options):
    """Return an encoder in evaluation mode in which no parameter has a special value such as 0 or 1."""
    generator = torch.Generator().manual_seed(seed)
    encoder = RecurrentEncoder(3, 4, **options).to(dtype).eval()
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    return encoder


def make_batch(dtype=torch.float32):
    """Return four sentences ``[4, 6, 3]`` of 6, 1, 0 and 4 tokens, and the lengths."""
    inputs = torch.randn(4, 6, 3, generator=torch.Generator().manual_seed(11), dtype=torch.float64)
    return inputs.to(dtype), torch.tensor([6, 1, 0, 4])


def padding_of(lengths, num_tokens):
    return (torch.arange(num_tokens) >= lengths[:, None]).unsqueeze(2)


@pytest.mark.parametrize("stack", STACKS, ids=str)
@pytest.mark.parametrize("cell", ["lstm", "gru", "lstm_layer_norm"])
def test_stack_equals_the_slow_oracle(cell, stack):
    encoder = make_encoder(cell=cell, dtype=torch.float64, **stack)
    inputs, lengths = make_batch(torch.float64)
    outputs = encoder(inputs, lengths)
    assert outputs.shape == (4, 6, encoder.output_dim)
    for row, length in enumerate(lengths.tolist()):
        if length:
            expected = torch.from_numpy(rnn_oracles.read_stack(encoder, inputs[row, :length].numpy()))
            torch.testing.assert_close(outputs[row, :length], expected, atol=1e-10, rtol=0)
        assert torch.equal(outputs[row, length:], torch.zeros_like(outputs[row, length:]))


@pytest.mark.parametrize("connections", CONNECTIONS)
@pytest.mark.parametrize("cell", list(CELLS))
def test_padding_order_and_batch_mates_change_nothing(cell, connections):
    encoder = make_encoder(cell=cell, num_layers=2, connections=connections)
    inputs, lengths = make_batch()
    together = encoder(inputs, lengths)
    order = torch.tensor([3, 2, 0, 1])
    torch.testing.assert_close(encoder(inputs[order], lengths[order]), together[order], atol=1e-6, rtol=0)
    longer = torch.nn.functional.pad(inputs, (0, 0, 0, 5), value=1e3)
    torch.testing.assert_close(encoder(longer, lengths)[:, :6], together, atol=1e-6, rtol=0)
    for row, length in enumerate(lengths.tolist()):
        alone = encoder(inputs[row : row + 1, :length], lengths[row : row + 1])
        torch.testing.assert_close(alone[0], together[row, :length], atol=1e-6, rtol=0)


@pytest.mark.parametrize("garbage", [float("nan"), float("inf")])
@pytest.mark.parametrize("cell", list(CELLS))
def test_garbage_in_padding_changes_neither_outputs_nor_gradients(cell, garbage):
    encoder = make_encoder(cell=cell, num_layers=2, connections="skip")
    inputs, lengths = make_batch()
    padding = padding_of(lengths, 6)
    results = []
    for version in (inputs, inputs.masked_fill(padding, garbage)):
        leaf = version.clone().requires_grad_()
        outputs = encoder(leaf, lengths)
        results.append([outputs, *torch.autograd.grad(outputs.square().sum(), [leaf, *encoder.parameters()])])
    for clean, dirty in zip(*results, strict=True):
        assert torch.equal(clean, dirty)
    d_inputs = results[1][1]
    assert torch.equal(d_inputs.masked_select(padding), torch.zeros(int(padding.sum()) * 3))
    assert d_inputs.abs().amax(dim=2).masked_select(~padding[..., 0]).min() > 0


@pytest.mark.parametrize("cell", list(CELLS))
def test_both_directions_equal_two_encoders_of_one(cell):
    both = make_encoder(cell=cell, dtype=torch.float64)
    inputs, lengths = make_batch(torch.float64)
    outputs = both(inputs, lengths)
    for number in range(2):
        single = RecurrentEncoder(3, 4, cell=cell, bidirectional=False).double()
        single.load_state_dict(
            {name: value[number : number + 1] for name, value in both.state_dict().items()}
        )
        for row, length in enumerate(lengths.tolist()):
            sentence = inputs[row : row + 1, :length]
            read = single(sentence.flip(1) if number else sentence, lengths[row : row + 1])
            expected = read.flip(1) if number else read
            found = outputs[row : row + 1, :length, 4 * number : 4 * number + 4]
            torch.testing.assert_close(found, expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("connections", CONNECTIONS)
@pytest.mark.parametrize("cell", list(CELLS))
def test_trace_equals_the_outputs_in_every_layer_and_direction(cell, connections):
    encoder = make_encoder(
        cell=cell, num_layers=2, connections=connections, dropout=0.5, recurrent_dropout=0.5
    ).train()
    inputs, lengths = make_batch()
    seen = []
    for layer in encoder.layers:
        layer.register_forward_hook(lambda layer, arguments, output: seen.append(output))
    traces = encoder.trace(inputs, lengths)
    assert seen == []
    outputs = encoder.eval()(inputs, lengths)
    assert len(traces) == len(seen) == 2
    padding = padding_of(lengths, 6)
    for trace, output in zip(traces, seen, strict=True):
        assert list(trace) == ["forward", "backward"]
        hidden = torch.cat([trace["forward"]["hidden"], trace["backward"]["hidden"]], dim=2)
        torch.testing.assert_close(hidden, output.masked_fill(padding, 0.0), atol=1e-6, rtol=0)
        for values in (*trace["forward"].values(), *trace["backward"].values()):
            assert not values.requires_grad
            assert torch.equal(values, values.masked_fill(padding, 0.0))
    if connections == "plain":
        torch.testing.assert_close(hidden, outputs, atol=1e-6, rtol=0)


@pytest.mark.parametrize("cell", list(CELLS))
@pytest.mark.parametrize(("num_sentences", "num_tokens"), [(0, 5), (3, 0), (0, 0)])
def test_empty_batches_give_empty_outputs_and_traces(cell, num_sentences, num_tokens):
    encoder = make_encoder(cell=cell, num_layers=2, connections="skip")
    lengths = torch.zeros(num_sentences, dtype=torch.int64)
    inputs = torch.zeros(num_sentences, num_tokens, 3)
    assert encoder(inputs, lengths).shape == (num_sentences, num_tokens, 16)
    for trace in encoder.trace(inputs, lengths):
        assert trace["backward"]["hidden"].shape == (num_sentences, num_tokens, 4)


def test_a_batch_of_nothing_but_empty_sentences_gives_zeros():
    encoder = make_encoder(num_layers=2)
    outputs = encoder(torch.full((2, 3, 3), float("nan")), torch.tensor([0, 0]))
    assert torch.equal(outputs, torch.zeros(2, 3, 8))


def test_state_dict_survives_a_round_trip_and_has_documented_shapes():
    options: dict[str, Any] = {
        "cell": "lstm_peephole",
        "num_layers": 2,
        "connections": "highway",
        "cells_per_block": 2,
        "learned_initial_state": True,
    }
    encoder = make_encoder(**options)
    state = encoder.state_dict()
    shapes = {name: tuple(value.shape) for name, value in state.items() if not name.startswith("layers.0")}
    assert shapes == {
        "layers.1.input_weights": (2, 10, 8),
        "layers.1.recurrent_weights": (2, 10, 4),
        "layers.1.bias": (2, 10),
        "layers.1.own.input_peephole": (2, 4),
        "layers.1.own.forget_peephole": (2, 4),
        "layers.1.own.output_peephole": (2, 4),
        "layers.1.initial_state": (2, 2, 4),
        "transform_gates.0.weight": (8, 8),
        "transform_gates.0.bias": (8,),
    }
    fresh = RecurrentEncoder(3, 4, **options)
    fresh.load_state_dict(state)
    inputs, lengths = make_batch()
    assert torch.equal(fresh(inputs, lengths), encoder(inputs, lengths))


@pytest.mark.parametrize("cell", list(CELLS))
def test_a_deep_copy_gives_the_same_numbers_and_shares_no_weights(cell):
    encoder = make_encoder(cell=cell, num_layers=2, learned_initial_state=True)
    inputs, lengths = make_batch()
    expected = encoder(inputs, lengths)
    copied = copy.deepcopy(encoder)
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.zero_()
    assert torch.equal(copied(inputs, lengths), expected)


@pytest.mark.parametrize("connections", CONNECTIONS)
@pytest.mark.parametrize("cell", list(CELLS))
def test_every_parameter_gets_a_gradient(cell, connections):
    encoder = make_encoder(
        cell=cell, num_layers=2, connections=connections, learned_initial_state=True, recurrent_dropout=0.1
    ).train()
    inputs, lengths = make_batch()
    encoder(inputs, lengths).square().sum().backward()
    for name, parameter in encoder.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_dropout_between_layers_acts_in_training_only():
    inputs, lengths = make_batch()
    encoder = make_encoder(num_layers=2, dropout=0.5)
    plain = make_encoder(num_layers=2)
    assert torch.equal(encoder(inputs, lengths), plain(inputs, lengths))
    encoder.train()
    assert not torch.equal(encoder(inputs, lengths), encoder(inputs, lengths))


def test_reversal_and_its_way_back_pass_gradcheck():
    reversal = Reversal(torch.tensor([3, 0, 2]), num_tokens=4)
    weights = torch.arange(24, dtype=torch.float64).view(4, 3, 2)
    words = torch.randn(
        3, 4, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64
    ).requires_grad_()

    def there_and_back(words):
        return reversal.to_words(reversal.to_steps(words).square() * weights)

    assert torch.autograd.gradcheck(there_and_back, words)
    assert torch.autograd.gradgradcheck(there_and_back, words)


def test_arguments_are_not_changed():
    encoder = make_encoder(num_layers=2, connections="residual")
    inputs, lengths = make_batch()
    before = inputs.clone(), lengths.clone()
    encoder(inputs, lengths)
    encoder.trace(inputs, lengths)
    assert torch.equal(inputs, before[0])
    assert torch.equal(lengths, before[1])


def test_inference_mode_gives_the_same_numbers():
    inputs, lengths = make_batch()
    for cell in CELLS:
        encoder = make_encoder(cell=cell, num_layers=2, dropout=0.5, recurrent_dropout=0.5)
        with torch.inference_mode():
            found = encoder(inputs, lengths)
        torch.testing.assert_close(found, encoder(inputs, lengths), atol=1e-6, rtol=0)


def test_locked_dropout_zeroes_a_feature_of_a_sentence_everywhere_or_nowhere():
    torch.manual_seed(0)
    dropout = LockedDropout(0.25)
    outputs = dropout(torch.ones(200, 3, 50))
    assert torch.equal(outputs, outputs[:, :1].expand(-1, 3, -1))
    assert set(outputs.unique().tolist()) == {0.0, torch.tensor(1 / 0.75).item()}
    assert abs((outputs == 0).float().mean().item() - 0.25) < 0.02
    assert not torch.equal(outputs[0], outputs[1])


def test_locked_dropout_hands_the_input_itself_on_outside_of_training():
    inputs = torch.ones(2, 3, 4)
    assert LockedDropout(0.5).eval()(inputs) is inputs
    assert LockedDropout(0.0)(inputs) is inputs


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cell": "lstmm"}, r"unknown cell 'lstmm'; the cells are: rnn, lstm, lstm_no_forget, .*, gru"),
        ({"input_dim": 0}, "input_dim must be at least 1, found 0"),
        ({"num_layers": 0}, "num_layers must be at least 1, found 0"),
        (
            {"num_layers": 2, "connections": "dense"},
            "unknown connections 'dense'; choose one of: plain, residual, highway, skip",
        ),
        ({"connections": "highway"}, "connections='highway' join layers, but num_layers is 1"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1, found 1.0"),
        ({"recurrent_dropout": -0.1}, "recurrent_dropout must be at least 0 and below 1, found -0.1"),
        ({"cell": "rnn", "cells_per_block": 2}, "cells_per_block=2 does not apply to the cell 'rnn'.*"),
        ({"cells_per_block": 3}, "hidden_dim=4 is not divisible by cells_per_block=3"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    arguments = {"input_dim": 3, "hidden_dim": 4, **options}
    with pytest.raises(UsageError, match=f"^{message}$"):
        RecurrentEncoder(**arguments)


@pytest.mark.parametrize(
    ("shape", "lengths", "message"),
    [
        ((2, 5, 4), [1, 1], r"inputs: expected shape \(B, T, 3\), found \(2, 5, 4\)"),
        ((2, 3), [1, 1], r"inputs: expected shape \(B, T, 3\), found \(2, 3\)"),
        ((2, 5, 3), [1, 1, 1], r"lengths: expected shape \(2,\), found \(3,\)"),
        ((2, 5, 3), [6, 1], "lengths: expected values from 0 to 5, found 1 to 6"),
        ((2, 5, 3), [-1, 1], "lengths: expected values from 0 to 5, found -1 to 1"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(shape, lengths, message):
    encoder = make_encoder()
    for method in (encoder, encoder.trace):
        with pytest.raises(ValueError, match=f"^{message}$"):
            method(torch.zeros(shape), torch.tensor(lengths))


@pytest.mark.parametrize("cell", CELLS)
def test_sentences_without_padding_read_the_same_beside_one_with_padding(cell):
    torch.manual_seed(0)
    encoder = RecurrentEncoder(3, 4, cell=cell, num_layers=2).double().eval()
    inputs, lengths = torch.randn(5, 6, 3, dtype=torch.double), torch.tensor([6, 6, 6, 6, 4])
    inputs.requires_grad_()
    weights = torch.randn(4, 6, 8, dtype=torch.double)
    results = []
    for rows in (slice(0, 4), slice(0, 5)):
        outputs = encoder(inputs[rows], lengths[rows])[:4]
        results.append((outputs, torch.autograd.grad((outputs * weights).sum(), inputs)[0]))
    for alone, beside in zip(*results, strict=True):
        torch.testing.assert_close(alone, beside)


def test_no_padding_needs_no_look_up_to_be_reversed():
    values, lengths = torch.randn(3, 5, 2), torch.full((3,), 5)
    known, found = Reversal(lengths, num_tokens=5, no_padding=True), Reversal(lengths, num_tokens=5)
    assert torch.equal(known.to_steps(values), found.to_steps(values))
    assert torch.equal(known.to_words(known.to_steps(values)), values)


@pytest.mark.parametrize("lengths", [(6, 1, 0, 4), (6, 6, 6, 6)])
@pytest.mark.parametrize("recurrent_dropout", [0.0, 0.5])
@pytest.mark.parametrize("stack", STACKS, ids=str)
@pytest.mark.parametrize("cell", ["lstm", "gru", "lstm_layer_norm"])
def test_columns_that_are_left_out_count_as_zero(cell, stack, recurrent_dropout, lengths):
    encoder = make_encoder(cell=cell, dtype=torch.float64, recurrent_dropout=recurrent_dropout, **stack)
    encoder.train()
    inputs, columns, lengths = make_batch(torch.float64)[0], torch.tensor([0, 2]), torch.tensor(lengths)
    with_zeros = inputs.clone()
    with_zeros[:, :, 1] = 0.0
    results = []
    for leaf, *which in ((with_zeros,), (inputs[:, :, columns].clone(), columns)):
        torch.manual_seed(1)
        leaf.requires_grad_()
        outputs = encoder(leaf, lengths, *which)
        leaves = [leaf, *encoder.parameters()]
        results.append((outputs, *torch.autograd.grad(outputs.square().sum(), leaves)))
    outputs, d_inputs, *d_parameters = results[0]
    for expected, found in zip((outputs, d_inputs[:, :, columns], *d_parameters), results[1], strict=True):
        torch.testing.assert_close(found, expected, atol=1e-12, rtol=0)


def test_columns_that_the_inputs_do_not_have_are_refused():
    encoder = make_encoder()
    inputs, lengths = make_batch()
    with pytest.raises(ValueError, match=r"inputs: expected shape \(B, T, 2\), found \(4, 6, 3\)"):
        encoder(inputs, lengths, torch.tensor([0, 2]))
