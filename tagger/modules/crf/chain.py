"""Chain: the checked inputs of one CRF computation; errors in types and shapes are raised here, before it runs."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from tagger.schemes import TransitionConstraints


class Chain(NamedTuple):
    """Scores of a batch of chains, checked to fit together.

    Attributes:
        emissions: natural-log scores of the labels at each position, ``[B, T, L]``.
        transitions: scores of label j after label i, ``[L, L]``; or for each position ``[B, T - 1, L, L]``, where
            entry ``t - 1`` belongs to the step that enters position ``t`` from the real token before it.
        start: scores of the first label, ``[L]``.
        end: scores of the last label, ``[L]``.
        mask: True for real tokens, ``[B, T]``; None if all are.
        allowed: allowed transitions, starts and ends, boolean ``[L, L]``, ``[L]``, ``[L]``; None if unconstrained.
    """

    emissions: Tensor
    transitions: Tensor
    start: Tensor
    end: Tensor
    mask: Tensor | None
    allowed: tuple[Tensor, Tensor, Tensor] | None

    @property
    def dtype(self) -> torch.dtype:
        """The type of the results: float64 if any score is float64, otherwise float32, for half precision too."""
        scores = (self.emissions, self.transitions, self.start, self.end)
        return torch.float64 if any(score.dtype == torch.float64 for score in scores) else torch.float32

    def requires_grad(self) -> bool:
        """Return whether results have to be differentiable."""
        scores = (self.emissions, self.transitions, self.start, self.end)
        return torch.is_grad_enabled() and any(score.requires_grad for score in scores)


def make_chain(
    emissions: Tensor,
    transitions: Tensor,
    start: Tensor | None,
    end: Tensor | None,
    mask: Tensor | None,
    constraints: TransitionConstraints | None,
) -> Chain:
    """Return the inputs as a Chain; missing start and end scores are zeros.

    Raises:
        ValueError: if shapes, devices or the number of labels disagree, or the mask is not boolean.
        TypeError: if scores are not floating-point tensors or constraints are not boolean.
    """
    _check_tensor("emissions", emissions)
    _check_tensor("transitions", transitions)
    if emissions.dim() != 3:
        raise ValueError(f"emissions: expected shape (batch, tokens, labels), found {_shape(emissions)}")
    batch, length, found_labels = emissions.shape
    num_labels = transitions.shape[-1] if transitions.dim() else 1
    if not num_labels:
        raise ValueError(f"transitions: expected at least 1 label, found shape {_shape(transitions)}")
    by_step = (batch, max(length - 1, 0)) if transitions.dim() == 4 else ()
    _check_scores("transitions", transitions, (*by_step, num_labels, num_labels), emissions)
    _check_scores("emissions", emissions, (batch, length, found_labels), emissions)
    if found_labels != num_labels:
        raise ValueError(f"emissions: expected {num_labels} labels, found {found_labels}")
    if start is None:
        start = transitions.new_zeros(num_labels)
    if end is None:
        end = transitions.new_zeros(num_labels)
    _check_scores("start transitions", start, (num_labels,), emissions)
    _check_scores("end transitions", end, (num_labels,), emissions)
    if mask is not None:
        _check_mask("mask", mask, (batch, length), emissions)
    allowed = None
    if constraints is not None:
        allowed = constraint_tensors(constraints, num_labels, emissions.device)
    return Chain(emissions, transitions, start, end, mask, allowed)


def check_count(name: str, count: int) -> None:
    """Check a number of labels or labellings.

    Raises:
        ValueError: if it is below 1.
        TypeError: if it is not an integer.
    """
    if isinstance(count, bool) or not isinstance(count, int):
        raise TypeError(f"{name}: expected an integer, found {count!r}")
    if count < 1:
        raise ValueError(f"{name}: expected at least 1, found {count}")


def check_labels(labels: Tensor, chain: Chain) -> None:
    """Check the type, shape and device of gold labels; their values are checked where they are read.

    Raises:
        ValueError: if the shape is not ``[B, T]``.
        TypeError: if they are not integers.
    """
    _check_integers("labels", labels)
    _check_shape("labels", labels, tuple(chain.emissions.shape[:2]))
    _check_device("labels", labels, chain.emissions)


def check_label_mask(label_mask: Tensor, chain: Chain) -> None:
    """Check that a label mask is boolean and has the shape of the emissions.

    Raises:
        ValueError: if it is not.
    """
    _check_mask("label_mask", label_mask, tuple(chain.emissions.shape), chain.emissions)


def check_windows(rows: Tensor, starts: Tensor, label_mask: Tensor, chain: Chain) -> None:
    """Check the types and shapes of windows and their masks.

    Raises:
        ValueError: if a shape is not ``[S]``, ``[S]`` and ``[S, W, L]``, or the mask is not boolean.
        TypeError: if rows or starts are not integers.
    """
    for name, numbers in (("rows", rows), ("starts", starts)):
        _check_integers(name, numbers)
        _check_shape(name, numbers, (rows.numel(),))
    width = label_mask.shape[1] if label_mask.dim() == 3 else 0
    _check_mask("label_mask", label_mask, (rows.numel(), width, chain.emissions.shape[2]), chain.emissions)


def _check_tensor(name: str, tensor: Tensor) -> None:
    """Check that an argument is a tensor.

    Raises:
        TypeError: if it is not.
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{name}: expected a tensor, found {type(tensor).__name__}")


