"""Tests of the cells, scan.py and layer.py in PyTorch: each cell against slow oracles and torch's own."""

import copy

import pytest
import rnn_oracles
import torch

from tagger.errors import UsageError
from tagger.modules.recurrent.cells import CELLS, build_cell
from tagger.modules.recurrent.layer import RecurrentLayer
from tagger.modules.recurrent.reversal import Reversal
from tagger.modules.recurrent.scan import scan, steps

LSTM_FAMILY = [name for name in CELLS if name.startswith("lstm")]
VARIANTS = [(name, 1) for name in CELLS] + [(name, blocks) for name in LSTM_FAMILY for blocks in (2, 4)]
TOLERANCES = [(torch.float32, 1e-5), (torch.float64, 1e-10)]
GATES = {
    "rnn": set(),
    "gru": {"reset", "update", "candidate"},
    "lstm": {"input", "forget", "output", "candidate"},
    "lstm_no_forget": {"input", "output", "candidate"},
    "lstm_peephole": {"input", "forget", "output", "candidate"},
    "lstm_coupled": {"input", "forget", "output", "candidate"},
    "lstm_layer_norm": {"input", "forget", "output", "candidate"},
}


def make_layer(cell, *, dtype=torch.float32, seed=5, input_dim=3, hidden_dim=4, **options):
    """Return a layer in which no parameter has a special value such as 0 or 1."""
    generator = torch.Generator().manual_seed(seed)
    layer = RecurrentLayer(input_dim, hidden_dim, cell=cell, **options).to(dtype)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    return layer


def make_batch(dtype=torch.float32):
    """Return three sentences ``[3, 6, 3]``, their lengths and their reversal."""
    generator = torch.Generator().manual_seed(11)
    inputs = torch.randn(3, 6, 3, generator=generator, dtype=torch.float64).to(dtype)
    lengths = torch.tensor([6, 1, 4])
    return inputs, lengths, Reversal(lengths, num_tokens=6)


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES, ids=["float32", "float64"])
@pytest.mark.parametrize("learned", [False, True], ids=["zero_state", "learned_state"])
@pytest.mark.parametrize(("cell", "cells_per_block"), VARIANTS)
def test_cell_equals_the_slow_oracle(cell, cells_per_block, learned, dtype, tolerance):
    layer = make_layer(cell, dtype=dtype, cells_per_block=cells_per_block, learned_initial_state=learned)
    inputs, lengths, reversal = make_batch(dtype)
    outputs = layer(inputs, reversal)
    assert outputs.dtype == dtype
    for row, length in enumerate(lengths.tolist()):
        directions = rnn_oracles.read_layer(layer, inputs[row, :length].numpy())
        for number, values in enumerate(directions.values()):
            expected = torch.from_numpy(values["hidden"]).to(dtype)
            found = outputs[row, :length, 4 * number : 4 * number + 4]
            torch.testing.assert_close(found, expected, atol=tolerance, rtol=0)


@pytest.mark.parametrize(("cell", "cells_per_block"), VARIANTS)
def test_trace_holds_every_gate_as_the_oracle_computes_it(cell, cells_per_block):
    layer = make_layer(cell, dtype=torch.float64, cells_per_block=cells_per_block, learned_initial_state=True)
    inputs, lengths, reversal = make_batch(torch.float64)
    traces = layer.trace(inputs, reversal)
    state_names = {"hidden", "cell"} if cell in LSTM_FAMILY else {"hidden"}
    for direction in ("forward", "backward"):
        assert set(traces[direction]) == GATES[cell] | state_names
        for row, length in enumerate(lengths.tolist()):
            expected = rnn_oracles.read_layer(layer, inputs[row, :length].numpy())[direction]
            for name, values in traces[direction].items():
                array = torch.from_numpy(expected[name])
                torch.testing.assert_close(values[row, :length], array, atol=1e-10, rtol=0)


@pytest.mark.parametrize("masked", [False, True], ids=["no_mask", "mask"])
@pytest.mark.parametrize(("cell", "cells_per_block"), [*((name, 1) for name in CELLS), ("lstm_peephole", 2)])
def test_gradients_of_the_loop_pass_gradcheck(cell, cells_per_block, masked):
    layer = make_layer(
        cell, dtype=torch.float64, hidden_dim=2, cells_per_block=cells_per_block, learned_initial_state=True
    )
    inputs, _, reversal = make_batch(torch.float64)
    inputs = inputs[:, :4].clone().requires_grad_()
    reversal = Reversal(torch.tensor([4, 1, 3]), num_tokens=4)
    mask = torch.tensor([0.0, 2.0], dtype=torch.float64).expand(2, 3, 2) if masked else None
    names = [name for name, _ in layer.named_parameters()]

    def run(inputs, *parameters):
        values = dict(zip(names, parameters, strict=True))
        own = {name: values[f"own.{name}"].unsqueeze(1) for name in layer.own}
        state = values["initial_state"].unsqueeze(2).expand(-1, -1, 3, -1).unbind()
        streams = torch.stack([inputs.transpose(0, 1), reversal.to_steps(inputs)])
        products = torch.einsum("ntbd,nkd->ntbk", streams, values["input_weights"])
        from_input = layer.cell.prepare(products, values["bias"][:, None, None], own)
        return scan(layer.cell, from_input, values["recurrent_weights"], state, own, mask=mask)

    assert torch.autograd.gradcheck(run, (inputs, *layer.parameters()))


