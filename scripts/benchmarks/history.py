"""Show how the figures of the benchmarks went from commit to commit, as far as they were recorded.

    python scripts/benchmarks/train.py en_ewt-ud-train.conllu --record     # appends to docs/benchmarks/train.json
    python scripts/benchmarks/history.py                                   # every benchmark
    python scripts/benchmarks/history.py train tag --last 8 --html history.html

Figures stand beside each other where the machine, the conditions and the title of the table are the same: another
processor, a quick run or another option makes a table of its own. Of a run, the time, the commit, ``+`` where the tree
was changed since, and ``busy`` where other programs took more than a tenth of a core; ``?`` where nobody can tell.
``last / before`` compares the last two runs that were not busy, and the pictures of the page show none that was. Whole
numbers that never changed are left out.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from entries import Entry, HistoryError, read_entries
from measuring import positive, table_lines
from recording import FOLDER

from tagger.errors import DataError
from tagger.files.replacing import open_for_replacing
from tagger.report import Figure, Markup, Section, Series, element, html_page, line_chart, table
from tagger.text.printable import printable

_BUSY: Final = 0.1
_LINES_IN_A_CHART: Final = 7
_NO_OTHER_FIGURE: Final = frozenset({"rounds", "peers", "parts"})
"""Options by which no figure becomes another one."""

Value = int | float | None


@dataclass
class Trend:
    """The figures of one table from run to run, on one machine and under the same conditions.

    Attributes:
        machine: in words.
        conditions: in words.
        title: of the table.
        runs: the entries, the oldest first.
        figures: row and column to a value for each run; None where a run has none.
    """

    machine: str
    conditions: str
    title: str
    runs: list[Entry] = field(default_factory=list)
    figures: dict[tuple[str, str], list[Value]] = field(default_factory=dict)

    def add(self, run: Entry, rows: Sequence[Mapping[str, object]]) -> None:
        """Add a run and the rows of its table."""
        for label, row in zip(row_labels(rows), rows, strict=True):
            for column, value in row.items():
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    values = self.figures.setdefault((label, column), [])
                    values += [None] * (len(self.runs) - len(values)) + [value]
        self.runs.append(run)
        for values in self.figures.values():
            values += [None] * (len(self.runs) - len(values))

    def varying(self) -> dict[tuple[str, str], list[Value]]:
        """Return the figures without whole numbers that never changed."""
        known = {
            name: {value for value in values if value is not None} for name, values in self.figures.items()
        }
        return {
            name: values
            for name, values in self.figures.items()
            if len(known[name]) > 1 or not all(isinstance(value, int) for value in known[name])
        }

    def rows(self, last: int | None = None) -> list[dict[str, object]]:
        """Return a row for each figure, with a column for each of the last runs."""
        shown = range(len(self.runs))[-last if last else 0 :]
        names = run_names(self.runs)
        rows: list[dict[str, object]] = []
        for (label, column), values in self.varying().items():
            if all(values[number] is None for number in shown):
                continue
            row: dict[str, object] = {"figure": f"{label}: {column}" if label else column}
            row |= {names[number]: values[number] for number in shown}
            row["last / before"] = self._step(values)
            rows.append(row)
        return rows

    def _step(self, values: Sequence[Value]) -> Value:
        """Return the last value, divided by the one before; of runs that were not busy."""
        idle = [
            value
            for run, value in zip(self.runs, values, strict=True)
            if not is_busy(run) and value is not None
        ]
        return idle[-1] / idle[-2] if len(idle) > 1 and idle[-2] else None


def trends(entries: Sequence[Entry]) -> list[Trend]:
    """Return the trends of a benchmark, in the order in which they began."""
    found: dict[str, Trend] = {}
    for entry in sorted(entries, key=lambda entry: datetime.fromisoformat(entry["date"])):
        machine = entry["machine"]
        told = {
            name: value for name, value in sorted(entry["conditions"].items()) if name not in _NO_OTHER_FIGURE
        }
        of_machine = f"{machine['processor']}, {machine['cores'] or '?'} cores"
        of_machine += "".join(f", {name}" for name in machine["instructions"])
        conditions = ", ".join(
            [*(["quick"] if entry["quick"] else []), *(f"{name} {_shown(told[name])}" for name in told)]
        )
        for title, rows in entry["tables"].items():
            key = json.dumps([machine, entry["quick"], told, title], sort_keys=True)
            found.setdefault(key, Trend(of_machine, conditions, title)).add(entry, rows)
    return [trend for trend in found.values() if trend.figures]


def _shown(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def is_busy(entry: Entry) -> bool:
    """Return whether other programs slowed the run down."""
    return entry["others"] is not None and entry["others"] > _BUSY


def run_names(runs: Sequence[Entry]) -> list[str]:
    """Return what tells the runs apart: when, which commit, and marks."""
    names = []
    for run in runs:
        mark = " busy" if is_busy(run) else " ?" if run["others"] is None else ""
        when = run["date"][:16].replace("T", " ")
        names.append(f"{when} {run['commit'][:7]}{'+' if run['dirty'] else ''}{mark}")
    numbered: Counter[str] = Counter()
    for number, name in enumerate(names):
        numbered[name] += 1
        if numbered[name] > 1:
            names[number] = f"{name} #{numbered[name]}"
    return names


def row_labels(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Return what tells the rows of a table apart: their texts, and their first number where texts do not."""
    texts = [", ".join(value for value in row.values() if isinstance(value, str)) for row in rows]
    counts = Counter(texts)
    labels = []
    for text, row in zip(texts, rows, strict=True):
        first = next(((name, value) for name, value in row.items() if isinstance(value, (int, float))), None)
        if first is not None and len(rows) > 1 and (not text or counts[text] > 1):
            text = f"{text}, {first[0]} {first[1]:g}".removeprefix(", ")
        labels.append(text)
    numbered: Counter[str] = Counter()
    for number, label in enumerate(labels):
        numbered[label] += 1
        if numbered[label] > 1:
            labels[number] = f"{label} #{numbered[label]}"
    return labels


