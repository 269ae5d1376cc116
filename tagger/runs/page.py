"""The page of a comparison of runs: their learning curves in one chart, and all tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from tagger.evaluation.page.figures import figure
from tagger.evaluation.results import ResultTable
from tagger.report import Figure, Markup, Section, Series, element, html_page, line_chart, shortened
from tagger.runs.groups import Group
from tagger.runs.reading import Epoch, Run

_MOST_LINES: Final = 7
_LONGEST_NAME: Final = 60
_LONGEST_NOTE: Final = 1_000
_SCORE: Final = ("The score on the dev split after each epoch. The dot is the epoch with the best one.",)
_LOSS: Final = (
    "How improbable the model finds the right labels of a training sentence, in nats. The dot is the epoch with the "
    "best dev score. Losses with different options, such as dropout, do not show which model is better.",
)


def comparison_page(
    groups: Sequence[Group], tables: Sequence[ResultTable], notes: Sequence[str], *, metric: str | None
) -> str:
    """Return the page, as HTML, to be written as UTF-8.

    Args:
        groups: the runs.
        tables: all figures.
        notes: notes needed to interpret them.
        metric: name of the dev score.
    """
    runs = [(group, run) for group in groups for run in group.runs if run.history]
    figures = [
        Figure(title, _charts(runs, value, y_title), words)
        for title, value, y_title, words in (
            ("Dev score", _score, f"{metric or 'score'} on the dev split, in percent", _SCORE),
            ("Training loss", _loss, "nats per sentence", _LOSS),
        )
        if any(value(epoch) is not None for _, run in runs for epoch in run.history)
    ]
    sections = [Section("curves", "Epoch by epoch", figures)] if figures else []
    sections.append(Section("figures", "Figures and differences", [figure(each) for each in tables]))
    said = [element("p", shortened(note, _LONGEST_NOTE)) for note in notes]
    return html_page("Runs compared", said, sections)


def _score(epoch: Epoch) -> float | None:
    return None if epoch.dev_score is None else 100 * epoch.dev_score


def _loss(epoch: Epoch) -> float | None:
    return epoch.train_loss


def _charts(
    runs: Sequence[tuple[Group, Run]], value: Callable[[Epoch], float | None], y_title: str
) -> list[Markup]:
    """Return charts with a line for each run, up to the number of colours in each, all with the same axes."""
    last = max(epoch.number for _, run in runs for epoch in run.history)
    finite = [found for _, run in runs for epoch in run.history if (found := value(epoch)) is not None]
    low, high = min(finite), max(finite)
    lines = [_line(group, run, value, last) for group, run in runs]
    return [
        line_chart(
            lines[start : start + _MOST_LINES],
            places=[str(number) for number in range(1, last + 1)],
            description=f"{y_title}, by epoch, of each run",
            x_title="epoch",
            y_title=y_title,
            limits=(low, high) if low < high else None,
        )
        for start in range(0, len(lines), _MOST_LINES)
    ]


def _line(group: Group, run: Run, value: Callable[[Epoch], float | None], last: int) -> Series:
    found = {epoch.number: value(epoch) for epoch in run.history}
    values = [
        number if (number := found.get(place)) is not None else math.nan for place in range(1, last + 1)
    ]
    marked = None if run.best is None else run.history[run.best].number - 1
    folder = shortened(run.name[::-1], _LONGEST_NAME)[::-1]  # the end of the path is distinctive
    return Series(f"{group.name}: {folder}", values, marked=marked)
