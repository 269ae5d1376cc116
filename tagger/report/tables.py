"""Tables: rows of cells below a head, in a box that scrolls on narrow screens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tagger.report.markup import Markup, element


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes:
        content: text, or markup.
        style: style-sheet classes, such as a shade of a heat map.
        is_head: whether it names its row.
    """

    content: str
    style: str | None = None
    is_head: bool = False


def table(head: Sequence[str], rows: Sequence[Sequence[Cell | str]], *, caption: str) -> Markup:
    """Return a table.

    Args:
        head: a text above each column; empty for none.
        rows: rows with equal numbers of cells; plain text is a cell without style.
        caption: description of the table for screen readers.
    """
    body = []
    for row in rows:
        cells = [cell if isinstance(cell, Cell) else Cell(cell) for cell in row]
        body.append(
            element(
                "tr",
                *(
                    element("th", cell.content, scope="row", class_=cell.style)
                    if cell.is_head
                    else element("td", cell.content, class_=cell.style)
                    for cell in cells
                ),
            )
        )
    top = (
        [element("thead", element("tr", *(element("th", text, scope="col") for text in head)))]
        if head
        else []
    )
    return element(
        "div",
        element("table", element("caption", caption, class_="hidden"), *top, element("tbody", *body)),
        class_="scroll",
    )
