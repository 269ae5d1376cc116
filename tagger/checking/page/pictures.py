"""Figures on the page: shares of labels and overlap as bars, lengths as histograms, and all tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tagger.evaluation.page.figures import figure
from tagger.evaluation.results import ResultTable, Value, shown
from tagger.report import Cell, Figure, Markup, bar, element, histogram, shortened, table

_MOST_PARTS: Final = 6
"""Maximum number of parts beside one another in a chart."""
_MOST_ROWS: Final = 60
_SHARES: Final = {
    "types": ("share", "Shares of the types of spans, in percent"),
    "labels": ("share", "Shares of the labels, in percent"),
    "entity_overlap": ("with_this_type", "Entities that train has with the same type, in percent"),
    "memory": ("f1", "F1 of memory alone, in percent"),
}
"""Tables with a row for each part and type that are drawn as bars: the column, and its caption."""
_LENGTHS: Final = ("sentence_lengths", "span_lengths")


def pictured(results: ResultTable) -> Figure:
    """Return a table, with its chart if it has one."""
    plain = figure(results)
    if not results.rows:
        return Figure(plain.title, [element("p", "There is none.")], plain.explanation)
    if results.name in _SHARES:
        pictures = [_side_by_side(results, *_SHARES[results.name])]
    elif results.name in _LENGTHS:
        pictures = _histograms(results)
    else:
        return plain
    folded = element("details", element("summary", "The figures"), *plain.content)
    return Figure(plain.title, [*pictures, folded], plain.explanation)


def _side_by_side(results: ResultTable, column: str, caption: str) -> Markup:
    """Return a table with a row for each type and a bar for each part."""
    place = [one.name for one in results.columns].index(column)
    parts = list(dict.fromkeys(str(row[0]) for row in results.rows))[:_MOST_PARTS]
    names = list(dict.fromkeys(str(row[1]) for row in results.rows))[:_MOST_ROWS]
    values: dict[tuple[str, str], Value] = {(str(row[0]), str(row[1])): row[place] for row in results.rows}
    head = [results.columns[1].name]
    for part in parts:
        head += [shortened(part, 40), ""]
    rows = [
        [
            Cell(shortened(name, 40), "wide", is_head=True),
            *(cell for part in parts for cell in _bar_cells(values.get((part, name)))),
        ]
        for name in names
    ]
    return table(head, rows, caption=caption)


def _bar_cells(value: Value) -> Sequence[Cell]:
    share = float("nan") if value is None or isinstance(value, str) else float(value)
    return Cell(bar(share)), Cell(shown(value, "share"))


def _histograms(results: ResultTable) -> list[Markup]:
    """Return a histogram for each part."""
    bins = list(dict.fromkeys(str(row[1]) for row in results.rows))
    bins.sort(key=lambda name: int(name.split()[0]))
    unit = results.columns[2].name
    pictures = []
    for part in list(dict.fromkeys(str(row[0]) for row in results.rows))[:_MOST_PARTS]:
        counts = {str(row[1]): row[2] for row in results.rows if row[0] == part}
        heights = [int(counts.get(name) or 0) for name in bins]
        pictures.append(
            histogram(
                heights,
                bins=[name.split()[0] for name in bins],
                description=f"{results.title} of {shortened(part, 40)}: {unit} of each length",
                x_title="tokens, lower bound" if any(" to " in name for name in bins) else "tokens",
                y_title=f"{shortened(part, 40)}: {unit}",
            )
        )
    return [element("div", *(element("div", picture) for picture in pictures), class_="maps")]
