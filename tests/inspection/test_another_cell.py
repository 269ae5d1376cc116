"""A cell that only follows the steps of CONTRIBUTING: it tags as in PyTorch, and has a page."""

import sys

import numpy as np
import pytest
import torch
from tiny_models import SENTENCES, tiny_parts, torch_tagger

from tagger import Tagger, config
from tagger.inspection import inspection_page
from tagger.modules.recurrent import cells
from tagger.network import cells as frozen_cells
from tagger.network import layer as frozen_layer
from tagger.network import shapes


class OneGateCell(cells.Cell):
    """A cell with one gate.

    f_t = σ(W_f x_t + U_f h_{t-1} + b_f)
    g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)
    h_t = f_t ⊙ h_{t-1} + (1 - f_t) ⊙ g_t
    """

    blocks = ("forget", "candidate")

    def step(self, products, state, own):
        forget, candidate = products[0].chunk(2, dim=2)
        forget, candidate = torch.sigmoid(forget), torch.tanh(candidate)
        return (candidate + forget * (state[0] - candidate),), {"forget": forget, "candidate": candidate}


class FrozenOneGateCell(frozen_cells.FrozenCell):
    blocks = ("forget", "candidate")

    def step(self, projected, recurrent, memory, hidden):
        projected += recurrent
        forget, candidate = self._activate(projected)
        memory -= candidate
        memory *= forget
        memory += candidate
        hidden[...] = memory


class StoringCell(cells.Cell):
    """A cell that stores a running mean.

    c_t = z_t ⊙ c_{t-1} + (1 - z_t) ⊙ g_t
    h_t = tanh(c_t)
    """

    blocks = ("update", "candidate")
    num_states = 2

    def step(self, products, state, own):
        update, candidate = products[0].chunk(2, dim=2)
        update, candidate = torch.sigmoid(update), torch.tanh(candidate)
        memory = candidate + update * (state[1] - candidate)
        return (torch.tanh(memory), memory), {"update": update, "candidate": candidate}


class FrozenStoringCell(frozen_cells.FrozenCell):
    blocks = ("update", "candidate")
    has_memory = True

    def step(self, projected, recurrent, memory, hidden):
        projected += recurrent
        update, candidate = self._activate(projected)
        memory -= candidate
        memory *= update
        memory += candidate
        np.tanh(memory, out=hidden)


@pytest.fixture(
    params=[(OneGateCell, FrozenOneGateCell), (StoringCell, FrozenStoringCell)], ids=["one state", "two"]
)
def parts(request, monkeypatch):
    """A random model with the cell, which has the name ``another``."""
    slow, fast = request.param
    for module in (cells, sys.modules["tagger.inspection.equations"]):
        monkeypatch.setattr(module, "CELLS", {**cells.CELLS, "another": slow})
    for module in (frozen_cells, frozen_layer, shapes):
        monkeypatch.setattr(module, "CELLS", {**frozen_cells.CELLS, "another": fast})
    monkeypatch.setattr(config, "CELLS", (*config.CELLS, "another"))
    return tiny_parts(cell="another")


def test_numpy_and_pytorch_agree(parts):
    for one, other in zip(
        Tagger(parts).marginals(SENTENCES), torch_tagger(parts).marginals(SENTENCES), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_every_view_shows_it(parts):
    text = inspection_page(Tagger(parts), SENTENCES, model_name="another")
    assert "One unit, step by step" in text
    assert "= σ(" in text
    assert "= tanh(" in text
    assert "h = " in text