@pytest.mark.parametrize(("cell", "cells_per_block"), VARIANTS)
def test_gradients_of_the_loop_equal_autograd_through_all_steps(cell, cells_per_block):
    layer = make_layer(cell, dtype=torch.float64, cells_per_block=cells_per_block, learned_initial_state=True)
    inputs, _, reversal = make_batch(torch.float64)
    inputs.requires_grad_()
    mask = torch.tensor([0.0, 2.0, 0.0, 2.0], dtype=torch.float64).expand(2, 3, 4)
    weight = torch.randn(2, 6, 3, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    leaves = [inputs, *layer.parameters()]
    arguments = layer._loop_arguments(inputs, reversal, layer.input_weights)
    by_hand = scan(layer.cell, *arguments, mask=mask)
    by_autograd = torch.stack([state[0] for _, state, _ in steps(layer.cell, *arguments, mask=mask)], dim=1)
    torch.testing.assert_close(by_hand, by_autograd, atol=0, rtol=0)
    found = torch.autograd.grad((by_hand * weight).sum(), leaves, retain_graph=True)
    again = torch.autograd.grad((by_hand * weight).sum(), leaves, retain_graph=True)
    expected = torch.autograd.grad((by_autograd * weight).sum(), leaves)
    for first, second, third in zip(found, again, expected, strict=True):
        torch.testing.assert_close(first, third, atol=1e-12, rtol=1e-10)
        assert torch.equal(first, second)


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES, ids=["float32", "float64"])
@pytest.mark.parametrize("learned", [False, True], ids=["zero_state", "learned_state"])
@pytest.mark.parametrize("bidirectional", [False, True], ids=["one_direction", "two_directions"])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_torch_kernel_and_loop_give_the_same_numbers_and_gradients(
    cell, bidirectional, learned, dtype, tolerance
):
    layer = make_layer(cell, dtype=dtype, bidirectional=bidirectional, learned_initial_state=learned)
    inputs, lengths, reversal = make_batch(dtype)
    real = (torch.arange(6) < lengths[:, None]).unsqueeze(2)
    results = []
    for run in (layer._run_kernel, layer._run_loop):
        leaf = inputs.clone().requires_grad_()
        of_directions = run(leaf, reversal, layer.input_weights)
        outputs = torch.cat(layer._in_sentence_order(of_directions, reversal), dim=2)
        gradients = torch.autograd.grad((outputs * real).square().sum(), [leaf, *layer.parameters()])
        results.append([outputs * real, *gradients])
    for kernel, loop in zip(*results, strict=True):
        torch.testing.assert_close(kernel, loop, atol=tolerance * 10, rtol=tolerance * 10)


