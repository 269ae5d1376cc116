"""The report of recipes/long_lag.py: a table of cells and tasks with the results of the papers, as Markdown and HTML.

A row of the table is a cell, a column is a task (with its lag).
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from long_lag_training import Run

from tagger.modules.recurrent.cells import CELLS
from tagger.report import Cell, Figure, Markup, Section, Series, element, html_page, line_chart
from tagger.report import table as html_table

Column = tuple[str, int | None]
"""A task and its lag."""

# The results of each paper, with their sources.
PAPERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "reber": "Hochreiter & Schmidhuber 1997, table 1 (read in a transcription of the paper): LSTM without forget "
        "gates 97 to 100 % of trials, after 8,440 to 39,740 strings; Elman net 0 % in 200,000; RTRL “some fraction”.",
        "continual_reber": "Gers et al. 2000, table 2 (read in a transcription of the table): 10 streams of 100,000 "
        "symbols without error by 0 % of the LSTMs without forget gates (74 % if reset by hand between strings), 18 % "
        "with forget gates, 62 % with a decaying learning rate as well. Those without forget gates went wrong after "
        "37 symbols on average, save 1 % of them.",
        "temporal_order": "Hochreiter & Schmidhuber 1997, table 9, task 6a (read in a transcription of the paper): "
        "LSTM without forget gates 1 wrong of 2,560, after 31,390 sequences, mean of 20 trials; “cannot be solved at "
        "all by any other recurrent net learning algorithm we are aware of” (their NIPS 1996 paper). Gers et al. "
        "2000, section 4.5.1, on task 6b: forget gates are as fast with a bias of 5, three times slower with 1.",
        "anbn": "Gers & Schmidhuber 2001: LSTM “works even better than previous hardwired or highly specialized "
        "architectures” (abstract; no figure of its tables is given here).",
        "timing": "Gers et al. 2002: with peepholes LSTM “learns to generate stable streams of precisely timed "
        "spikes” (abstract); for measuring intervals, peepholes “are not mandatory” (section 4.2, read in a "
        "transcription). No figure of its tables is given here.",
    }
)

_TITLES: Final = MappingProxyType(
    {
        "reber": "embedded Reber",
        "continual_reber": "continual Reber",
        "temporal_order": "order",
        "anbn": "aⁿbⁿ",
        "timing": "timing",
    }
)


def table(runs: Sequence[Run]) -> str:
    """Return a table in Markdown, followed by the results of the papers."""
    columns = _columns(runs)
    lines = ["| cell | " + " | ".join(map(_title, columns)) + " |", "|---" * (len(columns) + 1) + "|"]
    for cell in _cells(runs):
        shown = (_entry(_of(runs, column, cell)) for column in columns)
        lines.append(f"| `{cell}` | " + " | ".join(shown) + " |")
    lines += ["", _HOW_TO_READ, ""]
    lines += [f"- `{task}`: {PAPERS[task]}" for task in dict(columns)]
    return "\n".join(lines) + "\n"


def page(runs: Sequence[Run], settings: Mapping[str, object]) -> str:
    """Return a page of tables and plots, see :func:`tagger.report.html_page`.

    Args:
        runs: at least one.
        settings: shared by all runs, by name.
    """
    stated = ", ".join(
        f"{name.replace('_', ' ')} {'as the task sets it' if value is None else value}"
        for name, value in settings.items()
    )
    introduction = [
        element(
            "p",
            "Each cell of the encoder, trained on the tasks by which the papers compared them: one layer in one "
            "direction, and a label at every position. Training stops after two validations without an error.",
        ),
        element("p", f"Settings of all runs: {stated}.", class_="faint"),
    ]
    sections = [Section("table", "Who solves what", [Figure("", [_overview(runs)], [_HOW_TO_READ])])]
    sections += [
        section
        for section in (_lag_section(runs), _continual_section(runs), _other_section(runs))
        if section is not None
    ]
    papers = [
        element("dl", element("dt", task), element("dd", PAPERS[task])) for task in dict(_columns(runs))
    ]
    sections.append(Section("papers", "What the papers report", [Figure("", papers)]))
    return html_page("Long lags: the recurrent cells compared", introduction, sections)


_HOW_TO_READ: Final = (
    "Solved runs of all seeds; the median of their training steps up to the validation that showed it; and, if not "
    "all were solved, the mean share of correct labels in the test, in percent."
)


def _columns(runs: Sequence[Run]) -> list[Column]:
    return list(dict.fromkeys((run.task, run.lag) for run in runs))


def _cells(runs: Sequence[Run]) -> list[str]:
    present = {run.cell for run in runs}
    return [cell for cell in CELLS if cell in present]


def _color(cell: str) -> int:
    """Return the number of a cell's colour, the same in all charts, whichever other cells they show."""
    return [*CELLS].index(cell)


def _of(runs: Sequence[Run], column: Column, cell: str) -> list[Run]:
    return [run for run in runs if (run.task, run.lag, run.cell) == (*column, cell)]


def _title(column: Column) -> str:
    task, lag = column
    return _TITLES[task] if lag is None else f"{_TITLES[task]}, lag {lag}"


