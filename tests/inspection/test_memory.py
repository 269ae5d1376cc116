"""Tests of tagger/inspection/memory.py: statistics of gates over sentences."""

import math

import numpy as np
import pytest
import torch
from tiny_models import SENTENCES, tiny_tagger

from tagger.errors import UsageError
from tagger.inspection import gate_statistics, gate_trace, memory_length
from tagger.inspection.gates import KEEP_GATE
from tagger.modules.recurrent.cells import CELLS


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell != "rnn"])
def test_statistics_are_those_of_the_traces_word_by_word(cell):
    tagger = tiny_tagger(cell=cell, num_layers=2)
    with torch.no_grad():  # gates that reach both ends of their range
        for layer in tagger.parts.model.encoder.layers:
            layer.bias.copy_(4 * torch.randn(layer.bias.shape, generator=torch.Generator().manual_seed(3)))
    found = gate_statistics(tagger, [*SENTENCES, ()])
    assert [(each.layer, each.direction) for each in found] == [
        (0, "forward"), (0, "backward"), (1, "forward"), (1, "backward")
    ]  # fmt: skip
    traces = [gate_trace(tagger, words) for words in SENTENCES]
    for each in found:
        assert each.num_tokens == 25
        assert tuple(each.saturation) == traces[0].gates
        for name, saturation in each.saturation.items():
            values = np.concatenate([trace.layers[each.layer][each.direction][name] for trace in traces])
            assert saturation.shut == pytest.approx((values < 0.1).mean())
            assert saturation.open == pytest.approx((values > 0.9).mean())
            assert saturation.mean == pytest.approx(values.mean(), abs=1e-6)
            if name == KEEP_GATE.get(cell):
                lengths = [-1 / math.log(mean) for mean in values.mean(axis=0, dtype=np.float64)]
                np.testing.assert_allclose(each.memory_lengths, lengths, rtol=1e-6)
    assert any(saturation.open > 0 and saturation.shut > 0 for saturation in found[0].saturation.values())


def test_a_cell_that_never_forgets_has_no_memory_length():
    (forward, backward) = gate_statistics(tiny_tagger(cell="lstm_no_forget"), SENTENCES)
    assert forward.memory_lengths is backward.memory_lengths is None


def test_memory_length_of_a_constant_gate_is_when_one_part_in_e_is_left():
    keep = np.array([0.5, 0.9])
    np.testing.assert_allclose(keep ** memory_length(keep), 1 / math.e)
    assert memory_length(np.array([0.0, 1.0])).tolist() == [0, math.inf]


def test_the_plain_network_has_no_gates_and_no_words_no_statistics():
    with pytest.raises(UsageError, match=r"^the cell rnn has no gates: there are no gate statistics$"):
        gate_statistics(tiny_tagger(cell="rnn"), SENTENCES)
    with pytest.raises(UsageError, match=r"^expected sentences of at least one word, found none$"):
        gate_statistics(tiny_tagger(), [[]])
