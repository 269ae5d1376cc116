"""The norm of a step's gradient: clipping to it, and what an epoch's norms come to."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn.utils import clip_grads_with_norm_, get_total_norm


def clip_gradient(parameters: Iterable[Tensor], clip_norm: float) -> Tensor:
    """Scale a gradient in place, so that its norm is at most ``clip_norm``.

    Args:
        parameters: what the gradient belongs to; those without one are passed over.
        clip_norm: the highest norm; 0 leaves the gradient as it is.

    Returns:
        The Euclidean norm of the whole gradient before that, a number still on its device.
    """
    with_gradient = [parameter for parameter in parameters if parameter.grad is not None]
    # Squares of half precision would overflow.
    norm = get_total_norm([_at_least_single(parameter.grad) for parameter in with_gradient])
    if clip_norm:
        clip_grads_with_norm_(with_gradient, clip_norm, norm)
    return norm


def norms_summary(norms: Tensor, clip_norm: float) -> dict[str, float]:
    """Return what the norms of an epoch's gradients come to.

    Args:
        norms: before clipping, one of each step.
        clip_norm: the norm they were clipped to; 0 for none.

    Returns:
        ``gradient_norm`` and ``gradient_norm_max``, mean and maximum of the norms that are finite, left out where none
        is; ``clipped_steps``, the share of steps whose gradient was clipped, left out without clipping; and
        ``nonfinite_steps``, the share of steps whose norm is infinite or no number, as a loss scaled up for half
        precision brings about now and then.

    >>> import torch
    >>> norms_summary(torch.tensor([1.0, 7.0, 4.0, torch.inf]), 5.0)
    {'gradient_norm': 4.0, 'gradient_norm_max': 7.0, 'clipped_steps': 0.25, 'nonfinite_steps': 0.25}
    """
    norms = norms.double().cpu()
    finite = norms[norms.isfinite()]
    summary = {}
    if len(finite):
        summary = {"gradient_norm": finite.mean().item(), "gradient_norm_max": finite.max().item()}
    if clip_norm:
        summary["clipped_steps"] = int((finite > clip_norm).sum()) / len(norms)
    summary["nonfinite_steps"] = (len(norms) - len(finite)) / len(norms)
    return summary


def _at_least_single(gradient: Tensor | None) -> Tensor:
    assert gradient is not None
    return gradient.float() if gradient.dtype in (torch.half, torch.bfloat16) else gradient
