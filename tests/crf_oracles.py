"""Brute force over all labellings of one sentence: what every method of the CRF must equal."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Enumeration:
    """All legal labellings of the real tokens of one sentence, and their scores."""

    positions: list[int]
    paths: list[tuple[int, ...]]
    scores: list[float]

    @property
    def log_z(self) -> float:
        return log_sum(self.scores)

    def probabilities(self) -> list[float]:
        return [math.exp(score - self.log_z) for score in self.scores]

    def log_mass(self, keep) -> float:
        """Log of the summed probability of the paths for which keep(path) holds."""
        kept = log_sum([score for path, score in zip(self.paths, self.scores, strict=True) if keep(path)])
        return kept - self.log_z


def log_sum(scores: list[float]) -> float:
    if not scores or max(scores) == -math.inf:
        return -math.inf
    top = max(scores)
    return top + math.log(sum(math.exp(score - top) for score in scores))


def enumerate_paths(emissions, transitions, start, end, mask=None, allowed=None) -> Enumeration:
    """Score every labelling of one sentence by its definition.

    emissions [T, L]; transitions [L, L] or [T - 1, L, L]; allowed: three boolean tables or None.
    """
    emissions, transitions, start, end = (
        np.asarray(x, dtype=np.float64) for x in (emissions, transitions, start, end)
    )
    length, num_labels = emissions.shape
    positions = [t for t in range(length) if mask is None or mask[t]]
    if not positions:
        return Enumeration([], [()], [0.0])
    paths, scores = [], []
    for path in itertools.product(range(num_labels), repeat=len(positions)):
        if allowed is not None and not _legal(path, *allowed):
            continue
        score = start[path[0]] + end[path[-1]]
        score += sum(emissions[t, label] for t, label in zip(positions, path, strict=True))
        for step in range(1, len(path)):
            table = transitions if transitions.ndim == 2 else transitions[positions[step] - 1]
            score += table[path[step - 1], path[step]]
        paths.append(path)
        scores.append(float(score))
    return Enumeration(positions, paths, scores)


def _legal(path, transitions, start, end) -> bool:
    return bool(
        start[path[0]] and end[path[-1]] and all(transitions[i][j] for i, j in itertools.pairwise(path))
    )
