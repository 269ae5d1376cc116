"""Tests of tagger/inspection/memory.py: statistics of gates over sentences."""

import math

import numpy as np
import pytest
import torch
from present import present
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
                lengths = [-1 / mean for mean in np.log(values.astype(np.float64)).mean(axis=0)]
                np.testing.assert_allclose(present(each.memory_lengths), lengths, rtol=1e-6)
                of_sentences = [trace.layers[each.layer][each.direction][name] for trace in traces]
                kept = present(each.kept)
                assert len(kept) == 1 + max(map(len, of_sentences))
                for k in (0, 1, 4, len(kept) - 1):
                    runs = [
                        math.prod(row[t + j] for j in range(k))
                        for gate in of_sentences
                        for t in range(len(gate) - k + 1)
                        for row in [gate[:, 0].astype(np.float64)]
                    ]
                    assert kept[k, 0] == pytest.approx(np.mean(runs), rel=1e-6)
    assert any(saturation.open > 0 and saturation.shut > 0 for saturation in found[0].saturation.values())


def test_a_cell_that_never_forgets_has_no_memory_length():
    (forward, backward) = gate_statistics(tiny_tagger(cell="lstm_no_forget"), SENTENCES)
    assert forward.memory_lengths is backward.memory_lengths is None
    assert forward.kept is backward.kept is None


def test_what_is_left_is_followed_over_thirty_words_at_most():
    (forward, _) = gate_statistics(tiny_tagger(), [["EU"] * 50])
    assert len(present(forward.kept)) == 31


def test_memory_length_of_a_constant_gate_is_when_one_part_in_e_is_left():
    keep = np.array([0.5, 0.9])
    np.testing.assert_allclose(keep ** memory_length(np.log(keep)), 1 / math.e)
    assert memory_length(np.array([-math.inf, 0.0])).tolist() == [0, math.inf]


def test_a_gate_that_shuts_now_and_then_keeps_less_than_its_mean_says():
    tagger = tiny_tagger(bidirectional=False)
    (found,) = gate_statistics(tagger, SENTENCES)
    gate = np.concatenate([gate_trace(tagger, words).layers[0]["forward"]["forget"] for words in SENTENCES])
    assert (found.memory_lengths < -1 / np.log(gate.mean(axis=0))).all()


def test_the_plain_network_has_no_gates_and_no_words_no_statistics():
    with pytest.raises(UsageError, match=r"^the cell rnn has no gates: there are no gate statistics$"):
        gate_statistics(tiny_tagger(cell="rnn"), SENTENCES)
    with pytest.raises(UsageError, match=r"^expected sentences of at least one word, found none$"):
        gate_statistics(tiny_tagger(), [[]])
