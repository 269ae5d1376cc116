"""Measure what models of different sizes, or with other options, cost and how good they are, from finished runs.

    for units in 32 64 128; do
        python recipes/seeds.py --config X.yaml --seeds 1 2 3 --model.hidden_dim $units --output runs/X
    done
    python scripts/benchmarks/sizes.py runs/X_seeds --text dev.conll --picture sizes.html

Runs that differ only in their seed are one candidate, named by its options that differ. Its score is the mean over the
seeds on the dev split. Its tagging speed is that of its first run's model, on the tokenised sentences of a file; the
candidates take turns, and each reads with a new cache in each round. Its training time is the median over the seeds of
what the runs recorded: comparable if all of them ran under the same conditions, on one machine.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from corpus import labelled
from measuring import Row, benchmark_parser, in_turns, machine, positive, quartiles, ratio, report, timed

from tagger import Tagger
from tagger.errors import TaggerError, UsageError
from tagger.files.replacing import open_for_replacing
from tagger.report import Curve, Markup, curve_chart, element
from tagger.runs.groups import Group, grouped, option_differences
from tagger.runs.reading import find_runs

_COSTS: Final = {"tokens per second": "tagging, tokens per second", "seconds of a run": "training, seconds"}
"""Column to the title of its axis."""


def candidates(folders: Sequence[str]) -> dict[str, Group]:
    """Return the finished runs, by the options in which they differ; seeds aside.

    Raises:
        UsageError: if there are fewer than two candidates, or other data.
    """
    groups = [group for group in grouped(find_runs(folders)) if group.scores("dev")]
    if len(groups) < 2:
        raise UsageError(f"expected runs of two sizes or more, found {len(groups)} with a dev score")
    if len({str(group.finished[0].data.get("train_and_dev_sha256")) for group in groups}) > 1:
        raise UsageError("expected runs with the same training and dev sentences, found others")
    differing = option_differences(groups)
    named = [
        ", ".join(f"{option} {values[number]}" for option, *values in differing)
        for number in range(len(groups))
    ]
    return dict(zip(named, groups, strict=True))


def measure(
    groups: Mapping[str, Group], sentences: Sequence[Sequence[str]], *, rounds: int, threads: int
) -> list[Row]:
    """Return a row for each candidate."""
    models = {name: group.finished[0].folder / "model" for name, group in groups.items()}
    seconds = in_turns(
        {name: _tagging(path, sentences, threads) for name, path in models.items()}, rounds=rounds
    )
    num_tokens = sum(map(len, sentences))
    first = next(iter(seconds.values()))
    rows: list[Row] = []
    for name, group in groups.items():
        run, scores = group.finished[0], [100 * score for score in group.scores("dev")]
        metrics = [each.metrics for each in group.finished if each.metrics is not None]
        fast, middle, slow = quartiles(seconds[name])
        rows.append(
            {
                "candidate": name,
                "seeds": len(scores),
                "dev score, %": statistics.fmean(scores),
                "standard deviation, points": statistics.stdev(scores) if len(scores) > 1 else None,
                "tokens per second": num_tokens / middle,
                "quartiles": [num_tokens / slow, num_tokens / fast],
                "this one's time / the first's": ratio(seconds[name], first),
                "seconds of a run": statistics.median(
                    each.metrics["seconds"] for each in group.finished if each.metrics
                ),
                "parameters": metrics[0]["parameters"],
                "MB": run.model_bytes / 1e6 if run.model_bytes else None,
            }
        )
    return rows


def _tagging(model: Path, sentences: Sequence[Sequence[str]], threads: int) -> Callable[[], float]:
    def work() -> float:
        tagger = Tagger.load(model, threads=threads)
        return timed(lambda: tagger.tag(sentences))

    return work


def pictures(rows: Sequence[Row], metric: str) -> Markup:
    """Return a chart of the dev score against each cost, with a dot for each candidate."""
    scores = [float(str(row["dev score, %"])) for row in rows]
    margin = (max(scores) - min(scores)) * 0.1 or 1.0
    charts = []
    for column, title in _COSTS.items():
        costs = [float(str(row[column])) for row in rows]
        dots = [
            Curve(str(row["candidate"]), [cost], [score], is_joined=False)
            for row, cost, score in zip(rows, costs, scores, strict=True)
        ]
        charts.append(
            curve_chart(
                dots,
                description=f"Dev score of each candidate against its cost: {title}",
                x_title=title,
                y_title=f"dev {metric}, %",
                x_limits=(0.0, 1.05 * max(costs)),
                y_limits=(min(scores) - margin, max(scores) + margin),
            )
        )
    return element("div", *(element("div", chart) for chart in charts), class_="tagger-report")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = benchmark_parser(__doc__)
    parser.add_argument("runs", nargs="+", metavar="FOLDER", help="of runs, or with runs below it")
    parser.add_argument(
        "--text", type=Path, required=True, metavar="FILE", help="labelled sentences to be tagged"
    )
    parser.add_argument("--sentences", type=positive, default=2000, metavar="N", help="of it (default: 2000)")
    parser.add_argument("--rounds", type=positive, metavar="N", help="rounds (default: 7; quick: 1)")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="write charts, as a fragment of HTML")
    options = parser.parse_args(arguments)
    try:
        groups = candidates(options.runs)
        examples, _ = labelled(options.text, None, sentences=options.sentences)
    except TaggerError as error:
        parser.error(str(error))
    rounds = options.rounds or (1 if options.quick else 7)
    rows = measure(groups, [each.tokens for each in examples], rounds=rounds, threads=options.threads)
    metrics = next(iter(groups.values())).finished[0].metrics or {}
    title = f"Dev {metrics['metric']} and cost; {len(examples):,} sentences of {options.text.name} tagged"
    if options.picture is not None:
        with open_for_replacing(options.picture) as stream:
            stream.write(pictures(rows, str(metrics["metric"])) + "\n")
    report({title: rows}, machine(options.threads, ["tagger"]), options)


if __name__ == "__main__":
    main()
