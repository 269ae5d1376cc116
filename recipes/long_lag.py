"""Train every recurrent cell on the tasks by which the papers compared them; report how many seeds solve each.

    python recipes/long_lag.py                        # 7 cells, 7 tasks, 5 seeds
    python recipes/long_lag.py --quick                # a minute: temporal order over 10 steps, all cells, seed 1
    python recipes/long_lag.py --tasks temporal_order --lags 100 --gate-bias default

Every run is one unidirectional layer and a linear map to one label per position, trained by Adam until it passes two
validations in a row. Finished runs are kept in ``runs.jsonl`` of the output folder: the same command continues after an
interruption, and more cells, tasks or seeds can be added. Read next: ``long_lag_tasks.py`` and ``long_lag_reber.py``
(the tasks), ``long_lag_training.py`` (training), ``long_lag_report.py`` (the report).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from tagger.errors import MissingExtraError, UsageError

if find_spec("torch") is None:
    sys.exit(f"recipes/long_lag.py: error: {MissingExtraError('torch', 'Training')}")

import torch
from long_lag_reber import ContinualReber, Reber
from long_lag_report import page, table
from long_lag_tasks import Counting, Task, TemporalOrder, Timing
from long_lag_training import GATE_BIASES, GRADIENTS, Run, Settings, train

from tagger import stopping
from tagger.cli.program import run_program
from tagger.files import replace_file
from tagger.modules.recurrent.cells import CELLS

TASKS: Final[Mapping[str, type[Task]]] = MappingProxyType(
    {task.name: task for task in (Reber, ContinualReber, TemporalOrder, Counting, Timing)}
)
LAGS: Final = (10, 30, 100)
SEEDS: Final = (1, 2, 3, 4, 5)
QUICK: Final = "temporal_order"

_PROGRAM: Final = "recipes/long_lag.py"

_LINE_START: Final = '{"task": '


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    return run_program(_PROGRAM, lambda: _main(given), debug="--debug" in given)


def _main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        _run(options)
    except KeyboardInterrupt as error:
        error.args = ("stopped; the same command continues from here",)
        raise
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="recipes/long_lag.py",
        description="Train every recurrent cell on tasks with long time lags; write a table and a page of plots.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--output", type=Path, default=Path("runs/long_lag"), help="folder of the results (%(default)s)")
    add("--tasks", nargs="+", metavar="TASK", help=f"of {', '.join(TASKS)}; all if left out")
    add(
        "--cells", nargs="+", default=[*CELLS], metavar="CELL", help=f"of {', '.join(CELLS)}; all if left out"
    )
    add("--lags", nargs="+", type=int, metavar="N",
        help="steps between the last mark and the label, for temporal_order; 10 30 100 if left out")  # fmt: skip
    add("--seeds", nargs="+", type=int, metavar="N", help="1 2 3 4 5 if left out")
    add("--hidden-dim", type=int, metavar="H", help="hidden units; the task's default if left out")
    add("--learning-rate", type=float, default=0.01, metavar="RATE", help="of Adam (%(default)s)")
    add("--gate-bias", choices=GATE_BIASES, default="chrono",
        help="chrono: gates start to remember for as long as the task requires; default: forget bias 1")  # fmt: skip
    add("--gradient", choices=GRADIENTS, default="full",
        help="full: through all steps; one_step: cut after each, as Elman did")  # fmt: skip
    add("--max-steps", type=int, metavar="N",
        help="training steps after which a run has failed; the task's default if left out")  # fmt: skip
    add("--quick", action="store_true", help=f"only {QUICK}, lag 10, seed 1, unless other options are given")
    add("--threads", type=int, default=1, metavar="N", help="processor threads (%(default)s)")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def _run(options: argparse.Namespace) -> None:
    """Train missing runs, seed by seed, so that a table of fewer seeds is complete early; write the report."""
    seeds = options.seeds or (SEEDS[:1] if options.quick else SEEDS)
    tasks = _chosen_tasks(options)
    _check(options, seeds)
    try:
        options.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--output: {options.output} cannot be made: {error.strerror}") from error
    settings = Settings(
        hidden_dim=options.hidden_dim,
        learning_rate=options.learning_rate,
        gate_bias=options.gate_bias,
        gradient=options.gradient,
        step_limit=options.max_steps,
    )
    torch.set_num_threads(options.threads)
    record = options.output / "runs.jsonl"
    runs = _read(record, settings)
    known = {(run.task, run.lag, run.cell, run.seed) for run in runs}
    for seed in seeds:
        for task in tasks:
            for cell in options.cells:
                if (task.name, task.lag, cell, seed) in known:
                    continue
                run = train(task, cell, seed, settings)
                _append(record, run, settings)
                runs.append(run)
                known.add((task.name, task.lag, cell, seed))
                print(_line(run), flush=True)
    _report(options.output, runs, settings)


def _chosen_tasks(options: argparse.Namespace) -> list[Task]:
    """Return the requested tasks, temporal order once for each lag."""
    chosen = options.tasks or ([QUICK] if options.quick else [*TASKS])
    for kind, names, known in (("task", chosen, TASKS), ("cell", options.cells, CELLS)):
        for name in names:
            if name not in known:
                raise UsageError(f"unknown {kind} {name!r}; the {kind}s are: {', '.join(known)}")
    if options.lags is not None and TemporalOrder.name not in chosen:
        raise UsageError(f"--lags apply only to {TemporalOrder.name}, which is not among --tasks")
    lags = options.lags or (LAGS[:1] if options.quick else LAGS)
    if min(lags) < 1:
        raise UsageError(f"--lags: expected at least 1, found {min(lags)}")
    tasks: list[Task] = []
    for name in chosen:
        tasks += [TemporalOrder(lag) for lag in lags] if name == TemporalOrder.name else [TASKS[name]()]
    return tasks


def _check(options: argparse.Namespace, seeds: Sequence[int]) -> None:
    """Raise UsageError for an invalid number."""
    if min(seeds) < 0:
        raise UsageError(f"--seeds: expected 0 or more, found {min(seeds)}")
    if options.max_steps is not None and options.max_steps < 1:
        raise UsageError(f"--max-steps: expected at least 1, found {options.max_steps}")
    if options.threads < 1:
        raise UsageError(f"--threads: expected at least 1, found {options.threads}")
    if options.hidden_dim is not None and options.hidden_dim < 1:
        raise UsageError(f"--hidden-dim: expected at least 1, found {options.hidden_dim}")
    if not 0 < options.learning_rate < float("inf"):
        raise UsageError(f"--learning-rate: expected a number above 0, found {options.learning_rate:g}")


def _read(record: Path, settings: Settings) -> list[Run]:
    """Return the finished runs; drop an incomplete line left by a killed process.

    Raises:
        UsageError: if they were made with other settings, or the file contains anything else.
    """
    if not record.exists():
        return []
    try:
        text = record.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{record}: cannot be read: {error}. Choose another --output") from error
    whole, newline, torn = text.rpartition("\n")
    lines = whole.split("\n") if newline else []
    if not torn.startswith(_LINE_START[: len(torn)]):
        lines.append(torn)  # not written by this program, so not to be dropped
    runs = []
    for number, line in enumerate(lines, start=1):
        try:
            entry: dict[str, Any] = json.loads(line)
            made_with, run = Settings(**entry.pop("settings")), Run(**entry)
            if run.task not in TASKS or run.cell not in CELLS:
                raise ValueError("an unknown task or cell")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UsageError(
                f"{record}:{number}: not a run of this program. Choose another --output"
            ) from error
        if made_with != settings:
            other, ours = asdict(made_with), asdict(settings)
            differing = "; ".join(
                f"{name} was {other[name]}, now {ours[name]}" for name in ours if other[name] != ours[name]
            )
            raise UsageError(
                f"{record}: holds runs with other settings ({differing}). Choose another --output, or delete the file"
            )
        runs.append(run)
    if torn:
        _replace(record, whole + newline)
    return runs


def _append(record: Path, run: Run, settings: Settings) -> None:
    """Append a finished run in one write, synced to disk before the next begins."""
    record.parent.mkdir(parents=True, exist_ok=True)
    with record.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**asdict(run), "settings": asdict(settings)}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _report(output: Path, runs: Sequence[Run], settings: Settings) -> None:
    """Write results.json, table.md and report.html on all finished runs."""
    order = {name: number for number, name in enumerate((*TASKS, *CELLS))}
    ordered = sorted(runs, key=lambda run: (order[run.task], run.lag or 0, order[run.cell], run.seed))
    results = {
        "torch": torch.__version__,
        "settings": asdict(settings),
        "seconds": sum(run.seconds for run in runs),
        "runs": [asdict(run) for run in ordered],
    }
    _replace(output / "results.json", json.dumps(results, indent=1) + "\n")
    _replace(output / "table.md", table(ordered))
    _replace(output / "report.html", page(ordered, asdict(settings)))


def _replace(path: Path, text: str) -> None:
    """Write a file atomically: if interrupted, either the old or the new one is intact."""
    replace_file(path, lambda file: file.write(text.encode("utf-8")))


def _line(run: Run) -> str:
    name = run.task if run.lag is None else f"{run.task} {run.lag}"
    outcome = f"solved after {run.steps} steps" if run.solved else f"not solved in {run.trained} steps"
    return (
        f"seed {run.seed}  {name:<19} {run.cell:<16} {outcome:<26} "
        f"labels {run.accuracy:.4f}  sequences {run.sequences:.4f}  {run.seconds:.0f} s"
    )


if __name__ == "__main__":
    sys.exit(stopping.run(_PROGRAM, lambda: main))
