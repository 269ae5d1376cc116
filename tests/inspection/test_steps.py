"""Tests of tagger/inspection/steps.py: the sums of one unit, held against the traces and a slow oracle."""

import re

import numpy as np
import pytest
import rnn_oracles
import torch
from present import present
from tiny_models import SENTENCES, tiny_tagger

from tagger.errors import UsageError
from tagger.inspection import UnitName, gate_trace, unit_steps
from tagger.inspection.gates import KEEP_GATE
from tagger.inspection.passes import single_pass
from tagger.inspection.sections.steps import worked
from tagger.modules.recurrent.cells import CELLS

WORDS = SENTENCES[0]


def shaken(**options):
    """A tagger whose biases, peepholes, gains and initial state are not what they start as."""
    tagger = tiny_tagger(**options)
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for layer in tagger.parts.model.encoder.layers:
            for parameter in (layer.bias, *layer.own.values(), layer.initial_state):
                if parameter is not None:
                    parameter.add_(torch.randn(parameter.shape, generator=generator))
    return tagger


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("cell", list(CELLS))
@pytest.mark.parametrize("learned_initial_state", [False, True])
def test_the_sums_give_the_gates_and_states_of_the_trace(cell, direction, learned_initial_state):
    size = 1 if cell in ("rnn", "gru") else 2
    tagger = shaken(cell=cell, cells_per_block=size, learned_initial_state=learned_initial_state)
    steps = unit_steps(tagger, WORDS, UnitName(0, direction, 3))
    trace = gate_trace(tagger, WORDS).layers[0][direction]
    for name, part in steps.parts.items():
        terms = part.from_input + part.from_hidden + part.bias
        np.testing.assert_allclose(terms + (0 if part.from_cell is None else part.from_cell), part.total)
        expected = trace["hidden"] if cell == "rnn" else trace[name]
        np.testing.assert_allclose(
            part.value, expected[:, 3 if name in ("candidate",) else 3 // size], atol=1e-6
        )
    np.testing.assert_allclose(steps.hidden, trace["hidden"][:, 3], atol=1e-6)
    order = list(steps.order)
    assert order == sorted(order, reverse=direction == "backward")
    np.testing.assert_allclose(steps.hidden_before[order[1:]], steps.hidden[order[:-1]])
    before, after = steps.state
    assert (before[order[0]] != 0) == learned_initial_state
    if cell not in ("rnn", "gru"):
        assert steps.keep is not None
        assert steps.shown is not None
        written = steps.parts["input"].value * steps.parts["candidate"].value
        np.testing.assert_allclose(steps.keep * before + written, after, atol=1e-6)
        np.testing.assert_allclose(steps.parts["output"].value * steps.shown, steps.hidden, atol=1e-6)
    if cell == "gru":
        assert steps.keep is not None
        new = (1 - steps.keep) * steps.parts["candidate"].value
        np.testing.assert_allclose(new + steps.keep * before, after, atol=1e-6)
    assert (steps.keep is None) == (cell == "rnn")
    np.testing.assert_allclose(steps.changes, np.abs(after - before))


@pytest.mark.parametrize("cell", list(CELLS))
def test_the_values_equal_the_slow_oracle(cell):
    tagger = shaken(cell=cell)
    inputs = single_pass(tagger, WORDS).inputs[0].numpy()
    expected = rnn_oracles.read_layer(tagger.parts.model.encoder.layers[0], inputs)
    for direction in ("forward", "backward"):
        steps = unit_steps(tagger, WORDS, UnitName(0, direction, 5))
        np.testing.assert_allclose(steps.hidden, expected[direction]["hidden"][:, 5], atol=1e-5)
        for name, part in steps.parts.items():
            if name in expected[direction]:
                np.testing.assert_allclose(part.value, expected[direction][name][:, 5], atol=1e-5)
        if cell in KEEP_GATE:
            np.testing.assert_allclose(
                present(steps.keep), expected[direction][KEEP_GATE[cell]][:, 5], atol=1e-5
            )


def test_a_unit_of_the_second_layer_reads_what_the_first_one_gives():
    tagger = shaken(num_layers=2)
    steps = unit_steps(tagger, WORDS, UnitName(1, "backward", 2))
    trace = gate_trace(tagger, WORDS)
    below = np.concatenate([trace.layers[0][way]["hidden"] for way in ("forward", "backward")], axis=1)
    layer = tagger.parts.model.encoder.layers[1]
    row = layer.input_weights.detach()[1, layer.cell.blocks.index("forget") * 6 + 2].numpy()
    np.testing.assert_allclose(steps.parts["forget"].from_input, below @ row, atol=1e-6)


@pytest.mark.parametrize("cell", list(CELLS))
def test_the_numbers_written_add_up(cell):
    steps = unit_steps(shaken(cell=cell), WORDS, UnitName(0, "forward", 1))
    for t in range(len(WORDS)):
        lines = worked(steps, t)
        assert lines[-1].endswith(f"= {steps.hidden[t]:.3f}".replace("-", "−"))
        added = 0
        for line in lines:
            numbers = re.search(r"(?:σ|tanh)\(([−\d][−+\d. ]*)\) = (?:σ|tanh)\((−?[\d.]+)\)", line)
            if numbers:
                added += 1
                terms = numbers[1].replace("−", "-").replace("- ", "-").replace("+ ", "+").split()
                assert sum(map(float, terms)) == pytest.approx(
                    float(numbers[2].replace("−", "-")), abs=0.0021
                )
        assert added == len(steps.parts)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("forward", "unit: expected a direction and a number, such as forward:77"),
        ("up:3", "unit: expected a direction and a number"),
        ("0:forward:3", "unit: expected a direction and a number"),
        ("forward:-1", "unit: expected a direction and a number"),
        ("forward:6", r"unit forward:6: expected a number from 0 to 5, the units of a direction"),
        ("3:forward:1", "unit 3:forward:1: the model has 2 layers"),
    ],
)
def test_a_unit_that_is_not_there_is_refused(name, reason):
    with pytest.raises(UsageError, match=f"^{reason}"):
        unit_steps(tiny_tagger(num_layers=2), WORDS, UnitName.parse(name))


def test_a_model_that_reads_forward_has_no_backward_unit():
    with pytest.raises(UsageError, match=r"^unit backward:1: the model only reads forward$"):
        unit_steps(tiny_tagger(bidirectional=False), WORDS, UnitName.parse("backward:1"))


@pytest.mark.parametrize("text", ["forward:0", "backward:12", "2:backward:5"])
def test_a_name_is_written_as_it_is_read(text):
    assert str(UnitName.parse(text)) == text
