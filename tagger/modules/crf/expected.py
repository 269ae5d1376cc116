"""The expected score of labellings under another distribution, given its expected counts.

Letters: B sentences, T positions, L labels.
"""

from __future__ import annotations

from torch import Tensor, nn


def expected_score(
    emissions: Tensor,
    nodes: Tensor,
    pairs: Tensor,
    mask: Tensor,
    transitions: Tensor,
    start: Tensor,
    end: Tensor,
) -> Tensor:
    """Return the mean score of labellings drawn from a distribution, ``[B]`` in nats.

    A labelling's score is a sum of emissions and transitions, so its mean weights each by how often it is expected to
    be used. A score that is never used counts 0, whatever its value.

    Args:
        emissions: ``[B, T, L]``.
        nodes: probability of each label at each token, ``[B, T, L]``; anything at padding.
        pairs: how often label j is expected to follow label i, ``[B, L, L]``.
        mask: True for real tokens, which come first, ``[B, T]``.
        transitions: ``[L, L]``.
        start: ``[L]``.
        end: ``[L]``.
    """
    nodes = nodes.masked_fill(~mask.unsqueeze(2), 0.0)
    last = mask & ~nn.functional.pad(mask[:, 1:], (0, 1))
    of_tokens = (emissions.masked_fill(nodes == 0, 0.0) * nodes).sum(dim=(1, 2))
    of_pairs = (transitions * pairs).sum(dim=(1, 2))
    of_ends = nodes[:, 0] @ start + (nodes * last.unsqueeze(2)).sum(dim=1) @ end
    total: Tensor = of_tokens + of_pairs + of_ends
    return total
