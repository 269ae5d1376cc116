"""How often the intervals of recipes/learning_curve.py hold what known laws give, and how wide they are.

    python scripts/benchmarks/learning_curve.py [--tries 200]

Scores are drawn around known laws of the error at four sizes, each twice the one before, with five seeds; the interval
is that of twice the largest. ``mean`` counts how often it holds the true score there, ``five`` the mean of five new
runs, ``run`` the score of one: 95 % each, if all is as it should be. ``off`` is how far true errors lie off the law, as
a share of them, at each size by chance; the last two laws are no power laws.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

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


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tries", type=int, default=200, help="curves drawn for each line (%(default)s)")
    tries = parser.parse_args().tries
    print(
        f"{'law of the error':36}{'noise':>8}{'off':>6}{'mean':>8}{'five':>8}{'run':>8}{'width':>9}{'told':>7}"
    )
    for name, law in LAWS.items():
        for noise, off in ((0.0005, 0.0), (0.005, 0.0), (0.0005, 0.01)):
            held, width, told = covered(law, noise=noise, off=off, tries=tries)
            shares = "".join(f"{100 * share:7.1f}%" for share in held)
            print(
                f"{name:36}{100 * noise:7.2f}%{100 * off:5.0f}%{shares}{100 * width:8.2f}%{told:>7}",
                flush=True,
            )


def covered(
    law: Callable[[float], float], *, noise: float, off: float, tries: int
) -> tuple[tuple[float, ...], float, int]:
    """Return how often intervals held the true score, the mean of new runs and one run; their width; of how many."""
    random = np.random.default_rng(0)

    def error(size: float) -> float:
        return law(size) * (1 + off * random.normal())

    def scores(size: float) -> tuple[float, ...]:
        return tuple((1 - error(size) - noise * random.normal(size=SEEDS)).tolist())

    held, widths = [], []
    for _ in range(tries):
        points = [Point(size, scores(size)) for size in SIZES]
        true = 1 - error(TARGET)
        runs = true - noise * random.normal(size=SEEDS)
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
