"""What the pictures share: the sentence and the corpus that pages read, and heat maps with their titles and keys."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tagger.report import Markup, element, heat_map

_TEXT: Final = (
    "Sarah Lindgren , a Swedish scientist at the University of Zagreb , will travel to Nairobi with Peter on Monday , "
    "said a spokesman for the group in London on Friday ."
)
SENTENCE: Final = tuple(_TEXT.split())
SHOWN: Final = 20
CORPUS: Final = Path("recipes/sample/train.conll")


def corpus_columns() -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the words and the labels of each sentence of the train split."""
    blocks = CORPUS.read_text(encoding="utf-8").strip().split("\n\n")
    rows = [[line.split("\t") for line in block.splitlines()] for block in blocks]
    return [(tuple(row[0] for row in each), tuple(row[-1] for row in each)) for each in rows]


def side_by_side(*parts: Markup) -> Markup:
    """Return pictures side by side, or below each other where the page is narrow."""
    return element("div", *parts, class_="maps")


def titled(title: str, *parts: Markup) -> Markup:
    """Return a picture below its title."""
    return element("div", element("div", title), *parts)


def share_map(
    title: str,
    values: NDArray[Any],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    marked: NDArray[np.bool_] | None = None,
) -> Markup:
    """Return a heat map of values from 0 to 1, with its title and its key; ``marked`` cells have a frame."""
    picture = heat_map(
        values,
        rows=rows,
        columns=columns,
        description=_described(title, marked),
        cell_width=22,
        marked=marked,
    )
    return titled(title, _key({"s0": "0", "s4": "0.5", "s8": "1"}), picture)


def signed_map(
    title: str,
    values: NDArray[Any],
    *,
    rows: Sequence[str],
    columns: Sequence[str] = (),
    cell_width: float = 22,
    marked: NDArray[np.bool_] | None = None,
) -> Markup:
    """Return a heat map of values around 0, with its title and its key; ``marked`` cells have a frame."""
    limit = float(np.abs(values).max())
    picture = heat_map(
        values,
        rows=rows,
        columns=columns,
        description=_described(title, marked),
        scale="signed",
        limit=limit,
        cell_width=cell_width,
        marked=marked,
    )
    return titled(title, _key({"n4": f"−{limit:.1f}", "z": "0", "p4": f"+{limit:.1f}"}), picture)


def _described(title: str, marked: NDArray[np.bool_] | None) -> str:
    return (
        f"{title}; rows are words, columns labels{'' if marked is None else '; the best labelling is framed'}"
    )


def _key(values: dict[str, str]) -> Markup:
    """Return which shade is which value."""
    shown = [
        element("span", element("span", class_=f"swatch {shade}"), value, class_="key")
        for shade, value in values.items()
    ]
    return element("div", *shown, class_="legend")
