"""Gradient flow: how strongly a state depends on the input k steps before it.

Letters: T steps, D width of a layer's inputs, H hidden units per direction, S width of the whole state (H, or 2 H for
the LSTM family), K rows of a cell's weights, E end states whose dependence is measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagger.api import Tagger
from tagger.errors import UsageError
from tagger.inspection.passes import checked_sentence, single_pass
from tagger.modules.recurrent.cells import CELLS
from tagger.modules.recurrent.layer import RecurrentLayer
from tagger.modules.recurrent.scan import steps

FloatArray = NDArray[np.floating]


@dataclass(frozen=True)
class GradientFlow:
    """Frobenius norms of Jacobians at distances of k = 0, 1, 2, ... steps, as root mean squares over end states.

    Attributes:
        hidden_from_input: ‖d h_t / d x_{t-k}‖: the effect of a word on the hidden state k steps later.
        cell_from_cell: ‖d c_t / d c_{t-k}‖, including paths through gates and hidden states; None for cells without a
            cell state.
    """

    hidden_from_input: FloatArray
    cell_from_cell: FloatArray | None


@dataclass(frozen=True)
class GradientReport:
    """Gradient flow of one layer of a model while it reads a sentence.

    Attributes:
        tokens: the words.
        layer: index of the layer, from 0.
        trained: by direction, with the model's weights.
        initial: by direction, with newly initialised weights, as before training.
    """

    tokens: tuple[str, ...]
    layer: int
    trained: Mapping[str, GradientFlow]
    initial: Mapping[str, GradientFlow]


def gradient_flow(
    tagger: Tagger, tokens: Sequence[str], *, layer: int = 0, max_distance: int = 30, seed: int = 0
) -> GradientReport:
    """Return the gradient flow in one layer of a model, trained and at initialisation.

    Args:
        tagger: the tagger.
        tokens: the sentence to read.
        layer: index of the layer, from 0.
        max_distance: maximum distance, in words.
        seed: seed of the newly initialised weights.

    Raises:
        UsageError: if the sentence has no token, or there is no such layer.
    """
    words = checked_sentence(tokens)
    layers = tagger.parts.model.encoder.layers
    if not 0 <= layer < len(layers):
        raise UsageError(f"layer: expected 0 to {len(layers) - 1}, found {layer}")
    inputs = layer_inputs(tagger, words, layer)
    fresh = deepcopy(layers[layer])
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        fresh.reset_parameters()
    trained, initial = (
        {
            direction: flow_of_layer(chosen, inputs, direction=direction, max_distance=max_distance)
            for direction in chosen.directions
        }
        for chosen in (layers[layer], fresh)
    )
    return GradientReport(words, layer, trained, initial)


def flow_of_cells(
    inputs: Tensor, hidden_dim: int, *, max_distance: int = 30, seed: int = 0
) -> dict[str, GradientFlow]:
    """Return the gradient flow of a newly initialised layer of every cell, reading the same inputs.

    Args:
        inputs: ``[T, D]``.
        hidden_dim: H.
        max_distance: maximum distance, in steps.
        seed: seed of the weights, the same for each cell.
    """
    flows = {}
    for cell in CELLS:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            layer = RecurrentLayer(inputs.shape[1], hidden_dim, cell=cell, bidirectional=False)
        flows[cell] = flow_of_layer(layer.to(inputs), inputs, max_distance=max_distance)
    return flows


def layer_inputs(tagger: Tagger, tokens: Sequence[str], layer: int) -> Tensor:
    """Return the inputs of a layer for a sentence, ``[T, D]``, without dropout."""
    seen = single_pass(tagger, tokens)
    read: list[Tensor] = []
    encoder = deepcopy(tagger.parts.model.encoder)  # the hook must not affect the original
    encoder.layers[layer].register_forward_pre_hook(lambda _, arguments: read.append(arguments[0]))
    with torch.no_grad():
        encoder(seen.inputs, seen.batch.lengths)
    return read[0][0]


def flow_of_layer(
    layer: RecurrentLayer,
    inputs: Tensor,
    *,
    direction: str = "forward",
    max_distance: int = 30,
    num_ends: int = 4,
) -> GradientFlow:
    """Return the gradient flow of one direction of a layer.

    The one-step Jacobians are computed for all steps at once, and then multiplied.

    Args:
        layer: the layer.
        inputs: its inputs for one sentence, ``[T, D]``, T at least 1.
        direction: ``forward`` or ``backward``.
        max_distance: maximum distance, in steps; less for short sentences.
        num_ends: number of end states, those after the words read last; at most a quarter of all.
    """
    which = layer.directions.index(direction)
    num_ends = max(1, min(num_ends, len(inputs) // 4))
    max_distance = min(max_distance, len(inputs) - num_ends)
    read = inputs if which == 0 else inputs.flip(0)
    from_state, from_input = _step_jacobians(layer, read, which, num_steps=max_distance + num_ends)
    ends = torch.arange(max_distance, max_distance + num_ends)
    product = torch.eye(from_state.shape[1]).to(inputs).repeat(num_ends, 1, 1)  # [E, S, S]
    hidden_norms, cell_norms = [], []
    for distance in range(max_distance + 1):
        hidden_norms.append(_norm(product[:, : layer.hidden_dim] @ from_input[ends - distance]))
        cell_norms.append(_norm(product[:, layer.hidden_dim :, layer.hidden_dim :]))
        product = product @ from_state[ends - distance]
    return GradientFlow(np.array(hidden_norms), np.array(cell_norms) if layer.cell.num_states == 2 else None)


def _step_jacobians(
    layer: RecurrentLayer, inputs: Tensor, which: int, *, num_steps: int
) -> tuple[Tensor, Tensor]:
    """Return d s_t / d s_{t-1}, ``[num_steps, S, S]``, and d s_t / d x_t, ``[num_steps, S, D]``, of the last steps.

    The state s is the hidden state followed by the cell state.

    Args:
        layer: the layer.
        inputs: ``[T, D]`` in the direction's reading order.
        which: index of the direction.
        num_steps: number of last steps to return.
    """
    chosen = slice(which, which + 1)
    own = {name: parameter.detach()[chosen].unsqueeze(1) for name, parameter in layer.own.items()}
    input_weights, recurrent_weights = (
        weights.detach()[chosen] for weights in (layer.input_weights, layer.recurrent_weights)
    )
    bias = layer.bias.detach()[chosen, None, None]  # [1, 1, 1, K]

    def prepared(read: Tensor) -> Tensor:  # [T, D] -> [1, T, K]
        return layer.cell.prepare((read @ input_weights[0].T)[None, :, None], bias, own)[:, :, 0]

    if layer.initial_state is None:
        state = tuple(inputs.new_zeros(1, 1, layer.hidden_dim) for _ in range(layer.cell.num_states))
    else:
        state = tuple(layer.initial_state.detach()[:, chosen].unsqueeze(2).unbind())
    with torch.no_grad():
        taken = list(steps(layer.cell, prepared(inputs).unsqueeze(2), recurrent_weights, state, own))
    states = [state, *(after for _, after, _ in taken)]
    before = [torch.cat(parts, dim=1) for parts in zip(*states[:-1], strict=True)]  # each [1, T, H]
    last = [inputs[-num_steps:], *(part[:, -num_steps:] for part in before)]
    with torch.enable_grad():
        # Given the states before them, the steps are independent: compute them as one step of T sentences.
        leaves = [tensor.detach().requires_grad_() for tensor in last]
        from_leaves = prepared(leaves[0]).unsqueeze(1)
        ((_, after, _),) = steps(layer.cell, from_leaves, recurrent_weights, tuple(leaves[1:]), own)
        units = torch.cat(after, dim=2)[0]  # [T, S]
        each = torch.eye(units.shape[1]).to(units)[:, None].expand(-1, *units.shape)  # [S, T, S]
        # [S, T, D], then for each state [S, 1, T, H]
        rows = torch.autograd.grad(units, leaves, each, is_grads_batched=True)
    return torch.cat(rows[1:], dim=3)[:, 0].transpose(0, 1), rows[0].transpose(0, 1)


def _norm(jacobians: Tensor) -> float:
    """Return the root mean square over E of the Frobenius norms of ``[E, ., .]``."""
    return float(jacobians.double().pow(2).sum(dim=(1, 2)).mean().sqrt())
