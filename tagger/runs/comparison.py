"""Comparison of runs: their differences, their scores with spread, and significance tests."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tagger.errors import UsageError
from tagger.evaluation.results import Column, ResultTable, Value, as_csv_rows
from tagger.runs.groups import (
    SPLITS,
    Group,
    comparable_splits,
    data_differences,
    grouped,
    option_differences,
)
from tagger.runs.page import comparison_page
from tagger.runs.reading import Run
from tagger.runs.seed_statistics import paired_test, summarize

_OF_TEXT: Final = ("options", "data")


@dataclass(frozen=True)
class RunComparison:
    """A comparison of runs.

    Attributes:
        runs: all of them.
        groups: undamaged runs, grouped by options and data.
        metric: name of the scores; None if no run is finished.
        tables: all figures.
        notes: notes needed to interpret them.
    """

    runs: tuple[Run, ...]
    groups: tuple[Group, ...]
    metric: str | None
    tables: tuple[ResultTable, ...]
    notes: tuple[str, ...]

    def report(self) -> str:
        """Return the comparison as plain text."""
        return "\n\n".join(
            "\n".join(lines) for lines in [*(one.lines() for one in self.tables), self.notes] if lines
        )

    def to_json(self) -> str:
        """Return the comparison as JSON: runs with their epochs, and a list of rows for each other table."""
        record: dict[str, Any] = {"metric": self.metric}
        record |= {one.name: one.to_dicts() for one in self.tables}
        for row, run in zip(record["runs"], self.runs, strict=True):
            row["damage"] = run.damage
            row["history"] = [
                {"epoch": each.number, "train_loss": each.train_loss, "dev_score": each.dev_score}
                for each in run.history
            ]
        return json.dumps({**record, "notes": list(self.notes)}, indent=2, ensure_ascii=False)

    def to_csv(self) -> str:
        """Return all figures, and the differences in options and data, as one table: table, row, column, value."""
        rows = as_csv_rows([one for one in self.tables if one.name not in _OF_TEXT])
        for one in self.tables:
            if one.name in _OF_TEXT:
                names = [column.name for column in one.columns[1:]]
                rows += [
                    (one.name, row[0], name, value)
                    for row in one.rows
                    for name, value in zip(names, row[1:], strict=True)
                ]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue().rstrip("\n")

    def to_html(self) -> str:
        """Return the comparison as one page, with the learning curves of all runs."""
        return comparison_page(self.groups, self.tables, self.notes, metric=self.metric)


def compare(runs: Sequence[Run]) -> RunComparison:
    """Compare runs.

    Raises:
        UsageError: no run can be read, or they cannot be compared, since their tasks, labels or data differ.
    """
    groups = grouped(runs)
    if not groups:
        raise UsageError(f"no run that can be read: {runs[0].damage}" if runs else "no runs")
    splits, notes = comparable_splits(groups)
    finished = [run for group in groups for run in group.finished]
    metric = str((finished[0].metrics or {})["metric"]) if finished else None
    tables = [_runs_table(runs, groups, splits)]
    if metric is not None:
        tables.append(_scores_table(groups, splits, metric))
        tests, of_tests = _tests(groups, splits)
        tables += tests
        notes += of_tests
    tables += _differences(groups)
    if any("held_out" in run.data for run in finished):
        notes.append(
            "Models of different folds are trained on largely the same sentences: intervals of their scores are too "
            "narrow, and p is too small. Dev chose their epoch; scores.json beside them scores the held-out folds"
        )
    notes += [
        f"{run.name}: not finished; its dev scores so far are not counted"
        for run in runs
        if run.state == "unfinished"
    ]
    notes += [f"{run.name}: damaged, left out: {run.damage}" for run in runs if run.damage]
    return RunComparison(tuple(runs), tuple(groups), metric, tuple(tables), tuple(notes))


def _runs_table(runs: Sequence[Run], groups: Sequence[Group], splits: Sequence[str]) -> ResultTable:
    names = {id(run): group.name for group in groups for run in group.runs}
    text = [Column(name, "text") for name in ("run", "configuration", "state")]
    counts = [Column(name, "count") for name in ("seed", "epochs", "best_epoch")]
    sizes = [Column(name, "count") for name in ("parameters", "model_bytes", "seconds", "tokens_per_second")]
    rows = []
    for run in runs:
        scores = [run.score(split) if split in splits else None for split in SPLITS]
        best = None if run.best is None else run.history[run.best].number
        numbers: list[Value] = [
            run.seed if not run.damage else None,
            len(run.history) or (run.metrics or {}).get("epochs_trained"),
            best,
            *scores,
        ]
        metrics = run.metrics or {}
        own = [
            metrics.get("parameters"),
            run.model_bytes,
            _whole(metrics.get("seconds")),
            _whole(run.tokens_per_second),
        ]
        rows.append((run.name, names.get(id(run), ""), run.state, *numbers, *own))
    columns = (*text, *counts, *(Column(split) for split in SPLITS), *sizes)
    notes = (
        "Runs whose options and data differ only in the seed, or the held-out fold, are one configuration.",
    )
    return ResultTable("runs", "Runs", columns, tuple(rows), notes)


def _whole(value: Any) -> int | None:
    return None if value is None or not math.isfinite(value) else round(value)


def _scores_table(groups: Sequence[Group], splits: Sequence[str], metric: str) -> ResultTable:
    rows: list[tuple[Value, ...]] = []
    for split in splits:
        for group in groups:
            scores = group.scores(split)
            if scores:
                found = summarize(scores)
                low, high = found.interval or (None, None)
                rows.append((split, group.name, len(scores), found.mean, low, high, found.deviation))
    return ResultTable(
        "scores",
        f"Scores: {metric}, %",
        (
            Column("split", "text"), Column("configuration", "text"), Column("runs", "count"),
            *(Column(name) for name in ("mean", "low", "high", "deviation")),
        ),
        tuple(rows),
        ("low and high: 95 % interval of the mean over many seeds (Student's).",),
    )  # fmt: skip


def _tests(groups: Sequence[Group], splits: Sequence[str]) -> tuple[list[ResultTable], list[str]]:
    """Return the paired test of two configurations over common seeds or folds, or the reason why there is none."""
    scored = [group for group in groups if group.finished]
    if len(scored) != 2:
        return [], ["tested are two configurations, not more"] if len(scored) > 2 else []
    rows: list[tuple[Value, ...]] = []
    notes = []
    for split in splits:
        first, second = (group.by_pair(split) for group in scored)
        if first is None or second is None:
            notes.append(
                f"{split}: several runs of a configuration have the same seed and fold, so that none is tested"
            )
            continue
        pairs = sorted(set(first) & set(second))
        if len(pairs) < 2:
            notes.append(
                f"{split}: fewer than two seeds or folds in common, so that a difference cannot be told from chance"
            )
            continue
        test = paired_test([first[pair] for pair in pairs], [second[pair] for pair in pairs])
        low, high = test.differences.interval or (None, None)
        t = test.t if test.t is not None and math.isfinite(test.t) else None
        found = (test.differences.mean, low, high, t, test.t_p, test.permutation_p)
        rows.append((split, f"{scored[1].name} - {scored[0].name}", len(pairs), *found))
    columns = (
        Column("split", "text"), Column("difference", "text"), Column("pairs", "count"), Column("mean"),
        Column("low"), Column("high"), *(Column(name, "number") for name in ("t", "t_p", "permutation_p")),
    )  # fmt: skip
    said = (
        "Paired by seed, or fold: Student's t-test, and the exact test over all signs, never below 2 / 2^pairs.",
    )
    return [ResultTable("tests", "Difference", columns, tuple(rows), said)] if rows else [], notes


def _differences(groups: Sequence[Group]) -> list[ResultTable]:
    """Return tables of the differences between groups in options and data, if any."""
    columns = (Column("name", "text"), *(Column(group.name, "text") for group in groups))
    tables = []
    for name, title, rows in (
        ("options", "Options that differ", option_differences(groups)),
        ("data", "Data and versions that differ", data_differences(groups)),
    ):
        if rows:
            tables.append(ResultTable(name, title, columns, tuple(rows)))
    return tables
