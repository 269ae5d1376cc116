"""Train a recipe on shares of its data, with several seeds each, and predict the gain from more data.

    python recipes/learning_curve.py --config recipes/configs/ewt_pos.yaml --data.root FOLDER
    python recipes/learning_curve.py --config X.yaml [--shares 0.1 0.3 1] [--seeds 1 2 3] [--any.option value ...]

All options of ``tagger train`` are accepted. Shares are taken of the train split only: every run is scored on the whole
dev split (if there is none, on one set aside from train), none on the test split. A share is drawn at random with the
seed of its run; with the same seed, a smaller share is a subset of a larger one. Shares count sentences; if there are
documents, whole ones are drawn (unless ``--by sentence``). Every run has the configured number of epochs, so that less
data means fewer steps, but ``batch_size`` 0 makes batches smaller first. Labels that a share lacks count as missed.

The runs are in ``OUTPUT_curve/DIGEST/share_S/seed_N``: OUTPUT is the configuration's ``output``, and DIGEST stands for
all options that results depend on. The same command continues after an interruption, and further shares and seeds reuse
finished runs; several commands with different seeds can run at the same time.

Power laws fitted to the scores predict the score, with an interval, for twice the data and for any size (``--sizes``);
the largest share is predicted from the others as a check. The report is printed; ``curve.json`` and ``curve.html``
beside the runs contain the same, for the shares and seeds of the last command. Read next: ``curve_runs.py`` (the
sentences in a share), ``curve_fit.py`` (the power laws), ``curve_report.py``, ``repeated_runs.py``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from tagger import stopping
from tagger.cli.program import run_program, say
from tagger.cli.streams import STANDARD, output_to
from tagger.errors import MissingExtraError, UsageError
from tagger.options import options_of_command_line

try:
    from curve_report import CurveReport, Run
    from curve_runs import LearningCurve
    from folds import UNITS
    from repeated_runs import Metrics, data_of, differ, read_configuration, write_text

    from tagger.training import RunConfig
    from tagger.training.command import log_to_stderr
except MissingExtraError as error:
    sys.exit(f"recipes/learning_curve.py: error: {error}")

_PROGRAM: Final = "recipes/learning_curve.py"
_SHARES: Final = (0.0625, 0.125, 0.25, 0.5, 1.0)
_SEEDS: Final = (1, 2, 3, 4, 5)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    return run_program(_PROGRAM, lambda: _run(given), debug="--debug" in given)


def _run(arguments: Sequence[str]) -> int:
    options, others = _parser().parse_known_args(arguments)
    run = _configuration(options, others)
    log_to_stderr()
    try:
        with options_of_command_line():
            curve = LearningCurve.read(run, by=options.by)
            runs = _train(curve, sorted(options.shares), options.seeds)
    except KeyboardInterrupt as error:
        error.args = ("stopped; the same command continues from here",)
        raise
    with output_to(STANDARD) as write:
        write(_report(curve, runs, options.sizes) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        description="Train a recipe on shares of its data, with several seeds each; predict the gain from more data.",
        epilog="All other options are those of tagger train.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--config", action="append", default=[], metavar="YAML", help="options; several: the last one counts")
    shares, seeds = (" ".join(f"{each:g}" for each in default) for default in (_SHARES, _SEEDS))
    add(
        "--shares",
        nargs="+",
        type=float,
        default=list(_SHARES),
        metavar="S",
        help=f"of the training sentences, above 0 up to 1 ({shares})",
    )
    add("--seeds", nargs="+", type=int, default=list(_SEEDS), metavar="N", help=f"for each share ({seeds})")
    add(
        "--sizes",
        nargs="+",
        type=int,
        default=[],
        metavar="N",
        help="numbers of training sentences to predict the score for",
    )
    add("--by", choices=UNITS, help="unit to draw: documents if there are any, if left out")
    add("--debug", action="store_true", help="show the traceback of an error")
    return parser


def _configuration(options: argparse.Namespace, others: Sequence[str]) -> RunConfig:
    """Return the options of all runs.

    Raises:
        UsageError: for one that has no effect here.
    """
    for share in options.shares:
        if not 0 < share <= 1:
            raise UsageError(f"--shares: expected shares above 0 up to 1, found {share:g}")
    for size in options.sizes:
        if size < 1:
            raise UsageError(f"--sizes: expected 1 or more, found {size}")
    for seed in options.seeds:
        if not 0 <= seed < 2**32:
            raise UsageError(f"--seeds: expected 0 or more, less than 2**32, found {seed}")
    for name, shown in (("shares", [f"{share:g}" for share in options.shares]), ("seeds", options.seeds)):
        if len(set(shown)) < len(shown):
            raise UsageError(f"--{name}: expected each {name[:-1]} once, found {' '.join(map(str, shown))}")
    files = [argument for file in options.config for argument in ("--config", file)]
    run = read_configuration([*files, *others], program=_PROGRAM)
    if run.seed != RunConfig.seed:
        raise UsageError("seed: has no effect here, since --seeds specifies the seeds")
    if run.data.train_fraction < 1:
        raise UsageError("data.train_fraction: has no effect here, since --shares specifies the shares")
    if run.data.merge_dev:
        raise UsageError("data.merge_dev: leaves no dev split to score")
    if run.init_partial:
        raise UsageError(
            "init_partial: not supported here: it is unknown which types were not annotated in a share"
        )
    return run


def _train(curve: LearningCurve, shares: Sequence[float], seeds: Sequence[int]) -> list[Run]:
    """Return all runs, from the smallest share to the largest.

    All seeds of a share are trained before the next share, since small ones are quick. Shares with the same sentences
    are trained once.

    Raises:
        UsageError: if the data is not that of the existing runs.
    """
    curve.check_folder()
    runs: list[Run] = []
    for share in shares:
        for seed in seeds:
            same = next(each for each in shares if curve.members(each, seed) == curve.members(share, seed))
            if same < share:
                say(_PROGRAM, f"share {share:g}, seed {seed}: the same sentences as share {same:g}")
                continue
            run = Run(share, seed, curve.result(share, seed))
            runs.append(run)
            say(
                _PROGRAM,
                f"share {share:g}, {run.size:,} sentences, seed {seed}: dev {curve.metric} {100 * run.score:.2f} %",
            )
    _check_same(curve, [run.metrics for run in runs])
    return runs


def _check_same(curve: LearningCurve, results: Sequence[Metrics]) -> None:
    """Raise an error if runs differ in anything but sentences: vectors, a model to start from.

    Raises:
        UsageError: names the folder.
    """
    if differ([{**data_of(metrics), "train": None} for metrics in results]):
        raise UsageError(
            f"{curve.folder}: what models learn from besides the sentences has changed between its runs; remove the "
            "folders of the older ones"
        )


def _report(curve: LearningCurve, runs: Sequence[Run], sizes: Sequence[int]) -> str:
    """Return the report, and write it as JSON and as a page."""
    report = CurveReport(runs, metric=curve.metric, whole=len(curve.train), sizes=sizes, by=curve.by)
    results, page = curve.folder / "curve.json", curve.folder / "curve.html"
    write_text(results, report.to_json())
    write_text(page, report.to_html("Learning curve"))
    lines = [f"Shares are drawn by {curve.by}."]
    if not curve.has_own_dev:
        count = len(curve.splits.dev)
        lines.append(
            f"No dev split: {count:,} of the training sentences are set aside for it, the same for all runs."
        )
    if differ([run.metrics["versions"] for run in runs]):
        lines.append("The runs differ in their versions of tagger, torch or Python: see metrics.json.")
    return "\n".join([*lines, "", report.text(), "", f"results: {results}", f"page: {page}"])


if __name__ == "__main__":
    sys.exit(stopping.run(_PROGRAM, lambda: main))