def text_of(benchmark: str, found: Sequence[Trend], *, last: int) -> list[str]:
    """Return the lines that show the trends of a benchmark on the terminal."""
    lines = []
    for trend in found:
        lines += ["", f"{benchmark}: {trend.title}", f"  {trend.machine}; {trend.conditions}"]
        lines += [f"  {line}" for line in table_lines(trend.rows(last))]
    return [printable(line) for line in lines]


def section_of(benchmark: str, found: Sequence[Trend]) -> Section:
    """Return the part of the page with the trends of a benchmark."""
    figures = []
    for trend in found:
        content = [*_charts(trend), table(*cells_of(trend), caption=trend.title)]
        explanation = [trend.machine, trend.conditions, *map(_versions, trend.runs[-1:])]
        if left_out := sum(map(is_busy, trend.runs)):
            explanation.append(f"Busy, and in the table alone: {left_out} of {len(trend.runs)} runs.")
        figures.append(Figure(trend.title, content, [text for text in explanation if text]))
    return Section(benchmark.replace("_", "-"), benchmark, figures)


def cells_of(trend: Trend) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows of a trend's table, as they are shown."""
    rows = trend.rows()
    head = list(rows[0]) if rows else []
    return head, [[_cell(row[name]) for name in head] for row in rows]


def _charts(trend: Trend) -> list[Markup]:
    """Return pictures of each column, those of the runs that were not busy."""
    idle = [number for number, run in enumerate(trend.runs) if not is_busy(run)]
    if len(idle) < 2:
        return []
    by_column: dict[str, list[Series]] = {}
    for (label, column), values in trend.varying().items():
        shown = [math.nan if (value := values[number]) is None else value for number in idle]
        if not all(map(math.isnan, shown)):
            by_column.setdefault(column, []).append(Series(label, shown))
    places = [trend.runs[number]["commit"][:7] for number in idle]
    return [
        element(
            "div",
            line_chart(
                lines[begin : begin + _LINES_IN_A_CHART],
                places=places,
                description=f"{column} from run to run: {trend.title}",
                x_title="commit",
                y_title=column,
            ),
        )
        for column, lines in by_column.items()
        for begin in range(0, len(lines), _LINES_IN_A_CHART)
    ]


def _versions(run: Entry) -> str:
    listed = ", ".join(f"{name} {version}" for name, version in run["versions"].items() if version)
    return f"Last with {listed}."


def _cell(value: object) -> str:
    (_, line) = table_lines([{"": value}])
    return line.strip()


def main() -> None:
    arguments = _parser().parse_args()
    names = arguments.benchmarks or sorted(path.stem for path in FOLDER.glob("*.json"))
    try:
        if missing := [name for name in names if not (FOLDER / f"{name}.json").exists()]:
            raise HistoryError(f"{missing[0]}: nothing of it is recorded; pass --record to the benchmark")
        found = {name: trends(read_entries(FOLDER / f"{name}.json")) for name in names}
        for name, of_benchmark in found.items():
            print("\n".join(text_of(name, of_benchmark, last=arguments.last)))
        if arguments.html is not None:
            sections = [section_of(name, of_benchmark) for name, of_benchmark in found.items()]
            with open_for_replacing(arguments.html) as stream:
                stream.write(html_page("History of the benchmarks", [], sections))
    except (HistoryError, DataError) as error:
        sys.exit(f"history.py: error: {error}")
    if not names:
        print("nothing is recorded yet: pass --record to a benchmark", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument(
        "benchmarks", nargs="*", metavar="BENCHMARK", help="such as train (default: all that are recorded)"
    )
    parser.add_argument(
        "--last",
        type=positive,
        default=3,
        metavar="N",
        help="runs in the tables of the terminal (default: 3)",
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with all runs, and pictures")
    return parser


if __name__ == "__main__":
    main()