def _entry(runs: Sequence[Run]) -> str:
    """Return the number of solved runs, their median steps and, if not all are solved, the mean accuracy."""
    if not runs:
        return "–"
    steps = [run.steps for run in runs if run.steps is not None]
    parts = [f"{len(steps)}/{len(runs)}"]
    if steps:
        parts.append(f"{statistics.median(steps):g}")
    if len(steps) < len(runs):
        parts.append(percent(statistics.mean(run.accuracy for run in runs)))
    return " · ".join(parts)


def percent(share: float) -> str:
    """Return a share in percent, which is 100 only if nothing is missing.

    >>> percent(0.25), percent(0.99999), percent(1.0)
    ('25.0 %', '99.9 %', '100 %')
    """
    return "100 %" if share == 1 else f"{min(100 * share, 99.9):.1f} %"


def _overview(runs: Sequence[Run]) -> Markup:
    columns = _columns(runs)
    rows = []
    for cell in _cells(runs):
        row = [_head(cell)]
        for column in columns:
            found = _of(runs, column, cell)
            share = statistics.mean(run.solved for run in found) if found else None
            row.append(Cell(_entry(found), style=None if share is None else f"s{round(4 * share)}"))
        rows.append(row)
    return html_table(["cell", *map(_title, columns)], rows, caption="Solved runs of each cell on each task")


def _head(cell: str) -> Cell:
    # Small, so that the longest name fits the fixed column on a narrow screen.
    return Cell(element("small", cell), is_head=True)


def _lag_section(runs: Sequence[Run]) -> Section | None:
    chosen = [run for run in runs if run.lag is not None]
    if not chosen:
        return None
    columns = sorted({(run.task, run.lag) for run in chosen}, key=lambda column: column[1] or 0)
    lines = [
        Series(
            cell,
            [_mean(_of(chosen, column, cell), lambda run: run.accuracy) for column in columns],
            color=_color(cell),
        )
        for cell in _cells(chosen)
    ]
    chart = line_chart(
        lines,
        places=[str(lag) for _, lag in columns],
        description="Accuracy in temporal order against the lag, a line for each cell",
        x_title="steps between the last mark and the label",
        y_title="share of sequences classified right, mean over seeds",
        limits=(0.0, 1.0),
    )
    words = [
        "Two marks in noise decide among four classes; a guess is right one time in four.",
        "The memory of a plain recurrent network is transformed at every step; a gate can let it pass unchanged.",
    ]
    return Section("lag", "Temporal order: how far back a cell remembers", [Figure("", [chart], words)])


def _continual_section(runs: Sequence[Run]) -> Section | None:
    chosen = [run for run in runs if run.curves]
    if not chosen:
        return None
    length = "the test stream, cut into fifty stretches"
    places = [str(i + 1) if i % 10 == 0 else "" for i in range(len(next(iter(chosen[0].curves.values()))))]

    def chart(name: str, y_title: str, *, logarithmic: bool) -> Markup:
        series = [
            Series(cell, [statistics.mean(values) for values in zip(*found, strict=True)], color=_color(cell))
            for cell in _cells(chosen)
            if (found := [run.curves[name] for run in chosen if run.cell == cell and name in run.curves])
        ]
        return line_chart(
            series, places=places, description=f"{y_title}, along {length}", x_title="stretch of the stream, of 50",
            y_title=y_title, logarithmic=logarithmic,
        )  # fmt: skip

    size_words = [
        "The axes are in powers of ten. Without a forget gate nothing ever leaves a cell: what is written adds up "
        "from string to string. Once a cell is far from zero, tanh no longer shows what is added.",
        "The first LSTM was reset by hand after each string; the forget gate learns when to do so.",
    ]
    figures = [
        Figure(
            "Symbols predicted right",
            [chart("accuracy", "share of right predictions, mean over seeds", logarithmic=False)],
            [f"Along {length}. Training saw streams of a hundredth of that length."],
        )
    ]
    if any("cell_mean" in run.curves for run in chosen):
        sizes = [
            chart("cell_mean", "mean |c| over units, streams and seeds", logarithmic=True),
            chart("cell_max", "largest |c| of a unit, mean over seeds", logarithmic=True),
        ]
        figures.append(Figure("The cell state", sizes, size_words))
    return Section("continual", "Continual Reber: a stream without resets", figures)


def _other_section(runs: Sequence[Run]) -> Section | None:
    names = {"error_free": "symbols up to the first error, of 10,000", "longest_n": "largest n right, of 100"}
    present = [name for name in names if any(name in run.figures for run in runs)]
    if not present:
        return None
    rows = []
    for cell in _cells(runs):
        row = [_head(cell)]
        for name in present:
            values = [run.figures[name] for run in runs if run.cell == cell and name in run.figures]
            row.append(Cell(f"{statistics.median(values):,.0f}" if values else "–"))
        rows.append(row)
    shown = html_table(
        ["cell", *(names[name] for name in present)], rows, caption="Further figures of each cell"
    )
    words = ["Medians over all seeds, solved or not."]
    return Section("beyond", "Beyond what was trained", [Figure("", [shown], words)])


def _mean(runs: Sequence[Run], value: Callable[[Run], float]) -> float:
    return statistics.mean(map(value, runs)) if runs else float("nan")
