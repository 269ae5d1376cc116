"""Label smoothing for a linear-chain CRF: each gold label is, independently, replaced by a random one.

Letters: B sentences, T positions, L labels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def label_smoothing_term(
    emissions: Tensor,
    labels: Tensor,
    mask: Tensor,
    transitions: Tensor,
    start: Tensor,
    end: Tensor,
    *,
    smoothing: float,
) -> Tensor:
    """Return the gold labels' score minus its expectation under random replacement, ``[B]`` in nats.

    The log-likelihood is this score minus log Z, which does not depend on the labels, so the difference is the expected
    loss of log-likelihood. It covers the transitions too; otherwise the loss would be unbounded below.

    Args:
        emissions: ``[B, T, L]``.
        labels: gold labels, ``[B, T]``; anything at padding.
        mask: True for real tokens, which come first, ``[B, T]``.
        transitions: ``[L, L]``.
        start: ``[L]``.
        end: ``[L]``.
        smoothing: probability that a gold label is replaced by one drawn uniformly from all L.
    """
    gold = labels.clamp(min=0)
    follows = mask[:, 1:]
    ends = mask & ~nn.functional.pad(follows, (0, 1))
    scores = emissions + ends.unsqueeze(2) * end
    scores = torch.cat([scores[:, :1] + start, scores[:, 1:]], dim=1)
    of_gold = scores.gather(2, gold.unsqueeze(2)).squeeze(2)
    of_tokens = smoothing * (of_gold - scores.mean(dim=2))  # [B, T]
    last, now, kept = gold[:, :-1], gold[:, 1:], 1 - smoothing
    one_random = transitions.mean(dim=1)[last] + transitions.mean(dim=0)[now]
    of_pairs = (
        (1 - kept**2) * transitions[last, now]
        - kept * smoothing * one_random
        - smoothing**2 * transitions.mean()
    )  # [B, T - 1]
    return of_tokens.masked_fill(~mask, 0.0).sum(dim=1) + of_pairs.masked_fill(~follows, 0.0).sum(dim=1)
