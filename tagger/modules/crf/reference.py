"""The reference backend: the textbook recursions in log space, float64, differentiated by autograd.

It is the test oracle of the fast backend, provides second derivatives, and runs on accelerators: torch
operations only, none of which waits for the device. O(T L^2) per sentence, in T steps.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from tagger.modules.crf.chain import Chain


class CompactChain(NamedTuple):
    """A chain with its real tokens moved to the front, float64, forbidden scores -inf.

    Attributes:
        emissions: ``[B, T, L]``.
        transitions: ``[B or 1, T - 1 or 1, L, L]``; entry ``t - 1`` belongs to the step into ``t``.
        start: ``[L]``.
        end: ``[L]``.
        mask: ``[B, T]``, True values first.
        order: ``[B, T]``, the original position of each token.
    """

    emissions: Tensor
    transitions: Tensor
    start: Tensor
    end: Tensor
    mask: Tensor
    order: Tensor

    def transition(self, step: int) -> Tensor:
        """Return the transition scores into a step, ``[B or 1, L, L]``."""
        return self.transitions[:, step - 1 if self.transitions.shape[1] > 1 else 0]


def compact(chain: Chain, label_mask: Tensor | None = None) -> CompactChain:
    """Remove the masked positions, join their neighbours, and set all forbidden scores to -inf."""
    batch, length, num_labels = chain.emissions.shape
    mask = chain.mask
    if mask is None:
        mask = torch.ones(batch, length, dtype=torch.bool, device=chain.emissions.device)
    # torch.where keeps NaN at masked positions out of both values and gradients
    emissions = torch.where(mask[..., None], chain.emissions.double(), 0.0)
    if label_mask is not None:
        emissions = emissions.masked_fill(~label_mask & mask[..., None], -torch.inf)
    transitions, start, end = chain.transitions.double(), chain.start.double(), chain.end.double()
    order = torch.argsort((~mask).to(torch.uint8), dim=1, stable=True)
    emissions = emissions.gather(1, order[..., None].expand(batch, length, num_labels))
    if transitions.dim() == 2:
        transitions = transitions[None, None]
    else:
        # a step enters a real token that is not the first
        is_step = mask[:, 1:] & (mask.cumsum(1) > 0)[:, :-1]
        entered = torch.where(is_step[..., None, None], transitions, 0.0)
        # the step into original position q has entry q - 1
        source = (order[:, 1:] - 1).clamp(min=0)
        transitions = entered.gather(1, source[..., None, None].expand_as(entered))
    if chain.allowed is not None:
        transitions = transitions.masked_fill(~chain.allowed[0], -torch.inf)
        start = start.masked_fill(~chain.allowed[1], -torch.inf)
        end = end.masked_fill(~chain.allowed[2], -torch.inf)
    front = torch.arange(length, device=mask.device) < mask.sum(1, keepdim=True)
    return CompactChain(emissions, transitions, start, end, front, order)


def log_partition(chain: CompactChain) -> Tensor:
    """Return log Z by the forward algorithm, ``[B]`` in float64; 0 for empty rows, -inf without a legal path."""
    length = chain.emissions.shape[1]
    if length == 0:
        # keeps the result tied to the graph, as for any other row without tokens
        return chain.emissions.sum((1, 2))
    # alpha[b, j]: log of the summed scores of all paths to this step that end in label j
    alpha = chain.start + chain.emissions[:, 0]
    for step in range(1, length):
        entered = log_sum_exp(alpha[:, :, None] + chain.transition(step), dim=1) + chain.emissions[:, step]
        alpha = torch.where(chain.mask[:, step, None], entered, alpha)
    return torch.where(chain.mask[:, 0], log_sum_exp(alpha + chain.end, dim=1), 0.0)


def score(chain: CompactChain, labels: Tensor) -> Tensor:
    """Return the score of one labelling per row, ``[B]`` in float64; -inf if it is forbidden."""
    length = chain.emissions.shape[1]
    if length == 0:
        return chain.emissions.sum((1, 2))
    # masked labels may be anything, -100 included
    labels = torch.where(chain.mask, labels.long().gather(1, chain.order), 0)
    emitted = chain.emissions.gather(2, labels[..., None])[..., 0]
    batch, num_labels = chain.emissions.shape[0], chain.emissions.shape[2]
    transitions = chain.transitions.expand(batch, length - 1, num_labels, num_labels)
    row = torch.arange(batch, device=labels.device)[:, None]
    step = torch.arange(length - 1, device=labels.device)
    entered = transitions[row, step, labels[:, :-1], labels[:, 1:]]
    last = labels.gather(1, (chain.mask.sum(1, keepdim=True) - 1).clamp(min=0))[:, 0]
    total = torch.where(chain.mask, emitted, 0.0).sum(1) + torch.where(chain.mask[:, 1:], entered, 0.0).sum(1)
    return torch.where(chain.mask[:, 0], total + chain.start[labels[:, 0]] + chain.end[last], 0.0)


def log_likelihood(
    chain: Chain, labels: Tensor | None = None, label_mask: Tensor | None = None, *, normalised: bool = True
) -> Tensor:
    """Return the log-probability of the labels, or of all labellings within the mask, ``[B]`` in float64.

    -inf with zero gradient for infeasible rows. With ``normalised=False``, return the unnormalised value instead:
    the score of the labels, or log Z within the mask.
    """
    within = compact(chain, label_mask)
    numerator = log_partition(within) if labels is None else score(within, labels)
    if not normalised:
        return numerator
    result = difference(numerator, log_partition(compact(chain)))
    # remove any rounding error above 0 without stopping the gradient
    return result - result.detach().clamp(min=0)


def difference(numerator: Tensor, denominator: Tensor) -> Tensor:
    """Return numerator - denominator, -inf with zero gradient where either is -inf."""
    feasible = torch.isfinite(numerator) & torch.isfinite(denominator)
    return torch.where(feasible, numerator - denominator, -torch.inf)


def log_sum_exp(values: Tensor, dim: int) -> Tensor:
    """Return the logarithm of the sum of exponentials along a dimension, with zero gradient where all are -inf.

    ``torch.logsumexp`` gives NaN gradients there.
    """
    shift = values.detach().amax(dim, keepdim=True)
    shift = torch.where(torch.isfinite(shift), shift, 0.0)
    total = (values - shift).exp().sum(dim)
    found = total > 0
    return torch.where(found, torch.where(found, total, 1.0).log() + shift.squeeze(dim), -torch.inf)


def posterior(chain: Chain, label_mask: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Return log Z ``[B]``, node marginals ``[B, T, L]`` and pair marginals ``[B, T - 1, L, L]`` in float64.

    Entry ``t - 1`` of the pairs belongs to the step into position ``t``, 0 where no step enters it. They are
    the derivatives of log Z and stay differentiable themselves where gradients are on.
    """
    batch, length, num_labels = chain.emissions.shape
    differentiable = chain.requires_grad()
    with torch.enable_grad():
        # a separate entry for every step, so that each step gets its own derivative
        pairs = chain.transitions.double().expand(batch, max(length - 1, 0), num_labels, num_labels)
        inputs = [chain.emissions.double(), pairs]
        if not differentiable:
            inputs = [scores.detach() for scores in inputs]
        # new tensors to differentiate with respect to, connected to inputs that require gradients
        inputs = [
            scores.clone() if scores.requires_grad else scores.clone().requires_grad_() for scores in inputs
        ]
        log_z = log_partition(compact(chain._replace(emissions=inputs[0], transitions=inputs[1]), label_mask))
        nodes, edges = torch.autograd.grad(
            log_z.sum(), inputs, create_graph=differentiable, materialize_grads=True
        )
    return (log_z, nodes, edges) if differentiable else (log_z.detach(), nodes, edges)


