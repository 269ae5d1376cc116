"""Measure what intervals and tests promise: how often 95 % intervals hold the truth, how often chance looks like skill.

    python scripts/benchmarks/certainty.py
    python scripts/benchmarks/certainty.py --quick --json certainty.json

Sentences are simulated: gold spans by a Poisson distribution of mean 0.8, found with a probability of 0.45, and wrong
predictions by another of mean 0.4. The truth of intervals is the F1 of 200,000 such sentences, of which each trial
draws some; the two systems of a permutation test are of one quality.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from measuring import Row, benchmark_parser, machine, positive, report
from numpy.typing import NDArray

from tagger.evaluation.certainty import bootstrap, f1, paired_difference

Counts = NDArray[Any]


def predictions(gold: Counts, random: np.random.Generator) -> Counts:
    """Return what a system makes of gold spans: right, predicted and gold ones of each sentence."""
    right = random.binomial(gold, 0.45)
    return np.stack([right, right + random.poisson(0.4, len(gold)), gold], axis=1)


def coverage(size: int, trials: int, draws: int) -> Row:
    """Return how often the interval of so many sentences holds the truth."""
    random = np.random.default_rng(5)
    population = predictions(random.poisson(0.8, 200_000), random)
    truth = f1(population.sum(axis=0).astype(float))
    below = above = 0
    for seed in range(trials):
        sample = population[random.integers(0, len(population), size)]
        low, high = bootstrap(sample, f1, draws=draws, seed=seed)
        below += int(truth < low)
        above += int(truth > high)
    share = 1 - (below + above) / trials
    return {
        "sentences": size,
        "held, %": 100 * share,
        "truth below, %": 100 * below / trials,
        "truth above, %": 100 * above / trials,
        "standard error": 100 * math.sqrt(share * (1 - share) / trials),
    }


def false_positives(size: int, trials: int, draws: int) -> Row:
    """Return how often systems of one quality differ at the level of 5 %."""
    random = np.random.default_rng(6)
    found = 0
    for seed in range(trials):
        gold = random.poisson(0.8, size)
        one, other = predictions(gold, random), predictions(gold, random)
        found += int(paired_difference(one, other, f1, draws=draws, seed=seed).p_value <= 0.05)
    share = found / trials
    return {
        "sentences": size,
        "p ≤ 0.05, %": 100 * share,
        "standard error": 100 * math.sqrt(share * (1 - share) / trials),
    }


def main() -> None:
    """Run the benchmark."""
    parser = benchmark_parser(__doc__, threads=None)
    parser.add_argument("--trials", type=positive, help="of each row (default: 2,000; quick: 20)")
    options = parser.parse_args()
    trials = options.trials or (20 if options.quick else 2000)
    sizes = (50, 200) if options.quick else (50, 100, 200, 500, 1000, 3000)
    draws = 100 if options.quick else 1000
    tables = {
        "95 % intervals of F1": [coverage(size, trials, draws) for size in sizes],
        "permutation tests of two systems of one quality": [
            false_positives(size, trials, draws) for size in sizes
        ],
    }
    report(tables, machine(1, ("numpy",)), options)


if __name__ == "__main__":
    main()
