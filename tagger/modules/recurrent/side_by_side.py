"""The two directions of a layer at the same time, forward and backward, where there is a second thread.

The directions of a layer need nothing of each other, and each is one long operator. With a thread for either, a layer
takes about half the time, and the numbers are the same to the last bit: what is added up, and in which order, does not
depend on who computed it, or when.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tagger.modules.threads import both


def side_by_side(
    call: Callable[..., Tensor], first: Sequence[Tensor], second: Sequence[Tensor]
) -> list[Tensor]:
    """Return what a function of tensors returns of two lists of arguments; it can be differentiated once."""
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in (*first, *second)):
        return list(_SideBySide.apply(call, *first, *second))  # type: ignore[no-untyped-call]
    return list(_both(call, first, second, gradients=False))


def _both(
    call: Callable[..., Tensor], first: Sequence[Tensor], second: Sequence[Tensor], *, gradients: bool
) -> tuple[Tensor, Tensor]:
    """Return what a function returns of two lists of arguments, with the settings that torch has for this thread."""
    autocast = partial(
        torch.autocast,
        "cpu",
        dtype=torch.get_autocast_dtype("cpu"),
        enabled=torch.is_autocast_enabled("cpu"),
        cache_enabled=False,  # of weights that are new tensors every time
    )

    def run(arguments: Sequence[Tensor]) -> Tensor:
        with torch.set_grad_enabled(gradients), autocast():
            return call(*arguments)

    return both(partial(run, first), partial(run, second))


class _SideBySide(torch.autograd.Function):
    """:func:`side_by_side`: each call has a graph of its own, so that its backward pass can have a thread too."""

    @staticmethod
    def forward(ctx: Any, call: Callable[..., Tensor], *tensors: Tensor) -> tuple[Tensor, Tensor]:
        leaves = [tensor.detach().requires_grad_(tensor.requires_grad) for tensor in tensors]
        halves = leaves[: len(leaves) // 2], leaves[len(leaves) // 2 :]
        outputs = _both(call, *halves, gradients=True)
        ctx.graphs = tuple(zip(outputs, halves, strict=True))
        return outputs[0].detach(), outputs[1].detach()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *d_outputs: Tensor) -> tuple[Tensor | None, ...]:
        tasks = [
            partial(_gradients, output, half, d_output)
            for (output, half), d_output in zip(ctx.graphs, d_outputs, strict=True)
        ]
        first, second = both(*tasks)
        return None, *first, *second


def _gradients(output: Tensor, leaves: list[Tensor], d_output: Tensor) -> list[Tensor | None]:
    """Return the gradient of each leaf, None of those that have none."""
    learned = [leaf for leaf in leaves if leaf.requires_grad]
    # Kept, since the caller may keep the graph around this for another backward pass.
    found = iter(torch.autograd.grad(output, learned, d_output, retain_graph=True, allow_unused=True))
    return [next(found) if leaf.requires_grad else None for leaf in leaves]