@pytest.mark.parametrize(
    ("name", "torch_class"), [("lstm", torch.nn.LSTM), ("gru", torch.nn.GRU), ("rnn", torch.nn.RNN)]
)
def test_cell_equals_the_torch_module(name, torch_class):
    layer = make_layer(name, dtype=torch.float64, bidirectional=False)
    module = torch_class(3, 4, batch_first=True).double()
    with torch.no_grad():
        module.weight_ih_l0.copy_(layer.input_weights[0])
        module.weight_hh_l0.copy_(layer.recurrent_weights[0])
        module.bias_ih_l0.copy_(layer.bias[0])
        module.bias_hh_l0.zero_()
    inputs, _, reversal = make_batch(torch.float64)
    expected = module(inputs)[0]
    torch.testing.assert_close(layer(inputs, reversal), expected, atol=1e-12, rtol=0)
    looped = layer._in_sentence_order(layer._run_loop(inputs, reversal, layer.input_weights), reversal)[0]
    torch.testing.assert_close(looped, expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("name", LSTM_FAMILY)
def test_a_memory_block_of_two_cells_gives_both_the_same_gate(name):
    """Equal rows and a shared gate make twins of the two cells of a block, equal to one plain cell."""
    block = make_layer(name, dtype=torch.float64, bidirectional=False, cells_per_block=2)
    state_rows = torch.cat([torch.full((width,), width == 4) for width in block.cell.widths])
    with torch.no_grad():
        for parameter in (block.input_weights, block.bias):
            rows = parameter[:, state_rows]
            rows[:, 1::2] = rows[:, 0::2]
            parameter[:, state_rows] = rows
        block.recurrent_weights.zero_()
        for own in block.own.values():
            own.fill_(0.5)
    inputs, _, reversal = make_batch(torch.float64)
    outputs = block(inputs, reversal)
    torch.testing.assert_close(outputs[..., 0::2], outputs[..., 1::2], atol=1e-12, rtol=0)
    assert (outputs[..., 0] - outputs[..., 2]).abs().max() > 1e-3


@pytest.mark.parametrize("cell", list(CELLS))
def test_initial_weights_are_orthogonal_and_forget_gates_start_open(cell):
    torch.manual_seed(0)
    layer = RecurrentLayer(7, 6, cell=cell)
    widths = layer.cell.widths
    for direction in range(2):
        for block in torch.split(layer.recurrent_weights[direction], widths):
            torch.testing.assert_close(block @ block.T, torch.eye(6), atol=1e-5, rtol=0)
        bound = (6 / (6 + 7)) ** 0.5
        for block in torch.split(layer.input_weights[direction], widths):
            assert 0.8 * bound < block.abs().max() <= bound
    expected = {"forget": 1.0} if cell != "lstm_coupled" else {"input": -1.0}
    for name, bias in zip(layer.cell.blocks, torch.split(layer.bias, widths, dim=1), strict=True):
        assert torch.equal(bias, torch.full((2, 6), expected.get(name, 0.0)))


def test_the_cell_state_of_the_first_lstm_grows_where_the_usual_one_is_bounded():
    ones = torch.ones(1, 200, 3)
    reversal = Reversal(torch.tensor([200]), num_tokens=200)
    largest = {}
    for name in ("lstm", "lstm_no_forget"):
        layer = RecurrentLayer(3, 4, cell=name, bidirectional=False)
        with torch.no_grad():
            layer.input_weights.fill_(0.3)
        largest[name] = layer.trace(ones, reversal)["forward"]["cell"].abs().max()
    assert largest["lstm_no_forget"] > 100
    assert largest["lstm"] < 20


@pytest.mark.parametrize("cell", ["lstm", "lstm_layer_norm"])
def test_recurrent_dropout_is_one_mask_for_all_steps_of_a_sentence(cell):
    rate = 0.5
    layer = make_layer(cell, dtype=torch.float64, recurrent_dropout=rate, hidden_dim=2)
    inputs = make_batch(torch.float64)[0][:1]
    reversal = Reversal(torch.tensor([6]), num_tokens=6)
    candidates = []
    for bits in range(16):
        masks = [[2.0 * (bits >> (2 * n + j) & 1) for j in range(2)] for n in range(2)]
        directions = rnn_oracles.read_layer(layer, inputs[0].numpy(), read_mask=masks)
        hidden = [torch.from_numpy(values["hidden"]) for values in directions.values()]
        candidates.append(torch.cat(hidden, dim=1))
    torch.manual_seed(2)
    chosen = set()
    for _ in range(60):
        outputs = layer(inputs, reversal)[0]
        differences = torch.stack([(outputs - candidate).abs().max() for candidate in candidates])
        assert differences.min() < 1e-10
        chosen.add(int(differences.argmin()))
    assert len(chosen) > 8
    no_mask = rnn_oracles.read_layer(layer.eval(), inputs[0].numpy())["forward"]["hidden"]
    outputs = layer(inputs, reversal)[0]
    torch.testing.assert_close(outputs[:, :2], torch.from_numpy(no_mask), atol=1e-10, rtol=0)


@pytest.mark.parametrize("cell", list(CELLS))
def test_gradients_flow_in_evaluation_mode_too(cell):
    layer = make_layer(cell).eval()
    inputs, _, reversal = make_batch()
    inputs.requires_grad_()
    layer(inputs, reversal).sum().backward()
    assert inputs.grad.abs().sum() > 0


@pytest.mark.parametrize("cell", list(CELLS))
def test_mixed_precision_keeps_close_to_full_precision(cell):
    layer = RecurrentLayer(3, 4, cell=cell)
    inputs, _, reversal = make_batch()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = layer(inputs.bfloat16(), reversal)
        mixed.float().sum().backward()
    torch.testing.assert_close(mixed.float(), layer(inputs, reversal), atol=0.05, rtol=0)


def test_a_deep_copy_shares_nothing():
    layer = make_layer("lstm_peephole")
    inputs, _, reversal = make_batch()
    expected = layer(inputs, reversal)
    copied = copy.deepcopy(layer)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
    assert torch.equal(copied(inputs, reversal), expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"name": "ltsm", "hidden_dim": 4},
            "unknown cell 'ltsm'; the cells are: rnn, lstm, lstm_no_forget, lstm_peephole, lstm_coupled, "
            "lstm_layer_norm, gru",
        ),
        ({"name": "lstm", "hidden_dim": 0}, "hidden_dim must be at least 1, found 0"),
        (
            {"name": "lstm", "hidden_dim": 4, "cells_per_block": 0},
            "cells_per_block must be at least 1, found 0",
        ),
        (
            {"name": "lstm", "hidden_dim": 200, "cells_per_block": 3},
            "hidden_dim=200 is not divisible by cells_per_block=3",
        ),
        (
            {"name": "gru", "hidden_dim": 4, "cells_per_block": 2},
            "cells_per_block=2 does not apply to the cell 'gru', which has no memory blocks. Leave it at 1, or choose "
            "one of: lstm, lstm_no_forget, lstm_peephole, lstm_coupled, lstm_layer_norm",
        ),
    ],
)
def test_options_that_make_no_sense_are_refused(arguments, message):
    with pytest.raises(UsageError) as caught:
        build_cell(**arguments)
    assert str(caught.value) == message
