"""average_parts: one model of several, whose scores are the means of theirs.

A CRF gives a labelling y of a sentence x the probability exp(s(x, y)) / Z(x), where s adds up potentials: emissions and
transition scores. Members s_1, ..., s_M are averaged potential by potential: what comes out is again a CRF, with the
score (s_1 + ... + s_M) / M, so all that is exact for one model (decoding, marginals, n-best lists, probabilities of
spans) is exact for an average. Its probability of a labelling is the geometric mean of its members', normalised: a
logarithmic opinion pool, of CRFs by Smith, Cohn & Osborne (2005). Models that differ in their seeds alone are often
wrong in different places, which is what is gained; time and memory are those of all members together.

Members may differ in all but what they say: labels and scheme, and how they cut text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tagger.errors import UsageError
from tagger.model_files import MOST_MEMBERS
from tagger.model_parts import ModelParts
from tagger.schemes import listed


def average_parts(members: Sequence[ModelParts], names: Sequence[str] | None = None) -> ModelParts:
    """Return the average of single models.

    Temperatures and thresholds of the members, which were fitted to their own probabilities, are not taken over.

    Args:
        members: 2 to 16 of them.
        names: what messages call them; by their numbers if left out.

    Raises:
        UsageError: if there are too few or too many, one is an average itself or comes twice, or they differ in labels,
            scheme or segmenter; names the first that does, and what was expected.
    """
    names = [f"model {number}" for number in range(1, len(members) + 1)] if names is None else names
    if not 2 <= len(members) <= MOST_MEMBERS:
        raise UsageError(f"average: expected 2 to {MOST_MEMBERS} models, found {len(members)}")
    first = members[0]
    known: list[tuple[str, ModelParts]] = []
    for name, member in zip(names, members, strict=True):
        if member.others:
            raise UsageError(
                f"average: {name} is an average itself, of {len(member.members)}; expected single models, such as its "
                "members"
            )
        for other, earlier in known:
            if _are_the_same(member, earlier):
                raise UsageError(f"average: {other} and {name} are the same model; expected different ones")
        known.append((name, member))
        _check_alike(first, names[0], member, name)
    return replace(first.alone(), others=tuple(member.alone() for member in members[1:]))


def _are_the_same(one: ModelParts, other: ModelParts) -> bool:
    """Return whether two models have the same network, whatever they are calibrated to."""
    return one.weights.keys() == other.weights.keys() and all(
        array.shape == other.weights[name].shape and np.array_equal(array, other.weights[name])
        for name, array in one.weights.items()
    )


def _check_alike(first: ModelParts, first_name: str, member: ModelParts, name: str) -> None:
    """Refuse a member that says something else than the first one."""
    own, expected = set(member.labels.items), set(first.labels.items)
    if own != expected:
        more, fewer = sorted(own - expected), sorted(expected - own)
        differences = [*([f"also {listed(more)}"] * bool(more)), *([f"not {listed(fewer)}"] * bool(fewer))]
        raise UsageError(
            f"average: expected the same labels in all models, found in {name} {' and '.join(differences)}, compared "
            f"with {first_name}"
        )
    for what, mine, wanted in (
        ("scheme", member.config.scheme, first.config.scheme),
        ("segmenter", dict(member.segmenter), dict(first.segmenter)),
    ):
        if mine != wanted:
            raise UsageError(
                f"average: expected the same {what} in all models, found {mine} in {name} and {wanted} in {first_name}"
            )
