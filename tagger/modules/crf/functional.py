"""The CRF as functions of tensors, for scores that are not parameters, such as input-dependent transitions.

Every function takes ``emissions [B, T, L]``, ``transitions``, ``start [L]`` and ``end [L]`` (zeros if left out),
``mask [B, T]`` (all real if left out) and ``constraints``. ``transitions`` are ``[L, L]`` or input-dependent,
``[B, T - 1, L, L]``: entry t - 1 belongs to the step that enters position t from the last real token before it.
``LinearChainCRF`` documents the results.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tagger import crf_kernels
from tagger.modules.crf import fast, reference
from tagger.modules.crf.chain import (
    Chain,
    check_count,
    check_label_mask,
    check_labels,
    check_windows,
    make_chain,
)
from tagger.modules.crf.max_plus import max_plus
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
    if chain.requires_grad() or emissions.device.type != "cpu":
        _check_values(chain, labels)
        score = reference.score(reference.compact(chain), labels)
        return reference.difference(score, torch.zeros_like(score)).to(chain.dtype)
    scores = fast.pack(chain)
    return fast.unpack(
        crf_kernels.path_scores(crf_kernels.pack_labels(fast.array(labels), scores), scores), chain
    )


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
    """Return log Z, ``[B]`` in nats, over the labellings that the constraints and the label mask allow."""
    chain = make_chain(emissions, transitions, start, end, mask, constraints)
    if label_mask is not None:
        check_label_mask(label_mask, chain)
    return _log_likelihood(chain, backend, label_mask=label_mask, normalised=False)


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
    return _log_likelihood(chain, backend, labels=labels)


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
    """Return the log-probability that all labels are within ``label_mask [B, T, L]``, ``[B]``."""
    chain = make_chain(emissions, transitions, start, end, mask, constraints)
    check_label_mask(label_mask, chain)
    return _log_likelihood(chain, backend, label_mask=label_mask)


def crf_window_log_likelihood(
    emissions: Tensor,
    rows: Tensor,
    starts: Tensor,
    label_mask: Tensor,
    transitions: Tensor,
    start: Tensor | None = None,
    end: Tensor | None = None,
    mask: Tensor | None = None,
    *,
    constraints: TransitionConstraints | None = None,
) -> Tensor:
    """Return the log-probability that each window's labels are in ``label_mask [S, W, L]``, ``[S]``; no gradient."""
    chain = make_chain(emissions, transitions, start, end, mask, constraints)
    check_windows(rows, starts, label_mask, chain)
    arrays = (fast.array(rows).astype(np.int64), fast.array(starts).astype(np.int64), fast.array(label_mask))
    return fast.unpack(crf_kernels.window_log_likelihood(fast.pack(chain), *arrays), chain)


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
    """Return the probability of each label at each position, ``[B, T, L]``, 0 where masked."""
    chain = make_chain(emissions, transitions, start, end, mask, constraints)
    return _expectation(chain, _NODES, backend)


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
    """Return the probability of each pair of neighbouring labels, ``[B, T - 1, L, L]``, 0 where there is no pair."""
    chain = make_chain(emissions, transitions, start, end, mask, constraints)
    return _expectation(chain, _PAIRS, backend)


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
    return _expectation(chain, _ENTROPY, backend)


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
    if label_mask is not None:
        check_label_mask(label_mask, chain)
    packed_label_mask = None
    scores = fast.pack(chain)
    if label_mask is not None:
        packed_label_mask = scores.packing.pack(fast.array(label_mask))
    labels, best = crf_kernels.viterbi(scores, packed_label_mask, forward=max_plus)
    return fast.unpack(labels, chain, torch.long), fast.unpack(best, chain)


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
    """Return the n best labellings, ``[B, n, T]``, their scores, ``[B, n]``, and whether each exists, ``[B, n]``."""
    check_count("n", n)
    chain = make_chain(emissions, transitions, start, end, mask, constraints)
    labels, best = crf_kernels.nbest(fast.pack(chain), n)
    return (
        fast.unpack(labels, chain, torch.long),
        fast.unpack(best, chain),
        fast.unpack(best > -np.inf, chain, torch.bool),
    )


def crf_posterior_decode(
    emissions: Tensor,
    transitions: Tensor,
    start: Tensor | None = None,
    end: Tensor | None = None,
    mask: Tensor | None = None,
    *,
    constraints: TransitionConstraints | None = None,
) -> Tensor:
    """Return the legal labelling with the most correct labels in expectation, ``[B, T]``, -1 where masked."""
    chain = make_chain(emissions, transitions, start, end, mask, constraints)
    labels = crf_kernels.posterior_decode(fast.pack(chain), forward=max_plus)
    return fast.unpack(labels, chain, torch.long)


def _log_likelihood(
    chain: Chain,
    backend: Backend,
    *,
    labels: Tensor | None = None,
    label_mask: Tensor | None = None,
    normalised: bool = True,
) -> Tensor:
    if _runs_fast(chain, backend):
        return fast.log_likelihood(chain, labels, label_mask, normalised=normalised)
    _check_values(chain, labels)
    return reference.log_likelihood(chain, labels, label_mask, normalised=normalised).to(chain.dtype)


def _expectation(chain: Chain, quantity: fast.Expectation, backend: Backend) -> Tensor:
    if _runs_fast(chain, backend):
        return fast.expectation(chain, quantity)
    _check_values(chain)
    return quantity.reference(chain).to(chain.dtype)


def _runs_fast(chain: Chain, backend: Backend) -> bool:
    if backend not in get_args(Backend):
        raise ValueError(f"backend: expected one of {', '.join(get_args(Backend))}, found {backend!r}")
    on_cpu = chain.emissions.device.type == "cpu"
    if backend == "fast" and not on_cpu:
        raise ValueError(
            f"backend 'fast' runs on the CPU, found tensors on {chain.emissions.device}; use 'auto'"
        )
    return on_cpu and backend != "reference"


def _check_values(chain: Chain, labels: Tensor | None = None) -> None:
    """Check the values of scores and labels for the reference backend, unless that would wait for a device."""
    if chain.emissions.device.type == "cpu" and not torch.compiler.is_compiling():
        scores = fast.pack(chain)
        if labels is not None:
            crf_kernels.pack_labels(fast.array(labels), scores)


def _nodes(scores: crf_kernels.PackedScores) -> NDArray[Any]:
    if not scores.packing.counts:
        return scores.packing.unpack(scores.emissions)
    return scores.packing.unpack(crf_kernels.posterior(scores)[1].nodes)


def _pairs(scores: crf_kernels.PackedScores) -> NDArray[Any]:
    num_labels = len(scores.start)
    if not scores.packing.counts:
        return scores.packing.unpack_entered(np.zeros((0, num_labels, num_labels)))
    return scores.packing.unpack_entered(crf_kernels.posterior(scores)[1].pairs())


_NODES = fast.Expectation(_nodes, lambda chain: reference.posterior(chain)[1])
_PAIRS = fast.Expectation(_pairs, lambda chain: reference.posterior(chain)[2])
_ENTROPY = fast.Expectation(crf_kernels.entropy, reference.entropy)
