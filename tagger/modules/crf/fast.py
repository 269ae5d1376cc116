"""The fast backend: the NumPy kernels under autograd, with closed-form gradients; for tensors on the CPU.

In eager mode it is one ``torch.autograd.Function`` that keeps the marginals for the backward pass. Under
``torch.compile`` it is one opaque operator, which recomputes them in the backward pass, because their packed
size depends on the values of the mask. Second derivatives come from the reference backend.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagger import crf_kernels
from tagger.modules.crf import reference
from tagger.modules.crf.chain import Chain

_NUMPY_TYPES = {torch.float32: np.float32, torch.float64: np.float64}


def log_likelihood(
    chain: Chain, labels: Tensor | None = None, label_mask: Tensor | None = None, *, normalised: bool = True
) -> Tensor:
    """Return the log-probability of the labels, or of all labellings within the mask, ``[B]``.

    Differentiable with respect to all scores. With ``normalised=False``, return the unnormalised value instead:
    the score of the labels, or log Z within the mask.
    """
    allowed = chain.allowed or (None, None, None)
    arguments = (*chain[:4], chain.mask, *allowed, labels, label_mask, normalised)
    if torch.compiler.is_compiling():
        return _compiled(*arguments)  # type: ignore[no-any-return]
    if chain.requires_grad():
        return _LogLikelihood.apply(*arguments)  # type: ignore[no-untyped-call, no-any-return]
    return _Problem.of(*arguments).value()


def pack(chain: Chain) -> crf_kernels.PackedScores:
    """Return the scores of a chain as packed arrays; the chain may be on any device."""
    emissions, transitions, start, end = (array(scores) for scores in chain[:4])
    mask = None if chain.mask is None else array(chain.mask)
    allowed = None
    if chain.allowed is not None:
        allowed = (array(chain.allowed[0]), array(chain.allowed[1]), array(chain.allowed[2]))
    return crf_kernels.pack_scores(emissions, transitions, start, end, mask, allowed)


def unpack(array: NDArray[Any], chain: Chain, dtype: torch.dtype | None = None) -> Tensor:
    """Return an array as a tensor on the chain's device, by default in the precision of its results."""
    return _tensor(array, dtype or chain.dtype).to(chain.emissions.device)


def _tensor(array: NDArray[Any], dtype: torch.dtype) -> Tensor:
    """Return an array as a tensor; NumPy casts small arrays in a fifth of the time that torch takes."""
    if dtype in _NUMPY_TYPES:
        return torch.from_numpy(array.astype(_NUMPY_TYPES[dtype], copy=False))
    return torch.from_numpy(array).to(dtype)


def array(tensor: Tensor) -> NDArray[Any]:
    """Return a tensor as an array, without a copy if it is on the CPU and not in half precision."""
    if tensor.dtype in (torch.half, torch.bfloat16):
        tensor = tensor.float()
    return tensor.numpy(force=True)


def _chain_of(*arguments: Any) -> Chain:
    """Return the chain of the flat arguments that autograd and the compiler pass; the last three are constraints."""
    emissions, transitions, start, end, mask, may, may_start, may_end = arguments
    allowed = None if may is None else (may, may_start, may_end)
    return Chain(emissions, transitions, start, end, mask, allowed)


class _Problem(NamedTuple):
    """One log-likelihood to compute, reassembled from the flat arguments that autograd and the compiler require."""

    chain: Chain
    labels: Tensor | None
    label_mask: Tensor | None
    normalised: bool

    @staticmethod
    def of(*arguments: Any) -> _Problem:
        return _Problem(_chain_of(*arguments[:8]), *arguments[8:])

    def value(self) -> Tensor:
        scores, target = self._packed()
        return unpack(crf_kernels.log_likelihood(scores, **target), self.chain)

    def solve(self) -> crf_kernels.Likelihood | None:
        """Return the likelihood with all its gradient needs; None for a batch without tokens."""
        scores, target = self._packed()
        return crf_kernels.differentiable_log_likelihood(scores, **target) if scores.packing.counts else None

    def gradients(self, solved: crf_kernels.Likelihood | None, weights: Tensor) -> list[Tensor]:
        """Return the gradients of the four scores, each in its own precision."""
        if solved is None:
            return [torch.zeros_like(scores) for scores in self.chain[:4]]
        arrays = solved.gradient(array(weights).astype(np.float64))
        return [_tensor(each, scores.dtype) for each, scores in zip(arrays, self.chain[:4], strict=True)]

    def _packed(self) -> tuple[crf_kernels.PackedScores, dict[str, Any]]:
        scores = pack(self.chain)
        return scores, {
            "labels": None if self.labels is None else crf_kernels.pack_labels(array(self.labels), scores),
            "label_mask": None if self.label_mask is None else scores.packing.pack(array(self.label_mask)),
            "normalised": self.normalised,
        }


