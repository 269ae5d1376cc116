"""What against_baseline.py measures of whole trainings, from the command to a saved model, by each version's recipe."""

from __future__ import annotations

import csv
import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from measuring import Row, quartiles
from peers import OURS
from sides import BASELINE, environment

_PROGRAM: Final = Path(__file__).with_name("one_run.py")
OURS_ALONE: Final = f"{OURS}, 1 thread"
_BOTH: Final = f"{OURS}, by default and with 1 thread"


@dataclass(frozen=True)
class Candidate:
    """A version that trains.

    Attributes:
        source: the folder that has its package and its recipes.
        options: of its command, besides those that all have.
        is_alone: whether every library computes on one thread; otherwise nothing is said of threads, as by most people.
    """

    source: Path
    options: tuple[str, ...] = ()
    is_alone: bool = True


@dataclass(frozen=True)
class WholeRun:
    """What a training took.

    Attributes:
        speed: tokens a second of its steps, the median of the epochs.
        clock: seconds from the command to its end.
        processor: seconds of the processor.
        peak: MiB at most.
        score: of the dev sentences, in percent.
        model: its folder.
    """

    speed: float
    clock: float
    processor: float
    peak: float
    score: float
    model: Path


def candidates(sources: Mapping[str, Path]) -> dict[str, Candidate]:
    """Return this version as it is by default and on one thread, and the baseline, which had one thread by default."""
    return {
        OURS: Candidate(sources[OURS], is_alone=False),
        OURS_ALONE: Candidate(sources[OURS], ("--threads", "1")),
        BASELINE: Candidate(sources[BASELINE], ("--threads", "1")),
    }


def cut(path: Path, folder: Path, count: int | None) -> Path:
    """Return a file with the first sentences of another, which end at blank lines; itself without a count."""
    if count is None:
        return path
    folder.mkdir()
    shorter = folder / path.name
    with path.open(encoding="utf-8") as lines, shorter.open("w", encoding="utf-8") as out:
        taken, has_tokens = 0, False
        for line in lines:
            out.write(line)
            if line.strip():
                has_tokens = has_tokens or not line.startswith("# ")
            elif has_tokens:
                taken, has_tokens = taken + 1, False
                if taken == count:
                    break
    return shorter


def whole_runs(
    training: Mapping[str, Candidate], options: Sequence[str], folder: Path, *, rounds: int
) -> list[Row]:
    """Return what the trainings took; they take turns.

    Args:
        training: name to what trains.
        options: that all have: data, and what else is the same.
        folder: where the runs go.
        rounds: how often each one trains.
    """
    runs: dict[str, list[WholeRun]] = {name: [] for name in training}
    for number in range(rounds):
        for place, (name, candidate) in enumerate(training.items()):
            print(f"{name} trains, {number + 1} of {rounds}", file=sys.stderr, flush=True)
            runs[name].append(train(candidate, options, folder / f"{number}-{place}"))
    rows: list[Row] = []
    for title, measure in (
        ("steps, tokens/s", "speed"),
        ("command to saved model, s", "clock"),
        ("the same, processor, s", "processor"),
        ("peak memory, MiB", "peak"),
        ("dev score, %", "score"),
    ):
        values = {name: [getattr(run, measure) for run in of_name] for name, of_name in runs.items()}
        for name, of_name in values.items():
            low, middle, high = quartiles(of_name)
            shares = [own / other for own, other in zip(of_name, values[BASELINE], strict=True) if other]
            share_low, share, share_high = quartiles(shares) if shares else (None, None, None)
            rows.append(
                {
                    "measured": title,
                    "side": name,
                    "median": middle,
                    "quartiles": [low, high],
                    "of the baseline": share,
                    "quartiles of that": [share_low, share_high],
                }
            )
    pairs = zip(runs[OURS], runs[OURS_ALONE], strict=True)
    same = sum(_weights(one.model) == _weights(other.model) for one, other in pairs)
    rows.append({"measured": f"runs of {rounds} with the same weights", "side": _BOTH, "median": same})
    return rows


def train(candidate: Candidate, options: Sequence[str], run: Path) -> WholeRun:
    """Train in a process of its own.

    Raises:
        SystemExit: if it fails.
    """
    variables = environment(candidate.source)
    if not candidate.is_alone:
        del variables["OMP_NUM_THREADS"]
    command = [sys.executable, str(candidate.source / "recipes" / "train.py"), "--output", str(run)]
    command += [*options, *candidate.options, "--progress", "false"]
    done = subprocess.run(
        [sys.executable, "-S", str(_PROGRAM), *command],
        env=variables,
        cwd=candidate.source,
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: ended with status {done.returncode}")
    taken: dict[str, float] = json.loads(done.stdout)
    with (run / "logs" / "metrics.csv").open(encoding="utf-8", newline="") as log:
        speeds = [float(row["tokens_per_second"]) for row in csv.DictReader(log) if row["tokens_per_second"]]
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    return WholeRun(
        speed=statistics.median(speeds),
        clock=taken["clock"],
        processor=taken["processor"],
        peak=taken["peak"] / 2**20,
        score=100 * metrics["dev"]["value"],
        model=run / "model",
    )


def _weights(model: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(model.glob("*.safetensors"))]
