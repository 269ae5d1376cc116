"""Brute force over all labellings of one sentence, and random chains to hold against it."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import torch

from tagger.modules.crf import TransitionConstraints

# Label 1 never follows label 0 or starts, and label 2 never ends: gaps in every table, no dead end
GAPS = TransitionConstraints(
    transitions=((True, False, True), (True, True, True), (True, True, False)),
    start=(True, False, True),
    end=(True, True, False),
)


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

    def marginals(self, length: int, num_labels: int) -> np.ndarray:
        table = np.zeros((length, num_labels))
        for probability, path in zip(self.probabilities(), self.paths, strict=True):
            for position, label in zip(self.positions, path, strict=True):
                table[position, label] += probability
        return table

    def pairwise(self, length: int, num_labels: int) -> np.ndarray:
        table = np.zeros((max(length - 1, 0), num_labels, num_labels))
        for probability, path in zip(self.probabilities(), self.paths, strict=True):
            for step in range(1, len(path)):
                table[self.positions[step] - 1, path[step - 1], path[step]] += probability
        return table

    def entropy(self) -> float:
        return -sum(p * math.log(p) for p in self.probabilities() if p > 0)


def log_sum(scores: list[float]) -> float:
    if not scores or max(scores) == -math.inf:
        return -math.inf
    top = max(scores)
    return top + math.log(sum(math.exp(score - top) for score in scores))


def enumerate_paths(emissions, transitions, start, end, mask=None, constraints=None) -> Enumeration:
    """Score every labelling of one sentence by its definition, best first.

    emissions [T, L]; transitions [L, L] or [T - 1, L, L].
    """
    tables = [np.asarray(table, dtype=np.float64) for table in (emissions, transitions, start, end)]
    emissions, transitions, start, end = tables
    length, num_labels = emissions.shape
    positions = [t for t in range(length) if mask is None or mask[t]]
    if not positions:
        return Enumeration([], [()], [0.0])
    found = []
    for path in itertools.product(range(num_labels), repeat=len(positions)):
        if constraints is not None and not is_legal(path, constraints):
            continue
        score = start[path[0]] + end[path[-1]]
        score += sum(emissions[t, label] for t, label in zip(positions, path, strict=True))
        for step in range(1, len(path)):
            table = transitions if transitions.ndim == 2 else transitions[positions[step] - 1]
            score += table[path[step - 1], path[step]]
        found.append((float(score), path))
    found.sort(key=lambda item: -item[0])
    return Enumeration(positions, [path for _, path in found], [score for score, _ in found])


def is_legal(path, constraints: TransitionConstraints) -> bool:
    if len(path) == 0:
        return True
    pairs = itertools.pairwise(path)
    return bool(
        constraints.start[path[0]]
        and constraints.end[path[-1]]
        and all(constraints.transitions[i][j] for i, j in pairs)
    )


def every_mask(length: int) -> torch.Tensor:
    """All 2 ** length masks of a sentence, as a batch."""
    return torch.tensor(list(itertools.product([False, True], repeat=length)))


def random_scores(
    seed: int, batch: int, length: int, num_labels: int, *, by_step: bool = False, scale: float = 1.0
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Emissions, transitions (of each step if asked), start and end scores in float64."""
    random = np.random.default_rng(seed)
    square = (num_labels, num_labels)
    shapes = [
        (batch, length, num_labels),
        (batch, max(length - 1, 0), *square) if by_step else square,
        (num_labels,),
        (num_labels,),
    ]
    emissions, transitions, start, end = (torch.tensor(random.normal(size=shape) * scale) for shape in shapes)
    return emissions, transitions, start, end
