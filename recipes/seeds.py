"""Train a recipe with several seeds and report its dev score with an interval; or compare two configurations.

    python recipes/seeds.py --config recipes/configs/wnut17_ner.yaml --seeds 1 2 3 --data.root FOLDER
    python recipes/seeds.py --config A.yaml --compare B.yaml --seeds 1 2 3 4 5 [--any.option value ...]

All options of ``tagger train`` are accepted and apply to both configurations. The test split is not scored.

A run is in ``OUTPUT_seeds/DIGEST/seed_N``: OUTPUT is the configuration's ``output``, and DIGEST stands for all options
that results depend on. A run is finished once it has ``metrics.json``: the same command continues after an
interruption, and further seeds or comparisons reuse finished runs.

The summary for the seeds of the last command is beside the runs, in ``scores.json`` or ``compared_with_DIGEST.json``;
an existing one with the same scores and further seeds is kept.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from tagger import stopping
from tagger.cli.program import run_program, say
from tagger.cli.streams import STANDARD, output_to
from tagger.errors import MissingExtraError, UsageError
from tagger.options import options_of_command_line
from tagger.runs.seed_statistics import MAX_SIGNS, PairedTest, Summary, paired_test, summarize

try:
    from repeated_runs import (
        Metrics,
        data_of,
        differ,
        digest,
        finished,
        percent,
        read_configuration,
        table,
        whatever_the_seed,
        write_text,
    )

    from tagger.training import RunConfig
    from tagger.training.command import log_to_stderr
except MissingExtraError as error:
    sys.exit(f"recipes/seeds.py: error: {error}")

_PROGRAM: Final = "recipes/seeds.py"


@dataclass(frozen=True)
class Configuration:
    """A configuration to be trained with several seeds.

    Attributes:
        name: heading of its column.
        run: its options, for any seed.
        folder: of its runs.
    """

    name: str
    run: RunConfig
    folder: Path

    @classmethod
    def read(cls, name: str, arguments: Sequence[str]) -> Configuration:
        """Return the configuration given by YAML files and options.

        Raises:
            UsageError: for an option that has no effect here.
        """
        run = read_configuration(arguments, program=_PROGRAM)
        if run.seed != RunConfig.seed:
            raise UsageError("seed: has no effect here, since --seeds specifies the seeds")
        if run.data.merge_dev:
            raise UsageError("data.merge_dev: leaves no dev split to score")
        return cls(name, run, Path(f"{Path(run.output)}_seeds") / digest(whatever_the_seed(run)))

    def result(self, seed: int) -> Metrics:
        """Return the metrics of the run with a seed, after training it if necessary.

        Raises:
            TaggerError: if it cannot be trained, or existing results cannot be read.
            TrainingInterrupted: on Ctrl-C or SIGTERM; the last checkpoint is kept.
        """
        metrics = finished(replace(self.run, output=str(self.folder / f"seed_{seed}"), seed=seed))
        if "dev" not in metrics:
            raise UsageError("data.dev_fraction: expected a dev split to score, found none")
        return metrics


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    return run_program(_PROGRAM, lambda: _run(given), debug="--debug" in given)


def _run(arguments: Sequence[str]) -> int:
    options, others = _parser().parse_known_args(arguments)
    try:
        configurations, seeds = _plan(options, others)
        log_to_stderr()
        with options_of_command_line():
            results = _train(configurations, seeds)
    except KeyboardInterrupt as error:
        error.args = ("stopped; the same command continues from here",)
        raise
    with output_to(STANDARD) as write:
        write(_report(configurations, seeds, results) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        description="Train a recipe with several seeds; report its dev score, or which of two is better.",
        epilog="All other options are those of tagger train and apply to both configurations.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--config", action="append", default=[], metavar="YAML", help="options; several: the last one counts")
    add(
        "--compare",
        action="append",
        default=[],
        metavar="YAML",
        help="options to train with instead of --config",
    )
    add("--seeds", nargs="+", type=int, required=True, metavar="N", help="seeds to train with")
    add("--debug", action="store_true", help="show the traceback of an error")
    return parser


def _plan(options: argparse.Namespace, others: list[str]) -> tuple[list[Configuration], list[int]]:
    """Return the configurations to train, and the seeds."""
    seeds: list[int] = options.seeds
    for seed in seeds:
        if not 0 <= seed < 2**32:
            raise UsageError(f"--seeds: expected 0 or more, less than 2**32, found {seed}")
    if len(set(seeds)) < len(seeds):
        raise UsageError(f"--seeds: expected each seed once, found {' '.join(map(str, seeds))}")
    configurations = []
    for files in (options.config, options.compare) if options.compare else (options.config,):
        arguments = [argument for file in files for argument in ("--config", file)]
        name = "+".join(Path(file).stem for file in files) or "default"
        configurations.append(Configuration.read(name, [*arguments, *others]))
    if options.compare and not differ([whatever_the_seed(each.run) for each in configurations]):
        raise UsageError("--compare: expected another configuration, found one that gives the same numbers")
    return configurations, seeds


def _train(configurations: Sequence[Configuration], seeds: Sequence[int]) -> list[list[Metrics]]:
    """Return the metrics of all runs, by configuration and in the order of the seeds.

    Trained seed by seed, so that a comparison of fewer seeds is complete early.

    Raises:
        UsageError: if runs cannot be compared.
    """
    results: list[list[Metrics]] = [[] for _ in configurations]
    for seed in seeds:
        for configuration, of_configuration in zip(configurations, results, strict=True):
            metrics = configuration.result(seed)
            of_configuration.append(metrics)
            value = 100 * metrics["dev"]["value"]
            say(_PROGRAM, f"{configuration.name}, seed {seed}: dev {metrics['metric']} {value:.2f} %")
            _check_comparable(configurations, results)
    return results


def _check_comparable(configurations: Sequence[Configuration], results: Sequence[Sequence[Metrics]]) -> None:
    """Raise an error for scores with different metrics or dev splits and, within a configuration, different data."""
    for configuration, of_configuration in zip(configurations, results, strict=True):
        # Without a dev split, each seed sets its own aside.
        if differ([data_of(each) for each in of_configuration]):
            raise UsageError(
                f"{configuration.folder}: the data has changed between these runs; remove the folders of the older ones"
            )
    if differ([_dev_split(each) for of_configuration in results for each in of_configuration]):
        folders = " and ".join(str(each.folder) for each in configurations)
        raise UsageError(f"{folders}: scores of other metrics or dev splits, which cannot be compared")


def _dev_split(metrics: Metrics) -> dict[str, Any]:
    """Return what identifies the metric and the dev split of a run."""
    data = metrics["data"]
    names = ("dataset", "name", "revision", "commit", "data_dir", "data_files", "splits")
    return {
        "metric": metrics["metric"],
        "sentences": metrics["sentences"]["dev"],
        "file": data.get("files", {}).get("dev", {}).get("sha256"),
        **{name: data.get(name) for name in names},
    }


def _report(
    configurations: Sequence[Configuration], seeds: Sequence[int], results: Sequence[Sequence[Metrics]]
) -> str:
    """Return the table, and write its content as JSON beside the runs of the first configuration.

    An existing file is kept if it contains these scores and more.
    """
    scores = [[metrics["dev"]["value"] for metrics in of_configuration] for of_configuration in results]
    summaries = [summarize(each) for each in scores]
    record: dict[str, Any] = {
        "metric": results[0][0]["metric"],
        "split": "dev",
        "seeds": list(seeds),
        "configurations": [
            {"name": each.name, "folder": str(each.folder), "scores": of_it, **asdict(summary)}
            for each, of_it, summary in zip(configurations, scores, summaries, strict=True)
        ],
    }
    names = [each.name for each in configurations]
    lines = []
    path = configurations[0].folder / "scores.json"
    if len(scores) == 2:
        test = paired_test(*scores)
        path = path.with_name(f"compared_with_{configurations[1].folder.name}.json")
        record["comparison"] = {
            **asdict(test),
            # JSON has no infinity.
            "t": test.t if test.t is not None and math.isfinite(test.t) else None,
        }
        names.append("difference")
        scores.append([second - first for first, second in zip(*scores, strict=True)])
        summaries.append(test.differences)
        lines += ["", *_verdict(test, len(seeds))]
    if differ([metrics["versions"] for of_configuration in results for metrics in of_configuration]):
        lines += ["", "The runs differ in their versions of tagger, torch or Python: see metrics.json."]
    scores_of_seeds = _table(seeds, names, scores, summaries)
    if _says_more(path, record):
        lines += ["", "The file is kept as it was: it holds these scores and those of further seeds."]
    else:
        write_text(path, json.dumps(record, indent=2) + "\n")
    return "\n".join([f"dev {record['metric']}, %", "", *scores_of_seeds, *lines, "", f"results: {path}"])


def _says_more(path: Path, record: Mapping[str, Any]) -> bool:
    """Return whether a file contains all scores of a record, and those of further seeds."""
    try:
        older = _scores_by_seed(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):  # missing or damaged
        return False
    newer = _scores_by_seed(record)
    return len(older) == len(newer) and all(
        new.items() < old.items() for new, old in zip(newer, older, strict=True)
    )


def _scores_by_seed(record: Mapping[str, Any]) -> list[dict[int, float]]:
    """Return the score of each seed, by configuration."""
    return [dict(zip(record["seeds"], each["scores"], strict=True)) for each in record["configurations"]]


def _table(
    seeds: Sequence[int],
    names: Sequence[str],
    scores: Sequence[Sequence[float]],
    summaries: Sequence[Summary],
) -> list[str]:
    """Return lines for each seed, mean, standard deviation and interval, in percent."""
    rows = [["seed", *names]]
    rows += [[str(seed), *(percent(of_it[i]) for of_it in scores)] for i, seed in enumerate(seeds)]
    rows.append(["mean", *(percent(each.mean) for each in summaries)])
    rows.append(["standard deviation", *(percent(each.deviation) for each in summaries)])
    for bound, name in enumerate(("95 % from", "95 % to")):
        rows.append([name, *(percent(each.interval[bound] if each.interval else None) for each in summaries)])
    return table(rows)


def _verdict(test: PairedTest, pairs: int) -> list[str]:
    """Return the results of the paired tests as lines."""
    if pairs < 2:
        return ["One seed cannot tell a difference from chance."]
    t = "none, all scores are equal" if test.t is None else f"t = {test.t:.2f}, p = {test.t_p:.4f}"
    if test.permutation_p is None:
        exact = f"left out beyond {MAX_SIGNS} seeds"
    else:
        exact = f"p = {test.permutation_p:.4f} (with {pairs} seeds never below {2 / 2**pairs:.2g})"
    return [f"paired t-test           {t}", f"exact permutation test  {exact}"]


if __name__ == "__main__":
    sys.exit(stopping.run(_PROGRAM, lambda: main))
