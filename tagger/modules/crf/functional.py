"""The CRF as functions of tensors: for scores that are not parameters, such as transitions that depend on the input.

Every function takes ``emissions [B, T, L]``, ``transitions`` ``[L, L]`` or input-dependent ``[B, T - 1, L, L]``,
``start [L]`` and ``end [L]`` (zeros if left out), ``mask [B, T]`` (all real if left out) and ``constraints``.
Entry ``t - 1`` of input-dependent transitions belongs to the step that enters position ``t``, from whatever real
token stands before it. The semantics of all of them are written once, in ``LinearChainCRF``.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import torch
from torch import Tensor

from tagger import crf_kernels
from tagger.modules.crf import reference
from tagger.modules.crf.chain import Chain, check_labels, check_mask, make_chain
from tagger.schemes import TransitionConstraints

Backend: TypeAlias = Literal["auto", "fast", "reference"]


def crf_score(
    emissions: Tensor,
    labels: Tensor,
    transitions: Tensor,
    start: Tensor | None = None,
    end: Tensor | None = None,
    mask: Tensor | None = None,
    *,
    constraints: TransitionConstraints | None = None,
) -> Tensor:
    """Return the score of one labelling per row, ``[B]`` in nats; -inf if the constraints forbid it."""
    chain = make_chain(emissions, transitions, start, end, mask, constraints)
    check_labels(labels, chain)
    score = reference.score(reference.compact(chain), labels)
    return reference.difference(score, torch.zeros_like(score)).to(chain.dtype)


def crf_log_partition(
    emissions: Tensor,
    transitions: Tensor,
    start: Tensor | None = None,
    end: Tensor | None = None,
    mask: Tensor | None = None,
    *,
    label_mask: Tensor | None = None,
    constraints: TransitionConstraints | None = None,
    backend: Backend = "auto",
) -> Tensor:
    """Return log Z, ``[B]`` in nats, over the labellings that constraints and label mask allow."""
    chain = make_chain(emissions, transitions, start, end, mask, constraints)
    _check_label_mask(label_mask, chain)
    return reference.log_partition(reference.compact(chain, label_mask)).to(chain.dtype)


def crf_log_likelihood(
    emissions: Tensor,
    labels: Tensor,
    transitions: Tensor,
    start: Tensor | None = None,
    end: Tensor | None = None,
    mask: Tensor | None = None,
    *,
    constraints: TransitionConstraints | None = None,
    backend: Backend = "auto",
) -> Tensor:
    """Return the log-probability of one labelling per row, ``[B]`` in nats, at most 0."""
    chain = make_chain(emissions, transitions, start, end, mask, constraints)
    check_labels(labels, chain)
    compact = reference.compact(chain)
    return reference.difference(reference.score(compact, labels), reference.log_partition(compact)).to(
        chain.dtype
    )


def crf_partial_log_likelihood(
    emissions: Tensor,
    label_mask: Tensor,
    transitions: Tensor,
    start: Tensor | None = None,
    end: Tensor | None = None,
    mask: Tensor | None = None,
    *,
    constraints: TransitionConstraints | None = None,
    backend: Backend = "auto",
) -> Tensor:
    """Return the log of the summed probabilities of all labellings within ``label_mask [B, T, L]``, ``[B]``."""
    chain = make_chain(emissions, transitions, start, end, mask, constraints)
    _check_label_mask(label_mask, chain)
    numerator = reference.log_partition(reference.compact(chain, label_mask))
    return reference.difference(numerator, reference.log_partition(reference.compact(chain))).to(chain.dtype)


def crf_marginals(
    emissions: Tensor,
    transitions: Tensor,
    start: Tensor | None = None,
    end: Tensor | None = None,
    mask: Tensor | None = None,
    *,
    constraints: TransitionConstraints | None = None,
    backend: Backend = "auto",
) -> Tensor:
    """Return the probability of each label at each position, ``[B, T, L]``."""
    chain = make_chain(emissions, transitions, start, end, mask, constraints)
    return reference.posterior(chain)[1].to(chain.dtype)


def crf_pairwise_marginals(
    emissions: Tensor,
    transitions: Tensor,
    start: Tensor | None = None,
    end: Tensor | None = None,
    mask: Tensor | None = None,
    *,
    constraints: TransitionConstraints | None = None,
    backend: Backend = "auto",
) -> Tensor:
    """Return the probability of each pair of neighbours, ``[B, T - 1, L, L]``."""
    chain = make_chain(emissions, transitions, start, end, mask, constraints)
    return reference.posterior(chain)[2].to(chain.dtype)


def crf_entropy(
    emissions: Tensor,
    transitions: Tensor,
    start: Tensor | None = None,
    end: Tensor | None = None,
    mask: Tensor | None = None,
    *,
    constraints: TransitionConstraints | None = None,
    backend: Backend = "auto",
) -> Tensor:
    """Return the entropy of the distribution over labellings, ``[B]`` in nats."""
    chain = make_chain(emissions, transitions, start, end, mask, constraints)
    return reference.entropy(chain).to(chain.dtype)


def crf_viterbi_decode(
    emissions: Tensor,
    transitions: Tensor,
    start: Tensor | None = None,
    end: Tensor | None = None,
    mask: Tensor | None = None,
    *,
    label_mask: Tensor | None = None,
    constraints: TransitionConstraints | None = None,
) -> tuple[Tensor, Tensor]:
    """Return the best labelling, ``[B, T]``, -1 where masked, and its score, ``[B]`` in nats."""
    chain = make_chain(emissions, transitions, start, end, mask, constraints)
    _check_label_mask(label_mask, chain)
    return viterbi_chain(chain, label_mask)


def crf_nbest_decode(
    emissions: Tensor,
    n: int,
    transitions: Tensor,
    start: Tensor | None = None,
    end: Tensor | None = None,
    mask: Tensor | None = None,
    *,
    constraints: TransitionConstraints | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the n best labellings, ``[B, n, T]``, their scores, ``[B, n]``, and which exist, ``[B, n]``."""
    if n < 1:
        raise ValueError(f"n: expected at least 1, found {n}")
    chain = make_chain(emissions, transitions, start, end, mask, constraints)
    packing = _packing(chain)
    packed, scores = crf_kernels.nbest(*_packed_scores(chain, packing, None), packing, n)
    labels = torch.from_numpy(packing.unpack(packed, fill=-1)).transpose(1, 2)
    batch = chain.emissions.shape[0]
    # an empty row has one labelling, the empty one, of score 0
    padded = np.full((batch, n), -np.inf)
    padded[:, 0] = 0.0
    padded[packing.first_rows] = scores
    best = torch.from_numpy(padded)
    device = emissions.device
    return labels.to(device), best.to(device, chain.dtype), (best > -torch.inf).to(device)


