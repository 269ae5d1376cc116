"""How often the intervals of recipes/learning_curve.py hold what known laws give, and how wide they are.

    python scripts/benchmarks/learning_curve.py [--tries 200]

Scores are drawn around known laws of the error at four sizes, each twice the one before, with five seeds; the interval
is that of twice the largest. ``mean`` counts how often it holds the true score there, ``five`` the mean of five new
runs, ``run`` the score of one: 95 % each, if all is as it should be. ``off`` is how far true errors lie off the law, as
a share of them, at each size by chance; ``nested`` noise is that of shares that lie in one another, so that a seed that
is lucky with one is with the next; the last two laws are no power laws.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes"))  # programs, not a package

from curve_fit import CannotTellError, CurveFit, Point

SIZES = (784, 1568, 3136, 6272)
TARGET = 12544
SEEDS = 5

LAWS: dict[str, Callable[[float], float]] = {
    "2 % + 90 % n^-0.4": lambda n: 0.02 + 0.9 * n**-0.4,
    "80 % n^-0.3": lambda n: 0.8 * n**-0.3,
    "30 % + 300 % n^-0.35": lambda n: 0.3 + 3 * n**-0.35,
    "90 % n^-0.1": lambda n: 0.9 * n**-0.1,
    "3 % + 3000 % n^-0.9": lambda n: 0.03 + 30 * n**-0.9,
    "20 % - 1.5 % log n (no power law)": lambda n: 0.2 - 0.015 * math.log(n),
    "4 % + 30 % / log n (no power law)": lambda n: 0.04 + 0.3 / math.log(n),
}


SETTINGS = ((0.0005, 0.0, 0.0), (0.005, 0.0, 0.0), (0.0005, 0.01, 0.0), (0.0005, 0.0, 0.003))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tries", type=int, default=200, help="curves drawn for each line (%(default)s)")
    tries = parser.parse_args().tries
    heads = ("noise", "off", "nested", "mean", "five", "run", "width", "told")
    print(f"{'law of the error':36}{''.join(f'{head:>8}' for head in heads)}")
    for name, law in LAWS.items():
        for noise, off, nested in SETTINGS:
            held, width, told = covered(law, noise=noise, off=off, nested=nested, tries=tries)
            shares = "".join(f"{100 * share:7.2f}%" for share in (noise, off, nested, *held, width))
            print(f"{name:36}{shares}{told:>8}", flush=True)


def covered(
    law: Callable[[float], float], *, noise: float, off: float, nested: float, tries: int
) -> tuple[tuple[float, ...], float, int]:
    """Return how often intervals held the true score, the mean of new runs and one run; their width; of how many."""
    random = np.random.default_rng(0)

    def error(size: float) -> float:
        return law(size) * (1 + off * random.normal())

    def draws() -> dict[float, NDArray[np.float64]]:
        """Return how lucky each seed is with its sentences: a sum that grows with them, over their number."""
        steps = np.diff([0, *SIZES, TARGET]) / SIZES[-1]
        walks = np.cumsum(random.normal(size=(SEEDS, len(steps))) * np.sqrt(steps), axis=1)
        return {
            size: nested * walk * SIZES[-1] / size
            for size, walk in zip((*SIZES, TARGET), walks.T, strict=True)
        }

    held, widths = [], []
    for _ in range(tries):
        luck = draws()
        runs_of = {size: 1 - error(size) + luck[size] + noise * random.normal(size=SEEDS) for size in SIZES}
        points = [Point(size, tuple(scores.tolist())) for size, scores in runs_of.items()]
        true = 1 - error(TARGET)
        runs = true + luck[TARGET] + noise * random.normal(size=SEEDS)
        try:
            fit = CurveFit(points)
        except CannotTellError:
            continue
        found, five = fit.predict(TARGET), fit.predict(TARGET, seeds=SEEDS)
        pairs = ((found.mean, true), (five.mean, runs.mean()), (found.run, runs[0]))
        held.append([low <= value <= high for (low, high), value in pairs])
        widths.append(found.mean[1] - found.mean[0])
    return tuple(np.mean(held, axis=0).tolist()), float(np.mean(widths)), len(held)


if __name__ == "__main__":
    main()
