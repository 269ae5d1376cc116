"""Tests of tagger/inspection/gradients.py: Jacobians held against autograd through the layer and finite differences."""

import math

import numpy as np
import pytest
import rnn_oracles
import torch
from present import present
from tiny_models import SENTENCES, tiny_tagger

from tagger.errors import UsageError
from tagger.inspection import flow_of_cells, flow_of_layer, gradient_flow
from tagger.inspection.gradients import layer_inputs
from tagger.inspection.passes import single_pass
from tagger.modules.recurrent.cells import CELLS
from tagger.modules.recurrent.layer import RecurrentLayer
from tagger.modules.recurrent.reversal import Reversal

T, D, H = 9, 3, 4


def make_layer(cell, **options):
    """A float64 layer in which no parameter has a special value, and one sentence's inputs."""
    generator = torch.Generator().manual_seed(1)
    layer = RecurrentLayer(D, H, cell=cell, **options).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    return layer, torch.randn(T, D, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("options", [{}, {"learned_initial_state": True}], ids=str)
@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("cell", list(CELLS))
def test_what_a_word_moves_later_is_the_jacobian_of_the_layers_own_output(cell, direction, options):
    layer, inputs = make_layer(cell, **options)
    reversal = Reversal(torch.tensor([T]), num_tokens=T)
    half = slice(0, H) if direction == "forward" else slice(H, 2 * H)

    def hidden(words):
        return layer(words[None], reversal)[0, :, half]

    jacobian = torch.autograd.functional.jacobian(hidden, inputs)  # [T, H, T, D]
    for num_ends in (1, 2):  # T // 4 is 2
        flow = flow_of_layer(layer, inputs, direction=direction, num_ends=num_ends)
        ends = range(T - num_ends, T)
        expected = []
        for distance in range(T - num_ends + 1):
            pairs = [
                (t, t - distance) if direction == "forward" else (T - 1 - t, T - 1 - t + distance)
                for t in ends
            ]
            squares = [float(jacobian[t, :, s].square().sum()) for t, s in pairs]
            expected.append(math.sqrt(sum(squares) / num_ends))
        np.testing.assert_allclose(flow.hidden_from_input, expected, rtol=1e-9)


@pytest.mark.parametrize("cells_per_block", [1, 2])
@pytest.mark.parametrize("cell", [cell for cell in CELLS if CELLS[cell].num_states == 2])
def test_what_is_left_of_a_cell_state_equals_finite_differences_of_the_slow_oracle(cell, cells_per_block):
    layer, inputs = make_layer(cell, cells_per_block=cells_per_block)
    weights = {
        "W": layer.input_weights[0].detach().numpy(),
        "U": layer.recurrent_weights[0].detach().numpy(),
        "b": layer.bias[0].detach().numpy(),
        **{name: parameter[0].detach().numpy() for name, parameter in layer.own.items()},
    }
    flow = flow_of_layer(layer, inputs, num_ends=1)
    words, step = inputs.numpy(), 1e-5

    def read(some, **state):
        return rnn_oracles.run_cell(cell, some, weights, cells_per_block=cells_per_block, **state)

    whole = read(words)
    for distance in (1, 2, 5):
        start = T - 1 - distance
        columns = []
        for unit in range(H):
            ends = []
            for sign in (1, -1):
                moved = whole["cell"][start].copy()
                moved[unit] += sign * step
                ends.append(read(words[start + 1 :], hidden=whole["hidden"][start], cell=moved)["cell"][-1])
            columns.append((ends[0] - ends[1]) / (2 * step))
        assert present(flow.cell_from_cell)[distance] == pytest.approx(np.linalg.norm(columns), rel=1e-5)
    assert present(flow.cell_from_cell)[0] == pytest.approx(math.sqrt(H))


def test_without_recurrent_weights_the_carousel_of_1997_carries_everything_and_a_plain_network_nothing():
    for cell, expected in (("lstm_no_forget", np.full(T, 2.0)), ("rnn", None)):
        layer, inputs = make_layer(cell)
        with torch.no_grad():
            layer.recurrent_weights.zero_()
        flow = flow_of_layer(layer, inputs)
        if expected is None:
            assert flow.cell_from_cell is None
            assert not flow.hidden_from_input[1:].any()
        else:
            left = present(flow.cell_from_cell)
            np.testing.assert_allclose(left, expected[: len(left)], rtol=1e-12)


def test_distances_end_at_the_limit_and_do_not_change_what_is_before():
    layer, inputs = make_layer("lstm")
    near, far = (flow_of_layer(layer, inputs, max_distance=limit) for limit in (3, 100))
    assert len(near.hidden_from_input) == 4
    assert len(far.hidden_from_input) == T - 1  # T // 4 = 2 ends; the first of them has 7 words before it
    np.testing.assert_allclose(near.hidden_from_input, far.hidden_from_input[:4], rtol=1e-12)
    assert len(flow_of_layer(layer, inputs[:1]).hidden_from_input) == 1


@pytest.mark.parametrize("connections", ["plain", "residual", "highway", "skip"])
def test_a_models_layers_read_what_the_model_hands_them(connections):
    tagger = tiny_tagger(num_layers=2, connections=connections)
    words = SENTENCES[1]
    encoder = tagger.parts.model.encoder
    seen = single_pass(tagger, words)
    assert torch.equal(layer_inputs(tagger, words, 0), seen.inputs[0])
    second = layer_inputs(tagger, words, 1)
    traced = encoder.trace(seen.inputs, seen.batch.lengths)[1]["forward"]["hidden"]
    reread = encoder.layers[1].trace(second[None], Reversal(seen.batch.lengths, num_tokens=len(words)))
    torch.testing.assert_close(reread["forward"]["hidden"], traced)
    assert not encoder.layers[1]._forward_pre_hooks


def test_a_report_compares_the_model_with_newly_drawn_weights_and_draws_none_from_the_callers_generator():
    tagger = tiny_tagger(num_layers=2)
    torch.manual_seed(4)
    expected = torch.rand(1)
    torch.manual_seed(4)
    report = gradient_flow(tagger, SENTENCES[1], layer=1)
    assert torch.equal(torch.rand(1), expected)
    assert (report.tokens, report.layer, list(report.trained)) == (SENTENCES[1], 1, ["forward", "backward"])
    inputs = layer_inputs(tagger, SENTENCES[1], 1)
    direct = flow_of_layer(tagger.parts.model.encoder.layers[1], inputs, direction="backward")
    np.testing.assert_array_equal(report.trained["backward"].hidden_from_input, direct.hidden_from_input)
    initial = report.initial["forward"].hidden_from_input
    assert not np.allclose(initial, report.trained["forward"].hidden_from_input)
    np.testing.assert_array_equal(
        gradient_flow(tagger, SENTENCES[1], layer=1).initial["forward"].hidden_from_input, initial
    )


def test_every_cell_reads_the_same_inputs():
    flows = flow_of_cells(torch.randn(6, D, generator=torch.Generator().manual_seed(0)), H, max_distance=3)
    assert list(flows) == list(CELLS)
    assert {len(flow.hidden_from_input) for flow in flows.values()} == {4}


def test_a_layer_that_is_not_there_is_refused():
    with pytest.raises(UsageError, match=r"^layer: expected 0 to 0, found 1$"):
        gradient_flow(tiny_tagger(), SENTENCES[0], layer=1)
    with pytest.raises(UsageError, match="found an empty one"):
        gradient_flow(tiny_tagger(), [])
