"""Running the two directions of a layer in parallel, where a second thread is available.

The directions of a layer are independent of each other, and each is one long operator. With a thread for each, a layer
takes about half the time, with bit-identical results: the order of summation does not depend on the threads.
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
    """Return a function's results for two lists of tensors; they can be differentiated once."""
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in (*first, *second)):
        return list(_SideBySide.apply(call, *first, *second))  # type: ignore[no-untyped-call]
    return list(_both(call, first, second, gradients=False))


def _both(
    call: Callable[..., Tensor], first: Sequence[Tensor], second: Sequence[Tensor], *, gradients: bool
) -> tuple[Tensor, Tensor]:
    """Return a function's results for two lists of arguments, under this thread's torch settings."""
    autocast = partial(
        torch.autocast,
        "cpu",
        dtype=torch.get_autocast_dtype("cpu"),
        enabled=torch.is_autocast_enabled("cpu"),
        cache_enabled=False,  # the weights are new tensors every time
    )

    def run(arguments: Sequence[Tensor]) -> Tensor:
        with torch.set_grad_enabled(gradients), autocast():
            return call(*arguments)

    return both(partial(run, first), partial(run, second))


class _SideBySide(torch.autograd.Function):
    """:func:`side_by_side` with a separate graph for each call, so that the backward passes can run in parallel too."""

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
    """Return the gradient of each leaf, None for leaves without one."""
    learned = [leaf for leaf in leaves if leaf.requires_grad]
    # Retained, since the caller may retain the surrounding graph for another backward pass.
    found = iter(torch.autograd.grad(output, learned, d_output, retain_graph=True, allow_unused=True))
    return [next(found) if leaf.requires_grad else None for leaf in leaves]
