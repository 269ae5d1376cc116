"""Heat maps: a table of numbers as coloured cells, with words beside the rows.

Letters: R rows, C columns. Cells of the same shade are one SVG path, which keeps pages with thousands of them small;
shades are style-sheet classes, so that they follow the reader's light or dark mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tagger.report.markup import Markup, element, number
from tagger.report.words import shortened

Scale = Literal["share", "signed"]
"""``share``: values from 0 to 1; ``signed``: from -limit to limit, with 0 in the middle."""

_STEPS: Final = 8
_LABEL_WIDTH: Final = 112
_CHAR_WIDTH: Final = 7


def heat_map(
    values: NDArray[Any],
    *,
    rows: Sequence[str],
    description: str,
    columns: Sequence[str] = (),
    scale: Scale = "share",
    limit: float = 1.0,
    cell_width: float = 10,
    cell_height: float = 17,
    crossed: NDArray[np.bool_] | None = None,
    marked: NDArray[np.bool_] | None = None,
) -> Markup:
    """Return a heat map as SVG.

    Args:
        values: ``[R, C]``; NaN leaves a cell blank, values beyond the scale get its outermost shade.
        rows: a text for each row, shown to its left, shortened.
        description: text alternative of the picture.
        columns: a text above each column, horizontal if it fits its cell and slanted otherwise; none if left out.
        scale: ``share`` or ``signed``.
        limit: the value of the outermost shades of a signed scale; above 0.
        cell_width: in pixels.
        cell_height: in pixels.
        crossed: cells that are crossed out, ``[R, C]``.
        marked: cells with a frame, ``[R, C]``.
    """
    num_rows, num_columns = values.shape
    texts = [shortened(text, 14) for text in columns]
    longest = max(map(len, texts), default=0) * _CHAR_WIDTH
    slanted = longest > cell_width
    top = 0 if not texts else 0.77 * longest + 16 if slanted else 18
    left = _LABEL_WIDTH
    shapes = [
        element("path", class_=shade, d="".join(runs))
        for shade, runs in _paths(shades(values, scale, limit), left, top, cell_width, cell_height).items()
    ]
    for (r, c), _ in np.ndenumerate(values):
        x, y = left + c * cell_width, top + r * cell_height
        if crossed is not None and crossed[r, c]:
            w, h = number(cell_width - 4), number(cell_height - 4)
            d = f"M{number(x + 2)} {number(y + 2)}l{w} {h}m0 -{h}l-{w} {h}"
            shapes.append(element("path", class_="cross", d=d))
        if marked is not None and marked[r, c]:
            shapes.append(
                element("rect", class_="mark", x=x + 1, y=y + 1, width=cell_width - 2, height=cell_height - 2)
            )
    for r, text in enumerate(rows):
        y = top + (r + 0.5) * cell_height + 4
        shapes.append(element("text", shortened(text, 15), x=left - 5, y=y, text_anchor="end"))
    for c, text in enumerate(texts):
        x = left + (c + 0.5) * cell_width
        turn = f"rotate(-50 {number(x)} {number(top - 5)})" if slanted else None
        shapes.append(
            element(
                "text", text, x=x, y=top - 5, text_anchor="start" if slanted else "middle", transform=turn
            )
        )
    width = left + num_columns * cell_width + (0.65 * longest if slanted else 0) + 1
    height = top + num_rows * cell_height + 1
    picture = element(
        "svg", element("title", description), *shapes, role="img", width=width, height=height,
        viewbox=f"0 0 {number(width)} {number(height)}",
    )  # fmt: skip
    return element("div", picture, class_="scroll")


def shades(values: NDArray[Any], scale: Scale, limit: float = 1.0) -> NDArray[np.object_]:
    """Return the style-sheet class of each value, ``[R, C]``.

    The classes of a share are ``s0`` to ``s8``, those of a signed value ``n4`` to ``n1``, ``z`` and ``p1`` to ``p4``;
    NaN has the class ``blank``.

    >>> shades(np.array([[0.0, 0.5, 2.0]]), "share").tolist()
    [['s0', 's4', 's8']]
    >>> shades(np.array([[-3.0, 0.1, 1.5]]), "signed", 2.0).tolist()
    [['n4', 'z', 'p3']]
    """
    half = _STEPS // 2
    if scale == "share":
        names = [f"s{level}" for level in range(_STEPS + 1)]
        levels = np.clip(values, 0, 1) * _STEPS
    else:
        names = [
            *(f"n{level}" for level in range(half, 0, -1)),
            "z",
            *(f"p{level}" for level in range(1, half + 1)),
        ]
        levels = np.clip(values / limit, -1, 1) * half + half
    blank = np.isnan(levels)
    found = np.array(names, dtype=object)[np.rint(np.where(blank, 0, levels)).astype(np.int64)]
    found[blank] = "blank"
    return found


def _paths(
    classes: NDArray[np.object_], left: float, top: float, width: float, height: float
) -> dict[str, list[str]]:
    """Return the subpaths of the cells of each class, neighbours in a row drawn as one."""
    paths: dict[str, list[str]] = {}
    for r, row in enumerate(classes.tolist()):
        start = 0
        for c in range(1, len(row) + 1):
            if c == len(row) or row[c] != row[start]:
                length = number((c - start) * width)
                corner = f"M{number(left + start * width)} {number(top + r * height)}"
                paths.setdefault(row[start], []).append(f"{corner}h{length}v{number(height)}h-{length}z")
                start = c
    return paths
