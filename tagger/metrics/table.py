"""Plain text tables: names on the left, numbers on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tagger.metrics.counts import Average, Counts, percent
from tagger.text.printable import printable

SCORE_COLUMNS: Final = ("precision", "recall", "f1", "support")


def score_row(name: str, scores: Counts | Average, support: int) -> tuple[str, ...]:
    """Return a row under ``SCORE_COLUMNS``: shares in percent, support as a count."""
    return (name, percent(scores.precision), percent(scores.recall), percent(scores.f1), str(support))


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, names: int = 1) -> list[str]:
    """Return the lines of a table; the first ``names`` columns are left-aligned, the others right-aligned.

    A row without cells is an empty line. Cells are made printable.
    """
    rows = [[printable(cell) for cell in row] for row in rows]
    full = [row for row in [header, *rows] if row]
    widths = [max(len(row[column]) for row in full) for column in range(len(header))]
    return [
        "  ".join(
            cell.ljust(width) if column < names else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        if row
        else ""
        for row in [header, *rows]
    ]
