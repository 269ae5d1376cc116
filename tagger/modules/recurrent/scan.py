"""The loop over time shared by all cells, with a backward pass that is faster than autograd through the loop.

Forward, one batched product per step multiplies the hidden states of all directions with their recurrent weights; the
rest is the cell's element-wise work. Backward, autograd differentiates that work one step at a time, and the products
are differentiated by hand: one product per step for the hidden state, and one over all steps for the weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tagger.modules.recurrent.cells import Cell, Gates, State


def scan(
    cell: Cell,
    from_input: Tensor,
    recurrent_weights: Tensor,
    state: State,
    own: Mapping[str, Tensor],
    *,
    mask: Tensor | None = None,
) -> Tensor:
    """Return the hidden states of all steps, ``[N, T, B, H]``; they can be differentiated once.

    Args:
        cell: the cell to run.
        from_input: the result of :meth:`Cell.prepare`, ``[N, T, B, K]`` in reading order; T at least 1.
        recurrent_weights: U, ``[N, K, H]``.
        state: the state before the first step, each part ``[N, B, H]``.
        own: the cell's extra parameters, each ``[N, 1, width]``.
        mask: dropout mask of the hidden state where U reads it, ``[N, B, H]``, the same at every step.
    """
    tensors = (from_input, recurrent_weights, *state, *own.values())
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors):
        hidden: Tensor = _Scan.apply(cell, mask, tuple(own), *tensors)  # type: ignore[no-untyped-call]
        return hidden
    taken = steps(cell, from_input, recurrent_weights, state, own, mask=mask)
    return torch.stack([after[0] for _, after, _ in taken], dim=1)


def steps(
    cell: Cell,
    from_input: Tensor,
    recurrent_weights: Tensor,
    state: State,
    own: Mapping[str, Tensor],
    *,
    mask: Tensor | None = None,
    apart: bool = False,
) -> Iterator[tuple[tuple[Tensor, ...], State, Gates]]:
    """Yield for each step its inputs, the state after it, and its gates.

    A step's inputs are its one or two products (see :attr:`Cell.additive`) and the state before it.

    Args:
        cell: as for :func:`scan`.
        from_input: as for :func:`scan`.
        recurrent_weights: as for :func:`scan`.
        state: as for :func:`scan`.
        own: as for :func:`scan`.
        mask: as for :func:`scan`.
        apart: give each step a graph of its own, whose leaves are its inputs; otherwise one graph spans all steps.
    """
    transposed = recurrent_weights.transpose(1, 2)
    for product in from_input.unbind(dim=1):
        visible = state[0] if mask is None else state[0] * mask
        read: tuple[Tensor, ...]
        if cell.additive:
            read = (torch.baddbmm(product, visible, transposed), *state)
        else:
            read = (product, torch.bmm(visible, transposed), *state)
        if apart:
            read = tuple(_leaf(tensor) for tensor in read)
        num_products = len(read) - cell.num_states
        after, gates = cell.step(read[:num_products], read[num_products:], own)
        yield read, after, gates
        state = tuple(part.detach() for part in after) if apart else after


class _Scan(torch.autograd.Function):
    """:func:`scan` with its backward pass."""

    @staticmethod
    def forward(
        ctx: Any, cell: Cell, mask: Tensor | None, names: tuple[str, ...], *tensors: Tensor
    ) -> Tensor:
        from_input, recurrent_weights, *rest = (tensor.detach() for tensor in tensors)
        state = tuple(rest[: cell.num_states])
        own = [_leaf(parameter) for parameter in rest[cell.num_states :]]
        named = dict(zip(names, own, strict=True))
        with torch.enable_grad():
            taken = steps(cell, from_input, recurrent_weights, state, named, mask=mask, apart=True)
            ctx.steps = [(read, after) for read, after, _ in taken]
        ctx.cell, ctx.mask, ctx.own = cell, mask, own
        ctx.save_for_backward(tensors[1])
        return torch.stack([after[0].detach() for _, after in ctx.steps], dim=1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_hidden: Tensor) -> tuple[Tensor | None, ...]:
        (recurrent_weights,) = ctx.saved_tensors
        cell: Cell = ctx.cell
        num_products = 1 if cell.additive else 2
        end_of_state = num_products + cell.num_states
        d_state = [torch.zeros_like(part) for part in ctx.steps[0][0][num_products:]]
        d_own = [torch.zeros_like(parameter) for parameter in ctx.own]
        d_from_input, d_from_state = [], []
        for step in reversed(range(len(ctx.steps))):
            read, after = ctx.steps[step]
            d_state[0] = d_state[0] + d_hidden[:, step]
            # Retained, since the caller may retain the surrounding graph for another backward pass.
            gradients = torch.autograd.grad(
                after,
                (*read, *ctx.own),
                d_state,
                retain_graph=True,
                allow_unused=True,
                materialize_grads=True,
            )
            d_from_input.append(gradients[0])
            d_from_state.append(gradients[num_products - 1])
            d_visible = torch.bmm(d_from_state[-1], recurrent_weights)
            d_state = list(gradients[num_products:end_of_state])
            d_state[0] = d_state[0] + (d_visible if ctx.mask is None else d_visible * ctx.mask)
            for total, gradient in zip(d_own, gradients[end_of_state:], strict=True):
                total += gradient
        visible = torch.stack([read[num_products].detach() for read, _ in ctx.steps], dim=1)
        if ctx.mask is not None:
            visible *= ctx.mask.unsqueeze(1)
        d_input = torch.stack(d_from_input[::-1], dim=1)
        d_products = d_input if cell.additive else torch.stack(d_from_state[::-1], dim=1)
        d_weights = torch.bmm(d_products.flatten(1, 2).transpose(1, 2), visible.flatten(1, 2))
        return None, None, None, d_input, d_weights, *d_state, *d_own


def _leaf(tensor: Tensor) -> Tensor:
    """Return a detached tensor that is the leaf of a new graph."""
    return tensor.detach().requires_grad_()
