"""Tests of tagger/inspection/gates.py: traces of every cell, held against the model's output and a slow oracle."""

import numpy as np
import pytest
import rnn_oracles
from tiny_models import SENTENCES, tiny_tagger

from tagger.errors import UsageError
from tagger.inspection import equations, gate_trace, symbols
from tagger.inspection.equations import about
from tagger.inspection.gates import KEEP_GATE
from tagger.inspection.passes import single_pass
from tagger.modules.recurrent.cells import CELLS

WORDS = SENTENCES[0]
GATES = {
    "rnn": (),
    "lstm": ("input", "forget", "output"),
    "lstm_no_forget": ("input", "output"),
    "lstm_peephole": ("input", "forget", "output"),
    "lstm_coupled": ("input", "forget", "output"),
    "lstm_layer_norm": ("input", "forget", "output"),
    "gru": ("reset", "update"),
}


@pytest.mark.parametrize("cell", list(CELLS))
def test_hidden_states_are_the_models_own_output(cell):
    tagger = tiny_tagger(cell=cell, num_layers=3, connections="skip")
    trace = gate_trace(tagger, WORDS)
    # With skip connections the output shows the hidden states of every layer and direction.
    hidden = [trace.layers[layer][way]["hidden"] for layer in range(3) for way in ("forward", "backward")]
    output = single_pass(tagger, WORDS).encoded[0].numpy()
    np.testing.assert_allclose(np.concatenate(hidden, axis=1), output, atol=1e-6, rtol=0)
    assert np.ptp(output) > 0.1


@pytest.mark.parametrize("connections", ["plain", "residual", "highway"])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_hidden_states_are_the_models_own_output_in_other_stacks(connections, bidirectional):
    tagger = tiny_tagger(num_layers=2, connections=connections, bidirectional=bidirectional)
    trace = gate_trace(tagger, WORDS)
    assert [list(layer) for layer in trace.layers] == [["forward", "backward"][: 1 + bidirectional]] * 2
    first, last = (
        np.concatenate([named["hidden"] for named in layer.values()], axis=1) for layer in trace.layers
    )
    output = single_pass(tagger, WORDS).encoded[0].numpy()
    expected = last
    if connections == "residual":
        expected = first + last
    elif connections == "highway":
        gate = tagger.parts.model.encoder.transform_gates[0]
        share = 1 / (1 + np.exp(-(first @ gate.weight.detach().numpy().T + gate.bias.detach().numpy())))
        expected = share * last + (1 - share) * first
    np.testing.assert_allclose(expected, output, atol=1e-6, rtol=0)


@pytest.mark.parametrize("cell", list(CELLS))
def test_every_gate_and_state_equals_the_slow_oracle(cell):
    tagger = tiny_tagger(cell=cell, cells_per_block=1 if cell in ("rnn", "gru") else 2)
    trace = gate_trace(tagger, WORDS)
    inputs = single_pass(tagger, WORDS).inputs[0].numpy()
    expected = rnn_oracles.read_layer(tagger.parts.model.encoder.layers[0], inputs)
    assert (trace.tokens, trace.cell, trace.gates, len(trace.layers)) == (WORDS, cell, GATES[cell], 1)
    for direction in ("forward", "backward"):
        assert set(trace.layers[0][direction]) == set(expected[direction])
        for name, values in expected[direction].items():
            np.testing.assert_allclose(trace.layers[0][direction][name], values, atol=1e-5)


def test_one_word_and_no_word():
    assert gate_trace(tiny_tagger(), ["EU"]).layers[0]["backward"]["cell"].shape == (1, 6)
    with pytest.raises(UsageError, match="found an empty one"):
        gate_trace(tiny_tagger(), [])


@pytest.mark.parametrize("cell", list(CELLS))
def test_every_cell_has_its_equations_and_the_gate_that_keeps(cell):
    assert "h_t = " in equations(cell)
    assert all(" = " in line for line in equations(cell).splitlines())
    assert "(" in about(cell)
    named = symbols(cell)
    assert {f"{gate[0]}_t" for gate in GATES[cell]} - {"u_t"} <= set(named)
    assert ("p" in named, "γ" in named) == (cell == "lstm_peephole", cell == "lstm_layer_norm")
    assert (cell in KEEP_GATE) == (cell not in ("rnn", "lstm_no_forget"))
    assert KEEP_GATE.get(cell, "") in ("", *GATES[cell])
