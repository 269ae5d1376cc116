"""Ablation: the score of a tagger when units of its encoder are set to zero.

Letters: B sentences, T tokens, E units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch

from tagger.api import Tagger
from tagger.examples import Example
from tagger.inference.reported_labels import ReportedLabels
from tagger.inspection.passes import passes
from tagger.metrics import score
from tagger.schemes import LabelScheme


@dataclass(frozen=True)
class Ablation:
    """Scores between 0 and 1: F1 of spans, or accuracy.

    Attributes:
        whole: score of the unchanged model.
        without: score with the units set to zero.
        without_random: scores with as many random other units set to zero, one for each random set.
    """

    whole: float
    without: float
    without_random: tuple[float, ...]

    @property
    def loss(self) -> float:
        """The loss in score without the units."""
        return self.whole - self.without


def ablated_scores(
    tagger: Tagger,
    examples: Sequence[Example],
    scheme: LabelScheme | str,
    unit_sets: Sequence[Sequence[int]],
    *,
    num_random: int = 5,
    seed: int = 0,
) -> list[Ablation]:
    """Return the scores of a model without each of several sets of units.

    Args:
        tagger: the tagger, which is not changed.
        examples: annotated sentences.
        scheme: scheme of their labels.
        unit_sets: for each set, the indices of the encoder's E outputs to set to zero.
        num_random: number of random sets of the same size, of units in none of the sets, for comparison.
        seed: seed of the random sets.

    Raises:
        DataError: if a sentence has no labels.
        UsageError: if only one of scheme and model has spans.
    """
    random_sets = {
        size: _random_sets(tagger.parts.model.projection.in_features, unit_sets, size, num_random, seed)
        for size in {len(units) for units in unit_sets}
    }
    wanted: list[tuple[int, ...]] = [(), *map(tuple, unit_sets), *chain.from_iterable(random_sets.values())]
    distinct = list(dict.fromkeys(wanted))
    score_of = dict(zip(distinct, _scores(tagger, examples, scheme, distinct), strict=True))
    return [
        Ablation(
            score_of[()],
            score_of[tuple(units)],
            tuple(score_of[others] for others in random_sets[len(units)]),
        )
        for units in unit_sets
    ]


def _random_sets(
    num_units: int, unit_sets: Sequence[Sequence[int]], size: int, num_random: int, seed: int
) -> list[tuple[int, ...]]:
    """Return random sets of units that are in none of the given sets; of all units if too few are left."""
    generator = np.random.default_rng(seed)
    others = np.setdiff1d(np.arange(num_units), [unit for units in unit_sets for unit in units])
    pool = others if len(others) >= size else np.arange(num_units)
    return [tuple(np.sort(generator.choice(pool, size, replace=False)).tolist()) for _ in range(num_random)]


def _scores(
    tagger: Tagger, examples: Sequence[Example], scheme: LabelScheme | str, unit_sets: Sequence[Sequence[int]]
) -> list[float]:
    """Return the score without each set of units, running the encoder over the corpus once."""
    parts = tagger.parts
    reported = ReportedLabels(parts.labels.items, LabelScheme.parse(parts.config.scheme))
    predicted: list[list[list[str]]] = [[[]] * len(examples) for _ in unit_sets]
    for seen in passes(tagger, [example.tokens for example in examples]):
        lengths = seen.batch.lengths.cpu().numpy()
        for number, units in enumerate(unit_sets):
            with torch.no_grad():
                encoded = seen.encoded.clone()
                encoded[:, :, list(units)] = 0
                emissions = parts.model.score(encoded, seen.batch.wide)
                paths, _ = parts.model.decoder.viterbi_decode(emissions, seen.batch.mask)
            names = reported.names(reported.report(paths.cpu().numpy()), lengths)
            for i, labels in zip(seen.members, names, strict=True):
                predicted[number][i] = labels
    results = []
    for labels_of_all in predicted:
        scores = score(examples, labels_of_all, scheme, predicted_scheme=tagger.scheme)
        results.append(scores.value)
    return results