def _check_integers(name: str, numbers: Tensor) -> None:
    _check_tensor(name, numbers)
    if numbers.is_floating_point() or numbers.is_complex() or numbers.dtype == torch.bool:
        raise TypeError(f"{name}: expected integers, found {numbers.dtype}")


def _check_mask(name: str, mask: Tensor, shape: tuple[int, ...], emissions: Tensor) -> None:
    """Check that a mask is boolean and of the expected shape.

    Raises:
        ValueError: if it is not.
        TypeError: if it is not a tensor.
    """
    _check_tensor(name, mask)
    if mask.dtype != torch.bool:
        raise ValueError(
            f"{name}: expected booleans, True = real, found {mask.dtype}; convert it with {name}.bool()"
        )
    _check_shape(name, mask, shape)
    _check_device(name, mask, emissions)


def constraint_tensors(
    constraints: TransitionConstraints, num_labels: int, device: torch.device
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the three constraint tables as boolean tensors.

    Raises:
        ValueError: if a shape does not fit the number of labels.
        TypeError: if they are not TransitionConstraints, or a table does not hold booleans.
    """
    if not isinstance(constraints, TransitionConstraints):
        raise TypeError(f"constraints: expected TransitionConstraints, found {type(constraints).__name__}")
    transitions = _constraint_tensor("transitions", constraints.transitions, (num_labels, num_labels), device)
    start = _constraint_tensor("start", constraints.start, (num_labels,), device)
    end = _constraint_tensor("end", constraints.end, (num_labels,), device)
    return transitions, start, end


def _constraint_tensor(name: str, table: Any, shape: tuple[int, ...], device: torch.device) -> Tensor:
    tensor = torch.as_tensor(table, device=device)
    if tensor.dtype != torch.bool:
        raise TypeError(f"constraints.{name}: expected booleans, True = allowed, found {tensor.dtype}")
    _check_shape(f"constraints.{name}", tensor, shape)
    return tensor


def _check_scores(name: str, scores: Tensor, shape: tuple[int, ...], emissions: Tensor) -> None:
    _check_tensor(name, scores)
    if not scores.is_floating_point():
        raise TypeError(f"{name}: expected floating-point scores, found {scores.dtype}")
    _check_shape(name, scores, shape)
    _check_device(name, scores, emissions)


def _check_shape(name: str, tensor: Tensor, shape: tuple[int, ...]) -> None:
    if tensor.shape != shape:
        raise ValueError(f"{name}: expected shape {shape}, found {_shape(tensor)}")


def _check_device(name: str, tensor: Tensor, emissions: Tensor) -> None:
    if tensor.device != emissions.device:
        raise ValueError(
            f"{name}: expected on {emissions.device} like the emissions, found on {tensor.device}"
        )


def _shape(tensor: Tensor) -> tuple[int, ...]:
    return tuple(tensor.shape)
