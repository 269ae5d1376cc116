"""What the benchmarks share: candidates in turns, medians with their spread, tables, JSON, the machine.

A benchmark makes tables of rows; a row is a dict from column to value, which is also what the JSON file holds.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from entries import HistoryError
from hardware import processor

Row = Mapping[str, object]
Tables = Mapping[str, Sequence[Row]]
"""Title to rows."""


def timed(function: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def in_turns(
    candidates: Mapping[str, Callable[[], float]], *, rounds: int, warm_up: int = 1
) -> dict[str, list[float]]:
    """Return the seconds of every candidate in each round.

    The candidates take turns, so that whatever else the machine does hits all of them alike.

    Args:
        candidates: name to a function that does the work once and returns its seconds.
        rounds: how often each one is measured.
        warm_up: rounds before those, which do not count.
    """
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for number in range(warm_up + rounds):
        for name, work in candidates.items():
            passed = work()
            if number >= warm_up:
                seconds[name].append(passed)
    return seconds


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the lower quartile, the median and the upper quartile."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    lower, middle, upper = statistics.quantiles(values, n=4, method="inclusive")
    return lower, middle, upper


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest value that is not exceeded by so many percent of all."""
    return sorted(values)[max(0, -(-percent * len(values) // 100) - 1)]


def ratio(seconds: Sequence[float], others: Sequence[float]) -> float:
    """Return how many times as long as the others something took: the median over the rounds."""
    return statistics.median(own / other for own, other in zip(seconds, others, strict=True))


def speed_column(reference: str) -> str:
    """Return the name of the column with the speed of one candidate divided by that of the row's own."""
    return f"{reference}'s speed / this one's"


def speed_rows(
    seconds: Mapping[str, Sequence[float]],
    *,
    count: int,
    unit: str,
    reference: str,
    bound: str,
    threads: Mapping[str, int],
) -> list[dict[str, object]]:
    """Return a row for each candidate that did the same work in turns.

    Args:
        seconds: name to the seconds of each round.
        count: how many units each round had.
        unit: what was counted.
        reference: the candidate whose speed is put in relation to every other's.
        bound: the candidate that nothing can outrun.
        threads: name to the number of threads that computed.
    """
    rows: list[dict[str, object]] = []
    for name, times in seconds.items():
        fast, middle, slow = quartiles(times)
        rows.append(
            {
                "candidate": name,
                f"{unit} per second": count / middle,
                "quartiles": [count / slow, count / fast],
                speed_column(reference): ratio(times, seconds[reference]),
                "share of the bound": ratio(seconds[bound], times),
                "threads": threads[name],
            }
        )
    return rows


def memory(name: str, process: int | str = "self") -> int:
    """Return a number of bytes, such as VmRSS or VmHWM, from the status of a process; Linux only."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def counted_threads(number: int) -> str:
    """Say how many threads there are, for the title of a table."""
    return f"{number} thread" if number == 1 else f"{number} threads"


def machine(threads: int, packages: Sequence[str] = ()) -> dict[str, object]:
    """Return what the numbers depend on: processor, threads, versions of what was measured, what else was running."""
    versions: dict[str, str | None] = {}
    for package in ("torch", *packages):
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = None
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "threads": threads,
        "python": platform.python_version(),
        "versions": versions,
    }


def benchmark_parser(description: str | None, *, threads: int | None = 1) -> argparse.ArgumentParser:
    """Return a parser with the options that every benchmark has.

    Args:
        description: for ``--help``.
        threads: the usual number; None for a benchmark that sets it itself.
    """
    from recording import RecordAction  # which needs this version's package, and some measure an older one

    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes and few rounds: two minutes at most"
    )
    if threads is not None:
        parser.add_argument(
            "--threads", type=positive, default=threads, help=f"threads to compute with (default: {threads})"
        )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the tables to a JSON file too")
    parser.add_argument(
        "--record",
        action=RecordAction,
        nargs=0,
        help="append the figures to docs/benchmarks, with commit and machine; history.py shows how they went",
    )
    return parser


def positive(text: str) -> int:
    """Return a number of 1 or more; argparse reports others."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {text}")
    return number


def positive_number(text: str) -> float:
    """Return a number above 0; argparse reports others."""
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"expected more than 0, found {text}")
    return number


def report(tables: Tables, conditions: Row, arguments: argparse.Namespace) -> None:
    """Print the tables; write them as JSON, and record them, where the options ask for it.

    Args:
        tables: title to rows.
        conditions: of :func:`machine`, and others.
        arguments: those that a parser of :func:`benchmark_parser` has read.
    """
    print(", ".join(f"{name} {_cell(value)}" for name, value in conditions.items()))
    for title, rows in tables.items():
        print(f"\n{title}")
        print("\n".join(table_lines(rows)))
    if arguments.json is not None:
        contents = {"machine": conditions, "tables": tables}
        arguments.json.write_text(json.dumps(contents, indent=1) + "\n", encoding="utf-8")
    if arguments.record is not None:
        try:
            arguments.record.finish(tables, conditions, arguments)
        except HistoryError as error:
            raise SystemExit(f"not recorded: {error}") from None
        print(f"\nrecorded in {arguments.record.path.name}")


def table_lines(rows: Sequence[Row]) -> list[str]:
    """Return a table's lines: texts to the left, all else to the right."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells = [columns, *([_cell(row.get(column)) for column in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    left = [all(isinstance(row.get(column), (str, type(None))) for row in rows) for column in columns]
    return [
        "  ".join(
            cell.ljust(width) if to_left else cell.rjust(width)
            for cell, width, to_left in zip(line, widths, left, strict=True)
        ).rstrip()
        for line in cells
    ]


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_cell(one)}" for name, one in value.items())
    if isinstance(value, (list, tuple)):
        return " to ".join(map(_cell, value))
    if isinstance(value, float):
        return (
            f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
        )
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)