class _LogLikelihood(torch.autograd.Function):
    """The eager form, which keeps the forward pass's results for the backward pass."""

    @staticmethod
    def forward(ctx: Any, *arguments: Any) -> Tensor:
        problem = _Problem.of(*arguments)
        ctx.save_for_backward(*arguments[:-1])
        ctx.normalised = problem.normalised
        ctx.solved = problem.solve()
        if ctx.solved is None:
            return problem.value()
        return unpack(ctx.solved.values, problem.chain)

    @staticmethod
    def backward(ctx: Any, *weights: Tensor) -> tuple[Tensor | None, ...]:
        problem = _Problem.of(*ctx.saved_tensors, ctx.normalised)
        if not torch.is_grad_enabled():
            return (*problem.gradients(ctx.solved, weights[0]), *_NO_GRADIENTS)

        def value(chain: Chain) -> Tensor:
            return reference.log_likelihood(
                chain, problem.labels, problem.label_mask, normalised=problem.normalised
            )

        return (*_reference_gradients(value, problem.chain, ctx.needs_input_grad, weights[0]), *_NO_GRADIENTS)


class Expectation(NamedTuple):
    """A quantity computed from the marginals of a chain, in both backends."""

    fast: Callable[[crf_kernels.PackedScores], NDArray[Any]]
    reference: Callable[[Chain], Tensor]


def expectation(chain: Chain, quantity: Expectation) -> Tensor:
    """Return a quantity, computed by the fast backend; its derivatives come from the reference backend."""
    if chain.requires_grad():
        allowed = chain.allowed or (None, None, None)
        return _Expectation.apply(quantity, *chain[:5], *allowed)  # type: ignore[no-untyped-call, no-any-return]
    return unpack(quantity.fast(pack(chain)), chain)


class _Expectation(torch.autograd.Function):
    """Fast forward pass; the backward pass recomputes the quantity differentiably."""

    @staticmethod
    def forward(ctx: Any, quantity: Expectation, *arguments: Any) -> Tensor:
        # all of them, so that autograd detects it when one is overwritten before the backward pass
        ctx.save_for_backward(*arguments)
        ctx.quantity = quantity
        chain = _chain_of(*arguments)
        return unpack(quantity.fast(pack(chain)), chain)

    @staticmethod
    def backward(ctx: Any, *weights: Tensor) -> tuple[Tensor | None, ...]:
        chain = _chain_of(*ctx.saved_tensors)
        needed = ctx.needs_input_grad[1:]
        # none for the quantity, the mask, and three tables of constraints
        return (None, *_reference_gradients(ctx.quantity.reference, chain, needed, weights[0]), *(None,) * 4)


def _reference_gradients(
    value: Callable[[Chain], Tensor], chain: Chain, needed: Sequence[bool], weights: Tensor
) -> list[Tensor | None]:
    """Return the gradients of a value for the scores that need one, differentiable if gradients are enabled."""
    create_graph = torch.is_grad_enabled()
    with torch.enable_grad():
        # without create_graph, the graph must not extend beyond the scores
        scores = [
            each if create_graph else each.detach().requires_grad_(each.requires_grad) for each in chain[:4]
        ]
        result = value(Chain(scores[0], scores[1], scores[2], scores[3], chain.mask, chain.allowed))
        inputs = [each for each, is_needed in zip(scores, needed, strict=False) if is_needed]
        found = iter(torch.autograd.grad(result, inputs, weights.to(result), create_graph=create_graph))
    return [next(found) if is_needed else None for is_needed in needed[:4]]


# of mask, three tables of constraints, labels, label mask, normalised
_NO_GRADIENTS = (None,) * 7


@torch.library.custom_op("tagger::crf_log_likelihood", mutates_args=())
def _compiled(
    emissions: Tensor,
    transitions: Tensor,
    start: Tensor,
    end: Tensor,
    mask: Tensor | None,
    allowed_transitions: Tensor | None,
    allowed_start: Tensor | None,
    allowed_end: Tensor | None,
    labels: Tensor | None,
    label_mask: Tensor | None,
    normalised: bool,
) -> Tensor:
    allowed = (allowed_transitions, allowed_start, allowed_end)
    return _Problem.of(
        emissions, transitions, start, end, mask, *allowed, labels, label_mask, normalised
    ).value()


@torch.library.custom_op("tagger::crf_log_likelihood_backward", mutates_args=())
def _compiled_backward(
    weights: Tensor,
    emissions: Tensor,
    transitions: Tensor,
    start: Tensor,
    end: Tensor,
    mask: Tensor | None,
    allowed_transitions: Tensor | None,
    allowed_start: Tensor | None,
    allowed_end: Tensor | None,
    labels: Tensor | None,
    label_mask: Tensor | None,
    normalised: bool,
) -> list[Tensor]:
    allowed = (allowed_transitions, allowed_start, allowed_end)
    problem = _Problem.of(emissions, transitions, start, end, mask, *allowed, labels, label_mask, normalised)
    return problem.gradients(problem.solve(), weights)


@_compiled.register_fake
def _(*arguments: Any) -> Tensor:
    chain = _Problem.of(*arguments).chain
    return chain.emissions.new_empty(chain.emissions.shape[0], dtype=chain.dtype)


@_compiled_backward.register_fake
def _(weights: Tensor, *arguments: Any) -> list[Tensor]:
    return [torch.empty_like(scores, memory_format=torch.contiguous_format) for scores in arguments[:4]]


def _keep_arguments(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    ctx.save_for_backward(*inputs[:-1])
    ctx.normalised = inputs[-1]


def _compiled_gradients(ctx: Any, weights: Tensor) -> tuple[Tensor | None, ...]:
    return (*_compiled_backward(weights, *ctx.saved_tensors, ctx.normalised), *_NO_GRADIENTS)


_compiled.register_autograd(_compiled_gradients, setup_context=_keep_arguments)
