"""average_parts: combine several models into one whose scores are the means of theirs.

A CRF gives a labelling y of a sentence x the probability exp(s(x, y)) / Z(x), where s adds up potentials: emissions and
transition scores. Members s_1, ..., s_M are averaged potential by potential. The result is again a CRF, with the score
(s_1 + ... + s_M) / M, so everything that is exact for one model (decoding, marginals, n-best lists, probabilities of
spans) is exact for an average. Its probability of a labelling is the normalised geometric mean of its members': a
logarithmic opinion pool, proposed for CRFs by Smith, Cohn & Osborne (2005). The gain comes from models making different
errors, often even if they differ only in their seeds; time and memory are those of all members together.

Members may differ in anything but their labels, scheme and segmenter.
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

    Temperatures and thresholds of the members are dropped, since they were fitted to the members' own probabilities.

    Args:
        members: 2 to 16 models.
        names: names for messages; numbers if left out.

    Raises:
        UsageError: if there are too few or too many, one is an average itself or occurs twice, or they differ in
            labels, scheme or segmenter.
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
    """Return whether two models have the same weights, whatever their calibration."""
    return one.weights.keys() == other.weights.keys() and all(
        array.shape == other.weights[name].shape and np.array_equal(array, other.weights[name])
        for name, array in one.weights.items()
    )


def _check_alike(first: ModelParts, first_name: str, member: ModelParts, name: str) -> None:
    """Raise an error for a member that differs from the first in labels, scheme or segmenter."""
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