def crf_posterior_decode(
    emissions: Tensor,
    transitions: Tensor,
    start: Tensor | None = None,
    end: Tensor | None = None,
    mask: Tensor | None = None,
    *,
    constraints: TransitionConstraints | None = None,
    backend: Backend = "auto",
) -> Tensor:
    """Return the legal labelling with the highest expected number of right labels, ``[B, T]``, -1 where masked."""
    with torch.no_grad():
        chain = make_chain(emissions, transitions, start, end, mask, constraints)
        nodes = reference.posterior(chain)[1]
        # a path is legal or not, its own score no longer counts
        legal = [torch.where(scores > -torch.inf, 0.0, -torch.inf) for scores in chain[1:4]]
        return viterbi_chain(Chain(nodes, legal[0], legal[1], legal[2], chain.mask, chain.allowed), None)[0]


def viterbi_chain(chain: Chain, label_mask: Tensor | None) -> tuple[Tensor, Tensor]:
    """Return the best labelling of a checked chain and its score."""
    packing = _packing(chain)
    packed, scores = crf_kernels.viterbi(*_packed_scores(chain, packing, label_mask), packing)
    best = np.zeros(chain.emissions.shape[0])
    best[packing.first_rows] = scores
    device = chain.emissions.device
    labels = torch.from_numpy(packing.unpack(packed, fill=-1)).to(device)
    return labels, torch.from_numpy(best).to(device, chain.dtype)


def _check_label_mask(label_mask: Tensor | None, chain: Chain) -> None:
    if label_mask is not None:
        check_mask("label_mask", label_mask, tuple(chain.emissions.shape), chain.emissions)


def _array(tensor: Tensor) -> np.ndarray:
    tensor = tensor.detach().cpu()
    return (tensor.float() if tensor.dtype in (torch.half, torch.bfloat16) else tensor).numpy()


def _packing(chain: Chain) -> crf_kernels.Packing:
    mask = None if chain.mask is None else _array(chain.mask)
    return crf_kernels.pack_mask(mask, (chain.emissions.shape[0], chain.emissions.shape[1]))


def _packed_scores(
    chain: Chain, packing: crf_kernels.Packing, label_mask: Tensor | None
) -> tuple[np.ndarray, ...]:
    emissions = packing.pack(_array(chain.emissions)).astype(np.float64)
    if label_mask is not None:
        emissions[~packing.pack(_array(label_mask))] = -np.inf
    transitions, start, end = (_array(scores).astype(np.float64) for scores in chain[1:4])
    if transitions.ndim == 4:
        transitions = packing.pack_steps(transitions)
    if chain.allowed is not None:
        transitions, start, end = (
            np.where(_array(allowed), scores, -np.inf)
            for allowed, scores in zip(chain.allowed, (transitions, start, end), strict=True)
        )
    return emissions, transitions, start, end
