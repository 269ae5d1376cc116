"""The norm of a step's gradient: clipping, and a summary of an epoch's norms."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn.utils import clip_grads_with_norm_, get_total_norm


def clip_gradient(parameters: Iterable[Tensor], clip_norm: float) -> Tensor:
    """Scale a gradient in place, so that its norm is at most ``clip_norm``.

    Args:
        parameters: the parameters; those without a gradient are ignored.
        clip_norm: the maximum norm; 0 leaves the gradient unchanged.

    Returns:
        The Euclidean norm of the whole gradient before clipping, a scalar tensor on its device.
    """
    with_gradient = [parameter for parameter in parameters if parameter.grad is not None]
    # Squares would overflow in half precision.
    norm = get_total_norm([_at_least_single(parameter.grad) for parameter in with_gradient])
    if clip_norm:
        clip_grads_with_norm_(with_gradient, clip_norm, norm)
    return norm


def norms_summary(norms: Tensor, clip_norm: float) -> dict[str, float]:
    """Return a summary of the gradient norms of an epoch.

    Args:
        norms: before clipping, one per step.
        clip_norm: the norm they were clipped to; 0 for none.

    Returns:
        ``gradient_norm`` and ``gradient_norm_max``, mean and maximum of the finite norms, left out if there are none;
        ``clipped_steps``, the share of steps whose gradient was clipped, left out without clipping; and
        ``nonfinite_steps``, the share of steps whose norm is infinite or NaN, as happens occasionally with loss scaling
        in half precision.

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