def entropy(chain: Chain) -> Tensor:
    """Return log Z minus the expected score, ``[B]`` in float64; 0 for rows without tokens or a legal path."""
    log_z, nodes, edges = posterior(chain)
    expected = _expected(nodes, chain.emissions).sum(1)
    transitions = chain.transitions if chain.transitions.dim() == 4 else chain.transitions[None, None]
    expected = expected + _expected(edges.flatten(2), transitions.flatten(2)).sum(1)
    batch, length, _ = chain.emissions.shape
    if length == 0:
        return log_z
    mask = chain.mask
    if mask is None:
        mask = torch.ones(batch, length, dtype=torch.bool, device=chain.emissions.device)
    row = torch.arange(batch, device=mask.device)
    first = mask.to(torch.uint8).argmax(1)
    last = length - 1 - mask.flip(1).to(torch.uint8).argmax(1)
    expected = expected + _expected(nodes[row, first], chain.start) + _expected(nodes[row, last], chain.end)
    result = torch.where(torch.isfinite(log_z), log_z - expected, 0.0)
    # remove any rounding error below 0 without stopping the gradient
    return result - result.detach().clamp(max=0)


def _expected(probabilities: Tensor, scores: Tensor) -> Tensor:
    """Return the expectation of scores over the last dimension; impossible events count 0, even at -inf."""
    return (probabilities * torch.where(probabilities > 0, scores.double(), 0.0)).sum(-1)
